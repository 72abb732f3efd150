"""The files that the kubelet itself puts into volumes: ConfigMaps, Secrets, what the API knows of the pod.

Between the objects that a pod names and the volumes of a simulation. Mirrors the volume plugins configmap, secret,
projected and downwardapi, and the kubelet's sync: a pod is looked at again every minute from its start, and what has
changed by then is written. Invariant: what was to be read at some time follows from the objects as they were then.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from cluster.api.core import (
    ConfigMapVolumeSource,
    Container,
    DownwardAPIVolumeFile,
    DownwardAPIVolumeSource,
    KeyToPath,
    Pod,
    SecretVolumeSource,
    Volume,
)
from cluster.api.kinds import key, key_of
from cluster.kubelet.runtime import fields
from cluster.kubelet.runtime.contents import unix_ms, version_name, versions
from cluster.kubelet.runtime.filesystem import USUAL_MODE
from cluster.kubelet.runtime.objects import CONFIG_MAP, SECRET, entries
from cluster.store import Store

SYNC = 60_000
"""How often the kubelet looks whether what it has written into a pod's volumes is still right (ms)."""
FIRST_SECOND = 999
"""A process is known to have started in some second: what was there in that second, it finds."""
POD = "pod"
Part = ConfigMapVolumeSource | SecretVolumeSource | DownwardAPIVolumeSource


def is_given(volume: Volume) -> bool:
    """Whether the kubelet writes what is in the volume."""
    return any(source is not None for source in (volume.configMap, volume.secret, volume.downwardAPI, volume.projected))


def pod_version_name(pod: Pod) -> str:
    """What a pod's own past is kept under."""
    return version_name(POD, f"{key(pod)}/{pod.metadata.uid}")


def content(store: Store, pod: Pod, container: Container, volume: Volume, at: int) -> dict[str, bytes]:
    """What is in the volume if it is written at a time (Unix ms)."""
    return dict(_content(store, _as_it_was(store, pod, at), container, volume, at))


def modes(volume: Volume) -> tuple[int, dict[str, int]]:
    """The permissions of the volume's files: the usual ones, and those of single files."""
    whole = volume.configMap or volume.secret or volume.downwardAPI or volume.projected
    usual = USUAL_MODE if whole is None or whole.defaultMode is None else whole.defaultMode
    items = [item for source in parts(volume) for item in source.items]
    return usual, {item.path: item.mode for item in items if item.mode is not None}


def renewals(store: Store, pod: Pod, volume: Volume, begun: int) -> list[tuple[int, int]]:
    """When the volume is written again after `begun`, and as of which time each (Unix ms)."""
    found = []
    for name in _names(pod, volume):
        for version in versions(store, name):
            due = version.at if name.startswith(POD) else _next_sync(pod, version.at)
            if version.at > begun + FIRST_SECOND:
                found.append((due, version.at))
    return sorted(found)


def _next_sync(pod: Pod, at: int) -> int:
    start = unix_ms(pod.status.startTime) if pod.status.startTime else at
    return start + -(-(at - start) // SYNC) * SYNC


def _as_it_was(store: Store, pod: Pod, at: int) -> Pod:
    known = [version.held for version in versions(store, pod_version_name(pod)) if version.at <= at]
    was = known[-1] if known else None
    if not isinstance(was, Pod):
        return pod
    return replace(
        pod,
        metadata=replace(pod.metadata, labels=was.metadata.labels, annotations=was.metadata.annotations),
    )


def parts(volume: Volume) -> Iterator[Part]:
    """What the volume shows, in order; a projected one shows as many as it names."""
    for whole in (volume.configMap, volume.secret, volume.downwardAPI):
        if whole is not None:
            yield whole
    for source in volume.projected.sources if volume.projected is not None else ():
        if source.configMap is not None:
            each = source.configMap
            yield ConfigMapVolumeSource(name=each.name, items=each.items, optional=each.optional)
        if source.secret is not None:
            yield SecretVolumeSource(
                secretName=source.secret.name, items=source.secret.items, optional=source.secret.optional
            )
        if source.downwardAPI is not None:
            yield DownwardAPIVolumeSource(items=source.downwardAPI.items)


def sources(volume: Volume) -> Iterator[ConfigMapVolumeSource | SecretVolumeSource]:
    """The ConfigMaps and Secrets that the volume shows."""
    return (part for part in parts(volume) if not isinstance(part, DownwardAPIVolumeSource))


def shows_pod(volume: Volume) -> bool:
    """Whether the volume shows what the API knows of the pod."""
    return any(isinstance(part, DownwardAPIVolumeSource) for part in parts(volume))


def source_name(namespace: str, source: ConfigMapVolumeSource | SecretVolumeSource) -> str:
    """What the versions of a mounted object are kept under."""
    if isinstance(source, ConfigMapVolumeSource):
        return version_name(CONFIG_MAP, key_of(namespace, source.name))
    return version_name(SECRET, key_of(namespace, source.secretName))


def _names(pod: Pod, volume: Volume) -> Iterator[str]:
    for source in sources(volume):
        yield source_name(pod.metadata.namespace, source)
    if shows_pod(volume):
        yield pod_version_name(pod)


def _content(store: Store, pod: Pod, container: Container, volume: Volume, at: int) -> Iterator[tuple[str, bytes]]:
    space = pod.metadata.namespace
    for part in parts(volume):
        if isinstance(part, DownwardAPIVolumeSource):
            yield from _downward(pod, container, part.items)
        elif isinstance(part, ConfigMapVolumeSource):
            yield from _chosen(entries(store, space, config_map=part.name, at=at), part.items)
        else:
            yield from _chosen(entries(store, space, secret=part.secretName, at=at), part.items)


def _chosen(found: Mapping[str, bytes] | None, items: tuple[KeyToPath, ...]) -> Iterator[tuple[str, bytes]]:
    if found is None:
        return
    if not items:
        yield from sorted(found.items())
    for item in items:
        if item.key in found:
            yield item.path, found[item.key]


def _downward(pod: Pod, container: Container, items: tuple[DownwardAPIVolumeFile, ...]) -> Iterator[tuple[str, bytes]]:
    for item in items:
        if item.fieldRef is not None:
            yield item.path, fields.field(pod, item.fieldRef).encode()
        elif item.resourceFieldRef is not None:
            yield item.path, fields.resource(pod, container, item.resourceFieldRef).encode()
