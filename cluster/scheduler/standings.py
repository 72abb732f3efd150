"""What the plugins that judge nodes one by one say of every node, kept up to date.

Under the search: all classes of pods that ask the same of a node share one `Standings`, whatever
their labels. Invariant: after `refresh` it says what asking every plugin about every node would.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from cluster.api.codec import encode
from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Filter, Normalise, Rejection, Score
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import NODE_ACCOUNT_PLUGINS, NODE_OBJECT_PLUGINS, VOLUME_PLUGINS

Row = tuple[int, ...]
REJECTED = -1
SHIFT = 20  # an entry is one int: how far the plain score is below TOP, then the slot
MASK = (1 << SHIFT) - 1
TOP = 1 << 20
REMEMBERED_ACCOUNTS = 65_536


class Partition(NamedTuple):
    """The slots by what hardly ever changes of a node: its row, and its domains of some topologies."""

    groups: list[list[int]]
    group_of: list[int]


class Standings:
    """For every slot: its rejection, or the raw scores to be normalised (`rows`) and its plain score.

    The plain score stands in `entries` in the form that heaps of nodes hold: the least is the best
    node, the first of equals; REJECTED is less than any. The row of a rejected node means nothing.
    """

    def __init__(self, pod: PodInfo, cache: Cache) -> None:
        self.entries: list[int] = []
        self.rows: list[Row] = []
        self._partitions: dict[tuple[int, ...], tuple[Sequence[Sequence[int]], Partition]] = {}
        self.tally: Tally[Rejection] = Tally()
        self._rejections: dict[int, Rejection] = {}
        self._pod, self._cache = pod, cache
        self._object_filters = [each.filter for each in NODE_OBJECT_PLUGINS if each.filter and each.filters(pod)]
        self._account_filters = [each.filter for each in NODE_ACCOUNT_PLUGINS if each.filter and each.filters(pod)]
        self._volume_filters = volume_filters(pod, cache)
        self.normalised: list[tuple[Score, Normalise, int]] = []
        self._object_scores: list[tuple[Score, int]] = []
        for plugin in NODE_OBJECT_PLUGINS:
            if plugin.score and plugin.scores(pod):
                if plugin.normalise:
                    self.normalised.append((plugin.score, plugin.normalise, plugin.weight))
                else:
                    self._object_scores.append((plugin.score, plugin.weight))
        self._account_scores = [
            (each.score, each.weight) for each in NODE_ACCOUNT_PLUGINS if each.score and each.scores(pod)
        ]
        self._seen = 0
        self._verdicts: dict[object, tuple[Rejection | None, Row, int]] = {}
        self._accounts: dict[tuple[object, ...], Rejection | int] = {}

    def refresh(self) -> bool:
        """Look again at the nodes that changed; False if none did."""
        cache = self._cache
        if self._seen == cache.now:
            return False
        slots = cache.changes(self._seen)
        for slot in self._start_over() if slots is None else slots:
            self._judge(slot, cache.nodes[slot])
        self._seen = cache.now
        return True

    def _start_over(self) -> Sequence[int]:
        size = len(self._cache.nodes)
        self.entries, self.rows = [REJECTED] * size, [()] * size
        self._partitions = {}
        self.tally, self._rejections = Tally(), {}
        if self._seen < self._cache.restructured:
            self._verdicts = {}
        return range(size)

    def _judge(self, slot: int, info: NodeInfo) -> None:
        if self._rejections:
            known = self._rejections.pop(slot, None)
            if known is not None:
                self.tally[known] -= 1
        rejection, row, plain = self._verdict(info)
        if rejection is None:
            account = self._account(info)
            if self._volume_filters and isinstance(account, int):
                account = first_rejection(self._volume_filters, self._pod, info) or account
            if isinstance(account, int):
                self.entries[slot] = (TOP - plain - account) << SHIFT | slot
                if self.rows[slot] is not row:
                    self.rows[slot] = row
                    self._partitions = {}
                return
            rejection = account
        self.entries[slot] = REJECTED
        self._rejections[slot] = rejection
        self.tally[rejection] += 1

    @property
    def rejecting(self) -> bool:
        """Whether any node is rejected."""
        return any(self.tally.values())

    def partition(self, domains: Sequence[Sequence[int]]) -> Partition:
        """The slots grouped by their rows and by these columns, which are never written to."""
        key = tuple(map(id, domains))
        known = self._partitions.get(key)
        if known is not None:
            return known[1]
        numbers: dict[tuple[object, ...], int] = {}
        group_of = [numbers.setdefault(parts, len(numbers)) for parts in zip(self.rows, *domains, strict=True)]
        groups: list[list[int]] = [[] for _ in numbers]
        for slot, group in enumerate(group_of):
            groups[group].append(slot)
        found = Partition(groups, group_of)
        self._partitions[key] = (domains, found)  # held, so that their ids stay their own
        return found

    def _verdict(self, info: NodeInfo) -> tuple[Rejection | None, Row, int]:
        """What the node object says; the same for all nodes of a group, unless hosts are told apart."""
        key: object = (info.group, info.name) if self._pod.tells_hosts_apart else info.group
        verdict = self._verdicts.get(key)
        if verdict is None:
            rejection = first_rejection(self._object_filters, self._pod, info)
            row = tuple(score(self._pod, info) for score, _, _ in self.normalised) if rejection is None else ()
            plain = sum(weight * score(self._pod, info) for score, weight in self._object_scores)
            verdict = self._verdicts[key] = (rejection, row, plain)
        return verdict

    def _account(self, info: NodeInfo) -> Rejection | int:
        """What the node's account says, remembered for pods that ask for cpu and memory alone."""
        if not self._pod.simple:
            return self._weigh(info)
        account = (info.allocatable, info.cpu, info.memory, info.non_zero_cpu, info.non_zero_memory, info.pods)
        found = self._accounts.get(account)
        if found is None:
            if len(self._accounts) >= REMEMBERED_ACCOUNTS:
                self._accounts.clear()
            found = self._accounts[account] = self._weigh(info)
        return found

    def _weigh(self, info: NodeInfo) -> Rejection | int:
        rejection = first_rejection(self._account_filters, self._pod, info)
        if rejection is not None:
            return rejection
        return sum(weight * score(self._pod, info) for score, weight in self._account_scores)


