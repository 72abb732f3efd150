"""A table whose new objects are made when somebody first looks at them.

The store keeps events so: four for every pod that starts, most of which nobody reads. A `Draft` holds
what the object will be made from, less than the object takes; keys and the index are worked out up to
the end of the log when a key is asked for, objects one by one. Whoever wrote a draft can change its
object without that (`newest`, `Store.revise`). Invariant: nobody can tell from the outside; a draft
is a new object under a key that was never used, and gives the same object always.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar, cast

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.table import NOWHERE, Entry, Table

T = TypeVar("T", bound=Resource)
T_co = TypeVar("T_co", bound=Resource, covariant=True)


class Draft(Protocol[T_co]):
    """What an object will be made from; the revision is the one it was written at."""

    def key(self, revision: int) -> str:
        """The key of the object."""

    def made(self, revision: int) -> T_co:
        """The object."""


class DraftTable(Table[T], Generic[T]):
    """A table that takes drafts beside objects."""

    __slots__ = ("_revised", "_settled")

    def __init__(self, kind: Kind[T]) -> None:
        super().__init__(kind)
        self._settled = 0  # log index up to which keys and index are worked out: behind it are only
        self._revised: dict[str, int] = {}  # drafts, and newer versions of these, which stand here

    def __len__(self) -> int:
        self._settle()
        return super().__len__()

    def __contains__(self, key: str) -> bool:
        self._settle()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._settle()
        return super().__iter__()

    def get(self, key: str) -> T | None:
        """The object of this key as it is now."""
        self._settle()
        position = self._index.get(key)
        return None if position is None else self._object(position)

    def values(self) -> Iterator[T]:
        """Every object as it is now, in the order of creation."""
        return (found for _, found in self.items())

    def items(self) -> Iterator[tuple[str, T]]:
        """Every key with its object, in the order of creation."""
        self._settle()
        for key, position in self._index.items():
            found = self._object(position)
            if found is not None:
                yield key, found

    def revision(self, key: str) -> int:
        """The revision of the key's newest write, 0 if it does not exist."""
        self._settle()
        return super().revision(key)

    def history(self, key: str) -> Iterator[Entry[T]]:
        """The key's entries kept, newest first (since its last deletion, if it exists now)."""
        self._settle()
        return super().history(key)

    def at(self, revision: int) -> dict[str, T]:
        """Every object as it was at `revision`; Expired if that is compacted."""
        self._settle()
        for index in range(len(self._log)):
            self._object(index)
        return super().at(revision)

    def newest(self, key: str, revision: int) -> T | None:
        """The object of this key as it is now, found by a revision at which it was written."""
        draft = self._unsettled(revision)
        found = self._index.get(key) if draft is None else self._revised.get(key, draft)
        return None if found is None else self._object(found)

    def _unsettled(self, revision: int) -> int | None:
        """Where the draft written at a revision is, if it is not in the index yet."""
        position = bisect_left(self._revisions, revision, self._settled)
        known = position < len(self._revisions) and self._revisions[position] == revision
        return position if known else None

    def _settle(self) -> None:
        """Work out the keys of the drafts that came since the last time."""
        keys, index, revised = self._keys, self._index, self._revised
        for position in range(self._settled, len(keys)):
            if self._previous[position] == NOWHERE:
                key = self._key(position)
                index[key] = revised.get(key, position)
        self._settled = len(keys)
        revised.clear()

    def _key(self, position: int) -> str:
        key = self._keys[position]
        if not key:
            draft = cast("Draft[T]", self._log[position])
            key = self._keys[position] = draft.key(self._revisions[position])
        return key

    def _object(self, position: int) -> T | None:
        found = self._log[position]
        if found is not None and found.__class__ is not self.kind.type:
            self._key(position)
            found = self._log[position] = cast("Draft[T]", found).made(self._revisions[position])
        return found

    def _entry(self, index: int) -> Entry[T]:
        self._object(index)
        back = self._previous[index]
        if back != NOWHERE:
            self._object(back)
        return super()._entry(index)

    def _append(self, revision: int, key: str, value: T | None, actor: str, cause: int) -> None:
        self._settle()
        super()._append(revision, key, value, actor, cause)
        self._settled = len(self._keys)

    def _append_revised(self, revision: int, key: str, value: T, actor: str, cause: int, written: int) -> None:
        draft = self._unsettled(written)
        places = self._index if draft is None else self._revised
        before = places.get(key, draft)
        places[key] = len(self._keys)
        self._add(revision, key, value, NOWHERE if before is None else before, actor, cause)

    def _append_draft(self, revision: int, draft: Draft[T], actor: str, cause: int) -> None:
        self._add(revision, "", draft, NOWHERE, actor, cause)

    def _add(self, revision: int, key: str, value: T | Draft[T], previous: int, actor: str, cause: int) -> None:
        self._log.append(value)  # type: ignore[arg-type]  # a draft stands for its object
        self._keys.append(key)
        self._previous.append(previous)
        self._revisions.append(revision)
        self._causes.append(cause)
        self._actors.append(actor)
        if self._sleepers:
            self._wake()

    def _compact(self, revision: int) -> None:
        self._settle()
        super()._compact(revision)
        self._settled = len(self._keys)
