"""Where a container sees the pod's volumes: mounts and block devices.

Part of a container's validation. Mirrors ValidateVolumeMounts and ValidateVolumeDevices.
Invariant: what is mounted is a volume of the pod, once per path.
"""

from collections.abc import Mapping

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, one_of
from cluster.admission.validation.paths import descending
from cluster.api.core import Container, EphemeralContainer, Volume, VolumeMount

Holder = Container | EphemeralContainer


def mounts(field: str, container: Holder, volumes: Mapping[str, Volume]) -> Causes:
    """The mounts of a container."""
    paths: set[str] = set()
    device_names = {device.name for device in container.volumeDevices}
    device_paths = {device.devicePath for device in container.volumeDevices}
    for index, mount in enumerate(container.volumeMounts):
        here = f"{field}[{index}]"
        if not mount.name:
            yield error.required(f"{here}.name")
        if mount.name not in volumes:
            yield error.not_found(f"{here}.name", mount.name)
        if not mount.mountPath:
            yield error.required(f"{here}.mountPath")
        if mount.mountPath in paths:
            yield error.invalid(f"{here}.mountPath", mount.mountPath, "must be unique")
        paths.add(mount.mountPath)
        if mount.name in device_names:
            yield error.invalid(f"{here}.name", mount.name, "must not already exist in volumeDevices")
        if mount.mountPath in device_paths:
            why = "must not already exist as a path in volumeDevices"
            yield error.invalid(f"{here}.mountPath", mount.mountPath, why)
        yield from _sub_paths(field, here, mount, volumes)
        yield from _propagation(f"{field}.mountPropagation", mount, container)
        yield from _recursive(f"{field}.recursiveReadOnly", mount)


def devices(field: str, container: Holder, volumes: Mapping[str, Volume]) -> Causes:
    """The block devices of a container."""
    mounted = {mount.name: mount.mountPath for mount in container.volumeMounts}
    names: set[str] = set()
    paths: set[str] = set()
    for index, device in enumerate(container.volumeDevices):
        here, volume = f"{field}[{index}]", volumes.get(device.name)
        if not device.name:
            yield error.required(f"{here}.name")
        if device.name in names:
            yield error.invalid(f"{here}.name", device.name, "must be unique")
        if volume is None:
            yield error.not_found(f"{here}.name", device.name)
        elif volume.persistentVolumeClaim is None and volume.ephemeral is None:
            why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            yield error.invalid(f"{here}.name", device.name, why)
        if not device.devicePath:
            yield error.required(f"{here}.devicePath")
        if device.devicePath in paths:
            yield error.invalid(f"{here}.devicePath", device.devicePath, "must be unique")
        if ".." in device.devicePath.split("/"):
            yield error.invalid(f"{here}.devicePath", device.devicePath, "can not contain backsteps ('..')")
        if device.name in mounted:
            yield error.invalid(f"{here}.name", device.name, "must not already exist in volumeMounts")
        if device.devicePath in mounted.values():
            why = "must not already exist as a path in volumeMounts"
            yield error.invalid(f"{here}.devicePath", device.devicePath, why)
        names.add(device.name)
        paths.add(device.devicePath)


def _sub_paths(field: str, here: str, mount: VolumeMount, volumes: Mapping[str, Volume]) -> Causes:
    volume = volumes.get(mount.name)
    for name in ("subPath", "subPathExpr"):
        path = getattr(mount, name)
        if not path:
            continue
        if volume is not None and volume.image is not None:
            yield error.invalid(f"{here}.{name}", path, "not allowed in image volume sources")
        if name == "subPathExpr" and mount.subPath:
            yield error.invalid(f"{here}.{name}", path, "subPathExpr and subPath are mutually exclusive")
        yield from descending(f"{field}.{name}", path)


def _propagation(field: str, mount: VolumeMount, container: Holder) -> Causes:
    if not mount.mountPropagation:
        return
    yield from one_of(field, mount.mountPropagation, ("Bidirectional", "HostToContainer", "None"))
    context = container.securityContext
    if mount.mountPropagation == "Bidirectional" and not (context is not None and context.privileged):
        yield error.forbidden(field, "Bidirectional mount propagation is available only to privileged containers")


def _recursive(field: str, mount: VolumeMount) -> Causes:
    wanted = mount.recursiveReadOnly
    if wanted in ("Enabled", "IfPossible"):
        if not mount.readOnly:
            yield error.forbidden(field, "may only be specified when readOnly is true")
        if mount.mountPropagation not in ("", "None"):
            yield error.forbidden(field, "may only be specified when mountPropagation is None or not specified")
    elif wanted:
        yield from one_of(field, wanted, ("Disabled", "Enabled", "IfPossible"))
