"""How a change becomes work: readers of the log, and queues of keys to look at again.

A `Reader` follows one table with a small virtual delay, as an informer does, and hands every entry
to its handler; handlers only keep indexes and add keys to queues. A `WorkQueue` calls
`reconcile(key)` once for however many marks came in between. Invariant: nothing here knows what
the keys mean, and a reader or queue rebuilt from the store at any revision goes on.
"""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from cluster.api.errors import ApiError
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.clock import Clock
from cluster.store import Store
from cluster.table import ALL

T = TypeVar("T", bound=Resource)
S = TypeVar("S")
OnChange = Callable[[str, T | None, T | None], None]
LATENCY = 5
CHUNK = 64
FIRST_RETRY = 5
LAST_RETRY = 1_000_000


class Reader(Generic[T]):
    """An informer: `on_change(key, old, new)` for what exists, then for every change.

    The handler is called in the log's order, `latency` ms after the write at the earliest and in
    items of at most `CHUNK` entries; the store's `cause` is the entry's revision meanwhile. A handler
    that looks at some parts of the objects only says so by `parts`, and is not called when others
    change: most writes are status updates of pods, and most readers do not care.
    """

    __slots__ = ("_armed", "_clock", "_latency", "_on_change", "_parts", "_position", "_store", "_table")

    def __init__(
        self, store: Store, clock: Clock, kind: Kind[T], on_change: OnChange[T], latency: int = LATENCY, parts: int = ALL
    ) -> None:  # fmt: skip
        self._store, self._clock, self._table = store, clock, store.table(kind)
        self._on_change, self._latency, self._parts = on_change, latency, parts
        self._armed = False
        cause = store.cause
        for key, found in list(self._table.items()):
            store.cause = self._table.revision(key)
            on_change(key, None, found)
        store.cause = cause  # a reader may be made by a handler
        self._position = self._table.end
        self._table.on_next_write(self._arm)

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            self._clock.after(self._latency, self._pump)

    def _pump(self, _: None) -> None:
        entries = self._table.read(self._position, CHUNK)
        self._position += len(entries)
        store, on_change, parts = self._store, self._on_change, self._parts
        for entry in entries:
            if entry.changed & parts:
                store.cause = entry.revision
                on_change(entry.key, entry.previous, entry.object)
        store.cause = 0
        if self._position < self._table.end:
            self._clock.after(0, self._pump)
        else:
            self._armed = False
            self._table.on_next_write(self._arm)


def shared(store: Store, clock: Clock, index: Callable[[Store, Clock], S]) -> S:
    """The one index of its kind that all components on a store share, made for the first that asks.

    It has a reader of its own, so it is a little ahead of the readers of those who ask it: they look
    at the objects themselves in the store, as ever.
    """
    found = store.derived.get(index)
    if found is None:
        found = store.derived[index] = index(store, clock)
    return cast("S", found)


class WorkQueue:
    """Keys to reconcile, each once however often it was added, `delay` ms after it was first added.

    Mirrors client-go's rate limiting queue with one worker: `reconcile(key)` may return after how
    many ms to look again (sooner additions win); 0 is for the next portion of the same work, and
    nothing else runs before that. An ApiError retries the key with exponential
    back-off, 5 ms to 1,000 s; any other error is a bug and goes up.
    """

    __slots__ = ("_causes", "_clock", "_delay", "_due", "_failures", "_reconcile", "_store")

    def __init__(self, store: Store, clock: Clock, reconcile: Callable[[str], int | None], delay: int = 20) -> None:
        self._store, self._clock, self._reconcile, self._delay = store, clock, reconcile, delay
        self._due: dict[str, int] = {}
        self._causes: dict[str, int] = {}
        self._failures: dict[str, int] = {}

    def add(self, key: str, after: int | None = None) -> None:
        """Reconcile `key` in `after` (else `delay`) ms, unless it is due sooner already."""
        time = self._clock.now + (self._delay if after is None else after)
        due = self._due.get(key)
        if due is not None and due <= time:
            return
        self._due[key] = time
        self._causes[key] = self._store.cause
        self._clock.at(time, self._run, (key, time))

    def _run(self, item: tuple[str, int]) -> None:
        key, time = item
        if self._due.get(key) != time:
            return  # an addition that was due sooner has run
        del self._due[key]
        self._store.cause = self._causes.pop(key)
        try:
            again = self._reconcile(key)
        except ApiError:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            self.add(key, min(FIRST_RETRY << min(failures - 1, 30), LAST_RETRY))
        else:
            self._failures.pop(key, None)
            if again == 0:
                self._due[key], self._causes[key] = time, self._store.cause
                self._clock.go_on(self._run, (key, time))
            elif again is not None:
                self.add(key, again)
        self._store.cause = 0
