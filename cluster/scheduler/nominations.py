"""Pods that wait for their victims to go: the room they will have is kept for them.

Between preemption and the cache, where a nominated pod stands as if it were placed. Mirrors the nominator
of pkg/scheduler. Invariant: a nominated pod stands in nobody's way that has a higher priority, nor in
its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cluster.api.core import Pod
from cluster.scheduler.cache import Cache, Placed


class Nominations:
    """The nominated pods by key."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._placed: dict[str, Placed] = {}

    def __bool__(self) -> bool:
        return bool(self._placed)

    def __contains__(self, key: str) -> bool:
        return key in self._placed

    def holds(self, key: str, node: str) -> bool:
        """Whether room on the node is kept for the pod."""
        return key in self._placed and self._placed[key].info.name == node

    def put(self, key: str, pod: Pod) -> None:
        """Keep room for a pod on its nominated node, if there is such a node."""
        self.drop(key)
        info = self._cache.infos.get(pod.status.nominatedNodeName)
        if info is None:
            return
        meta = pod.metadata
        placed = Placed(
            info, self._cache.footprints.of(pod.spec), self._cache.kindred_of(meta.namespace, meta.labels), meta.labels,
            self._cache.holder_of(meta.namespace, pod.spec.affinity), pod.spec.priority or 0,
        )  # fmt: skip
        self._placed[key] = placed
        self._cache.place(key, placed)

    def renew(self, key: str, pod: Pod | None) -> None:
        """Keep the room that a pod was just given or refused, before the reader shows it: the next one is due at once."""
        if pod is not None and pod.status.nominatedNodeName:
            self.put(key, pod)
        else:
            self.drop(key)

    def drop(self, key: str) -> None:
        """The pod is bound, or waits no longer."""
        placed = self._placed.pop(key, None)
        if placed is not None and self._cache.placed.get(key) is placed:
            self._cache.remove_pod(key)

    @contextmanager
    def aside(self, key: str, priority: int) -> Iterator[None]:
        """The cache without the pod's own nomination and without those of lower priority."""
        out = {each: placed for each, placed in self._placed.items() if each == key or placed.priority < priority}
        for each in out:
            self._cache.remove_pod(each)
        try:
            yield
        finally:
            for each, placed in out.items():
                if self._placed.get(each) is placed:
                    self._cache.place(each, placed)
