"""Defaults of volumes, claims, their classes, and what CSI drivers say of themselves.

On the data's way between decoding and admission. Mirrors SetDefaults_PersistentVolume and
_PersistentVolumeClaim, and pkg/apis/storage/v1/defaults.go. Invariant: a claim and a volume say how
they are used, as a file system or as a block.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission.defaults.volumes import sources
from cluster.admission.sharing import changed
from cluster.api import kinds
from cluster.api.core import PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec
from cluster.api.kinds import Kind
from cluster.api.storage import CSIDriver, StorageClass, VolumeAttachment

FILESYSTEM = "Filesystem"


def volume(value: PersistentVolume) -> PersistentVolume:
    """The volume, pending, kept when its claim goes."""
    status = changed(value.status, phase=value.status.phase or "Pending")
    return changed(value, spec=volume_spec(value.spec), status=status)


def volume_spec(spec: PersistentVolumeSpec) -> PersistentVolumeSpec:
    """The spec of a volume, be it in a VolumeAttachment."""
    return changed(
        sources(spec),
        persistentVolumeReclaimPolicy=spec.persistentVolumeReclaimPolicy or "Retain",
        volumeMode=spec.volumeMode or FILESYSTEM,
    )


def claim(value: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """The claim, pending."""
    spec = changed(value.spec, volumeMode=value.spec.volumeMode or FILESYSTEM)
    return changed(value, spec=spec, status=changed(value.status, phase=value.status.phase or "Pending"))


def storage_class(value: StorageClass) -> StorageClass:
    """The class whose volumes go with their claims and are made at once."""
    return changed(
        value,
        reclaimPolicy=value.reclaimPolicy or "Delete",
        volumeBindingMode=value.volumeBindingMode or "Immediate",
    )


def csi_driver(value: CSIDriver) -> CSIDriver:
    """The driver that attaches volumes that outlive pods, and needs to know nothing of the pods."""
    spec = value.spec
    spec = changed(
        spec,
        attachRequired=True if spec.attachRequired is None else spec.attachRequired,
        fsGroupPolicy=spec.fsGroupPolicy or "ReadWriteOnceWithFSType",
        volumeLifecycleModes=spec.volumeLifecycleModes or ("Persistent",),
        **{name: False for name in _OFF if getattr(spec, name) is None},
    )
    return changed(value, spec=spec)


_OFF = ("podInfoOnMount", "requiresRepublish", "seLinuxMount", "storageCapacity")


def attachment(value: VolumeAttachment) -> VolumeAttachment:
    """The attachment, with the defaults of a volume that it describes itself."""
    source = value.spec.source
    if source.inlineVolumeSpec is None:
        return value
    source = changed(source, inlineVolumeSpec=volume_spec(source.inlineVolumeSpec))
    return changed(value, spec=changed(value.spec, source=source))


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.PERSISTENT_VOLUMES: volume,
    kinds.PERSISTENT_VOLUME_CLAIMS: claim,
    kinds.STORAGE_CLASSES: storage_class,
    kinds.CSI_DRIVERS: csi_driver,
    kinds.VOLUME_ATTACHMENTS: attachment,
}
