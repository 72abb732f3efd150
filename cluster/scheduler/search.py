"""The best node for the pods of one class: exact, and without looking at every node again.

Nodes whose normalised inputs are equal form a bucket (its `row`: the raw scores and the topology
places), and within a bucket only the plain scores tell nodes apart, so a heap knows its best node.
A decision looks at the top of each bucket; a placement moves only the nodes that it changed.
Invariant: the node found is the one that scoring all feasible nodes would find, the first of equals.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Rejection, TopologyState
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import TOPOLOGY_PLUGINS
from cluster.scheduler.standings import REJECTED, Row, Standings, StandingsPool
from cluster.scheduler.topology import Column

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
    """Every node's place for one class of pods, brought up to date when asked."""

    def __init__(self, pod: PodInfo, cache: Cache, pool: StandingsPool) -> None:
        self._pod, self._cache, self._pool = pod, cache, pool
        self._standings: Standings | None = None
        self._seen = 0
        self._states: list[tuple[TopologyState, int]] = []
        self._columns: list[Column] = []
        self._where: list[Bucket | None] = []
        self._plain: list[int] = []
        self._buckets: dict[Row, Bucket] = {}

    # Deciding

    def best(self) -> NodeInfo | None:
        """The node to take, None if there is none."""
        standings = self.refresh()
        live, tops = self._tops()
        for state, _ in self._states:
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
            self._add_normalised(standings, live, totals)
        highest = max(totals)
        slots = [top & _MASK for top, total in zip(tops, totals, strict=True) if total == highest]
        return self._cache.nodes[min(slots)]

    def _tops(self) -> tuple[list[Bucket], list[int]]:
        """Every bucket that has nodes, with the entry of its best one."""
        where, plain = self._where, self._plain
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
            while where[slot] is not bucket or plain[slot] != _TOP - (top >> _SHIFT):
                heappop(heap)
                top = heap[0]
                slot = top & _MASK
            live.append(bucket)
            tops.append(top)
        for bucket in empty:
            del self._buckets[bucket.row]
        return live, tops

    def _add_normalised(self, standings: Standings, live: list[Bucket], totals: list[int]) -> None:
        for index, (_, normalise, weight) in enumerate(standings.normalised):
            raw = [bucket.row[index] for bucket in live]
            if any(raw):
                _add(totals, normalise(raw), weight)
        for state, weight in self._states:
            if state.scores:
                _add(totals, state.score([bucket.row for bucket in live], [bucket.size for bucket in live]), weight)

    def rejections(self) -> Tally[Rejection]:
        """How many nodes each rejection holds for, now."""
        found = Tally({rejection: count for rejection, count in self.refresh().tally.items() if count})
        for state, _ in self._states:
            state.prepare()
        for bucket in self._buckets.values():
            rejections = (state.reject(bucket.row) for state, _ in self._states if bucket.size)
            rejection = next((each for each in rejections if each is not None), None)
            if rejection is not None:
                found[rejection] += bucket.size
        return found

    # Keeping up

    def refresh(self) -> Standings:
        """Look again at the nodes that changed since the last time, at all of them if that is cheaper."""
        cache, standings = self._cache, self._standings
        if standings is None or self._seen < cache.restructured:
            standings = self._start_over()
        elif self._seen == cache.now:
            return standings
        standings.refresh()
        slots = cache.changes(self._seen)
        if slots is None:
            self._fill(standings)
        else:
            for slot in slots:
                self._look_again(standings, slot)
        self._seen = cache.now
        return standings

    def _start_over(self) -> Standings:
        """Ask the topology plugins anew: the nodes, their labels or their order are not what they were."""
        self.release()
        standings = self._standings = self._pool.of(self._pod)
        prepared = [(plugin.prepare(self._pod, self._cache), plugin.weight) for plugin in TOPOLOGY_PLUGINS]
        self._states = [(state, weight) for state, weight in prepared if state is not None]
        offset = len(standings.normalised)
        for state, _ in self._states:
            state.offset = offset
            offset += len(state.terms)
        self._columns = [term.column for state, _ in self._states for term in state.terms]
        return standings

    def release(self) -> None:
        """Give back what is held in the cache; the next question builds it again."""
        self._cache.release([term.counter for state, _ in self._states for term in state.terms])
        self._states, self._columns, self._standings, self._seen = [], [], None, 0
        self._where, self._plain, self._buckets = [], [], {}

    def _fill(self, standings: Standings) -> None:
        buckets: dict[Row, Bucket] = {}
        where: list[Bucket | None] = []
        self._plain = standings.plain.copy()
        places: Iterable[Row] = zip(*self._columns, strict=True) if self._columns else [()] * len(self._plain)
        for slot, (plain, row, place) in enumerate(zip(self._plain, standings.rows, places, strict=True)):
            if plain == REJECTED:
                where.append(None)
                continue
            key = row + place
            bucket = buckets.get(key)
            if bucket is None:
                bucket = buckets[key] = Bucket(key)
            bucket.heap.append((_TOP - plain) << _SHIFT | slot)
            where.append(bucket)
        for bucket in buckets.values():
            bucket.size = len(bucket.heap)
            heapify(bucket.heap)
        self._buckets, self._where = buckets, where

    def _look_again(self, standings: Standings, slot: int) -> None:
        plain, old = standings.plain[slot], self._where[slot]
        if plain == REJECTED:
            if old is not None:
                old.size -= 1
                self._where[slot], self._plain[slot] = None, REJECTED
            return
        row = (*standings.rows[slot], *[column[slot] for column in self._columns])
        bucket = self._buckets.get(row)
        if bucket is None:
            bucket = self._buckets[row] = Bucket(row)
        if bucket is not old:
            if old is not None:
                old.size -= 1
            bucket.size += 1
            self._where[slot] = bucket
        elif self._plain[slot] == plain:
            return
        self._plain[slot] = plain
        heappush(bucket.heap, (_TOP - plain) << _SHIFT | slot)
        if len(bucket.heap) > 64 + 4 * bucket.size:
            self._tidy(bucket)

    def _tidy(self, bucket: Bucket) -> None:
        """Drop the entries of a heap that no longer hold."""
        where, plain = self._where, self._plain
        bucket.heap = sorted({
            entry for entry in bucket.heap
            if where[entry & _MASK] is bucket and plain[entry & _MASK] == _TOP - (entry >> _SHIFT)
        })  # fmt: skip


def _add(totals: list[int], scores: list[int], weight: int) -> None:
    totals[:] = [total + weight * score for total, score in zip(totals, scores, strict=True)]
