"""PodTopologySpread: pods that belong together are spread over zones, hosts, or any other topology.

A filter and a score on the counts of matching pods by domain. Pods with an owner or a Service and
no constraints of their own are spread softly over hosts and zones. Invariant: a hard constraint
never lets a domain exceed the emptiest eligible one by more than its `maxSkew`.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import compress
from math import log
from operator import add
from typing import NamedTuple

from cluster.api.core import TopologySpreadConstraint
from cluster.api.labels import Requirement, Selector, from_label_selector
from cluster.scheduler.cache import HEEDING_TAINTS, Cache
from cluster.scheduler.framework import MAX_SCORE, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.plugins import node_affinity, taint_toleration
from cluster.scheduler.pod_info import HOSTNAME, PodInfo
from cluster.scheduler.topology import ABSENT, MANY_DOMAINS, Place, Term

NAME = "PodTopologySpread"
SKEWED = Rejection(NAME, ("node(s) didn't match pod topology spread constraints",), resolvable=True)
NO_LABEL = Rejection(NAME, ("node(s) didn't match pod topology spread constraints (missing required label)",))
SYSTEM_DEFAULTS = ((HOSTNAME, 3), ("topology.kubernetes.io/zone", 5))


class Constraint(NamedTuple):
    """One constraint with its selector ready, and the text that names its rule for eligible nodes."""

    key: str
    max_skew: int
    selector: Selector
    min_domains: int
    heed_affinity: bool
    heed_taints: bool


def prepare(pod: PodInfo, cache: Cache) -> "Spread | None":
    """What the constraints of a pod come to; None if it has none."""
    declared = pod.spec.topologySpreadConstraints
    if declared:
        hard = [_constraint(each, pod) for each in declared if each.whenUnsatisfiable == "DoNotSchedule"]
        soft = [_constraint(each, pod) for each in declared if each.whenUnsatisfiable == "ScheduleAnyway"]
        return Spread(pod, cache, hard, soft, strict=True)
    if pod.selector is None:
        return None
    siblings = pod.selector
    soft = [Constraint(key, skew, siblings, 1, heed_affinity=True, heed_taints=False) for key, skew in SYSTEM_DEFAULTS]
    return Spread(pod, cache, [], soft, strict=False)


def _constraint(declared: TopologySpreadConstraint, pod: PodInfo) -> Constraint:
    selector = from_label_selector(declared.labelSelector)
    same = [Requirement(key, "=", (pod.labels[key],)) for key in declared.matchLabelKeys if key in pod.labels]
    if same:
        selector = Selector((*selector.requirements, *same), selector.nothing)
    return Constraint(
        declared.topologyKey, declared.maxSkew, selector, declared.minDomains or 1,
        heed_affinity=declared.nodeAffinityPolicy != "Ignore", heed_taints=declared.nodeTaintsPolicy == "Honor",
    )  # fmt: skip


@lru_cache(maxsize=65_536)
def _weight(size: int) -> float:
    """How much a pod weighs in a topology of so many domains."""
    return log(size + 2)


class Spread:
    """The constraints of one class of pods, with their counters.

    `strict` (constraints of the pod's own) leaves nodes out that lack one of the topologies' labels.
    """

    def __init__(
        self, pod: PodInfo, cache: Cache, hard: list[Constraint], soft: list[Constraint], *, strict: bool
    ) -> None:
        self._strict = strict
        self._hard = hard
        self._soft = soft
        self._own = [int(each.selector.matches(pod.labels)) for each in hard]
        self.terms = (
            *(self._term(pod, cache, each, hard, soft=False) for each in hard),
            *(self._term(pod, cache, each, soft, soft=True) for each in soft),
        )
        self._soft_terms = [
            (term, each.max_skew - 1, term.how is Place.NODE_COUNT)
            for term, each in zip(self.terms[len(hard) :], soft, strict=True)
        ]
        self.offset = 0
        self.filters, self.scores = bool(hard), bool(soft)
        self._limits: list[tuple[int, Term, int]] = []
        self._seen: Sequence[tuple[int, ...]] = ()
        """The rows scored last, of which is `_known` how many domains a term has in them, and the counts that are fixed."""
        self._known: list[tuple[int, list[int] | None]] = []

    def _term(self, pod: PodInfo, cache: Cache, each: Constraint, group: list[Constraint], *, soft: bool) -> Term:
        required = tuple(sorted(other.key for other in group)) if self._strict else ()
        eligible = _eligibility(pod, each, required)
        counter = cache.counter(pod.namespace, each.selector, each.key, _rule(pod, each, required), eligible)
        if soft:
            return Term(counter, Place.NODE_COUNT if each.key == HOSTNAME else Place.DOMAIN)
        many = len(counter.by_domain) > MANY_DOMAINS
        return Term(counter, Place.DOMAIN_COUNT if many else Place.DOMAIN)

    def prepare(self) -> None:
        """Note the highest count that each hard constraint allows now."""
        self._limits = []
        for index, (constraint, own) in enumerate(zip(self._hard, self._own, strict=True)):
            term = self.terms[index]
            lowest = 0 if term.counter.candidates < constraint.min_domains else term.counter.minimum()
            self._limits.append((self.offset + index, term, constraint.max_skew - own + lowest))

    def reject(self, row: tuple[int, ...]) -> Rejection | None:
        """Why no node of this row will do: no label, or too many pods in its domain already."""
        for index, term, limit in self._limits:
            place = row[index]
            if place == ABSENT:
                return NO_LABEL
            if term.count(place) > limit:
                return SKEWED
        return None

    def passing(self, rows: Sequence[tuple[int, ...]]) -> list[bool]:
        """Whether each row has the labels, and no more pods than it may in its domains."""
        kept = [True] * len(rows)
        for index, term, limit in self._limits:
            kept = [keep and 0 <= count <= limit for keep, count in zip(kept, term.counts(rows, index), strict=True)]
        return kept

    def score(self, rows: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> list[int]:
        """Fewer matching pods in its domains are better; 0 for a node that lacks a topology."""
        first = self.offset + len(self._hard)
        if self._strict:
            last = first + len(self._soft)
            complete = [ABSENT not in row[first:last] for row in rows]
            if not all(complete):
                kept = list(compress(rows, complete))
                found = iter(self._score(kept, list(compress(sizes, complete)), first) if kept else ())
                return [next(found) if whole else 0 for whole in complete]
        return self._score(rows, sizes, first)

    def _score(self, rows: Sequence[tuple[int, ...]], sizes: Sequence[int], first: int) -> list[int]:
        raw = [int(total + 0.5) for total in self._weighted(rows, sizes, first)]  # none is negative
        highest = max(raw)
        if not highest:
            return [MAX_SCORE] * len(raw)
        both = highest + min(raw)
        return [MAX_SCORE * (both - each) // highest for each in raw]

    def _weighted(self, rows: Sequence[tuple[int, ...]], sizes: Sequence[int], first: int) -> list[float]:
        """The matching pods of each row's domains, a pod weighing the more the more domains there are."""
        if rows is not self._seen:
            self._seen = rows
            self._known = [
                (len({row[index] for row in rows}), [row[index] for row in rows] if by_node else None)
                for index, (_, _, by_node) in enumerate(self._soft_terms, first)
            ]
        totals: list[float] = []
        for index, (term, slack, by_node) in enumerate(self._soft_terms, first):
            domains, counts = self._known[index - first]
            weight = _weight(sum(sizes) if by_node else domains)
            if counts is None:
                counts = term.counts(rows, index)
            if term.partial:
                parts = [0.0 if count == ABSENT else count * weight + slack for count in counts]
            else:
                parts = [count * weight + slack for count in counts]
            totals = list(map(add, totals, parts)) if totals else parts
        return totals


def _eligibility(pod: PodInfo, each: Constraint, required: tuple[str, ...]) -> Callable[[NodeInfo], bool] | None:
    """Whether a node's pods count towards its domain; None if every node's do.

    Affinity and taints are asked once for a group of nodes, unless the pod tells its members apart. Any node
    of a group may lack the label of its host.
    """
    heed_affinity = each.heed_affinity and pod.demands_nodes
    by_group = heed_affinity or each.heed_taints
    if not (by_group or required):
        return None
    known: dict[object, bool] = {}

    def wanted(node: NodeInfo) -> bool:
        key: object = (node.group, node.name) if pod.tells_hosts_apart else node.group
        answer = known.get(key)
        if answer is None:
            answer = known[key] = (not heed_affinity or node_affinity.matches(pod, node)) and not (
                each.heed_taints and taint_toleration.forbidding(pod, node)
            )
        return answer

    def eligible(node: NodeInfo) -> bool:
        labels = node.node.metadata.labels
        for key in required:
            if key not in labels:
                return False
        return not by_group or wanted(node)

    return eligible


def _rule(pod: PodInfo, each: Constraint, required: tuple[str, ...]) -> str:
    """The text that is equal for equal rules of eligibility."""
    taints = HEEDING_TAINTS + pod.tolerations_signature if each.heed_taints else ""
    demands = pod.demands_signature if each.heed_affinity and pod.demands_nodes else ""
    return f"{taints}|{demands}|{','.join(required)}"
