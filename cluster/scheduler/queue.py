"""The pods that wait for a node: ready to try, backing off, or parked until something helps.

Between the pods' reader and the scheduling cycle. Mirrors pkg/scheduler/backend/queue: within a
priority first come first served; back-off 1 s doubling to 10 s from the last failure, cut short
when nothing else is ready (SchedulerPopFromBackoffQ); parked pods are tried again after 5 minutes.
Invariant: a pod stands in one place, and `find` knows it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from heapq import heappop, heappush
from typing import Generic, TypeVar

G = TypeVar("G")
"""What pods share that the same events help."""

FIRST_BACK_OFF = 1_000
LAST_BACK_OFF = 10_000
MAX_PARKED = 300_000


class Stage(Enum):
    """Where a waiting pod stands."""

    ACTIVE = "active"
    BACK_OFF = "back-off"
    PARKED = "unschedulable"
    GONE = "gone"


class Waiting(Generic[G]):
    """One pod in the queue. `cause` is the revision that made it worth trying; times are virtual ms."""

    __slots__ = ("cause", "failed_at", "failures", "group", "key", "priority", "stage", "ticket", "uid")

    def __init__(self, key: str, uid: str, priority: int, cause: int) -> None:
        self.key, self.uid, self.priority, self.cause = key, uid, priority, cause
        self.failures = 0
        self.failed_at = 0
        self.stage = Stage.GONE
        self.ticket = 0  # which of the lines it has stood in is the one that counts
        self.group: G | None = None


class SchedulingQueue(Generic[G]):
    """Waiting pods by key. Times are passed in; nothing here looks at a clock."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting[G]] = {}
        self._active: dict[int, deque[tuple[int, Waiting[G]]]] = {}
        self._back_off: list[tuple[int, int, int, Waiting[G]]] = []  # end, -priority, ticket
        self._parked: dict[G, dict[str, Waiting[G]]] = {}
        self._tickets = 0
        self._ready = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __bool__(self) -> bool:
        """Whether any pod can be tried now."""
        return self._ready > 0

    @property
    def has_parked(self) -> bool:
        """Whether any pod waits for something to change."""
        return bool(self._parked)

    def find(self, key: str) -> Waiting[G] | None:
        """The pod's entry, if it waits."""
        return self._waiting.get(key)

    def add(self, key: str, uid: str, priority: int, cause: int) -> None:
        """Queue a pod that is new, or has changed so that trying it at once is right."""
        waiting = self._waiting.get(key)
        if waiting is not None and waiting.uid == uid:
            self._leave(waiting)
            waiting.priority, waiting.cause = priority, cause
        else:
            if waiting is not None:
                self._leave(waiting)
            waiting = self._waiting[key] = Waiting(key, uid, priority, cause)
        self._activate(waiting)

    def remove(self, key: str) -> None:
        """Forget a pod: it is gone, bound, or not to be scheduled any more."""
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            self._leave(waiting)

    def pop(self, now: int) -> Waiting[G] | None:
        """The next pod to try: the best of the active ones, else the one whose back-off ends first.

        It stands nowhere until it is parked, retried or removed.
        """
        self._end_back_off(now)
        for priority in sorted(self._active, reverse=True):
            ready = self._active[priority]
            while ready:
                ticket, waiting = ready.popleft()
                if ticket == waiting.ticket:
                    self._leave(waiting)
                    return waiting
            del self._active[priority]
        while self._back_off:
            _, _, ticket, waiting = heappop(self._back_off)
            if ticket == waiting.ticket:
                self._leave(waiting)
                return waiting
        return None

    def park(self, waiting: Waiting[G], group: G, now: int) -> None:
        """Set a pod aside that no node would have; `group` is shared by pods that the same events help."""
        waiting.failures += 1
        waiting.failed_at = now
        waiting.stage, waiting.group = Stage.PARKED, group
        self._parked.setdefault(group, {})[waiting.key] = waiting

    def groups(self) -> list[G]:
        """The groups that have parked pods."""
        return list(self._parked)

    def move(self, group: G, now: int, cause: int) -> None:
        """Something happened that could help a group: its pods are to be tried when they have backed off."""
        for waiting in self._parked.pop(group, {}).values():
            waiting.cause = cause
            self._start_back_off(waiting, now)

    def move_where(self, helps: Callable[[G], bool], now: int, cause: int) -> None:
        """Move every group that `helps` is true of."""
        for group in self.groups():
            if helps(group):
                self.move(group, now, cause)

    def flush(self, now: int) -> int | None:
        """Move the pods parked for 5 minutes; returns when the next one will have been, if any is left."""
        for group in self.groups():
            parked = self._parked[group]
            for waiting in list(parked.values()):
                if now - waiting.failed_at >= MAX_PARKED:
                    del parked[waiting.key]
                    self._start_back_off(waiting, now)
            if not parked:
                del self._parked[group]
        return self.next_flush()

    def next_flush(self) -> int | None:
        """When the pod parked longest will have been parked for 5 minutes."""
        oldest = [next(iter(parked.values())).failed_at for parked in self._parked.values()]
        return min(oldest) + MAX_PARKED if oldest else None

    def stages(self) -> Iterator[tuple[str, Stage]]:
        """Every waiting pod and where it stands."""
        for key, waiting in self._waiting.items():
            yield key, waiting.stage

    def _activate(self, waiting: Waiting[G]) -> None:
        self._stand(waiting, Stage.ACTIVE)
        self._active.setdefault(waiting.priority, deque()).append((waiting.ticket, waiting))

    def _start_back_off(self, waiting: Waiting[G], now: int) -> None:
        end = waiting.failed_at + min(FIRST_BACK_OFF << min(waiting.failures - 1, 16), LAST_BACK_OFF)
        if end <= now:
            self._activate(waiting)
            return
        self._stand(waiting, Stage.BACK_OFF)
        heappush(self._back_off, (end, -waiting.priority, waiting.ticket, waiting))

    def _stand(self, waiting: Waiting[G], stage: Stage) -> None:
        self._ready += 1
        self._tickets += 1
        waiting.stage, waiting.ticket = stage, self._tickets

    def _end_back_off(self, now: int) -> None:
        while self._back_off and self._back_off[0][0] <= now:
            _, _, ticket, waiting = heappop(self._back_off)
            if ticket == waiting.ticket:
                self._leave(waiting)
                self._activate(waiting)

    def _leave(self, waiting: Waiting[G]) -> None:
        if waiting.stage is Stage.PARKED:
            group: G = waiting.group  # type: ignore[assignment]
            del self._parked[group][waiting.key]
            if not self._parked[group]:
                del self._parked[group]
        elif waiting.stage is not Stage.GONE:
            self._ready -= 1
        waiting.stage, waiting.ticket = Stage.GONE, 0
