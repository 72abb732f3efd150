"""The store (etcd's role): every revision of every object, who wrote it, and why.

The API server is the only writer; everybody reads. Each kind has a `Table`. Invariant: a write calls
nobody who acts on it, and the revisions of all tables together count the writes without a gap.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from cluster.api.core import Event
from cluster.api.kinds import EVENTS, Kind
from cluster.api.meta import Resource
from cluster.drafts import Draft, DraftTable
from cluster.table import Entry, Table

T = TypeVar("T", bound=Resource)


class Store:
    """Every table, and the one counter of revisions that they share."""

    def __init__(self) -> None:
        self.revision = 0
        self.compacted = 0
        self.cause = 0
        """The revision that made the present actor act; 0 is a user. Set by whoever calls the actor."""
        self.derived: dict[object, object] = {}
        """Indexes that components share, by what they are (`reconcile.shared`); never truth, and not kept."""
        self._events: DraftTable[Event] = DraftTable(EVENTS)
        self._tables: dict[str, Table[Any]] = {EVENTS.plural: self._events}

    def table(self, kind: Kind[T]) -> Table[T]:
        """The table of a kind, made when first asked for."""
        found = self._tables.get(kind.qualified)
        if found is None:
            found = self._tables[kind.qualified] = Table(kind)
        return found

    def tables(self) -> list[Table[Any]]:
        """Every table there is, in the order they were first used."""
        return list(self._tables.values())

    def put(self, kind: Kind[T], key: str, value: T, actor: str) -> int:
        """Write a new version; the API server alone calls this. Returns its revision."""
        revision = self.revision = self.revision + 1
        table = self._tables.get(kind.qualified)
        if table is None:
            table = self.table(kind)
        table._append(revision, key, value, actor, self.cause)  # noqa: SLF001 - its own
        return revision

    def report(self, draft: Draft[Event], actor: str) -> int:
        """Write a new event whose object is made when somebody looks at it. Returns its revision."""
        revision = self.revision = self.revision + 1
        self._events._append_draft(revision, draft, actor, self.cause)  # noqa: SLF001 - its own
        return revision

    def event(self, key: str, revision: int) -> Event | None:
        """The event of this key as it is now, found by a revision at which its reporter wrote it."""
        return self._events.newest(key, revision)

    def revise(self, key: str, revision: int, value: Event, actor: str) -> int:
        """Write a new version of an event that `event` has found. Returns its revision."""
        self.revision += 1
        self._events._append_revised(self.revision, key, value, actor, self.cause, revision)  # noqa: SLF001 - its own
        return self.revision

    def delete(self, kind: Kind[T], key: str, actor: str) -> int:
        """Remove a key that exists; the API server alone calls this. Returns the revision."""
        self.revision += 1
        self.table(kind)._append(self.revision, key, None, actor, self.cause)  # noqa: SLF001 - its own
        return self.revision

    def compact(self, revision: int) -> None:
        """Forget history up to `revision`: older readers get Expired (410 Gone)."""
        self.compacted = max(self.compacted, revision)
        for table in self._tables.values():
            table._compact(revision)  # noqa: SLF001 - its own

    def log(self) -> Iterator[tuple[str, Entry[Any]]]:
        """Every entry kept of every table, with its table's name, by revision."""
        rows = [(table.kind.qualified, entry) for table in self._tables.values() for entry in table.entries()]
        rows.sort(key=lambda row: row[1].revision)
        yield from rows
