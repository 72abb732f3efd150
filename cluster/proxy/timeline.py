"""A value as it changed in time: what a question about the past is answered from.

Kept by the indexes of this package for whatever processes have asked about. Invariant: what was true before the first
note is what that says, and of very many notes the oldest are forgotten.
"""

from bisect import bisect_right
from typing import Generic, TypeVar

T = TypeVar("T")
ALWAYS = -1
REMEMBERED = 4096


class Timeline(Generic[T]):
    """Values by the time (virtual ms) since which each holds."""

    __slots__ = ("_times", "_values")

    def __init__(self) -> None:
        self._times: list[int] = []
        self._values: list[T] = []

    def note(self, time: int, value: T) -> None:
        """From `time`, no earlier than the note before, it is `value`."""
        if self._times and self._times[-1] == time:
            self._values[-1] = value
            return
        self._times.append(time)
        self._values.append(value)
        if len(self._times) > 2 * REMEMBERED:
            del self._times[:REMEMBERED], self._values[:REMEMBERED]

    def at(self, time: int) -> T | None:
        """The value that held at `time`; None before there was any."""
        position = bisect_right(self._times, time)
        return self._values[position - 1] if position else None

    @property
    def now(self) -> T | None:
        """The value that holds."""
        return self._values[-1] if self._values else None
