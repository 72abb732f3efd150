"""A table: one kind's keyspace, an append-only log of entries with an index of the newest entry of each key.

The store is made of these. Columns hold what the log says, an `Entry` is made for whoever reads it.
A delete is an entry like any other. Invariant: an entry never changes, and the index equals a replay
of the log.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct

from cluster.api.errors import Expired
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
NOWHERE = -1
METADATA, SPEC, STATUS = 1, 2, 4
ALL = METADATA | SPEC | STATUS
"""The parts of an object that a change may touch: how followers say what concerns them."""


class Entry(Struct, Generic[T], frozen=True, gc=False):
    """One write: `object` is None for a delete, `previous` is None for a creation.

    `changed` is the parts that are other objects than before; all of them for a creation, a delete,
    and a kind that has other parts.
    """

    revision: int
    key: str
    object: T | None
    previous: T | None
    actor: str
    cause: int
    changed: int = ALL


class Table(Generic[T]):
    """One kind's objects: their present state and their log. Keys are `namespace/name` or `name`."""

    __slots__ = (
        "_actors", "_base", "_causes", "_compacted", "_cut", "_in_parts", "_index", "_keys", "_log", "_previous",
        "_revisions", "_sleepers", "_window", "_window_at", "kind",
    )  # fmt: skip

    def __init__(self, kind: Kind[T]) -> None:
        self.kind = kind
        self._in_parts = set(kind.type.__struct_fields__) == {"metadata", "spec", "status"}
        self._index: dict[str, int] = {}
        self._log: list[T | None] = []
        self._keys: list[str] = []
        self._previous = array("q")
        self._revisions = array("q")
        self._causes = array("q")
        self._actors: list[str] = []
        self._base = 0  # log position of the first entry kept
        self._cut = 0  # log position before which entries have been forgotten
        self._compacted = 0
        self._sleepers: list[Callable[[], None]] = []
        self._window_at = (0, 0)  # the first and last log index last read, and what was there
        self._window: list[Entry[T]] = []

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, key: str) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def get(self, key: str) -> T | None:
        """The object of this key as it is now."""
        position = self._index.get(key)
        return None if position is None else self._log[position]

    def values(self) -> Iterator[T]:
        """Every object as it is now, in the order of creation."""
        for position in self._index.values():
            found = self._log[position]
            if found is not None:
                yield found

    def items(self) -> Iterator[tuple[str, T]]:
        """Every key with its object, in the order of creation."""
        for key, position in self._index.items():
            found = self._log[position]
            if found is not None:
                yield key, found

    def revision(self, key: str) -> int:
        """The revision of the key's newest write, 0 if it does not exist."""
        position = self._index.get(key)
        return 0 if position is None else self._revisions[position]

    @property
    def end(self) -> int:
        """The position after the newest entry: where a new reader that has listed starts."""
        return self._base + len(self._log)

    def read(self, position: int, limit: int) -> list[Entry[T]]:
        """Up to `limit` entries from `position`; Expired if they have been compacted.

        Readers of one kind keep step, so the entries read last are kept for the next one.
        """
        if position < self._cut:
            raise Expired("too old resource version")
        start = position - self._base
        window = (start, min(start + limit, len(self._log)))
        if window != self._window_at:
            self._window = [self._entry(index) for index in range(*window)]
            self._window_at = window
        return self._window

    def on_next_write(self, wake: Callable[[], None]) -> None:
        """Call `wake` once, at the next write: it may only note that there is something to read."""
        self._sleepers.append(wake)

    def position_after(self, revision: int) -> int:
        """Where a reader that knows the state at `revision` goes on; Expired if that is gone."""
        if revision < self._compacted:
            raise Expired(f"too old resource version: {revision} ({self._compacted})")
        return self._base + bisect_right(self._revisions, revision)

    def history(self, key: str) -> Iterator[Entry[T]]:
        """The key's entries kept, newest first (since its last deletion, if it exists now)."""
        position = self._index.get(key, NOWHERE)
        while position != NOWHERE:
            yield self._entry(position)
            position = self._previous[position]

    def entries(self) -> Iterator[Entry[T]]:
        """Every entry kept, oldest first."""
        return map(self._entry, range(len(self._log)))

    def at(self, revision: int) -> dict[str, T]:
        """Every object as it was at `revision`; Expired if that is compacted."""
        if revision < self._compacted:
            raise Expired(f"too old resource version: {revision} ({self._compacted})")
        state: dict[str, T] = {}
        for index in range(bisect_right(self._revisions, revision)):
            key, found = self._keys[index], self._log[index]
            if found is None:
                state.pop(key, None)
            else:
                state[key] = found
        return state

    def _entry(self, index: int) -> Entry[T]:
        back, new = self._previous[index], self._log[index]
        old = None if back == NOWHERE else self._log[back]
        changed = ALL if old is None or new is None or not self._in_parts else changed_parts(old, new)
        return Entry(
            self._revisions[index], self._keys[index], new, old, self._actors[index], self._causes[index], changed
        )

    def _append(self, revision: int, key: str, value: T | None, actor: str, cause: int) -> None:
        log, index = self._log, self._index
        if value is None:
            self._previous.append(index.pop(key))
        else:
            self._previous.append(index.get(key, NOWHERE))
            index[key] = len(log)
        log.append(value)
        self._keys.append(key)
        self._revisions.append(revision)
        self._causes.append(cause)
        self._actors.append(actor)
        if self._sleepers:
            self._wake()

    def _wake(self) -> None:
        sleepers, self._sleepers = self._sleepers, []
        for wake in sleepers:
            wake()

    def _compact(self, revision: int) -> None:
        """Forget the entries up to `revision` that are not the newest of their key."""
        cut = bisect_right(self._revisions, revision)
        if not cut:
            return
        kept = [index for index in range(cut) if self._index.get(self._keys[index]) == index]
        moved = {old: new for new, old in enumerate(kept)}
        order = kept + list(range(cut, len(self._log)))
        for index in range(cut, len(self._log)):
            moved[index] = index - cut + len(kept)
        self._log = [self._log[index] for index in order]
        self._keys = [self._keys[index] for index in order]
        self._actors = [self._actors[index] for index in order]
        self._previous = array("q", (moved.get(self._previous[index], NOWHERE) for index in order))
        self._revisions = array("q", (self._revisions[index] for index in order))
        self._causes = array("q", (self._causes[index] for index in order))
        self._index = {key: moved[index] for key, index in self._index.items()}
        self._window_at, self._window = (0, 0), []
        self._cut = self._base + cut
        self._base += cut - len(kept)
        self._compacted = revision


def changed_parts(old: Any, new: Any) -> int:
    """Which parts of an object of metadata, spec and status are not the very same in a later version."""
    parts = 0 if old.metadata is new.metadata else METADATA
    if old.spec is not new.spec:
        parts |= SPEC
    return parts if old.status is new.status else parts | STATUS
