"""The newer event recorder: what the scheduler says about objects, repeats of it kept as a series.

Beside `events`, which hands it what the scheduler reports. Mirrors k8s.io/client-go/tools/events: the
first repeat is written, later ones are counted in memory, and the count is written every half hour
and when nothing more came for six minutes. Invariant: something is due only while a count is unwritten.
"""

from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import EventSeries
from cluster.apiserver.reports import SeriesReport
from cluster.clock import Clock
from cluster.store import Store

FINISH = 360_000
REFRESH = 1_800_000
REMEMBERED = 4096
Likeness = tuple[str, str, str, int, str]
"""What reports of one series share: kind, type, reason, the object's revision, and its uid."""


class Writer(Protocol):
    """What the recorder needs of the API server."""

    store: Store
    clock: Clock


class Series(Struct):
    """One event: its key, where it was written first, how often it was seen, and when last."""

    key: str
    revision: int
    component: str
    count: int
    seen: int

    def is_over(self, now: int) -> bool:
        """Whether it was found to have ended, at one of the looks every six minutes that have been."""
        return self.seen < now - now % FINISH - FINISH


class SeriesRecorder:
    """Writes the scheduler's events."""

    def __init__(self, api: Writer) -> None:
        self._store, self._clock = api.store, api.clock
        self._known: dict[Likeness, Series] = {}
        self._unwritten: dict[Likeness, Series] = {}

    def record(self, report: SeriesReport) -> None:
        """Write an event, or count it with one that is alike and about the same version of the object."""
        heading = report.heading
        if heading.reason == "Scheduled":  # it happens once
            self._store.report(report, report.component)
            return
        alike = (heading.kind, heading.type, heading.reason, report.version, report.about.uid)
        found = self._known.get(alike)
        if found is not None and not found.is_over(report.at):
            self._count(alike, found)
            return
        revision = self._store.report(report, report.component)
        if len(self._known) >= REMEMBERED:
            self._known = dict(self._unwritten)
        self._known[alike] = Series(report.key(revision), revision, report.component, 1, report.at)

    def _count(self, alike: Likeness, found: Series) -> None:
        found.count += 1
        found.seen = self._clock.now
        if found.count == 2:
            self._write(found)
            return
        if not self._unwritten:
            self._arm()
        self._unwritten[alike] = found

    def _write(self, found: Series) -> None:
        """Bring the event up to date, if it still exists."""
        old = self._store.event(found.key, found.revision)
        if old is not None:
            seen = EventSeries(count=found.count, lastObservedTime=self._clock.micro_timestamp(found.seen))
            self._store.revise(found.key, found.revision, replace(old, series=seen), found.component)

    def _arm(self) -> None:
        self._clock.at((self._clock.now // FINISH + 1) * FINISH, self._look)

    def _look(self, _: None) -> None:
        """Write the counts of the series that are over, and every half hour those of all."""
        now = self._clock.now
        for alike, found in list(self._unwritten.items()):
            over = found.is_over(now)
            if over or now % REFRESH == 0:
                self._write(found)
                del self._unwritten[alike]
            if over and self._known.get(alike) is found:
                del self._known[alike]
        if self._unwritten:
            self._arm()
