"""Volumes, claims, their classes and CSI objects as rows.

Invariant: an object being deleted is `Terminating`; a claim without a volume has no capacity yet.
"""

from cluster.api.core import PersistentVolume, PersistentVolumeClaim
from cluster.api.storage import CSIDriver, CSINode, StorageClass, VolumeAttachment, VolumeAttributesClass
from cluster.printers.column import AGE, NAME, Column, Printer, booleans, numbers, texts, wide
from cluster.printers.now import Now

_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_DEFAULT_ATTRIBUTES = ("volumeattributesclass.alpha.kubernetes.io/is-default-class",)
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def access_modes(modes: tuple[str, ...]) -> str:
    """Access modes in their short form and Kubernetes' order: `RWO,ROX`."""
    return ",".join(short for mode, short in _MODES.items() if mode in modes)


def storage_class(value: PersistentVolume | PersistentVolumeClaim) -> str:
    """The class a volume or a claim is of, by its annotation or its field; empty if none is named."""
    found = value.metadata.annotations.get(_CLASS_ANNOTATION)
    return (value.spec.storageClassName or "") if found is None else found


def is_default(value: StorageClass) -> bool:
    """Whether claims without a class are given this one."""
    return any(value.metadata.annotations.get(key) == "true" for key in _DEFAULT)


def phase(value: PersistentVolume | PersistentVolumeClaim) -> str:
    """The phase a volume or a claim is in, or `Terminating`."""
    return "Terminating" if value.metadata.deletionTimestamp else value.status.phase


def _volume(value: PersistentVolume, now: Now) -> tuple[str, ...]:
    spec, claim = value.spec, value.spec.claimRef
    return (
        value.metadata.name,
        spec.capacity.get("storage", "0"),
        access_modes(spec.accessModes),
        spec.persistentVolumeReclaimPolicy,
        phase(value),
        f"{claim.namespace}/{claim.name}" if claim else "",
        storage_class(value),
        _or_unset(spec.volumeAttributesClassName),
        value.status.reason,
        now.since(value.metadata.creationTimestamp),
        _or_unset(spec.volumeMode),
    )


def _claim(value: PersistentVolumeClaim, now: Now) -> tuple[str, ...]:
    spec, status, bound = value.spec, value.status, bool(value.spec.volumeName)
    return (
        value.metadata.name,
        phase(value),
        spec.volumeName,
        status.capacity.get("storage", "0") if bound else "",
        access_modes(status.accessModes) if bound else "",
        storage_class(value),
        _or_unset(spec.volumeAttributesClassName),
        now.since(value.metadata.creationTimestamp),
        _or_unset(spec.volumeMode),
    )


def _or_unset(value: str | None) -> str:
    return value or "<unset>"


def _storage_class(value: StorageClass, now: Now) -> tuple[str, ...]:
    return (
        f"{value.metadata.name} (default)" if is_default(value) else value.metadata.name,
        value.provisioner,
        value.reclaimPolicy or "Delete",
        value.volumeBindingMode or "Immediate",
        _boolean(value.allowVolumeExpansion),
        now.since(value.metadata.creationTimestamp),
    )


def _boolean(value: bool | None, absent: str = "false") -> str:  # noqa: FBT001 - a field's value, as it stands
    return absent if value is None else str(value).lower()


def _attributes_class(value: VolumeAttributesClass, now: Now) -> tuple[str, ...]:
    default = any(value.metadata.annotations.get(key) == "true" for key in _DEFAULT_ATTRIBUTES)
    return (
        f"{value.metadata.name} (default)" if default else value.metadata.name,
        value.driverName,
        now.since(value.metadata.creationTimestamp),
    )


def _attachment(value: VolumeAttachment, now: Now) -> tuple[str, ...]:
    spec = value.spec
    return (
        value.metadata.name,
        spec.attacher,
        spec.source.persistentVolumeName,
        spec.nodeName,
        _boolean(value.status.attached),
        now.since(value.metadata.creationTimestamp),
    )


def _csi_driver(value: CSIDriver, now: Now) -> tuple[str, ...]:
    spec = value.spec
    return (
        value.metadata.name,
        _boolean(spec.attachRequired, "true"),
        _boolean(spec.podInfoOnMount),
        _boolean(spec.storageCapacity),
        ",".join(request.audience for request in spec.tokenRequests) if spec.tokenRequests else "<unset>",
        _boolean(spec.requiresRepublish),
        ",".join(spec.volumeLifecycleModes) or "<none>",
        now.since(value.metadata.creationTimestamp),
    )


def _csi_node(value: CSINode, now: Now) -> tuple[str, ...]:
    return value.metadata.name, str(len(value.spec.drivers)), now.since(value.metadata.creationTimestamp)


PERSISTENT_VOLUME = Printer(
    (
        NAME,
        *texts("Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass"),
        *texts("VolumeAttributesClass", "Reason"), AGE, *wide("VolumeMode"),
    ),
    _volume,
)  # fmt: skip
PERSISTENT_VOLUME_CLAIM = Printer(
    (
        NAME,
        *texts("Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass"),
        AGE, *wide("VolumeMode"),
    ),
    _claim,
)  # fmt: skip
STORAGE_CLASS = Printer(
    (NAME, *texts("Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion"), AGE), _storage_class
)
VOLUME_ATTRIBUTES_CLASS = Printer((NAME, *texts("DriverName"), AGE), _attributes_class)
VOLUME_ATTACHMENT = Printer(
    (NAME, Column("Attacher", format="name"), *texts("PV", "Node"), *booleans("Attached"), AGE), _attachment
)
CSI_DRIVER = Printer(
    (
        NAME, *booleans("AttachRequired", "PodInfoOnMount", "StorageCapacity"), *texts("TokenRequests"),
        *booleans("RequiresRepublish"), *texts("Modes"), AGE,
    ),
    _csi_driver,
)  # fmt: skip
CSI_NODE = Printer((NAME, *numbers("Drivers"), AGE), _csi_node)
