"""NodeName: a pod that names its node goes to no other.

A filter on the node object alone. Invariant: a pod without `spec.nodeName` is not held back.
"""

from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

OTHER_NODE = Rejection("NodeName", ("node(s) didn't match the requested node name",))


def filters(pod: PodInfo) -> bool:
    """Whether the pod names a node."""
    return bool(pod.spec.nodeName)


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject every node but the one named."""
    return None if node.name == pod.spec.nodeName else OTHER_NODE
