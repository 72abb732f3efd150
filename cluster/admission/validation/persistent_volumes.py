"""PersistentVolumes: size, access, the one source, and from where it can be reached.

On the data's way one of the kinds' validations. Mirrors ValidatePersistentVolume and its update.
Invariant: what a volume is made of never changes.
"""

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, dns_label, dns_subdomain, one_of, unchanged
from cluster.admission.validation.claims import VOLUME_MODES, access_modes, positive
from cluster.admission.validation.paths import no_backsteps
from cluster.admission.validation.pod_dump import difference
from cluster.admission.validation.resources import amount
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.scheduling import node_selector
from cluster.admission.validation.volumes import REQUIRED
from cluster.admission.validation.volumes import RULES as SOURCE_RULES
from cluster.api import kinds, names
from cluster.api.core import (
    AzureFilePersistentVolumeSource,
    CSIPersistentVolumeSource,
    LocalVolumeSource,
    PersistentVolume,
    PersistentVolumeSpec,
    SecretReference,
)
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
SOURCES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs",
    "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume",
    "azureDisk", "scaleIO", "local", "storageos", "csi",
)  # fmt: skip
_CSI_SECRETS = (
    "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef",
    "nodeStageSecretRef",
)  # fmt: skip


def create(value: PersistentVolume) -> list[StatusCause]:
    """What is wrong with a new volume."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + volume_spec("spec", value.spec)


def update(new: PersistentVolume, old: PersistentVolume) -> list[StatusCause]:
    """What is wrong with a changed volume."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    spec, before = new.spec, old.spec
    causes += volume_spec("spec", spec)
    now, then = _source_alone(spec), _source_alone(before)
    if now != then:
        why = f"spec.persistentvolumesource is immutable after creation\n{difference(now, then)}"
        causes.append(error.forbidden("spec.persistentvolumesource", why))
    causes += unchanged("volumeMode", spec.volumeMode, before.volumeMode)
    if before.nodeAffinity is not None:
        causes += unchanged("nodeAffinity", spec.nodeAffinity, before.nodeAffinity)
    return causes


def volume_spec(field: str, spec: PersistentVolumeSpec, *, inline: bool = False) -> list[StatusCause]:
    """What is wrong with a volume's spec at `field`; `inline` if it is no object of its own."""
    causes: list[StatusCause] = []
    if not spec.accessModes:
        causes.append(error.required(f"{field}.accessModes"))
    causes += access_modes(f"{field}.accessModes", spec.accessModes)
    if not inline:
        causes += _capacity(f"{field}.capacity", spec)
    if spec.persistentVolumeReclaimPolicy:
        here = f"{field}.persistentVolumeReclaimPolicy"
        causes += one_of(here, spec.persistentVolumeReclaimPolicy, RECLAIM_POLICIES)
    causes += _affinity(f"{field}.nodeAffinity", spec)
    causes += _sources(field, spec)
    if spec.storageClassName:
        causes += dns_subdomain(f"{field}.storageClassName", spec.storageClassName)
    if spec.volumeMode:
        causes += one_of(f"{field}.volumeMode", spec.volumeMode, VOLUME_MODES)
    return causes


def _source_alone(spec: PersistentVolumeSpec) -> PersistentVolumeSpec:
    return PersistentVolumeSpec(**{name: getattr(spec, name) for name in SOURCES})


def _capacity(field: str, spec: PersistentVolumeSpec) -> Causes:
    if not spec.capacity:
        yield error.required(field)
    if "storage" not in spec.capacity or len(spec.capacity) > 1:
        yield error.not_supported(field, spec.capacity or None, ("storage",))
    for name, value in spec.capacity.items():
        yield from amount(f"{field}[{name}]", name, value)
        yield from positive(f"{field}[{name}]", value)


def _affinity(field: str, spec: PersistentVolumeSpec) -> Causes:
    if spec.nodeAffinity is None:
        return
    if spec.nodeAffinity.required is None:
        yield error.required(f"{field}.required", "must specify required node constraints")
    else:
        yield from node_selector(f"{field}.required", spec.nodeAffinity.required)


def _sources(field: str, spec: PersistentVolumeSpec) -> Causes:
    found = False
    for name in SOURCES:
        source = getattr(spec, name)
        if source is None:
            continue
        if found:
            yield error.forbidden(f"{field}.{name}", "may not specify more than 1 volume type")
            continue
        found = True
        for needed in REQUIRED.get(name, ()):
            if not getattr(source, needed, ""):
                yield error.required(f"{field}.{name}.{needed}")
        rule = _RULES.get(name) or SOURCE_RULES.get(name)
        if rule is not None:
            yield from rule(f"{field}.{name}", source)
    if spec.local is not None and spec.nodeAffinity is None:
        yield error.required(f"{field}.nodeAffinity", "Local volume requires node affinity")
    if not found:
        yield error.required(field, "must specify a volume type")
    path = spec.hostPath
    if path is not None and posixpath.normpath(path.path) == "/" and spec.persistentVolumeReclaimPolicy == "Recycle":
        why = "may not be 'recycle' for a hostPath mount of '/'"
        yield error.forbidden(f"{field}.persistentVolumeReclaimPolicy", why)
    if spec.volumeAttributesClassName:
        yield from dns_subdomain(f"{field}.volumeAttributesClassName", spec.volumeAttributesClassName)
        if spec.csi is None:
            yield error.required(f"{field}.csi", "has to be specified when using volumeAttributesClassName")


def _local(field: str, source: LocalVolumeSource) -> Causes:
    if not source.path:
        yield error.required(f"{field}.path")
    else:
        yield from no_backsteps(f"{field}.path", source.path)


def _azure_file(field: str, source: AzureFilePersistentVolumeSource) -> Causes:
    for name in ("secretName", "shareName"):
        if not getattr(source, name):
            yield error.required(f"{field}.{name}")


def _csi(field: str, source: CSIPersistentVolumeSource) -> Causes:
    yield from csi_driver_name(f"{field}.driver", source.driver)
    if not source.volumeHandle:
        yield error.required(f"{field}.volumeHandle")
    for name in _CSI_SECRETS:
        reference: SecretReference | None = getattr(source, name)
        if reference is None:
            continue
        for part, rule in (("name", dns_subdomain), ("namespace", dns_label)):
            if getattr(reference, part):
                yield from rule(f"{field}.{name}.{part}", getattr(reference, part))
            else:
                yield error.required(f"{field}.{name}.{part}")


def csi_driver_name(field: str, name: str) -> Causes:
    """The name of a CSI driver."""
    if not name:
        yield error.required(field)
        return
    if len(name) > 63:
        yield error.too_long(field, 63)
    yield from (error.invalid(field, name, why) for why in names.is_dns1123_subdomain(name.lower()))


_RULES: dict[str, Callable[[str, Any], Causes]] = {"local": _local, "azureFile": _azure_file, "csi": _csi}
RULES: Mapping[Kind[Any], Rules] = {kinds.PERSISTENT_VOLUMES: Rules(create, update)}
