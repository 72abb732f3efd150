"""Assigned pods whose own affinity has a say about pods to come: how many of each kind on which node.

Part of the cache. Mirrors what the framework's NodeInfo keeps of pods with affinity. Invariant: pods
share a holder exactly if they are in one namespace and their affinity is equal.
"""

from collections.abc import Iterator

from cluster.api.codec import encode
from cluster.api.core import Affinity
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.topology import Counter


class Holder:
    """The assigned pods of one namespace with the same affinity to other pods."""

    __slots__ = ("affinity", "counters", "namespace", "number", "on")

    def __init__(self, namespace: str, affinity: Affinity, number: int) -> None:
        self.namespace, self.affinity, self.number = namespace, affinity, number
        self.on: dict[str, int] = {}
        self.counters: list[Counter] = []

    def count(self, info: NodeInfo, change: int) -> None:
        """Count pods in or out on a node."""
        count = self.on.get(info.name, 0) + change
        if count:
            self.on[info.name] = count
        else:
            del self.on[info.name]
        if info.slot >= 0:
            for counter in self.counters:
                counter.add(info.slot, change)


class Holders:
    """Every holder there has been; one that has no pods left stays, and counts nothing."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[str, bytes], Holder] = {}
        self._by_identity: dict[tuple[str, int], tuple[Affinity, Holder]] = {}

    def __len__(self) -> int:
        return len(self._by_value)

    def __iter__(self) -> Iterator[Holder]:
        return iter(self._by_value.values())

    def of(self, namespace: str, affinity: Affinity) -> Holder:
        """The holder of pods with this affinity."""
        known = self._by_identity.get((namespace, id(affinity)))
        if known is not None:
            return known[1]
        value = (namespace, encode((affinity.podAffinity, affinity.podAntiAffinity)))
        found = self._by_value.get(value)
        if found is None:
            found = self._by_value[value] = Holder(namespace, affinity, len(self._by_value))
        # The affinity is kept beside the holder, so that its id stays its own.
        self._by_identity[namespace, id(affinity)] = (affinity, found)
        return found
