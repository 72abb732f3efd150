"""InterPodAffinity: pods that want, or do not want, to be in one topology domain with certain others.

A filter and a score on counts by domain: of the pods that the incoming pod's terms pick, and of the
pods whose own terms pick the incoming pod. Invariant: no pod lands in a domain that holds a pod which
its required anti-affinity picks, or whose required anti-affinity picks it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cluster.api.core import Affinity, PodAffinityTerm
from cluster.api.labels import Selector, from_label_selector
from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import MAX_SCORE, Rejection, Scorer
from cluster.scheduler.kindred import EVERYWHERE
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.topology import ABSENT, MANY_DOMAINS, Counter, Place, Term

NAME = "InterPodAffinity"
NO_AFFINITY = Rejection(NAME, ("node(s) didn't match pod affinity rules",))
ANTI_AFFINITY = Rejection(NAME, ("node(s) didn't match pod anti-affinity rules",), resolvable=True)
EXISTING = Rejection(NAME, ("node(s) didn't satisfy existing pods anti-affinity rules",), resolvable=True)
HARD_WEIGHT = 1
"""What a required affinity of a pod that is there already counts for in scores."""


class Wanted(NamedTuple):
    """A term with its namespaces and its selector worked out."""

    key: str
    namespaces: tuple[str, ...]
    selector: Selector

    def picks(self, pod: PodInfo) -> bool:
        """Whether the term picks a pod."""
        return (EVERYWHERE in self.namespaces or pod.namespace in self.namespaces) and self.selector.matches(pod.labels)


def prepare(pod: PodInfo, cache: Cache) -> "Neighbourhood | None":
    """What the terms of the pod, and of those there are, come to; None if they say nothing about it."""
    found = Neighbourhood(pod, cache)
    return found if found.terms or found.filters else None


class Neighbourhood:
    """One class of pods: how many matching pods each domain holds, term by term.

    The terms stand in this order: required affinity, required anti-affinity, anti-affinity of the
    pods that are there, and what only counts in scores.
    """

    def __init__(self, pod: PodInfo, cache: Cache) -> None:
        self._cache = cache
        self.offset = 0
        affinity = [*_required(pod.spec.affinity, anti=False)]
        self._affinity = _together([wanted(each, pod.namespace, cache) for each in affinity])
        self._alone = bool(self._affinity) and all(each.picks(pod) for each in self._affinity)
        """Whether the pod itself is one of those it wants to be with: then it may be the first."""
        anti = [wanted(each, pod.namespace, cache) for each in _required(pod.spec.affinity, anti=True)]
        self._attracting = [self._counted(each) for each in self._affinity]
        self._repelling = [term for each in anti for term in self._counted(each)]
        self._repelled: list[Term] = []
        self._scored: list[tuple[int, Term]] = []
        self._weigh_own(pod)
        self._weigh_holders(pod)
        groups = [term for group in self._attracting for term in group]
        self.terms = (*groups, *self._repelling, *self._repelled, *(term for _, term in self._scored))
        self.filters = bool(self._attracting or self._repelling or self._repelled)
        self.scores = bool(self._scored)
        self._none_anywhere = False

    def _counted(self, each: Wanted) -> list[Term]:
        return [
            _term(self._cache.counter(namespace, each.selector, each.key, going=True)) for namespace in each.namespaces
        ]

    def _weigh_own(self, pod: PodInfo) -> None:
        for sign, terms in (
            (1, _preferred(pod.spec.affinity, anti=False)),
            (-1, _preferred(pod.spec.affinity, anti=True)),
        ):
            for weight, term in terms:
                counted = self._counted(wanted(term, pod.namespace, self._cache))
                self._scored += [(sign * weight, each) for each in counted]

    def _weigh_holders(self, pod: PodInfo) -> None:
        """What the pods that are there think of this one."""
        for holder in self._cache.holders:
            weighted = [(HARD_WEIGHT, term) for term in _required(holder.affinity, anti=False)]
            weighted += [*_preferred(holder.affinity, anti=False)]
            weighted += [(-weight, term) for weight, term in _preferred(holder.affinity, anti=True)]
            for weight, term in weighted:
                each = wanted(term, holder.namespace, self._cache)
                if each.picks(pod):
                    self._scored.append((weight, _term(self._cache.holder_counter(holder, each.key))))
            for term in _required(holder.affinity, anti=True):
                each = wanted(term, holder.namespace, self._cache)
                if each.picks(pod):
                    self._repelled.append(_term(self._cache.holder_counter(holder, each.key)))

    def prepare(self) -> None:
        """Note whether there is any pod at all of those it wants to be with."""
        self._none_anywhere = self._alone and not any(
            any(term.counter.by_domain) for group in self._attracting for term in group
        )

    def reject(self, row: tuple[int, ...]) -> Rejection | None:
        """Why no node of this row will do."""
        index = self.offset
        for group in self._attracting:
            places = row[index : index + len(group)]
            index += len(group)
            if ABSENT in places:
                return NO_AFFINITY
            counts = [term.count(place) for term, place in zip(group, places, strict=True)]
            if not self._none_anywhere and not any(counts):
                return NO_AFFINITY
        for rejection, group in ((ANTI_AFFINITY, self._repelling), (EXISTING, self._repelled)):
            for term in group:
                if row[index] != ABSENT and term.count(row[index]):
                    return rejection
                index += 1
        return None

    def passing(self, rows: Sequence[tuple[int, ...]]) -> list[bool]:
        """Whether nothing is against each row."""
        if self._attracting:
            return [self.reject(row) is None for row in rows]
        kept = [True] * len(rows)
        for index, term in enumerate((*self._repelling, *self._repelled), self.offset):
            kept = [keep and count <= 0 for keep, count in zip(kept, term.counts(rows, index), strict=True)]
        return kept

    def scorer(self, rows: Sequence[tuple[int, ...]]) -> Scorer:
        """The weights of the terms for every pod in the domain, from 0 for the least to 100 for the most."""
        return lambda _: self._score(rows)

    def _score(self, rows: Sequence[tuple[int, ...]]) -> list[int]:
        first = self.offset + len(self.terms) - len(self._scored)
        raw = [
            sum(
                weight * term.count(row[index])
                for index, (weight, term) in enumerate(self._scored, first)
                if row[index] != ABSENT
            )
            for row in rows
        ]
        lowest, highest = min(raw), max(raw)
        if highest == lowest:
            return [0] * len(raw)
        return [int(MAX_SCORE * ((each - lowest) / (highest - lowest))) for each in raw]


def wanted(term: PodAffinityTerm, namespace: str, cache: Cache) -> Wanted:
    """A term of a pod in a namespace (`GetAffinityTerms`): its own namespace, unless it names others."""
    namespaces = dict.fromkeys(term.namespaces)
    if term.namespaceSelector is not None:
        chosen = term.namespaceSelector
        if not chosen.matchLabels and not chosen.matchExpressions:
            namespaces = {EVERYWHERE: None}
        else:
            cache.heeds_namespaces = True
            picks = from_label_selector(chosen)
            namespaces |= dict.fromkeys(name for name, labels in cache.namespaces.items() if picks.matches(labels))
    elif not namespaces:
        namespaces = {namespace: None}
    return Wanted(term.topologyKey, tuple(namespaces), from_label_selector(term.labelSelector))


def _together(terms: list[Wanted]) -> list[Wanted]:
    """The terms of required affinity: only pods that all of them pick count, for each topology."""
    if len(terms) <= 1:
        return terms
    requirements = tuple(requirement for each in terms for requirement in each.selector.requirements)
    selector = Selector(requirements, any(each.selector.nothing for each in terms))
    places = [set(each.namespaces) for each in terms if EVERYWHERE not in each.namespaces]
    namespaces = tuple(sorted(set.intersection(*places))) if places else (EVERYWHERE,)
    return [Wanted(each.key, namespaces, selector) for each in terms]


def _term(counter: Counter) -> Term:
    return Term(counter, Place.DOMAIN_COUNT if len(counter.by_domain) > MANY_DOMAINS else Place.DOMAIN)


def _required(affinity: Affinity | None, *, anti: bool) -> tuple[PodAffinityTerm, ...]:
    if affinity is None:
        return ()
    part = affinity.podAntiAffinity if anti else affinity.podAffinity
    return () if part is None else part.requiredDuringSchedulingIgnoredDuringExecution


def _preferred(affinity: Affinity | None, *, anti: bool) -> list[tuple[int, PodAffinityTerm]]:
    if affinity is None:
        return []
    part = affinity.podAntiAffinity if anti else affinity.podAffinity
    preferred = () if part is None else part.preferredDuringSchedulingIgnoredDuringExecution
    return [(each.weight, each.podAffinityTerm) for each in preferred]
