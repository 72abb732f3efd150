"""NodePorts: two pods cannot listen on one port of one node.

A filter on what runs on the node. Invariant: the address 0.0.0.0 takes the port of every address.
"""

from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import ANY_ADDRESS, HostPort, PodInfo

PORTS_TAKEN = Rejection("NodePorts", ("node(s) didn't have free ports for the requested pod ports",), resolvable=True)


def filters(pod: PodInfo) -> bool:
    """Whether the pod wants ports of its node."""
    return bool(pod.asks.ports)


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a node where a port is taken."""
    for wanted in pod.asks.ports:
        if any(conflict(wanted, taken) for taken in node.ports):
            return PORTS_TAKEN
    return None


def conflict(one: HostPort, other: HostPort) -> bool:
    """Whether two host ports are the same to a listener."""
    return one[1:] == other[1:] and (one[0] == other[0] or ANY_ADDRESS in {one[0], other[0]})
