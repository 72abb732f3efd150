"""Scenes that somebody has looked at: looking at a later time goes on from there, and plays nothing twice.

Between whoever follows a process (a log, a session) and its scene. Invariant: a scene that is kept stands as a new one
would, since what has happened does not change; one that started from something else by now is played anew.
"""

from collections.abc import Iterator

from msgspec import Struct

from cluster.api.core import Container, Pod, PodSpec
from cluster.kubelet.runtime.contents import CONTENTS, VERSIONS, unix_ms
from cluster.kubelet.runtime.scene import Scene
from cluster.network import Network, network_of
from cluster.store import Store

KEPT = 64
Key = tuple[str, str, str]


class Basis(Struct, frozen=True):
    """What a scene was made from: the container, its pod's containers, when they started and are to end, what was kept of volumes, and the network."""

    container: Container
    spec: PodSpec
    starts: tuple[tuple[str, str], ...]
    deleted: str
    contents: int
    versions: int
    network: Network | None


class Stage:
    """The scenes looked at last."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[Basis, Scene]] = {}

    def scene(self, store: Store, pod: Pod, container: Container, started: str, until: int) -> Scene:
        """The container's scene `until` ms after its process's start (RFC 3339)."""
        key, basis = (pod.metadata.uid, container.name, started), _basis(store, pod, container)
        kept = self._kept.pop(key, None)
        known = kept is not None and kept[0] == basis
        scene = kept[1] if kept is not None and known else Scene(store, pod, container, started)
        if scene.simulation.now > unix_ms(started) + until:
            # Somebody has looked at a later time: what was then is not taken back.
            if kept is not None:
                self._kept[key] = kept
            scene = Scene(store, pod, container, started)
            scene.play(until)
            return scene
        scene.play(until)
        self._kept[key] = (basis, scene)
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return scene


def stage_of(store: Store) -> Stage:
    """The stage for a store's containers, made for the first who looks."""
    found = store.derived.get(Stage)
    if not isinstance(found, Stage):
        found = store.derived[Stage] = Stage()
    return found


def _basis(store: Store, pod: Pod, container: Container) -> Basis:
    return Basis(
        container,
        pod.spec,
        tuple(_starts(pod)),
        pod.metadata.deletionTimestamp,
        store.table(CONTENTS).end,
        store.table(VERSIONS).end,
        network_of(store),
    )


def _starts(pod: Pod) -> Iterator[tuple[str, str]]:
    for each in (*pod.status.initContainerStatuses, *pod.status.containerStatuses):
        if each.state.running is not None:
            yield each.name, each.state.running.startedAt
