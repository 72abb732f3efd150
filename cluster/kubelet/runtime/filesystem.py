"""The files of a container that the cluster knows: its volumes, and what a runtime writes into /etc.

Made when somebody asks, from the pod and the objects it names; an image's own files are not known.
Mirrors the kubelet's volume plugins. Invariant: what is written into a copy changes no other, and a folder holds what lies under it.
"""

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from msgspec import Struct

from cluster.api.core import Container, DownwardAPIVolumeFile, KeyToPath, Pod, ProjectedVolumeSource, Volume
from cluster.kubelet.runtime import environment, name_files
from cluster.store import Store

ROOT = ("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var")


class Files(Struct):
    """What there is: contents by absolute path, and the folders."""

    contents: dict[str, bytes]
    folders: set[str]

    def copy(self) -> "Files":
        """The same files, for a process that may write."""
        return Files(dict(self.contents), set(self.folders))

    def listed(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        inside = folder.rstrip("/") + "/"
        names = {
            path[len(inside) :].partition("/")[0] for path in (*self.contents, *self.folders) if path.startswith(inside)
        }
        return sorted(names - {""})


def files(store: Store, pod: Pod, container: Container) -> Files:
    """The files that the container sees."""
    contents = dict(_etc(store, pod))
    folders = {"/", *(f"/{name}" for name in ROOT)}
    volumes = {volume.name: volume for volume in pod.spec.volumes}
    for mount in container.volumeMounts:
        volume = volumes.get(mount.name)
        if volume is None:
            continue
        held = dict(_of_volume(store, pod, container, volume))
        if mount.subPath and mount.subPath in held:
            contents[normpath(mount.mountPath)] = held[mount.subPath]
            continue
        folders.add(normpath(mount.mountPath))
        contents |= {join(normpath(mount.mountPath), name): content for name, content in held.items()}
    above = {folder for path in (*contents, *folders) for folder in _above(path)}
    return Files(contents, folders | above)


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in."""
    while path != "/":
        path = dirname(path)
        yield path


def _etc(store: Store, pod: Pod) -> Iterator[tuple[str, bytes]]:
    name = environment.hostname(pod)
    yield "/etc/hostname", f"{name}\n".encode()
    yield "/etc/hosts", name_files.hosts(pod, name).encode()
    yield "/etc/resolv.conf", name_files.resolver_file(store, pod).encode()


def _of_volume(store: Store, pod: Pod, container: Container, volume: Volume) -> Iterator[tuple[str, bytes]]:
    if volume.configMap is not None:
        yield from _entries(store, pod, volume.configMap.items, config_map=volume.configMap.name)
    elif volume.secret is not None:
        yield from _entries(store, pod, volume.secret.items, secret=volume.secret.secretName)
    elif volume.downwardAPI is not None:
        yield from _downward(pod, container, volume.downwardAPI.items)
    elif volume.projected is not None:
        yield from _projected(store, pod, container, volume.projected)


def _projected(
    store: Store, pod: Pod, container: Container, projected: ProjectedVolumeSource
) -> Iterator[tuple[str, bytes]]:
    for source in projected.sources:
        if source.configMap is not None:
            yield from _entries(store, pod, source.configMap.items, config_map=source.configMap.name)
        if source.secret is not None:
            yield from _entries(store, pod, source.secret.items, secret=source.secret.name)
        if source.downwardAPI is not None:
            yield from _downward(pod, container, source.downwardAPI.items)


def _entries(
    store: Store, pod: Pod, items: tuple[KeyToPath, ...], *, config_map: str = "", secret: str = ""
) -> Iterator[tuple[str, bytes]]:
    found = environment.entries(store, pod.metadata.namespace, config_map=config_map, secret=secret) or {}
    if not items:
        yield from sorted(found.items())
    for item in items:
        if item.key in found:
            yield item.path, found[item.key]


def _downward(pod: Pod, container: Container, items: tuple[DownwardAPIVolumeFile, ...]) -> Iterator[tuple[str, bytes]]:
    for item in items:
        if item.fieldRef is not None:
            yield item.path, environment.field(pod, item.fieldRef).encode()
        elif item.resourceFieldRef is not None:
            yield item.path, environment.resource(pod, container, item.resourceFieldRef).encode()
