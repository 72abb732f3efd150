"""A watch as the facade streams it: the store's entries as the JSON lines a client reads.

Between `cluster.watch` and a connection: whoever owns the connection polls and sends. Mirrors the
API server's watch cache: selectors turn changes into arrivals and departures, bookmarks say how far
the stream is. Invariant: each line is complete, in order, and sent once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import codec
from cluster.api.errors import Expired
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.store import Store
from cluster.table import Entry
from cluster.watch import Watch

Matches = Callable[[Resource], bool]
Render = Callable[[Resource, int], Any]
Lines = dict[tuple[str, int], bytes]
"""Lines that watches of one kind in one form have in common, by event and revision."""
SHARED = 4_000


class Form(Struct, frozen=True):
    """How a watch shows objects; bookmarks as `empty`, if given. Lines found in `shared` are not made again."""

    render: Render
    empty: Resource | None = None
    shared: Lines | None = None


BATCH = 500
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class WatchStream:
    """One client's watch."""

    def __init__(
        self, store: Store, kind: Kind[Any], revision: int | None, matches: Matches, form: Form, *, bookmarks: bool,
        initial: Sequence[tuple[Resource, int]] | None = None, announced: bool = False, timeout: int = 0,
    ) -> None:  # fmt: skip
        """Follow `kind` after `revision` (after the present, if None). Raises Expired.

        `initial` objects are sent first, and if `announced`, a bookmark after them that says they
        are all; `timeout` is after how many real seconds the stream ends.
        """
        self._store, self._kind, self._matches, self._form = store, kind, matches, form
        self._watch = Watch(store, kind.stored, revision)
        self._bookmarks, self._marked = bookmarks, store.revision if announced else -1
        self._initial, self._announced = initial or (), announced
        self.timeout = timeout
        self.ended = False

    def poll(self) -> list[bytes]:
        """The lines there are to send now; after an error line the stream has ended."""
        lines = self._first()
        if self.ended:
            return lines
        try:
            entries = self._watch.poll(BATCH)
        except Expired as error:
            self.ended = True
            return [*lines, line("ERROR", {**codec.to_plain(error.status()), "metadata": {}})]
        for entry in entries:
            made = self._line(entry)
            if made is not None:
                lines.append(made)
        return lines

    def _first(self) -> list[bytes]:
        """What comes before all changes, once: made only when somebody takes it."""
        lines = [line("ADDED", self._form.render(value, version)) for value, version in self._initial]
        if self._announced:
            lines.append(self._bookmark_line({INITIAL_EVENTS_END: "true"}))
        self._initial, self._announced = (), False
        return lines

    @property
    def behind(self) -> int:
        """How many entries the client has not been sent."""
        return self._watch.behind

    def bookmark(self) -> bytes | None:
        """A line that says how far the stream is, if the client wants such lines and it has moved."""
        if not self._bookmarks or self._watch.behind or self._marked == self._store.revision:
            return None
        self._marked = self._store.revision
        return self._bookmark_line({})

    def _bookmark_line(self, annotations: Mapping[str, str]) -> bytes:
        meta: dict[str, Any] = {"resourceVersion": str(self._marked), "creationTimestamp": None}
        if annotations:
            meta["annotations"] = annotations
        if self._form.empty is None:
            return line("BOOKMARK", {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": meta})
        metadata = replace(self._form.empty.metadata, annotations=annotations)
        return line("BOOKMARK", self._form.render(replace(self._form.empty, metadata=metadata), self._marked))

    async def changed(self, longest: float) -> None:
        """Wait for the kind's next write, at most `longest` real seconds."""
        event = asyncio.Event()
        self._watch.on_next_write(event.set)
        try:
            async with asyncio.timeout(longest):
                await event.wait()
        except TimeoutError:
            return

    def _line(self, entry: Entry[Any]) -> bytes | None:
        old: Resource | None = entry.previous
        new: Resource | None = entry.object
        was = old is not None and self._matches(old)
        if new is not None and self._matches(new):
            return self._rendered("MODIFIED" if was else "ADDED", new, entry.revision)
        last = new or old
        if was and last is not None:
            return self._rendered("DELETED", last, entry.revision)
        return None

    def _rendered(self, event: str, value: Resource, revision: int) -> bytes:
        if self._form.shared is None:
            return line(event, self._form.render(value, revision))
        made = self._form.shared.get((event, revision))
        if made is None:
            if len(self._form.shared) >= SHARED:
                self._form.shared.clear()
            made = self._form.shared[event, revision] = line(event, self._form.render(value, revision))
        return made


def line(event: str, value: Any) -> bytes:
    """One watch event."""
    return codec.encode({"type": event, "object": value}) + b"\n"
