"""ImageLocality: nodes that have the pod's images already are better, the more so the larger these are.

A score on the images that nodes report. Invariant: as long as no node reports any, it tells none apart.
"""

from cluster.scheduler.framework import MAX_SCORE
from cluster.scheduler.images import normalised
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

LEAST = 23 << 20
MOST = 1000 << 20
"""So many bytes count for nothing, and so many a container for everything."""


def score(pod: PodInfo, node: NodeInfo) -> int:
    """The bytes that need not be pulled, on a scale from 0 to 100."""
    if not node.node.status.images:
        return 0
    containers = (*pod.spec.initContainers, *pod.spec.containers)
    found = sum(node.images.worth(normalised(each.image), node.name) for each in containers)
    most = MOST * len(containers)
    return MAX_SCORE * (min(max(found, LEAST), most) - LEAST) // (most - LEAST)
