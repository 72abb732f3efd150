"""How many nodes of each zone are ready, and how fast a zone's nodes may be emptied.

Kept by the controller from changes of nodes. Mirrors ComputeZoneState and handleDisruption
(pkg/controller/nodelifecycle). Invariant: a zone's state follows from the number of its nodes that
are ready and not ready.
"""

from cluster.api.core import Node
from cluster.controllers.node_lifecycle.health import ready_status

NORMAL, PARTIAL, FULL = "Normal", "PartialDisruption", "FullDisruption"
EVICTION_INTERVAL = 10_000
"""Between two nodes of a zone (--node-eviction-rate 0.1), ms."""
SECONDARY_INTERVAL = 100_000
"""The same in a large zone most of which is down (--secondary-node-eviction-rate 0.01), ms."""
UNHEALTHY_SHARE = 0.55
LARGE = 50


def zone_of(node: Node) -> str:
    """The zone a node fails with: its region and zone labels together."""
    labels = node.metadata.labels
    return f"{labels.get('topology.kubernetes.io/region', '')}:{labels.get('topology.kubernetes.io/zone', '')}"


class Zones:
    """Every node's zone and readiness, counted."""

    __slots__ = ("_counts", "_nodes")

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[str, bool]] = {}
        self._counts: dict[str, list[int]] = {}

    def follow(self, name: str, node: Node | None) -> bool:
        """Count a node as it is now (None: gone); whether anything changed."""
        new = None if node is None else (zone_of(node), ready_status(node) == "True")
        old = self._nodes.get(name)
        if old == new:
            return False
        if old is not None:
            self._counts[old[0]][old[1]] -= 1
            if not any(self._counts[old[0]]):
                del self._counts[old[0]]
            del self._nodes[name]
        if new is not None:
            self._counts.setdefault(new[0], [0, 0])[new[1]] += 1
            self._nodes[name] = new
        return True

    def states(self) -> dict[str, str]:
        """Every zone's state."""
        return {zone: _state(*counts) for zone, counts in self._counts.items()}

    def not_ready(self) -> list[str]:
        """The nodes that are not ready."""
        return [name for name, (_, ready) in self._nodes.items() if not ready]

    def all_down(self) -> bool:
        """Whether no zone has a ready node: then nothing is evicted, the fault is likely ours."""
        return bool(self._counts) and not any(ready for _, ready in self._counts.values())

    def interval(self, zone: str) -> int | None:
        """How long to wait (ms) between two nodes of a zone; None: none at all."""
        counts = self._counts.get(zone)
        if counts is None or self.all_down():
            return None
        if _state(*counts) != PARTIAL:
            return EVICTION_INTERVAL
        return SECONDARY_INTERVAL if sum(counts) > LARGE else None


def _state(not_ready: int, ready: int) -> str:
    if not_ready and not ready:
        return FULL
    if not_ready > 2 and not_ready / (not_ready + ready) >= UNHEALTHY_SHARE:
        return PARTIAL
    return NORMAL
