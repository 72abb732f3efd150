"""The best node for the pods of one class: exact, and without looking at every node again.

Nodes whose normalised inputs are equal form a bucket (`rows`: the raw scores and the topology
places), and within a bucket only the plain scores tell nodes apart, so a heap knows its best node.
A decision looks at the top of each bucket; a placement moves only the nodes that it changed.
Invariant: the node found is the one that scoring all feasible nodes would find, the first of equals.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Filter, Normalise, Rejection, Score, TopologyState
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import NODE_ACCOUNT_PLUGINS, NODE_OBJECT_PLUGINS, TOPOLOGY_PLUGINS
from cluster.scheduler.topology import Term

Row = tuple[int, ...]
PlainScores = dict[tuple[object, ...], Rejection | int]
"""What a node's account is worth to pods that ask for the same cpu and memory and nothing else."""
REMEMBERED_ACCOUNTS = 65_536
_SHIFT = 20  # a heap's entry is one int: how far the plain score is below _TOP, then the slot
_MASK = (1 << _SHIFT) - 1
_TOP = 1 << 20


class Bucket:
    """Feasible nodes with the same row. The heap may hold entries of nodes that have since moved on."""

    __slots__ = ("heap", "row", "size")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.size = 0
        self.heap: list[int] = []


class Search:
    """Every node's standing with one class of pods, brought up to date when asked."""

    def __init__(self, pod: PodInfo, cache: Cache, plain: PlainScores) -> None:
        self.pod, self.cache, self._plain = pod, cache, plain
        self._object_filters = [each.filter for each in NODE_OBJECT_PLUGINS if each.filter and each.filters(pod)]
        self._account_filters = [each.filter for each in NODE_ACCOUNT_PLUGINS if each.filter and each.filters(pod)]
        self._raw: list[tuple[Score, Normalise, int]] = []
        self._object_scores: list[tuple[Score, int]] = []
        for plugin in NODE_OBJECT_PLUGINS:
            if plugin.score and plugin.scores(pod):
                if plugin.normalise:
                    self._raw.append((plugin.score, plugin.normalise, plugin.weight))
                else:
                    self._object_scores.append((plugin.score, plugin.weight))
        self._account_scores = [
            (each.score, each.weight) for each in NODE_ACCOUNT_PLUGINS if each.score and each.scores(pod)
        ]
        self._epoch = -1
        self._seen = 0
        self.states: list[tuple[TopologyState, int]] = []
        self._where: list[Bucket | Rejection] = []
        self._base: list[int] = []
        self._buckets: dict[Row, Bucket] = {}
        self._rejections: Tally[Rejection] = Tally()
        self._verdicts: dict[object, tuple[Rejection | None, Row, int]] = {}
        self._columns: list[Sequence[int] | Term] = []

    # Deciding

    def best(self) -> NodeInfo | None:
        """The node to take, None if there is none."""
        self.refresh()
        live, tops = self._tops()
        for state, _ in self.states:
            if state.filters and live:
                state.prepare()
                kept = [state.reject(bucket.row) is None for bucket in live]
                if not all(kept):
                    live = [bucket for bucket, keep in zip(live, kept, strict=True) if keep]
                    tops = [top for top, keep in zip(tops, kept, strict=True) if keep]
        if not live:
            return None
        totals = [_TOP - (top >> _SHIFT) for top in tops]
        if len(live) > 1:
            self._add_normalised(live, totals)
        highest = max(totals)
        slots = [top & _MASK for top, total in zip(tops, totals, strict=True) if total == highest]
        return self.cache.nodes[min(slots)]

    def _tops(self) -> tuple[list[Bucket], list[int]]:
        """Every bucket that has nodes, with the entry of its best one."""
        where, base = self._where, self._base
        live: list[Bucket] = []
        tops: list[int] = []
        empty: list[Bucket] = []
        for bucket in self._buckets.values():
            if not bucket.size:
                empty.append(bucket)
                continue
            heap = bucket.heap
            top = heap[0]
            slot = top & _MASK
            while where[slot] is not bucket or base[slot] != _TOP - (top >> _SHIFT):
                heappop(heap)
                top = heap[0]
                slot = top & _MASK
            live.append(bucket)
            tops.append(top)
        for bucket in empty:
            del self._buckets[bucket.row]
        return live, tops

    def _add_normalised(self, live: list[Bucket], totals: list[int]) -> None:
        for index, (_, normalise, weight) in enumerate(self._raw):
            raw = [bucket.row[index] for bucket in live]
            if any(raw):
                _add(totals, normalise(raw), weight)
        for state, weight in self.states:
            if state.scores:
                _add(totals, state.score([bucket.row for bucket in live], [bucket.size for bucket in live]), weight)

    def rejections(self) -> Tally[Rejection]:
        """How many nodes each rejection holds for, now."""
        self.refresh()
        found = Tally({rejection: count for rejection, count in self._rejections.items() if count})
        for state, _ in self.states:
            state.prepare()
        for bucket in self._buckets.values():
            if bucket.size:
                rejection = self.judge_row(bucket.row)
                if rejection is not None:
                    found[rejection] += bucket.size
        return found

    def judge_row(self, row: Row) -> Rejection | None:
        """The first topology plugin's rejection of a row, once the plugins are prepared."""
        for state, _ in self.states:
            rejection = state.reject(row)
            if rejection is not None:
                return rejection
        return None

    # Keeping up

    def refresh(self) -> None:
        """Look again at the nodes that changed since the last time, at all of them if that is cheaper."""
        cache = self.cache
        if self._epoch != cache.epoch:
            self._rebuild()
            return
        behind = cache.end - self._seen
        if not behind:
            return
        start = self._seen - cache.start
        slots: Sequence[int] = cache.changed[start:] if start >= 0 else ()
        if len(slots) > 8:
            slots = sorted(set(slots))
        if start < 0 or len(slots) > 64 + len(cache.nodes) // 3:
            self._fill()
            return
        for slot in slots:
            self._look_again(slot)
        self._seen = cache.end

    def _rebuild(self) -> None:
        """Start over: the nodes, their labels or their order are not what they were."""
        self.release()
        prepared = [(plugin.prepare(self.pod, self.cache), plugin.weight) for plugin in TOPOLOGY_PLUGINS]
        self.states = [(state, weight) for state, weight in prepared if state is not None]
        offset = len(self._raw)
        for state, _ in self.states:
            state.offset = offset
            offset += len(state.terms)
        self._columns = [term.column for state, _ in self.states for term in state.terms]
        self._epoch = self.cache.epoch
        self._fill()

    def release(self) -> None:
        """Give back what is held in the cache; the next question builds it again."""
        self.cache.release([term.counter for state, _ in self.states for term in state.terms])
        self.states = []
        self._epoch = -1
        self._where, self._base, self._buckets, self._verdicts = [], [], {}, {}

    def _fill(self) -> None:
        nodes = self.cache.nodes
        self._verdicts = {}
        self._buckets = {}
        self._rejections = Tally()
        self._base = [-1] * len(nodes)
        where: list[Bucket | Rejection] = []
        for info in nodes:
            standing, base = self._judge(info)
            if isinstance(standing, Rejection):
                self._rejections[standing] += 1
                where.append(standing)
                continue
            bucket = self._buckets.get(standing)
            if bucket is None:
                bucket = self._buckets[standing] = Bucket(standing)
            bucket.size += 1
            bucket.heap.append((_TOP - base) << _SHIFT | info.slot)
            self._base[info.slot] = base
            where.append(bucket)
        for bucket in self._buckets.values():
            heapify(bucket.heap)
        self._where = where
        self._seen = self.cache.end

    def _look_again(self, slot: int) -> None:
        standing, base = self._judge(self.cache.nodes[slot])
        old = self._where[slot]
        if isinstance(standing, Rejection):
            self._leave(old)
            self._rejections[standing] += 1
            self._where[slot], self._base[slot] = standing, -1
            return
        bucket = self._buckets.get(standing)
        if bucket is None:
            bucket = self._buckets[standing] = Bucket(standing)
        if bucket is not old:
            self._leave(old)
            bucket.size += 1
            self._where[slot] = bucket
        elif self._base[slot] == base:
            return
        self._base[slot] = base
        heappush(bucket.heap, (_TOP - base) << _SHIFT | slot)
        if len(bucket.heap) > 64 + 4 * bucket.size:
            self._tidy(bucket)

    def _leave(self, standing: Bucket | Rejection) -> None:
        if isinstance(standing, Bucket):
            standing.size -= 1
        else:
            self._rejections[standing] -= 1

    def _tidy(self, bucket: Bucket) -> None:
        """Drop the entries of a heap that no longer hold."""
        where, base = self._where, self._base
        bucket.heap = sorted({
            entry for entry in bucket.heap
            if where[entry & _MASK] is bucket and base[entry & _MASK] == _TOP - (entry >> _SHIFT)
        })  # fmt: skip

    def _judge(self, info: NodeInfo) -> tuple[Rejection | Row, int]:
        """A node's rejection by itself, or its row and its plain score."""
        key: object = (info.group, info.name) if self.pod.tells_hosts_apart else info.group
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = self._verdict(info)
        rejection, row, base = verdict
        if rejection is not None:
            return rejection, -1
        if self.pod.simple:
            account = (info.allocatable, info.cpu, info.memory, info.non_zero_cpu, info.non_zero_memory, info.pods)
            plain = self._plain.get(account)
            if plain is None:
                plain = self._weigh(info)
                if len(self._plain) >= REMEMBERED_ACCOUNTS:
                    self._plain.clear()
                self._plain[account] = plain
        else:
            plain = self._weigh(info)
        if isinstance(plain, Rejection):
            return plain, -1
        slot = info.slot
        return (*row, *[column[slot] for column in self._columns]), base + plain

    def _weigh(self, info: NodeInfo) -> Rejection | int:
        """What the plugins say that look at the node's account."""
        rejection = first_rejection(self._account_filters, self.pod, info)
        if rejection is not None:
            return rejection
        return sum(weight * score(self.pod, info) for score, weight in self._account_scores)

    def _verdict(self, info: NodeInfo) -> tuple[Rejection | None, Row, int]:
        """What the plugins say that look at the node object alone; equal for nodes of one group."""
        rejection = first_rejection(self._object_filters, self.pod, info)
        if rejection is not None:
            return rejection, (), 0
        row = tuple(score(self.pod, info) for score, _, _ in self._raw)
        return None, row, sum(weight * score(self.pod, info) for score, weight in self._object_scores)


def first_rejection(filters: Sequence[Filter], pod: PodInfo, info: NodeInfo) -> Rejection | None:
    """The first filter's rejection of a node."""
    for each in filters:
        rejection = each(pod, info)
        if rejection is not None:
            return rejection
    return None


def _add(totals: list[int], scores: list[int], weight: int) -> None:
    for index, score in enumerate(scores):
        totals[index] += weight * score
