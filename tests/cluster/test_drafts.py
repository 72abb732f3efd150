"""Drafts: a table that makes its objects when somebody looks shows the same as one that makes them at once."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import Event
from cluster.api.kinds import EVENTS
from cluster.api.meta import ObjectMeta
from cluster.store import Store
from cluster.table import Table
from cluster.watch import Watch

ACTIONS = st.lists(st.sampled_from(["draft", "count", "put", "delete", "compact", "look", "read"]), max_size=30)


class Note(Struct, frozen=True):
    """The draft of an event that says when it was written."""

    def key(self, revision: int) -> str:
        """The key of the event."""
        return f"ns/{revision}"

    def made(self, revision: int) -> Event:
        """The event."""
        return Event(metadata=ObjectMeta(name=str(revision), namespace="ns"), message=f"at {revision}")


def written(actions: list[str], *, lazily: bool) -> Store:
    """A store after some writes of events, with looks and reads in between; each on the oldest event there is."""
    store = Store()
    table, watch, drafts = store.table(EVENTS), Watch(store, EVENTS), list[int]()
    for action in actions:
        key = next(iter(table), "") if action in {"put", "delete"} else ""
        if action == "draft" and lazily:
            drafts.append(store.report(Note(), "tester"))
        elif action == "draft":
            revision = store.revision + 1
            drafts.append(revision)
            store.put(EVENTS, Note().key(revision), Note().made(revision), "tester")
        elif action == "count" and drafts:
            count(store, drafts[len(drafts) // 2], lazily=lazily)
        elif action == "put" and key:
            store.put(EVENTS, key, Event(metadata=ObjectMeta(name=key[3:], namespace="ns"), count=9), "user")
        elif action == "delete" and key:
            store.delete(EVENTS, key, "user")
        elif action == "compact":
            watch.poll(1_000)
            store.compact(store.revision)
        elif action == "look":
            list(table.values())
        elif action == "read":
            watch.poll(2)
    return store


def count(store: Store, written: int, *, lazily: bool) -> None:
    """Count an event again that was written at a revision, if it still exists."""
    key = Note().key(written)
    found = store.event(key, written) if lazily else store.table(EVENTS).get(key)
    if found is not None and lazily:
        store.revise(key, written, replace(found, count=found.count + 1), "tester")
    elif found is not None:
        store.put(EVENTS, key, replace(found, count=found.count + 1), "tester")


def shown(table: Table[Event]) -> list[object]:
    """All that can be asked of a table."""
    keys = list(table)
    return [
        keys, len(table), list(table.values()), dict(table.items()), list(table.entries()),
        [table.get(key) for key in keys], [table.revision(key) for key in keys], [key in table for key in keys],
        [list(table.history(key)) for key in keys], table.end,
    ]  # fmt: skip


@given(ACTIONS, st.integers(0, 10))
def test_nobody_can_tell_a_draft_from_an_object(actions: list[str], asked: int) -> None:
    """Whatever was written and read before, every question has the answer it would have without drafts."""
    lazy, eager = written(actions, lazily=True).table(EVENTS), written(actions, lazily=False).table(EVENTS)
    count = len(shown(eager))
    for first in (asked % count, *range(count)):
        assert shown(lazy)[first] == shown(eager)[first]


@given(ACTIONS, st.data())
@settings(max_examples=300)
def test_the_past_and_compaction_know_drafts(actions: list[str], data: st.DataObject) -> None:
    """The state at a revision, and what is left after compaction, do not depend on what was looked at."""
    lazy, eager = written(actions, lazily=True), written(actions, lazily=False)
    past = data.draw(st.integers(lazy.compacted, lazy.revision))
    assert lazy.table(EVENTS).at(past) == eager.table(EVENTS).at(past)
    fresh, other = written(actions, lazily=True), written(actions, lazily=False)
    fresh.compact(past)
    other.compact(past)
    assert list(fresh.table(EVENTS).items()) == list(other.table(EVENTS).items())
    assert Watch(fresh, EVENTS, past).poll() == Watch(other, EVENTS, past).poll()


def test_a_draft_wakes_who_waits() -> None:
    """A reader that asked to be woken is told of a draft as of any write."""
    store, woken = Store(), list[int]()
    store.table(EVENTS).on_next_write(lambda: woken.append(store.revision))
    store.report(Note(), "tester")
    store.report(Note(), "tester")
    assert woken == [1]


def test_an_object_is_made_once() -> None:
    """Whoever looks sees one and the same object, so that identity tells whether it changed."""
    store = Store()
    store.report(Note(), "tester")
    table = store.table(EVENTS)
    assert table.get("ns/1") is table.read(0, 1)[0].object is next(table.values())