def first_rejection(filters: Sequence[Filter], pod: PodInfo, info: NodeInfo) -> Rejection | None:
    """The first filter's rejection of a node."""
    for each in filters:
        rejection = each(pod, info)
        if rejection is not None:
            return rejection
    return None


def volume_filters(pod: PodInfo, cache: Cache) -> list[Filter]:
    """The filters of the volume plugins, as the volumes are now; none for a pod without volumes that matter."""
    if pod.volumes is None:
        return []
    prepared = [plugin.prepare(pod, cache.volumes) for plugin in VOLUME_PLUGINS]
    return [each for each in prepared if each is not None]


def refusal(pod: PodInfo, cache: Cache) -> Rejection | None:
    """Why the volumes of a pod keep it from every node."""
    prefilters = [plugin.prefilter for plugin in VOLUME_PLUGINS if plugin.prefilter]
    return next((found for each in prefilters if (found := each(pod, cache.volumes)) is not None), None)


class StandingsPool:
    """Every `Standings` in use, by what its pods ask of a node."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._known: WeakValueDictionary[bytes, Standings] = WeakValueDictionary()

    def of(self, pod: PodInfo) -> Standings:
        """The standings of nodes with pods like this one; kept as long as somebody holds them.

        Pods with volumes have theirs to themselves: these hold as long as the volumes stay as they are.
        """
        if pod.volumes is not None:
            return Standings(pod, self._cache)
        spec = pod.spec
        nodes = spec.affinity.nodeAffinity if spec.affinity else None
        images = [container.image for container in (*spec.initContainers, *spec.containers)]
        signature = encode(
            (pod.asks, sorted(spec.nodeSelector.items()), spec.nodeName, nodes, spec.tolerations, images)
        )
        found = self._known.get(signature)
        if found is None:
            found = self._known[signature] = Standings(pod, self._cache)
        return found
