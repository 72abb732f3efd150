"""List, then watch, and list again when too far behind: written once for every client.

Stands between a watch and whoever polls. Invariant: the changes given so far, put together, are the
objects as they were at some moment, whatever was missed in between.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from cluster.api.errors import Expired
from cluster.api.meta import Resource
from cluster.table import Entry
from ktui.client import Change

T = TypeVar("T", bound=Resource)


class Entries(Protocol[T]):
    """A watch: entries from some revision on."""

    @property
    def behind(self) -> int:
        """How many entries wait."""

    def poll(self, limit: int) -> list[Entry[T]]:
        """The next entries; Expired if they are gone."""


Listing = Callable[[], tuple[Mapping[str, T], Entries[T]]]
"""Everything there is now, and a watch that goes on from there."""


class Follower(Generic[T]):
    """A feed over any listing."""

    def __init__(self, listing: Listing[T]) -> None:
        self._listing = listing
        self._known: dict[str, T] = {}
        self._listed: Iterator[Change[T]] | None = None
        self._watch: Entries[T] | None = None

    @property
    def behind(self) -> bool:
        """Whether `poll` has something to give."""
        return self._watch is None or self._listed is not None or self._watch.behind > 0

    def poll(self, limit: int = 1_000) -> list[Change[T]]:
        """The changes since the last call, each key once, from at most `limit` writes."""
        if self._watch is None:
            self._relist()
        if self._listed is not None:
            return self._take(limit)
        if self._watch is None or not self._watch.behind:
            return []
        try:
            return self._merged(self._watch.poll(limit))
        except Expired:
            self._relist()
            return self._take(limit)

    def _relist(self) -> None:
        present, self._watch = self._listing()
        gone = [key for key in self._known if key not in present]
        self._listed = self._differences(gone, dict(present))

    def _differences(self, gone: list[str], present: dict[str, T]) -> Iterator[Change[T]]:
        for key in gone:
            yield Change(key, self._known.pop(key), None)
        for key, new in present.items():
            old = self._known.get(key)
            if old is not new:
                self._known[key] = new
                yield Change(key, old, new)

    def _take(self, limit: int) -> list[Change[T]]:
        taken = []
        if self._listed is not None:
            for change in self._listed:
                taken.append(change)
                if len(taken) == limit:
                    return taken
        self._listed = None
        return taken

    def _merged(self, entries: list[Entry[T]]) -> list[Change[T]]:
        last = {entry.key: entry.object for entry in entries}
        changes = []
        for key, new in last.items():
            old = self._known.get(key)
            if old is new:
                continue  # came and went between two looks
            if new is None:
                del self._known[key]
            else:
                self._known[key] = new
            changes.append(Change(key, old, new))
        return changes
