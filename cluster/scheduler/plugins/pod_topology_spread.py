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
from cluster.scheduler.framework import MAX_SCORE, Rejection, Scorer
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

    def _term(self, pod: PodInfo, cache: Cache, each: Constraint, group: list[Constraint], *, soft: bool) -> Term:
        required = tuple(sorted(other.key for other in group)) if self._strict else ()
        lacking = [key for key in required if cache.topology(key).partial]
        eligible = _eligibility(pod, each, lacking)
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

    def scorer(self, rows: Sequence[tuple[int, ...]]) -> Scorer:
        """Fewer matching pods in its domains are better; 0 for a node that lacks a topology."""
        first = self.offset + len(self._hard)
        complete = [not self._strict or ABSENT not in row[first : first + len(self._soft)] for row in rows]
        if all(complete):
            return self._scorer(rows, first)
        if not any(complete):
            return lambda _: [0] * len(rows)
        score = self._scorer(list(compress(rows, complete)), first)

        def partly(sizes: Sequence[int]) -> list[int]:
            scores = iter(score(list(compress(sizes, complete))))
            return [next(scores) if whole else 0 for whole in complete]

        return partly

    def _scorer(self, rows: Sequence[tuple[int, ...]], first: int) -> Scorer:
        parts = [
            _HostPart(slack, [row[index] for row in rows]) if by_node else _DomainPart(term, slack, rows, index)
            for index, (term, slack, by_node) in enumerate(self._soft_terms, first)
        ]

        def score(sizes: Sequence[int]) -> list[int]:
            totals: list[float] = []
            for part in parts:
                totals = list(map(add, totals, part.weighted(sizes))) if totals else part.weighted(sizes)
            raw = [int(total + 0.5) for total in totals]  # none is negative
            highest = max(raw)
            if not highest:
                return [MAX_SCORE] * len(raw)
            both = highest + min(raw)
            return [MAX_SCORE * (both - each) // highest for each in raw]

        return score


class _HostPart:
    """A constraint over hosts on certain rows: each row says how many matching pods its nodes have."""

    def __init__(self, slack: int, counts: list[int]) -> None:
        self._slack, self._counts = slack, counts
        self._nodes, self._found = -1, list[float]()

    def weighted(self, sizes: Sequence[int]) -> list[float]:
        """The matching pods, which weigh the more the more nodes there are."""
        nodes = sum(sizes)
        if nodes != self._nodes:
            self._nodes, weight, slack = nodes, _weight(nodes), self._slack
            self._found = [0.0 if count == ABSENT else count * weight + slack for count in self._counts]
        return self._found


class _DomainPart:
    """A constraint over another topology on certain rows, whose domains are counted in the term."""

    def __init__(self, term: Term, slack: int, rows: Sequence[tuple[int, ...]], index: int) -> None:
        self._term, self._slack, self._rows, self._index = term, slack, rows, index
        self._weight = _weight(len({row[index] for row in rows}))

    def weighted(self, _: Sequence[int]) -> list[float]:
        """The matching pods, which weigh the more the more domains there are."""
        weight, slack, counts = self._weight, self._slack, self._term.counts(self._rows, self._index)
        if self._term.partial:
            return [0.0 if count == ABSENT else count * weight + slack for count in counts]
        return [count * weight + slack for count in counts]


def _eligibility(pod: PodInfo, each: Constraint, required: list[str]) -> Callable[[NodeInfo], bool] | None:
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

    return eligible if required else wanted


def _rule(pod: PodInfo, each: Constraint, required: tuple[str, ...]) -> str:
    """The text that is equal for equal rules of eligibility."""
    taints = HEEDING_TAINTS + pod.tolerations_signature if each.heed_taints else ""
    demands = pod.demands_signature if each.heed_affinity and pod.demands_nodes else ""
    return f"{taints}|{demands}|{','.join(required)}"
