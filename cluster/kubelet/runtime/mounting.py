"""The volumes of containers that are simulated together, each made once for all who mount it.

Between what the store keeps of volumes (`contents`) and the files of processes. Mirrors the kubelet's volume manager
and the runtime's mounts. Invariant: two containers have the same volume here if they have it in a cluster.
"""

from collections.abc import Mapping
from posixpath import normpath

from cluster.api import kinds
from cluster.api.core import Container, PersistentVolume, Pod, VolumeMount
from cluster.api.core import Volume as VolumeSpec
from cluster.api.kinds import key, key_of
from cluster.api.persistent_volumes import PROVISIONED_BY
from cluster.kubelet.runtime import environment, given, name_files
from cluster.kubelet.runtime.contents import CONTENTS
from cluster.kubelet.runtime.filesystem import Change, Files, Mount, Volume
from cluster.store import Store

ROOT = ("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var")
_FILE_TYPES = ("File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice")
Place = tuple[str, str]
"""A volume by its name in the store, and what of it is meant."""


class Disks:
    """The volumes so far, and what will become of them without any process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._volumes: dict[str, Volume] = {}
        self.coming: list[tuple[int, Volume, Change | Mapping[str, bytes]]] = []
        """When (Unix ms) which volume changes: a change, or all the files that it has from then on."""

    def files(self, pod: Pod, container: Container, variables: Mapping[str, str], begun: int, who: int = 0) -> Files:
        """What the container sees whose process started in the second from `begun` (Unix ms) on."""
        context = container.securityContext
        own = self._kept(root_name(pod, container.name), dict(_etc(self._store, pod)), ROOT)
        mounts = [Mount("/", own, read_only=context is not None and bool(context.readOnlyRootFilesystem))]
        volumes = {volume.name: volume for volume in pod.spec.volumes}
        for mount in container.volumeMounts:
            if mount.name in volumes:
                mounts += self._mounted(pod, container, volumes[mount.name], mount, variables, begun)
        return Files(mounts, who)

    def _mounted(
        self, pod: Pod, container: Container, spec: VolumeSpec, mount: VolumeMount, variables: Mapping[str, str], begun: int
    ) -> list[Mount]:  # fmt: skip
        path = normpath(mount.mountPath)
        below = mount.subPath or environment.expanded(mount.subPathExpr, variables)
        below = _inner(below)
        if given.is_given(spec):
            return [Mount(path, self._given(pod, container, spec, begun, fixed=bool(below)), below, read_only=True)]
        place = place_of(self._store, pod, spec)
        if place is None:
            return []
        volume = self._kept(place[0])
        inside = "/".join(part for part in (place[1], below) if part)
        if spec.hostPath is not None and spec.hostPath.type in _FILE_TYPES:
            volume.files.setdefault(inside, b"")
        if inside not in volume.files:
            volume.apply(Change(0, inside, "made"))
        claim = spec.persistentVolumeClaim
        return [Mount(path, volume, inside, mount.readOnly or (claim is not None and claim.readOnly))]

    def _kept(self, name: str, files: Mapping[str, bytes] | None = None, folders: tuple[str, ...] = ()) -> Volume:
        """A volume that processes may write into."""
        found = self._volumes.get(name)
        if found is None:
            held = self._store.table(CONTENTS).get(name)
            found = Volume(name, files, folders)
            if held is not None:
                found.files.update(held.files)
                found.folders.update(held.folders)
                self.coming += [(change.at, found, change) for change in held.changes]
            self._volumes[name] = found
        return found

    def _given(self, pod: Pod, container: Container, spec: VolumeSpec, begun: int, *, fixed: bool) -> Volume:
        """A volume that the kubelet fills; `fixed` if a part of it is mounted, which stays what it was."""
        store, at = self._store, begun + given.FIRST_SECOND
        if fixed:
            part = Volume("", given.content(store, pod, container, spec, at))
            part.usual, part.modes = given.modes(spec)
            return part
        name = f"given/{container.name}/{key(pod)}/{spec.name}"
        found = self._volumes.get(name)
        if found is None:
            found = self._volumes[name] = Volume("", given.content(store, pod, container, spec, at))
            found.usual, found.modes = given.modes(spec)
            for due, version in given.renewals(store, pod, spec, begun):
                self.coming.append((due, found, given.content(store, pod, container, spec, version)))
        return found


def root_name(pod: Pod, container: str) -> str:
    """What a container's own files are kept under, while its process runs."""
    return f"root/{key(pod)}/{pod.metadata.uid}/{container}"


def place_of(store: Store, pod: Pod, spec: VolumeSpec) -> Place | None:
    """Where a volume's files are that processes may write; None if there is no such volume (yet)."""
    if spec.hostPath is not None:
        return f"host/{pod.spec.nodeName}", _inner(spec.hostPath.path)
    if spec.nfs is not None:
        return f"nfs/{spec.nfs.server}", _inner(spec.nfs.path)
    claim = "" if spec.persistentVolumeClaim is None else spec.persistentVolumeClaim.claimName
    if spec.ephemeral is not None:
        claim = f"{pod.metadata.name}-{spec.name}"
    if claim:
        return _claimed(store, pod, claim)
    return f"empty/{key(pod)}/{pod.metadata.uid}/{spec.name}", ""


def _claimed(store: Store, pod: Pod, claim: str) -> Place | None:
    found = store.table(kinds.PERSISTENT_VOLUME_CLAIMS).get(key_of(pod.metadata.namespace, claim))
    volume = None if found is None else store.table(kinds.PERSISTENT_VOLUMES).get(found.spec.volumeName)
    return None if volume is None else _persistent(volume, pod)


def _persistent(volume: PersistentVolume, pod: Pod) -> Place:
    """A PersistentVolume's files: those of its node or server if it is a folder there, else its own."""
    spec = volume.spec
    if PROVISIONED_BY not in volume.metadata.annotations:
        if spec.hostPath is not None:
            return f"host/{pod.spec.nodeName}", _inner(spec.hostPath.path)
        if spec.local is not None:
            return f"host/{pod.spec.nodeName}", _inner(spec.local.path)
        if spec.nfs is not None:
            return f"nfs/{spec.nfs.server}", _inner(spec.nfs.path)
    return volume_name(volume.metadata.name), ""


def _inner(path: str) -> str:
    """A path from the root of a volume."""
    return normpath(f"/{path}").strip("/")


def volume_name(name: str) -> str:
    """What the files of a PersistentVolume are kept under."""
    return f"pv/{name}"


def _etc(store: Store, pod: Pod) -> dict[str, bytes]:
    name = environment.hostname(pod)
    return {
        "etc/hostname": f"{name}\n".encode(),
        "etc/hosts": name_files.hosts(pod, name).encode(),
        "etc/resolv.conf": name_files.resolver_file(store, pod).encode(),
    }
