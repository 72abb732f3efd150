"""The moment a row is printed for: the one thing besides the object that a cell depends on.

Made from the virtual clock, or from any timestamp when the objects come from elsewhere. Invariant:
two rows printed with equal `Now`s have equal ages, whenever they are printed.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from cluster.printers.duration import duration

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


class Timeline(Protocol):
    """What `Now` needs of a clock: its time in ms, and what date a time of it stands for."""

    now: int

    def timestamp(self, time: int | None = None) -> str:
        """A time, or the present, as RFC 3339."""
        ...


class Now(Struct, frozen=True):
    """A moment, in milliseconds since 1970-01-01T00:00:00Z."""

    milliseconds: int

    @classmethod
    def of(cls, clock: Timeline, time: int | None = None) -> "Now":
        """The moment a clock shows, or the one it shows at `time` ms of its timeline."""
        return cls(_unix(clock.timestamp(0)) + (clock.now if time is None else time))

    @classmethod
    def at(cls, timestamp: str) -> "Now":
        """The moment of an RFC 3339 timestamp."""
        return cls(_unix(timestamp))

    def since(self, timestamp: str) -> str:
        """How long ago an RFC 3339 timestamp was, as `5m10s`; `<unknown>` if it is absent."""
        return duration(self.milliseconds - _unix(timestamp)) if timestamp else "<unknown>"

    def between(self, start: str, end: str) -> str:
        """How long it was from one RFC 3339 timestamp to another, or to now if the second is absent."""
        return duration((_unix(end) if end else self.milliseconds) - _unix(start))


@lru_cache(maxsize=65_536)
def _unix(timestamp: str) -> int:
    return (datetime.fromisoformat(timestamp).astimezone(UTC) - _UNIX) // timedelta(milliseconds=1)
