"""InterPodAffinity's rules, written down once more in the plainest way: every term against every pod.

Part of `literal`; as independent of `cluster.scheduler` as that. The pods of these tests are in
`default` and `other`, the namespaces' labels are their names under `name`.
"""

from collections.abc import Iterable, Sequence

from cluster.api.core import Node, Pod, PodAffinityTerm
from cluster.api.labels import from_label_selector

NAMESPACES = ("default", "other")
Weighted = tuple[int, PodAffinityTerm]


def required(pod: Pod, *, anti: bool) -> Sequence[PodAffinityTerm]:
    """The pod's required terms."""
    affinity = pod.spec.affinity
    part = None if affinity is None else affinity.podAntiAffinity if anti else affinity.podAffinity
    return part.requiredDuringSchedulingIgnoredDuringExecution if part else ()


def preferred(pod: Pod, *, anti: bool) -> Iterable[Weighted]:
    """The pod's preferred terms."""
    affinity = pod.spec.affinity
    part = None if affinity is None else affinity.podAntiAffinity if anti else affinity.podAffinity
    terms = part.preferredDuringSchedulingIgnoredDuringExecution if part else ()
    return [(each.weight, each.podAffinityTerm) for each in terms]


def picks(term: PodAffinityTerm, owner: Pod, other: Pod) -> bool:
    """Whether a term of `owner` picks `other`."""
    names = set(term.namespaces)
    if term.namespaceSelector is not None:
        selector = from_label_selector(term.namespaceSelector)
        names |= {name for name in NAMESPACES if selector.matches({"name": name})}
    elif not names:
        names = {owner.metadata.namespace}
    if other.metadata.namespace not in names:
        return False
    return from_label_selector(term.labelSelector).matches(other.metadata.labels)


def together(key: str, one: Node | None, other: Node | None) -> bool:
    """Whether two nodes are in one domain."""
    if one is None or other is None or key not in one.metadata.labels:
        return False
    return one.metadata.labels[key] == other.metadata.labels.get(key)


def unneighbourly(pod: Pod, node: Node, nodes: Sequence[Node], placed: Sequence[Pod]) -> list[str]:
    """InterPodAffinity's filter."""
    at = {each.metadata.name: each for each in nodes}
    there = [(other, at[other.spec.nodeName]) for other in placed if other.spec.nodeName in at]
    if not attracted(pod, node, there):
        return ["node(s) didn't match pod affinity rules"]
    for term in required(pod, anti=True):
        if any(picks(term, pod, other) and together(term.topologyKey, node, place) for other, place in there):
            return ["node(s) didn't match pod anti-affinity rules"]
    for other, place in there:
        for term in required(other, anti=True):
            if picks(term, other, pod) and together(term.topologyKey, place, node):
                return ["node(s) didn't satisfy existing pods anti-affinity rules"]
    return []


def attracted(pod: Pod, node: Node, there: Sequence[tuple[Pod, Node]]) -> bool:
    """Whether each required term finds a pod that all of them pick; the first of its kind needs none."""
    terms = required(pod, anti=False)
    if not all(term.topologyKey in node.metadata.labels for term in terms):
        return False
    friends = [(other, place) for other, place in there if terms and all(picks(term, pod, other) for term in terms)]
    if all(any(together(term.topologyKey, node, place) for _, place in friends) for term in terms):
        return True
    anywhere = any(term.topologyKey in place.metadata.labels for _, place in friends for term in terms)
    return not anywhere and all(picks(term, pod, pod) for term in terms)


def company_scores(pod: Pod, feasible: Sequence[Node], nodes: Sequence[Node], placed: Sequence[Pod]) -> list[int]:
    """InterPodAffinity's score: weights summed over pods and terms, then stretched to 0 to 100."""
    at = {each.metadata.name: each for each in nodes}
    there = [(other, at[other.spec.nodeName]) for other in placed if other.spec.nodeName in at]
    sums = [sum(worth(pod, node, other, place) for other, place in there) for node in feasible]
    lowest, highest = min(sums), max(sums)
    if highest == lowest:
        return [0] * len(sums)
    return [int(100 * ((each - lowest) / (highest - lowest))) for each in sums]


def worth(pod: Pod, node: Node, other: Pod, place: Node) -> int:
    """What a pod that is there adds to a node, by its terms and by the incoming pod's."""
    mine = [*preferred(pod, anti=False), *((-weight, term) for weight, term in preferred(pod, anti=True))]
    theirs = [*preferred(other, anti=False), *((-weight, term) for weight, term in preferred(other, anti=True))]
    theirs += [(1, term) for term in required(other, anti=False)]
    total = sum(weight for weight, term in mine if picks(term, pod, other) and together(term.topologyKey, node, place))
    return total + sum(
        weight for weight, term in theirs if picks(term, other, pod) and together(term.topologyKey, node, place)
    )
