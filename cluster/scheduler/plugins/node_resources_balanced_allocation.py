"""NodeResourcesBalancedAllocation: the pod goes best where it evens out the use of cpu and memory.

A score on what runs on the node. Invariant: 75 means that the pod changes nothing about the balance,
more that it improves it.
"""

from cluster.scheduler.framework import MAX_SCORE
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

_HALF = MAX_SCORE // 2


def scores(pod: PodInfo) -> bool:
    """Whether the pod requests anything: one that does not has no balance to keep."""
    return bool(pod.asks.cpu or pod.asks.memory)


def score(pod: PodInfo, node: NodeInfo) -> int:
    """How the balance with the pod compares to that without it, 50 to 100."""
    asks, (cpu, memory, _, _) = pod.asks, node.allocatable
    if not cpu or not memory:
        return _HALF + _HALF // 2
    after = _balance((node.cpu + asks.cpu) / cpu, (node.memory + asks.memory) / memory)
    before = _balance(node.cpu / cpu, node.memory / memory)
    return _HALF + (_HALF + after - before) // 2


def _balance(cpu: float, memory: float) -> int:
    """100 less the standard deviation of the two shares in use."""
    return int((1 - abs(min(cpu, 1.0) - min(memory, 1.0)) / 2) * MAX_SCORE)
