"""The virtual timeline: a calendar of what is to happen, and the time it is.

Every part of the engine schedules its work here; nothing in the core reads a real clock. Times are
integer milliseconds since the cluster started; `Clock.epoch` is the date that stands for zero.
Invariant: items run in the order of their time, and first come first served within one time, so
that a run cut into slices is the same run.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

Handler = Callable[[Any], None]
EPOCH = "2026-01-01T00:00:00Z"
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=65_536)
def _rfc3339(epoch: datetime, second: int) -> str:
    return (epoch + second * _SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp(epoch: datetime, time: int) -> str:
    """`time` ms after `epoch` as metav1.Time writes it: RFC 3339, whole seconds."""
    return _rfc3339(epoch, time // 1000)


def micro_timestamp(epoch: datetime, time: int) -> str:
    """`time` ms after `epoch` as metav1.MicroTime writes it."""
    second, millisecond = divmod(time, 1000)
    return f"{_rfc3339(epoch, second)[:-1]}.{millisecond:03}000Z"


class Clock:
    """A calendar queue: time -> the handlers due then, each with its one argument."""

    __slots__ = ("_due", "_index", "_slots", "_times", "epoch", "now")

    def __init__(self, epoch: str = EPOCH) -> None:
        self.now = 0
        self.epoch = datetime.fromisoformat(epoch).astimezone(UTC).replace(microsecond=0)
        self._times: list[int] = []
        self._slots: dict[int, list[tuple[Handler, Any]]] = {}
        self._due: list[tuple[Handler, Any]] | None = None
        self._index = 0

    def at(self, time: int, handler: Handler, argument: Any = None) -> None:
        """Run `handler(argument)` at `time` ms, or as the last thing of the present if that is past."""
        time = max(time, self.now)
        slot = self._slots.get(time)
        if slot is None:
            self._slots[time] = [(handler, argument)]
            heappush(self._times, time)
        else:
            slot.append((handler, argument))

    def after(self, delay: int, handler: Handler, argument: Any = None) -> None:
        """Run `handler(argument)` in `delay` ms."""
        self.at(self.now + delay, handler, argument)

    def go_on(self, handler: Handler, argument: Any = None) -> None:
        """Run `handler(argument)` before anything else: the rest of an item of work that would be long.

        So the portions of it are one item but for the places where a run may be cut.
        """
        if self._due is None:
            self.at(self.now, handler, argument)
        else:
            self._due.insert(self._index, (handler, argument))

    def next_time(self) -> int | None:
        """When the next item is due, or None if nothing is."""
        if self._due is not None:
            return self.now
        return self._times[0] if self._times else None

    def run_until(self, time: int, stop: Callable[[], bool] | None = None) -> bool:
        """Run everything due up to and including `time`, then stand at `time`.

        `stop` is asked after every item; when it says so the run is cut there and False is
        returned, and the next call goes on with the next item.
        """
        while self._due is not None or (self._times and self._times[0] <= time):
            if self._due is None:
                self.now = heappop(self._times)
                self._due, self._index = self._slots[self.now], 0
            due = self._due
            while self._index < len(due):
                handler, argument = due[self._index]
                self._index += 1
                handler(argument)
                if stop is not None and stop():
                    return False
            del self._slots[self.now]
            self._due = None
        self.now = max(self.now, time)
        return True

    def timestamp(self, time: int | None = None) -> str:
        """`time` (now, if not given) as metav1.Time writes it: RFC 3339, whole seconds."""
        return _rfc3339(self.epoch, (self.now if time is None else time) // 1000)

    def micro_timestamp(self, time: int | None = None) -> str:
        """`time` (now, if not given) as metav1.MicroTime writes it."""
        return micro_timestamp(self.epoch, self.now if time is None else time)

    def milliseconds(self, timestamp: str) -> int:
        """The virtual time of an RFC 3339 timestamp."""
        return _milliseconds(self.epoch, timestamp)


@lru_cache(maxsize=65_536)
def _milliseconds(epoch: datetime, timestamp: str) -> int:
    return (datetime.fromisoformat(timestamp).astimezone(UTC) - epoch) // timedelta(milliseconds=1)
