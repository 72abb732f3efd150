"""How long a daemon pod that has failed is left before it is made anew: longer each time on the same node.

Kept by the controller beside the store, and forgotten when it starts anew, as the real one's is. Mirrors
failedPodsBackoff (pkg/controller/daemon): a kubelet that refuses pods is not fought. Invariant: a node
that has had no failure for half an hour is at its first again.
"""

from cluster.clock import Clock

FIRST, LAST = 1_000, 900_000
"""The shortest and the longest wait, ms."""


class Patience:
    """For each node of each generation of one DaemonSet, since when and how long to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits: dict[tuple[int, str], tuple[int, int]] = {}

    def left(self, generation: int, node: str) -> int:
        """In how many ms a failed pod of the node may be deleted; 0 if it may be now."""
        since, wait = self._waits.get((generation, node), (0, 0))
        return max(since + wait - self._clock.now, 0)

    def note(self, generation: int, node: str) -> None:
        """A failed pod of the node is deleted now: the next has to wait."""
        now = self._clock.now
        since, wait = self._waits.get((generation, node), (now, 0))
        again = min(2 * wait, LAST) if wait and now - since <= 2 * LAST else FIRST
        self._waits[generation, node] = now, again
        for other, (noted, _) in list(self._waits.items()):
            if now - noted > 2 * LAST:
                del self._waits[other]
