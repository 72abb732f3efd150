"""What CSI drivers say of themselves, of nodes and of space, and where volumes are attached.

On the data's way four of the kinds' validations. Mirrors pkg/apis/storage/validation. Invariant: what
was attached where stays as it was recorded.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import (
    NEGATIVE,
    Causes,
    dns_subdomain,
    nonnegative,
    one_of,
    qualified_name,
    required_one_of,
    unchanged,
)
from cluster.admission.validation.persistent_volumes import csi_driver_name, volume_spec
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.api import kinds, names, quantity
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.storage import (
    CSIDriver,
    CSINode,
    CSINodeDriver,
    CSIStorageCapacity,
    TokenRequest,
    VolumeAttachment,
    VolumeAttachmentSpec,
    VolumeError,
)

MAX_NODE_ID, MAX_ATTACH_MESSAGE, MAX_ATTACH_METADATA = 192, 1024, 256 * 1024
FS_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_FLAGS = {
    "attachRequired": "attachedRequired",
    "podInfoOnMount": "podInfoOnMount",
    "storageCapacity": "storageCapacity",
}


def csi_driver(value: CSIDriver) -> list[StatusCause]:
    """What is wrong with a new CSIDriver."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    if value.metadata.name:
        causes += csi_driver_name("metadata.name", value.metadata.name)
    return causes + _driver_spec(value)


def csi_driver_update(new: CSIDriver, old: CSIDriver) -> list[StatusCause]:
    """What is wrong with a changed CSIDriver."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _driver_spec(new)
    for name, shown in (("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")):
        causes += unchanged(f"spec.{shown}", getattr(new.spec, name), getattr(old.spec, name))
    return causes


def _driver_spec(value: CSIDriver) -> list[StatusCause]:
    spec, causes = value.spec, list[StatusCause]()
    causes += [error.required(f"spec.{shown}") for name, shown in _FLAGS.items() if getattr(spec, name) is None]
    causes += required_one_of("spec.fsGroupPolicy", spec.fsGroupPolicy, FS_GROUP_POLICIES)
    causes += _token_requests("spec.tokenRequests", spec.tokenRequests)
    for mode in spec.volumeLifecycleModes:
        causes += one_of("spec.volumeLifecycleModes", mode, ("Ephemeral", "Persistent"))
    period = spec.nodeAllocatableUpdatePeriodSeconds
    if period is not None and period < 10:
        why = "must be greater than or equal to 10 seconds"
        causes.append(error.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, why))
    if spec.serviceAccountTokenInSecrets is not None and not spec.tokenRequests:
        why = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        causes.append(error.invalid("spec.serviceAccountTokenInSecrets", spec.serviceAccountTokenInSecrets, why))
    return causes


def _token_requests(field: str, requests: tuple[TokenRequest, ...]) -> Causes:
    seen: set[str] = set()
    for index, request in enumerate(requests):
        here, seconds = f"{field}[{index}]", request.expirationSeconds
        if request.audience in seen:
            yield error.duplicate(f"{here}.audience", request.audience)
            continue
        seen.add(request.audience)
        if seconds is not None and seconds < 600:
            yield error.invalid(f"{here}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        if seconds is not None and seconds > 1 << 32:
            why = "may not specify a duration larger than 2^32 seconds"
            yield error.invalid(f"{here}.expirationSeconds", seconds, why)


def csi_node(value: CSINode) -> list[StatusCause]:
    """What is wrong with a new CSINode."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + list(_node_drivers("spec.drivers", value.spec.drivers))


