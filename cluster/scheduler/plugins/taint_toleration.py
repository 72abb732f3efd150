"""TaintToleration: NoSchedule and NoExecute taints keep pods away, PreferNoSchedule taints put them off.

A filter and a score on the node object alone. Invariant: it looks at nothing but the node's taints and
the pod's tolerations.
"""

from cluster.api.tolerations import tolerated
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

UNTOLERATED = Rejection("TaintToleration", ("node(s) had untolerated taint(s)",))
PREFER = "PreferNoSchedule"
FORBIDDING = ("NoSchedule", "NoExecute")


def forbidding(pod: PodInfo, node: NodeInfo) -> bool:
    """Whether the node has a taint that keeps the pod away."""
    return any(
        taint.effect in FORBIDDING and not tolerated(taint, pod.spec.tolerations) for taint in node.node.spec.taints
    )


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a node with a taint the pod does not tolerate."""
    return UNTOLERATED if node.node.spec.taints and forbidding(pod, node) else None


def score(pod: PodInfo, node: NodeInfo) -> int:
    """How many PreferNoSchedule taints the pod does not tolerate: fewer is better."""
    taints = [taint for taint in node.node.spec.taints if taint.effect == PREFER]
    if not taints:
        return 0
    tolerations = [each for each in pod.spec.tolerations if each.effect in {"", PREFER}]
    return sum(not tolerated(taint, tolerations) for taint in taints)
