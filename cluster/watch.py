"""A watch: one reader's own place in a table's log.

On the data's way between the store and whoever outside the engine follows a kind: the app's feeds
and the REST facade's streams. Pull, never callbacks. Invariant: a watch that starts at a revision
sees every later entry once, in order, or learns that it is too late (Expired).
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.store import Store
from cluster.table import Entry

T = TypeVar("T", bound=Resource)


class Watch(Generic[T]):
    """Entries of one kind after a revision."""

    __slots__ = ("_position", "_table")

    def __init__(self, store: Store, kind: Kind[T], revision: int | None = None) -> None:
        """Start after `revision`, or after the present. Raises Expired if that is compacted."""
        self._table = store.table(kind)
        self._position = self._table.end if revision is None else self._table.position_after(revision)

    @property
    def behind(self) -> int:
        """How many entries wait to be read."""
        return self._table.end - self._position

    def on_next_write(self, wake: Callable[[], None]) -> None:
        """Call `wake` once, at the kind's next write: it may only note that there is something to read."""
        self._table.on_next_write(wake)

    def poll(self, limit: int = 1_000) -> list[Entry[T]]:
        """The next entries, at most `limit`. Raises Expired if they have been compacted."""
        entries = self._table.read(self._position, limit)
        self._position += len(entries)
        return entries
