"""Nodes that only plain scores tell apart, and what is known of such buckets as long as they stay the same.

Between the plugins and the search, which moves nodes from bucket to bucket. Invariant: a `View` depends
on which buckets it is of, and on nothing that changes with a placement.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cluster.scheduler.framework import Scorer, TopologyState
from cluster.scheduler.standings import SHIFT, TOP, Row, Standings

NO_ENTRY = 2 * TOP << SHIFT
"""More than any entry."""


class Bucket:
    """Feasible nodes with the same row. The heap may hold entries of nodes that have since moved on.

    An entry holds as long as the node is still in the bucket (`where`) and its entry is still this one;
    `top` is the least that holds. A bucket without nodes is dropped.
    """

    __slots__ = ("heap", "row", "size", "top")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.size = 0
        self.top = NO_ENTRY
        self.heap: list[int] = []


class View(NamedTuple):
    """Some buckets, and how they are scored beside the plain scores of their nodes.

    `fixed` is what the plugins that look at the node object alone give them (None: nothing), `scorers`
    are those of the topology plugins with their weights.
    """

    buckets: list[Bucket]
    fixed: list[int] | None
    scorers: list[tuple[Scorer, int]]

    def add_normalised(self, totals: list[int]) -> None:
        """Add the scores that are normalised among all of the buckets."""
        if self.fixed is not None:
            _add(totals, self.fixed, 1)
        sizes = [bucket.size for bucket in self.buckets]
        for score, weight in self.scorers:
            _add(totals, score(sizes), weight)


def view(buckets: list[Bucket], standings: Standings, states: Sequence[tuple[TopologyState, int]]) -> View:
    """The view of these buckets."""
    rows = [bucket.row for bucket in buckets]
    fixed = [0] * len(rows)
    for index, (_, normalise, weight) in enumerate(standings.normalised):
        raw = [row[index] for row in rows]
        if any(raw):
            _add(fixed, normalise(raw), weight)
    scorers = [(state.scorer(rows), weight) for state, weight in states if state.scores]
    return View(buckets, fixed if any(fixed) else None, scorers)


def _add(totals: list[int], scores: list[int], weight: int) -> None:
    totals[:] = [total + weight * score for total, score in zip(totals, scores, strict=True)]
