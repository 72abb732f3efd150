"""The best node for the pods of one class: exact, and without looking at every node again.

Nodes whose normalised inputs are equal form a bucket (its `row`: the raw scores and the topology
places), and within a bucket only the plain scores tell nodes apart, so a heap knows its best node.
A decision looks at the top of each bucket; a placement moves only the nodes that it changed.
Invariant: the node found is the one that scoring all feasible nodes would find, the first of equals.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import compress
from operator import and_

from cluster.scheduler.buckets import Bucket, View, view
from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Rejection, TopologyState
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import TOPOLOGY_PLUGINS
from cluster.scheduler.standings import MASK, REJECTED, SHIFT, TOP, Row, Standings, StandingsPool
from cluster.scheduler.topology import Column, Place

REMEMBERED = 64
MANY = 200
"""From how many changes on a search is brought up to date in portions."""


class Search:
    """Every node's place for one class of pods, brought up to date when asked."""

    def __init__(self, pod: PodInfo, cache: Cache, pool: StandingsPool) -> None:
        self._pod, self._cache, self._pool = pod, cache, pool
        self._standings: Standings | None = None
        self._built = self._seen = 0
        self._judged = False  # whether `begin` has come so far
        self._states: list[tuple[TopologyState, int]] = []
        self._rows: list[Row] | None = None  # every bucket's; None if one came or went
        self._views: dict[tuple[bool, ...], View] = {}  # by which of these are feasible
        self._columns: list[Column] = []
        self._domains: list[list[int]] = []  # those of the columns that never change
        self._counts: list[list[int]] = []  # and those that are 0 for most nodes
        self._is_count: list[bool] = []
        self._where: list[Bucket | None] = []
        self._entries: list[int] = []
        self._buckets: dict[Row, Bucket] = {}

    # Deciding

    def best(self) -> NodeInfo | None:
        """The node to take, None if there is none."""
        found = self._feasible(self.refresh())
        if not found.buckets:
            return None
        totals = [TOP - (bucket.top >> SHIFT) for bucket in found.buckets]
        if len(totals) > 1:
            found.add_normalised(totals)
        highest = max(totals)
        slots = [bucket.top & MASK for bucket, total in zip(found.buckets, totals, strict=True) if total == highest]
        return self._cache.nodes[min(slots)]

    def _feasible(self, standings: Standings) -> View:
        """The buckets that no topology plugin rejects now."""
        rows = self._rows
        if rows is None:
            rows, self._views = [*self._buckets], {}
            self._rows = rows
        kept: tuple[bool, ...] = ()
        for state, _ in self._states:
            if state.filters:
                state.prepare()
                passing = state.passing(rows)
                kept = tuple(map(and_, kept, passing)) if kept else tuple(passing)
        found = self._views.get(kept)
        if found is None:
            if len(self._views) >= REMEMBERED:
                self._views.clear()
            live = list(self._buckets.values())
            found = view(list(compress(live, kept)) if kept else live, standings, self._states)
            self._views[kept] = found
        return found

    def rejections(self) -> Tally[Rejection]:
        """How many nodes each rejection holds for, now."""
        found = Tally({rejection: count for rejection, count in self.refresh().tally.items() if count})
        for state, _ in self._states:
            state.prepare()
        for bucket in self._buckets.values():
            rejections = (state.reject(bucket.row) for state, _ in self._states)
            rejection = next((each for each in rejections if each is not None), None)
            if rejection is not None:
                found[rejection] += bucket.size
        return found

    # Keeping up

    def refresh(self) -> Standings:
        """Look again at the nodes that changed since the last time, at all of them if that is cheaper."""
        cache, standings = self._cache, self._standings
        if standings is None or self._built < cache.restructured:
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
        self._seen, self._judged = cache.now, False
        return standings

    def begin(self) -> bool:
        """Do a portion of what has to be done before an answer, if it is much; False if `refresh` may do the rest."""
        cache, standings = self._cache, self._standings
        if standings is None or self._built < cache.restructured:
            self._start_over()
            return True
        if self._judged or (self._seen and cache.now - self._seen < MANY):
            return False
        self._judged = True
        return standings.refresh()

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
        terms = [term for state, _ in self._states for term in state.terms]
        self._columns = [term.column for term in terms]
        self._domains = [term.counter.topology.domains for term in terms if term.how is Place.DOMAIN]
        self._is_count = [term.how is Place.NODE_COUNT for term in terms]
        self._counts = [term.counter.by_node for term in terms if term.how is Place.NODE_COUNT]
        self._built = self._cache.now
        return standings

    def release(self) -> None:
        """Give back what is held in the cache; the next question builds it again."""
        self._cache.release([term.counter for state, _ in self._states for term in state.terms])
        self._states, self._columns, self._domains, self._counts = [], [], [], []
        self._standings, self._seen, self._judged = None, 0, False
        self._where, self._entries, self._buckets = [], [], {}
        self._rows, self._views = None, {}

    def _fill(self, standings: Standings) -> None:
        self._entries, self._buckets, self._rows = standings.entries.copy(), {}, None
        if all(isinstance(column, list) for column in self._columns):
            self._fill_by_groups(standings)
        else:
            self._fill_by_slots(standings)

    def _fill_by_groups(self, standings: Standings) -> None:
        """Nodes without a count of pods go into buckets by the group, the few others one by one.

        These stand in their group's heap as well: such an entry does not hold, since they are elsewhere.
        """
        entries, rejecting = self._entries, standings.rejecting
        counted = sorted({slot for counts in self._counts for slot, count in enumerate(counts) if count})
        groups, group_of = standings.partition(self._domains)
        buckets: list[Bucket | None] = []
        for slots in groups:
            heap = [entries[slot] for slot in slots]
            if rejecting:
                heap = [entry for entry in heap if entry != REJECTED]
            if not heap:
                buckets.append(None)
                continue
            heapify(heap)
            bucket = self._bucket((*standings.rows[slots[0]], *self._places_without_counts(slots[0])))
            bucket.heap, bucket.size, bucket.top = heap, len(heap), heap[0]
            buckets.append(bucket)
        self._where = [buckets[group] for group in group_of]
        if rejecting:
            where = zip(entries, self._where, strict=True)
            self._where = [None if entry == REJECTED else bucket for entry, bucket in where]
        for slot in counted:
            self._look_again(standings, slot)

    def _places_without_counts(self, slot: int) -> list[int]:
        return [0 if counts else column[slot] for counts, column in zip(self._is_count, self._columns, strict=True)]

    def _fill_by_slots(self, standings: Standings) -> None:
        places: Iterable[Row] = zip(*self._columns, strict=True)
        where: list[Bucket | None] = []
        for entry, row, place in zip(self._entries, standings.rows, places, strict=True):
            if entry == REJECTED:
                where.append(None)
                continue
            bucket = self._bucket(row + place)
            bucket.heap.append(entry)
            where.append(bucket)
        for bucket in self._buckets.values():
            bucket.size = len(bucket.heap)
            heapify(bucket.heap)
            bucket.top = bucket.heap[0]
        self._where = where

    def _row(self, standings: Standings, slot: int) -> Row:
        return (*standings.rows[slot], *[column[slot] for column in self._columns])

    def _bucket(self, row: Row) -> Bucket:
        bucket = self._buckets.get(row)
        if bucket is None:
            bucket = self._buckets[row] = Bucket(row)
            self._rows = None
        return bucket

    def _look_again(self, standings: Standings, slot: int) -> None:
        entry, old, before = standings.entries[slot], self._where[slot], self._entries[slot]
        if entry == REJECTED:
            if old is not None:
                self._where[slot], self._entries[slot] = None, REJECTED
                self._leave(old, before)
            return
        bucket = self._bucket(self._row(standings, slot))
        if bucket is old and before == entry:
            return
        self._where[slot], self._entries[slot] = bucket, entry
        heappush(bucket.heap, entry)
        bucket.size += 1
        bucket.top = min(bucket.top, entry)
        if old is not None:
            self._leave(old, before)
        if len(bucket.heap) > 64 + 4 * bucket.size:
            self._tidy(bucket)

    def _leave(self, bucket: Bucket, entry: int) -> None:
        """A node is in the bucket no longer, or under another entry."""
        bucket.size -= 1
        if not bucket.size:
            del self._buckets[bucket.row]
            self._rows = None
        elif bucket.top == entry:
            heap, where, entries = bucket.heap, self._where, self._entries
            while entries[heap[0] & MASK] != heap[0] or where[heap[0] & MASK] is not bucket:
                heappop(heap)
            bucket.top = heap[0]

    def _tidy(self, bucket: Bucket) -> None:
        """Drop the entries of a heap that no longer hold."""
        where, entries = self._where, self._entries
        bucket.heap = sorted({
            entry for entry in bucket.heap if entries[entry & MASK] == entry and where[entry & MASK] is bucket
        })  # fmt: skip
