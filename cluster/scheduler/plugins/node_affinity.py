"""NodeAffinity: the pod's node selector and node affinity, demanded or preferred.

Filters and a score on the node object alone. Invariant: terms are alternatives, the requirements
within one all have to hold, and an empty term matches nothing.
"""

import re

from cluster.api.core import NodeSelectorRequirement, NodeSelectorTerm
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

NO_MATCH = Rejection("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",))
NOT_NAMED = Rejection("NodeAffinity", ("node(s) didn't satisfy plugin(s) [NodeAffinity]",))
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


def names_nodes(pod: PodInfo) -> bool:
    """Whether the affinity names the possible nodes, so that no other is looked at."""
    return pod.node_names is not None


def prefilter(pod: PodInfo, node: NodeInfo) -> Rejection | None:
    """Reject the nodes that an affinity by `metadata.name` does not name, before any other plugin."""
    return None if node.name in (pod.node_names or ()) else NOT_NAMED


def filters(pod: PodInfo) -> bool:
    """Whether the pod makes demands on labels or names of nodes."""
    return pod.demands_nodes


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a node that the node selector or every required term misses."""
    return None if matches(pod, node) else NO_MATCH


def scores(pod: PodInfo) -> bool:
    """Whether the pod prefers some nodes."""
    return bool(pod.preferred_terms)


def score(pod: PodInfo, node: NodeInfo) -> int:
    """The weights of the preferred terms that match."""
    return sum(term.weight for term in pod.preferred_terms if _term_matches(term.preference, node))


def matches(pod: PodInfo, node: NodeInfo) -> bool:
    """Whether the node meets the pod's node selector and required node affinity."""
    labels = node.node.metadata.labels
    if any(labels.get(key) != value for key, value in pod.spec.nodeSelector.items()):
        return False
    return pod.required_terms is None or any(_term_matches(term, node) for term in pod.required_terms)


def _term_matches(term: NodeSelectorTerm, node: NodeInfo) -> bool:
    if not term.matchExpressions and not term.matchFields:
        return False
    labels, fields = node.node.metadata.labels, {"metadata.name": node.name}
    return all(requirement_matches(each, labels.get(each.key)) for each in term.matchExpressions) and all(
        requirement_matches(each, fields.get(each.key)) for each in term.matchFields
    )


def requirement_matches(requirement: NodeSelectorRequirement, value: str | None) -> bool:
    """Whether a label's value (None: the node has no such label) meets one requirement."""
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator:
            return _compares(operator, value, requirement.values)
    return False


def _compares(operator: str, value: str | None, limits: tuple[str, ...]) -> bool:
    if value is None or len(limits) != 1 or not _INTEGER.fullmatch(value) or not _INTEGER.fullmatch(limits[0]):
        return False
    return int(value) > int(limits[0]) if operator == "Gt" else int(value) < int(limits[0])
