"""NodeUnschedulable: cordoned nodes take no new pods but those that tolerate it.

A filter on the node object alone. Invariant: the cordon's taint and its field mean the same.
"""

from cluster.api.core import Taint
from cluster.api.tolerations import tolerated
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

CORDON = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
UNSCHEDULABLE = Rejection("NodeUnschedulable", ("node(s) were unschedulable",))


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a cordoned node."""
    if node.node.spec.unschedulable and not tolerated(CORDON, pod.spec.tolerations):
        return UNSCHEDULABLE
    return None
