"""A node as the scheduler's plugins see it: what it has, what is taken, who listens on its ports.

Kept by the cache, read by plugins. Mirrors NodeInfo of the scheduler framework. Invariant: what is
taken is the sum of the footprints of the pods in `pods`, whether or not the node exists (yet).
"""

from cluster.api.core import Node
from cluster.scheduler.images import Images
from cluster.scheduler.pod_info import CPU, HOSTNAME, MEMORY, PODS, STORAGE, Footprint, HostPort, amount

Allocatable = tuple[int, int, int, int]
_NATIVE = (CPU, MEMORY, STORAGE, PODS)


class NodeInfo:
    """One node's place in the search (`slot`), its object and its account."""

    __slots__ = (
        "allocatable", "cpu", "group", "images", "memory", "name", "node", "non_zero_cpu", "non_zero_memory", "other_allocatable",
        "others", "pods", "ports", "slot", "storage",
    )  # fmt: skip

    def __init__(self, name: str, images: Images | None = None) -> None:
        self.name = name
        self.images = images or Images()
        """Those of all nodes."""
        self.node = Node()
        self.slot = -1
        self.group = 0
        """A number that nodes share which differ in nothing but name, hostname and resources; a node with images is alone."""
        self.allocatable: Allocatable = (0, 0, 0, 0)
        self.other_allocatable: dict[str, int] = {}
        self.cpu = self.memory = self.storage = self.non_zero_cpu = self.non_zero_memory = self.pods = 0
        self.others: dict[str, int] = {}
        self.ports: dict[HostPort, int] = {}

    def set_node(self, node: Node, groups: dict[object, int]) -> None:
        """Take over what a new version of the node says; `groups` numbers the groups known so far."""
        self.node = node
        offered = node.status.allocatable
        cpu, memory, storage, pods = (amount(name, offered[name]) if name in offered else 0 for name in _NATIVE)
        self.allocatable = (cpu, memory, storage, pods)
        self.other_allocatable = {name: amount(name, text) for name, text in offered.items() if name not in _NATIVE}
        labels = tuple(sorted(item for item in node.metadata.labels.items() if item[0] != HOSTNAME))
        taints = tuple((taint.key, taint.value, taint.effect) for taint in node.spec.taints)
        alone = node.metadata.name if node.status.images else ""
        self.group = groups.setdefault((labels, taints, node.spec.unschedulable, alone), len(groups))

    def account(self, asks: Footprint, sign: int) -> None:
        """Add (1) or take off (-1) one pod's footprint."""
        self.pods += sign
        self.cpu += sign * asks.cpu
        self.memory += sign * asks.memory
        self.non_zero_cpu += sign * asks.non_zero_cpu
        self.non_zero_memory += sign * asks.non_zero_memory
        self.storage += sign * asks.storage
        if asks.others or asks.ports:
            self._account_rest(asks, sign)

    def _account_rest(self, asks: Footprint, sign: int) -> None:
        for name, value in asks.others:
            self.others[name] = self.others.get(name, 0) + sign * value
        for port in asks.ports:
            count = self.ports.get(port, 0) + sign
            if count:
                self.ports[port] = count
            else:
                del self.ports[port]
