"""Counts of pods by node and by topology domain, kept up to date placement by placement.

Topology plugins ask the cache for counters; the cache feeds every pod that comes or goes to the
counters that select it. Invariant: a counter equals a fresh count over the cache's pods.
"""

from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import compress

from cluster.api.labels import Selector
from cluster.scheduler.node_info import NodeInfo

ABSENT = -1
CounterName = tuple[str, str, str, str]
"""What a counter counts: namespace, selector, topology key, and the rule for eligible nodes."""
MANY_DOMAINS = 64


class Topology:
    """Which domain of one topology key each node is in, by slot; ABSENT without the label."""

    def __init__(self, key: str, nodes: Sequence[NodeInfo]) -> None:
        ids: dict[str, int] = {}
        self.key = key
        values = [info.node.metadata.labels.get(key) for info in nodes]
        self.domains = [ABSENT if value is None else ids.setdefault(value, len(ids)) for value in values]
        self.size = len(ids)
        """How many domains there are."""
        self.partial = ABSENT in self.domains
        """Whether some node lacks the label."""

    @cached_property
    def members(self) -> list[list[int]]:
        """The slots of the nodes in each domain."""
        found: list[list[int]] = [[] for _ in range(self.size)]
        for slot, domain in enumerate(self.domains):
            if domain != ABSENT:
                found[domain].append(slot)
        return found


class Counter:
    """How many pods of a namespace a selector picks: on each node, and in each domain of a topology.

    Only nodes that are `eligible` (all, if None) count towards their domain.
    """

    def __init__(
        self, name: CounterName, selector: Selector, topology: Topology, eligible: Sequence[bool] | None,
        touch: Callable[[int], None], *, counts_going: bool = False,
    ) -> None:  # fmt: skip
        self.name, self.namespace = name, name[0]
        self.selector, self.topology, self.eligible = selector, topology, eligible
        self.counts_going = counts_going
        """Whether pods that are being deleted count."""
        self._touch = touch
        self._watched = False
        self._histogram: Tally[int] | None = None
        self._lowest = 0
        self.by_node = [0] * len(topology.domains)
        self.by_domain = [0] * topology.size
        self.candidates = len(self._eligible_domains())
        self.users = 0

    def _eligible_domains(self) -> Collection[int]:
        if self.eligible is None:
            return range(self.topology.size)
        return set(compress(self.topology.domains, self.eligible)) - {ABSENT}

    def watch(self) -> None:
        """Have every node of a domain looked at again when the domain's count changes."""
        self._watched = True

    def add(self, slot: int, change: int) -> None:
        """Count `change` pods more on a node."""
        self.by_node[slot] += change
        if self.eligible is not None and not self.eligible[slot]:
            return
        domain = self.topology.domains[slot]
        if domain == ABSENT:
            return
        old = self.by_domain[domain]
        new = self.by_domain[domain] = old + change
        if self._histogram is not None:
            self._histogram[old] -= 1
            self._histogram[new] += 1
            self._lowest = min(self._lowest, new)
        if self._watched:
            members = self.topology.members[domain]
            if len(members) > 1:
                for member in members:
                    self._touch(member)

    def minimum(self) -> int:
        """The smallest count of the domains with an eligible node, 0 if there is none."""
        histogram = self._histogram
        if histogram is None:
            found = [self.by_domain[domain] for domain in self._eligible_domains()]
            histogram = self._histogram = Tally(found)
            self._lowest = min(found, default=0)
        if not self.candidates:
            return 0
        while histogram[self._lowest] <= 0:
            self._lowest += 1
        return self._lowest


class Place(Enum):
    """How nodes are told apart by a term: what stands in a row for them."""

    NODE_COUNT = "the pods on the node itself"
    DOMAIN = "the number of its domain"
    DOMAIN_COUNT = "the pods in its domain"


class Term:
    """One count a topology plugin goes by. ABSENT stands for a node without the topology's label."""

    __slots__ = ("counter", "how", "partial")

    def __init__(self, counter: Counter, how: Place) -> None:
        self.counter, self.how = counter, how
        self.partial = counter.topology.partial
        if how is Place.DOMAIN_COUNT:
            counter.watch()

    @property
    def column(self) -> "Column":
        """What `place` gives, by slot: a list that is kept up to date, where there is one."""
        counter = self.counter
        if self.how is Place.DOMAIN:
            return counter.topology.domains
        if self.how is Place.NODE_COUNT and not self.partial:
            return counter.by_node
        return self

    def __getitem__(self, slot: int) -> int:
        return self.place(slot)

    def __iter__(self) -> Iterator[int]:
        return map(self.place, range(len(self.counter.by_node)))

    def place(self, slot: int) -> int:
        """What stands for the node in a row."""
        counter = self.counter
        domain = counter.topology.domains[slot]
        if domain == ABSENT or self.how is Place.DOMAIN:
            return domain
        return counter.by_node[slot] if self.how is Place.NODE_COUNT else counter.by_domain[domain]

    def counts(self, rows: Sequence[tuple[int, ...]], index: int) -> list[int]:
        """The pods counted for each row, whose entry for the term is at `index`; ABSENT without the label."""
        if self.how is not Place.DOMAIN:
            return [row[index] for row in rows]
        by_domain = self.counter.by_domain
        if self.partial:
            return [by_domain[row[index]] if row[index] != ABSENT else ABSENT for row in rows]
        return [by_domain[row[index]] for row in rows]

    def count(self, place: int) -> int:
        """The pods counted for a row's entry (not ABSENT)."""
        return self.counter.by_domain[place] if self.how is Place.DOMAIN else place


Column = list[int] | Term
"""What stands in a row for each slot."""
