"""Defaults of a pod's volumes, one function per source that has any.

Part of a pod spec's defaults. Mirrors the volume sources in pkg/apis/core/v1/defaults.go.
Invariant: every volume has a source afterwards, an empty directory if nobody named one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from cluster.admission.defaults.images import pull_policy
from cluster.admission.sharing import changed, each
from cluster.api.core import (
    AzureDiskVolumeSource,
    DownwardAPIVolumeFile,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    ImageVolumeSource,
    ISCSIVolumeSource,
    ObjectFieldSelector,
    PersistentVolumeSpec,
    ProjectedVolumeSource,
    RBDVolumeSource,
    ResourceFieldSelector,
    ScaleIOVolumeSource,
    Volume,
    VolumeProjection,
)
from cluster.api.quantity import Quantity

V = TypeVar("V", Volume, PersistentVolumeSpec)

FILE_MODE = 0o644
TOKEN_SECONDS = 3600
_EMPTY_DIR = EmptyDirVolumeSource()
_ZERO = Quantity("0")
SOURCES = tuple(name for name in Volume.__struct_fields__ if name != "name")


def volume(value: Volume) -> Volume:
    """The volume with its source's defaults (`SetDefaults_Volume` and those of the sources)."""
    value = sources(value)
    if all(getattr(value, name) is None for name in SOURCES):
        return changed(value, emptyDir=_EMPTY_DIR)
    return value


def sources(value: V) -> V:
    """A pod's volume, or a PersistentVolume's spec, with the defaults of what it comes from."""
    for name, defaulted in _BY_SOURCE.items():
        source = getattr(value, name, None)
        if source is not None:
            value = changed(value, **{name: defaulted(source)})
    return value


def field_selector(value: ObjectFieldSelector) -> ObjectFieldSelector:
    """The selector with the version its path is meant for."""
    return value if value.apiVersion else changed(value, apiVersion="v1")


def resource_selector(value: ResourceFieldSelector) -> ResourceFieldSelector:
    """The selector with the divisor that means 1."""
    return changed(value, divisor=_ZERO) if value.divisor is None else value


def _file_mode(value: Any) -> Any:
    return changed(value, defaultMode=FILE_MODE) if value.defaultMode is None else value


def _downward_file(value: DownwardAPIVolumeFile) -> DownwardAPIVolumeFile:
    if value.fieldRef is not None:
        value = changed(value, fieldRef=field_selector(value.fieldRef))
    if value.resourceFieldRef is not None:
        value = changed(value, resourceFieldRef=resource_selector(value.resourceFieldRef))
    return value


def _downward(value: Any) -> Any:
    return changed(value, items=each(value.items, _downward_file))


def _projection(value: VolumeProjection) -> VolumeProjection:
    if value.downwardAPI is not None:
        value = changed(value, downwardAPI=_downward(value.downwardAPI))
    token = value.serviceAccountToken
    if token is not None and token.expirationSeconds is None:
        value = changed(value, serviceAccountToken=changed(token, expirationSeconds=TOKEN_SECONDS))
    return value


def _projected(value: ProjectedVolumeSource) -> ProjectedVolumeSource:
    mode = FILE_MODE if value.defaultMode is None else value.defaultMode
    return changed(value, defaultMode=mode, sources=each(value.sources, _projection))


def _image(value: ImageVolumeSource) -> ImageVolumeSource:
    return value if value.pullPolicy else changed(value, pullPolicy=pull_policy(value.reference))


def _iscsi(value: ISCSIVolumeSource) -> ISCSIVolumeSource:
    return value if value.iscsiInterface else changed(value, iscsiInterface="default")


def _rbd(value: RBDVolumeSource) -> RBDVolumeSource:
    return changed(
        value, pool=value.pool or "rbd", user=value.user or "admin", keyring=value.keyring or "/etc/ceph/keyring"
    )


def _azure_disk(value: AzureDiskVolumeSource) -> AzureDiskVolumeSource:
    return changed(
        value, cachingMode=value.cachingMode or "ReadWrite", kind=value.kind or "Shared", fsType=value.fsType or "ext4"
    )


def _scale_io(value: ScaleIOVolumeSource) -> ScaleIOVolumeSource:
    return changed(value, storageMode=value.storageMode or "ThinProvisioned", fsType=value.fsType or "xfs")


def _ephemeral(value: EphemeralVolumeSource) -> EphemeralVolumeSource:
    template = value.volumeClaimTemplate
    if template is None or template.spec.volumeMode:
        return value
    return changed(value, volumeClaimTemplate=changed(template, spec=changed(template.spec, volumeMode="Filesystem")))


_BY_SOURCE: dict[str, Callable[[Any], Any]] = {
    "azureDisk": _azure_disk,
    "configMap": _file_mode,
    "downwardAPI": lambda source: _downward(_file_mode(source)),
    "ephemeral": _ephemeral,
    "hostPath": lambda source: changed(source, type="") if source.type is None else source,
    "image": _image,
    "iscsi": _iscsi,
    "projected": _projected,
    "rbd": _rbd,
    "scaleIO": _scale_io,
    "secret": _file_mode,
}
