"""The scheduler's picture of the cluster: the nodes in order, and every assigned pod on its node.

Fed by the readers and by the scheduler's own bindings; read by the search. Mirrors
pkg/scheduler/backend/cache. Invariant: it is a function of the nodes and of the assigned pods that
have not finished, and every node that changed since is in `changed`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from cluster.api.core import Affinity, Node, Pod
from cluster.api.labels import NOTHING, Selector
from cluster.scheduler.holders import Holder, Holders
from cluster.scheduler.images import Images
from cluster.scheduler.kindred import GIVEN_BY_BINDING, Kindred, Kindreds
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import Footprint, Footprints
from cluster.scheduler.pod_volumes import PodVolumes, volumes_of
from cluster.scheduler.topology import Counter, CounterName, Topology
from cluster.scheduler.volumes import Volumes

FEW = 8
FINISHED = frozenset({"Succeeded", "Failed"})
HEEDING_TAINTS = "taints"
"""How the rule of a counter starts whose eligible nodes depend on taints."""


class Placed:
    """One assigned pod: where it is and what was accounted for it; `going` once it is being deleted."""

    __slots__ = ("asks", "going", "holder", "info", "kindred", "labels", "priority", "volumes")

    def __init__(
        self, info: NodeInfo, asks: Footprint, kindred: Kindred, labels: Mapping[str, str],
        holder: Holder | None = None, priority: int = 0, volumes: PodVolumes | None = None, *, going: bool = False,
    ) -> None:  # fmt: skip
        self.info, self.asks, self.kindred, self.labels = info, asks, kindred, labels
        self.holder, self.priority, self.volumes, self.going = holder, priority, volumes, going


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
        self._kindred = Kindreds()
        self._by_identity: dict[tuple[int, str], tuple[Mapping[str, str], Kindred]] = {}
        self._topologies: dict[str, Topology] = {}
        self._counters: dict[CounterName, Counter] = {}
        self._groups: dict[object, int] = {}
        self.holders = Holders()
        self.volumes = Volumes()
        self.images = Images()
        self.namespaces: dict[str, Mapping[str, str]] = {}
        """The labels of every namespace."""
        self._priorities: dict[int, int] = {}
        """How many placed pods have each priority."""
        self.heeds_namespaces = False
        """Whether any answer so far went by the labels of namespaces."""

    # Nodes

    def set_node(self, node: Node) -> None:
        """Add a node, or take over its new version."""
        info = self.infos.get(node.metadata.name)
        if info is None:
            info = self.infos[node.metadata.name] = NodeInfo(node.metadata.name, self.images)
        old_labels, old_taints = info.node.metadata.labels, info.node.spec.taints
        info.set_node(node, self._groups)
        others = self.images.set_node(node)
        if info.slot < 0:
            info.slot = len(self.nodes)
            self.nodes.append(info)
            self.images.nodes = len(self.nodes)
            self._restructure()
        elif (
            others or old_labels != node.metadata.labels or (old_taints != node.spec.taints and self._heeding_taints())
        ):
            self._restructure()
        else:
            self._touch(info.slot)

    def remove_node(self, name: str) -> None:
        """Forget a node; pods still assigned to it are remembered, in case it returns."""
        info = self.infos[name]
        if info.slot < 0:
            return
        del self.nodes[info.slot]
        self.images.drop(name)
        self.images.nodes = len(self.nodes)
        info.slot = -1
        for slot, other in enumerate(self.nodes):
            other.slot = slot
        if not info.pods:
            del self.infos[name]
        self._restructure()

    def _heeding_taints(self) -> bool:
        return any(name[3].startswith(HEEDING_TAINTS) for name in self._counters)

    def _restructure(self) -> None:
        """Void what was derived from the nodes, their labels and their order."""
        self._topologies.clear()
        self._start_over()

    def _start_over(self) -> None:
        """Void the counters, and with them every answer; which node is in which domain stays as it was."""
        self._counters.clear()
        self._kindred.drop_all()
        for holder in self.holders:
            holder.counters.clear()
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
            if len(slots) > 64 + len(self.nodes) // 4:
                return None
        return slots

    # Pods

    def set_pod(self, key: str, pod: Pod) -> bool:
        """Account for an assigned pod as it is now; True if it was not accounted for before."""
        if pod.status.phase in FINISHED:
            self.remove_pod(key)
            return False
        placed = self.placed.get(key)
        asks = self.footprints.of_pod(pod)
        if placed is not None and placed.info.name == pod.spec.nodeName and placed.asks == asks:
            self._update(placed, pod)
            return False
        known = self.remove_pod(key)
        self._place(key, pod, asks)
        return not known

    def _place(self, key: str, pod: Pod, asks: Footprint) -> None:
        info = self.infos.get(pod.spec.nodeName)
        if info is None:
            info = self.infos[pod.spec.nodeName] = NodeInfo(pod.spec.nodeName, self.images)
        meta = pod.metadata
        kindred, holder = (
            self._kindred.of(meta.namespace, meta.labels),
            self.holder_of(meta.namespace, pod.spec.affinity),
        )
        self.place(key, Placed(
            info, asks, kindred, meta.labels, holder, pod.spec.priority or 0, volumes_of(pod),
            going=bool(meta.deletionTimestamp),
        ))  # fmt: skip

    def place(self, key: str, placed: Placed) -> None:
        """Account for a pod just bound."""
        self.placed[key] = placed
        placed.info.account(placed.asks, 1)
        self._account(placed, 1)

    def _account(self, placed: Placed, change: int) -> None:
        """Count a pod in, or out, wherever pods are counted; its node has changed."""
        info, priorities = placed.info, self._priorities
        priorities[placed.priority] = priorities.get(placed.priority, 0) + change
        self._count(placed.kindred, info, change, going=placed.going)
        if placed.holder is not None:
            placed.holder.count(info, change)
        if placed.volumes is not None:
            self.volumes.count(placed.volumes, info.name, change)
        if info.slot >= 0:
            self._touch(info.slot)

    def _update(self, placed: Placed, pod: Pod) -> None:
        """Follow what may change of an assigned pod: its labels, and that it is going."""
        meta = pod.metadata
        if placed.going or (meta.labels is placed.labels and not meta.deletionTimestamp):
            return
        if not meta.deletionTimestamp and same_labels(placed.labels, meta.labels):
            placed.labels = meta.labels
            return
        self._count(placed.kindred, placed.info, -1, going=False)
        placed.labels, placed.going = meta.labels, bool(meta.deletionTimestamp)
        placed.kindred = self._kindred.of(meta.namespace, meta.labels)
        self._count(placed.kindred, placed.info, 1, going=placed.going)
        if placed.info.slot >= 0:
            self._touch(placed.info.slot)

    def remove_pod(self, key: str) -> bool:
        """Take a pod off its node's account; False if it was not on any."""
        placed = self.placed.pop(key, None)
        if placed is None:
            return False
        info = placed.info
        info.account(placed.asks, -1)
        self._account(placed, -1)
        if info.slot < 0 and not info.pods:
            self.infos.pop(info.name, None)
        return True

    def lowest_priority(self) -> int:
        """The lowest priority that a placed pod has; a very high number if there is none."""
        return min((priority for priority, count in self._priorities.items() if count), default=2**31)

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
        kindred = self._kindred.of(namespace, labels)
        if len(self._by_identity) >= 4096:
            self._by_identity.clear()
        self._by_identity[id(labels), namespace] = (labels, kindred)
        return kindred

    def _count(self, kindred: Kindred, info: NodeInfo, change: int, *, going: bool) -> None:
        tally = kindred.going if going else kindred.on
        count = tally.get(info.name, 0) + change
        if count:
            tally[info.name] = count
        else:
            del tally[info.name]
        if info.slot < 0:
            return
        for counter in kindred.counters:
            if counter.counts_going or not going:
                counter.add(info.slot, change)

    # Pods that have a say about other pods

    def holder_of(self, namespace: str, affinity: Affinity | None) -> Holder | None:
        """The account of pods with this affinity; None if it is silent about other pods."""
        if affinity is None or (affinity.podAffinity is None and affinity.podAntiAffinity is None):
            return None
        known = len(self.holders)
        found = self.holders.of(namespace, affinity)
        if len(self.holders) > known:
            self._start_over()
        return found

    def holder_counter(self, holder: Holder, key: str) -> Counter:
        """The counter of a holder's pods over a topology; to be given back as those of `counter`."""
        name = (holder.namespace, f"#{holder.number}", key, "")
        counter = self._counters.get(name)
        if counter is None:
            counter = self._counters[name] = Counter(name, NOTHING, self.topology(key), None, self._touch)
            holder.counters.append(counter)
            for node, count in holder.on.items():
                slot = self.infos[node].slot
                if slot >= 0:
                    counter.add(slot, count)
        counter.users += 1
        return counter

    def set_namespace(self, name: str, labels: Mapping[str, str] | None) -> None:
        """Take note of a namespace's labels (None: it is gone)."""
        if labels == self.namespaces.get(name):
            return
        if labels is None:
            del self.namespaces[name]
        else:
            self.namespaces[name] = labels
        if self.heeds_namespaces:
            self._start_over()

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
        *,
        going: bool = False,
    ) -> Counter:
        """The counter of these pods over a topology; `rule` names the rule that `eligible` is.

        `namespace` is EVERYWHERE for all; with `going` pods that are being deleted count too. The
        caller says `release` when it needs it no longer.
        """
        name = (namespace, f"{selector.nothing} {selector}{' going' if going else ''}", key, rule)
        counter = self._counters.get(name)
        if counter is None:
            allowed = None if eligible is None else [eligible(info) for info in self.nodes]
            counter = Counter(name, selector, self.topology(key), allowed, self._touch, counts_going=going)
            for kindred in self._kindred.follow(counter):
                tallies = (kindred.on, kindred.going) if going else (kindred.on,)
                for node, count in (item for tally in tallies for item in tally.items()):
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
                self._kindred.drop(counter)
                for holder in self.holders:
                    if counter in holder.counters:
                        holder.counters.remove(counter)


def same_labels(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two label sets differ at most in what binding adds."""
    for key, value in other.items():
        if one.get(key) != value and key not in GIVEN_BY_BINDING:
            return False
    return all(key in other or key in GIVEN_BY_BINDING for key in one)
