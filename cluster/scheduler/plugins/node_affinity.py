"""NodeAffinity: the pod's node selector and node affinity, demanded or preferred.

Filters and a score on the node object alone. Invariant: terms are alternatives, the requirements
within one all have to hold, and an empty term matches nothing.
"""

from cluster.api.node_selectors import demands_met, term_matches
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

NO_MATCH = Rejection("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",))
NOT_NAMED = Rejection("NodeAffinity", ("node(s) didn't satisfy plugin(s) [NodeAffinity]",))


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
    return sum(term.weight for term in pod.preferred_terms if term_matches(term.preference, node.node))


def matches(pod: PodInfo, node: NodeInfo) -> bool:
    """Whether the node meets the pod's node selector and required node affinity."""
    return demands_met(pod.spec.nodeSelector, pod.required_terms, node.node)