def csi_node_update(new: CSINode, old: CSINode) -> list[StatusCause]:
    """What is wrong with a changed CSINode."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _node_drivers("spec.drivers", new.spec.drivers)
    after = {driver.name: driver for driver in new.spec.drivers}
    for driver in old.spec.drivers:
        if driver.name in after:
            causes += unchanged("CSINodeDriver", after[driver.name], driver)
    return causes


def _node_drivers(field: str, drivers: tuple[CSINodeDriver, ...]) -> Causes:
    seen: set[str] = set()
    for index, driver in enumerate(drivers):
        here = f"{field}[{index}]"
        yield from csi_driver_name(f"{here}.name", driver.name)
        if not driver.nodeID:
            yield error.required(f"{here}.nodeID")
        elif len(driver.nodeID) > MAX_NODE_ID:
            yield error.invalid(f"{here}.nodeID", driver.nodeID, f"must be {MAX_NODE_ID} characters or less")
        if driver.allocatable is not None and driver.allocatable.count is not None:
            yield from nonnegative(f"{here}.allocatable.count", driver.allocatable.count)
        for key in driver.topologyKeys:
            if not key:
                yield error.required(f"{here}.topologyKeys")
            elif driver.topologyKeys.count(key) > 1:
                yield error.duplicate(f"{here}.topologyKeys", key)
            yield from qualified_name(f"{here}.topologyKeys", key)
        if driver.name in seen:
            yield error.duplicate(f"{here}.name", driver.name)
        seen.add(driver.name)


def capacity(value: CSIStorageCapacity) -> list[StatusCause]:
    """What is wrong with a new CSIStorageCapacity."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    if value.storageClassName:
        causes += dns_subdomain("storageClassName", value.storageClassName)
    else:
        causes.append(error.required("storageClassName"))
    causes += label_selector("nodeTopology", value.nodeTopology)
    for name in ("capacity", "maximumVolumeSize"):
        amount = getattr(value, name)
        if amount is not None and quantity.nano(amount) < 0:
            causes.append(error.invalid(name, amount, NEGATIVE))
    return causes


def capacity_update(new: CSIStorageCapacity, old: CSIStorageCapacity) -> list[StatusCause]:
    """What is wrong with a changed CSIStorageCapacity."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += unchanged("nodeTopology", new.nodeTopology, old.nodeTopology)
    return causes + list(unchanged("storageClassName", new.storageClassName, old.storageClassName))


def attachment(value: VolumeAttachment) -> list[StatusCause]:
    """What is wrong with a new VolumeAttachment."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + list(_attachment_spec(value.spec))


def attachment_update(new: VolumeAttachment, old: VolumeAttachment) -> list[StatusCause]:
    """What is wrong with a changed VolumeAttachment."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is not old.spec:
        causes += _attachment_spec(new.spec)
        causes += unchanged("spec", new.spec, old.spec)
    return causes


def attachment_status_update(new: VolumeAttachment, old: VolumeAttachment) -> list[StatusCause]:
    """What is wrong with a changed status of a VolumeAttachment."""
    causes, status = metadata.update(new.metadata, old.metadata), new.status
    size = sum(len(name.encode()) + len(value.encode()) for name, value in status.attachmentMetadata.items())
    if size > MAX_ATTACH_METADATA:
        causes.append(error.too_long("status.attachmentMetadata", MAX_ATTACH_METADATA))
    for name in ("attachError", "detachError"):
        wrong: VolumeError | None = getattr(status, name)
        if wrong is not None and len(wrong.message) > MAX_ATTACH_MESSAGE:
            causes.append(error.too_long(f"status.{name}.message", MAX_ATTACH_MESSAGE))
    return causes


def _attachment_spec(spec: VolumeAttachmentSpec) -> Causes:
    yield from csi_driver_name("spec.attacher", spec.attacher)
    yield from dns_subdomain("spec.nodeName", spec.nodeName)
    field, inline, name = "spec.source", spec.source.inlineVolumeSpec, spec.source.persistentVolumeName
    if inline is None and not name:
        yield error.required(field, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")
    elif inline is not None and name:
        yield error.forbidden(field, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")
    elif inline is not None:
        yield from volume_spec(f"{field}.inlineVolumeSpec", inline, inline=True)


RULES: Mapping[Kind[Any], Rules] = {
    kinds.CSI_DRIVERS: Rules(csi_driver, csi_driver_update),
    kinds.CSI_NODES: Rules(csi_node, csi_node_update),
    kinds.CSI_STORAGE_CAPACITIES: Rules(capacity, capacity_update),
    kinds.VOLUME_ATTACHMENTS: Rules(attachment, attachment_update, attachment_status_update),
}
