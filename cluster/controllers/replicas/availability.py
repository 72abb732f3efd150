"""Which ready pods have been ready for minReadySeconds, as time goes by.

Inside the record of an owner that asks for minReadySeconds; `owned.py` tells it of pods that become
ready or stop being so. Invariant: it is derived from the pods' Ready conditions and the time alone.
"""

from heapq import heappop, heappush


class Availability:
    """Counts pods from the moment they become available; times are virtual ms."""

    __slots__ = ("_available", "_due", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[tuple[int, str]] = []
        self._due: dict[str, int] = {}
        self._available: dict[str, None] = {}

    def started(self, pod: str, due: int) -> None:
        """The pod is ready, and available from `due` if it stays so."""
        if self._due.get(pod) == due:
            return
        self.stopped(pod)
        self._due[pod] = due
        heappush(self._waiting, (due, pod))

    def stopped(self, pod: str) -> None:
        """The pod is not ready, or gone."""
        self._due.pop(pod, None)
        self._available.pop(pod, None)

    def count(self, now: int) -> int:
        """How many pods are available."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= now:
            due, pod = heappop(waiting)
            if self._due.get(pod) == due:
                self._available[pod] = None
        return len(self._available)

    def next_due(self) -> int | None:
        """When the next pod becomes available, if one is waiting; to be asked after `count`."""
        waiting = self._waiting
        while waiting and self._due.get(waiting[0][1]) != waiting[0][0]:
            heappop(waiting)
        return waiting[0][0] if waiting else None
