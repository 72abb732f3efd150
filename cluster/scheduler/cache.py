"""The scheduler's picture of the cluster: the nodes in order, and every assigned pod on its node.

Fed by the readers and by the scheduler's own bindings; read by the search. Mirrors
pkg/scheduler/backend/cache. Invariant: it is a function of the nodes and of the assigned pods that
have not finished, and every node that changed since is in `changed`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from cluster.api.core import Node, Pod
from cluster.api.labels import Selector
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import Footprint, Footprints
from cluster.scheduler.topology import Counter, CounterName, Topology

GIVEN_BY_BINDING = frozenset({"topology.kubernetes.io/zone", "topology.kubernetes.io/region"})
FEW = 8
FINISHED = frozenset({"Succeeded", "Failed"})
HEEDING_TAINTS = "taints"
"""How the rule of a counter starts whose eligible nodes depend on taints."""


class Kindred:
    """The assigned pods of one namespace that carry the same labels: how many on which node."""

    __slots__ = ("counters", "labels", "namespace", "on")

    def __init__(self, namespace: str, labels: Mapping[str, str]) -> None:
        self.namespace, self.labels = namespace, labels
        self.on: dict[str, int] = {}
        self.counters: list[Counter] = []
        """Those that count these pods."""


class Placed:
    """One assigned pod: where it is and what was accounted for it (`kindred` is None once it is going)."""

    __slots__ = ("asks", "info", "kindred", "labels")

    def __init__(self, info: NodeInfo, asks: Footprint, kindred: Kindred | None, labels: Mapping[str, str]) -> None:
        self.info, self.asks, self.kindred, self.labels = info, asks, kindred, labels


class Cache:
    """Nodes by name and by slot, placed pods by key, counters by what they count."""

    def __init__(self) -> None:
        self.nodes: list[NodeInfo] = []
        self.infos: dict[str, NodeInfo] = {}
        self.placed: dict[str, Placed] = {}
        self.footprints = Footprints()
        self.now = 1
        """Rises with every change: as long as it stays, so does every answer."""
        self.restructured = 1
        """When slots or domains changed the last time: whatever was derived from them before is void."""
        self._changed: list[int] = []  # the slots that changed from `_start` to `now`
        self._start = 1
        self._kindred: dict[tuple[str, tuple[tuple[str, str], ...]], Kindred] = {}
        self._by_identity: dict[tuple[int, str], tuple[Mapping[str, str], Kindred]] = {}
        self._topologies: dict[str, Topology] = {}
        self._counters: dict[CounterName, Counter] = {}
        self._groups: dict[object, int] = {}
        self._alike: dict[tuple[str, str, str], list[Kindred]] = {}
        """Kindred by namespace and one of their labels."""

    # Nodes

    def set_node(self, node: Node) -> None:
        """Add a node, or take over its new version."""
        info = self.infos.get(node.metadata.name)
        if info is None:
            info = self.infos[node.metadata.name] = NodeInfo(node.metadata.name)
        old_labels, old_taints = info.node.metadata.labels, info.node.spec.taints
        info.set_node(node, self._groups)
        if info.slot < 0:
            info.slot = len(self.nodes)
            self.nodes.append(info)
            self._restructure()
        elif old_labels != node.metadata.labels or (old_taints != node.spec.taints and self._heeding_taints()):
            self._restructure()
        else:
            self._touch(info.slot)

    def remove_node(self, name: str) -> None:
        """Forget a node; pods still assigned to it are remembered, in case it returns."""
        info = self.infos[name]
        if info.slot < 0:
            return
        del self.nodes[info.slot]
        info.slot = -1
        for slot, other in enumerate(self.nodes):
            other.slot = slot
        if not info.pods:
            del self.infos[name]
        self._restructure()

    def _heeding_taints(self) -> bool:
        return any(name[3].startswith(HEEDING_TAINTS) for name in self._counters)

    def _restructure(self) -> None:
        self._topologies.clear()
        self._counters.clear()
        for kindred in self._kindred.values():
            kindred.counters.clear()
        self.now += 1
        self.restructured = self._start = self.now
        self._changed.clear()

    def _touch(self, slot: int) -> None:
        self._changed.append(slot)
        self.now += 1
        if len(self._changed) > 4096 + 4 * len(self.nodes):
            self._start = self.now
            self._changed.clear()

    def changes(self, since: int) -> list[int] | None:
        """The slots of the nodes that changed since then; None if so many that all are best looked at."""
        if since < self._start:
            return None
        slots = self._changed[since - self._start :]
        if len(slots) > FEW:
            slots = sorted(set(slots))
            if len(slots) > 64 + len(self.nodes) // 3:
                return None
        return slots

    # Pods

    def set_pod(self, key: str, pod: Pod) -> bool:
        """Account for an assigned pod as it is now; True if it was not accounted for before."""
        if pod.status.phase in FINISHED:
            self.remove_pod(key)
            return False
        placed = self.placed.get(key)
        asks = self.footprints.of(pod.spec)
        if placed is not None and placed.info.name == pod.spec.nodeName and placed.asks == asks:
            self._update(placed, pod)
            return False
        known = self.remove_pod(key)
        self._place(key, pod, asks)
        return not known

    def _place(self, key: str, pod: Pod, asks: Footprint) -> None:
        info = self.infos.get(pod.spec.nodeName)
        if info is None:
            info = self.infos[pod.spec.nodeName] = NodeInfo(pod.spec.nodeName)
        meta = pod.metadata
        kindred = None if meta.deletionTimestamp else self._kindred_of(meta.namespace, meta.labels)
        self.place(key, Placed(info, asks, kindred, meta.labels))

    def place(self, key: str, placed: Placed) -> None:
        """Account for a pod just bound."""
        self.placed[key] = placed
        info = placed.info
        info.account(placed.asks, 1)
        if placed.kindred is not None:
            self._count(placed.kindred, info, 1)
        if info.slot >= 0:
            self._touch(info.slot)

    def _update(self, placed: Placed, pod: Pod) -> None:
        """Follow what may change of an assigned pod: its labels, and that it is going."""
        meta = pod.metadata
        if placed.kindred is None or (meta.labels is placed.labels and not meta.deletionTimestamp):
            return
        if not meta.deletionTimestamp and same_labels(placed.labels, meta.labels):
            placed.labels = meta.labels
            return
        self._count(placed.kindred, placed.info, -1)
        placed.labels = meta.labels
        placed.kindred = None if meta.deletionTimestamp else self._kindred_of(meta.namespace, meta.labels)
        if placed.kindred is not None:
            self._count(placed.kindred, placed.info, 1)
        if placed.info.slot >= 0:
            self._touch(placed.info.slot)

    def remove_pod(self, key: str) -> bool:
        """Take a pod off its node's account; False if it was not on any."""
        placed = self.placed.pop(key, None)
        if placed is None:
            return False
        info = placed.info
        info.account(placed.asks, -1)
        if placed.kindred is not None:
            self._count(placed.kindred, info, -1)
        if info.slot >= 0:
            self._touch(info.slot)
        elif not info.pods:
            self.infos.pop(info.name, None)
        return True

    @contextmanager
    def without(self, key: str) -> Iterator[None]:
        """The cache as it would be without an assigned pod."""
        placed = self.placed.get(key)
        if placed is None or placed.info.slot < 0:
            yield
            return
        self.remove_pod(key)
        try:
            yield
        finally:
            self.place(key, placed)

    # Counting by labels

    def kindred_of(self, namespace: str, labels: Mapping[str, str]) -> Kindred:
        """The account of pods with these labels, found by the mapping's identity where possible."""
        known = self._by_identity.get((id(labels), namespace))
        if known is not None:
            return known[1]
        kindred = self._kindred_of(namespace, labels)
        if len(self._by_identity) >= 4096:
            self._by_identity.clear()
        self._by_identity[id(labels), namespace] = (labels, kindred)
        return kindred

    def _kindred_of(self, namespace: str, labels: Mapping[str, str]) -> Kindred:
        key = (namespace, tuple(sorted(item for item in labels.items() if item[0] not in GIVEN_BY_BINDING)))
        found = self._kindred.get(key)
        if found is None:
            found = self._kindred[key] = Kindred(namespace, dict(key[1]))
            found.counters = [counter for counter in self._counters.values() if _counts(counter, found)]
            for name, value in key[1]:
                self._alike.setdefault((namespace, name, value), []).append(found)
        return found

    def _matching(self, namespace: str, selector: Selector) -> list[Kindred]:
        """The kindred that a selector picks; those without the label that it requires are not looked at."""
        candidates: Iterable[Kindred] = self._kindred.values()
        for each in selector.requirements:
            if each.operator == "=" and each.key not in GIVEN_BY_BINDING:
                candidates = self._alike.get((namespace, each.key, each.values[0]), ())
                break
        return [each for each in candidates if each.namespace == namespace and selector.matches(each.labels)]

    def _count(self, kindred: Kindred, info: NodeInfo, change: int) -> None:
        count = kindred.on.get(info.name, 0) + change
        if count:
            kindred.on[info.name] = count
        else:
            del kindred.on[info.name]
        if info.slot < 0:
            return
        for counter in kindred.counters:
            counter.add(info.slot, change)

    def topology(self, key: str) -> Topology:
        """Which node is in which domain of a topology key."""
        found = self._topologies.get(key)
        if found is None:
            found = self._topologies[key] = Topology(key, self.nodes)
        return found

    def counter(
        self,
        namespace: str,
        selector: Selector,
        key: str,
        rule: str = "",
        eligible: Callable[[NodeInfo], bool] | None = None,
    ) -> Counter:
        """The counter of these pods over a topology; `rule` names the rule that `eligible` is.

        The caller says `release` when it needs it no longer.
        """
        name = (namespace, f"{selector.nothing} {selector}", key, rule)
        counter = self._counters.get(name)
        if counter is None:
            allowed = None if eligible is None else [eligible(info) for info in self.nodes]
            counter = Counter(name, selector, self.topology(key), allowed, self._touch)
            for kindred in self._matching(namespace, selector):
                kindred.counters.append(counter)
                for node, count in kindred.on.items():
                    slot = self.infos[node].slot
                    if slot >= 0:
                        counter.add(slot, count)
            self._counters[name] = counter
        counter.users += 1
        return counter

    def release(self, counters: list[Counter]) -> None:
        """Give counters back; those that nobody uses are dropped."""
        for counter in counters:
            counter.users -= 1
            if counter.users <= 0 and self._counters.get(counter.name) is counter:
                del self._counters[counter.name]
                for kindred in self._matching(counter.namespace, counter.selector):
                    kindred.counters.remove(counter)


def _counts(counter: Counter, kindred: Kindred) -> bool:
    return counter.namespace == kindred.namespace and counter.selector.matches(kindred.labels)


def same_labels(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two label sets differ at most in what binding adds."""
    for key, value in other.items():
        if one.get(key) != value and key not in GIVEN_BY_BINDING:
            return False
    return all(key in other or key in GIVEN_BY_BINDING for key in one)
