"""Revisions, history, readers' positions, and compaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import ConfigMap
from cluster.api.errors import Expired
from cluster.api.kinds import CONFIG_MAPS, SECRETS
from cluster.api.meta import ObjectMeta
from cluster.store import Store
from cluster.watch import Watch

WRITES = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(-1, 3)), max_size=40)


def config(name: str, value: int) -> ConfigMap:
    """A ConfigMap holding one number."""
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="ns"), data={"n": str(value)})


def written(writes: list[tuple[str, int]]) -> Store:
    """A store after some writes; -1 deletes."""
    store = Store()
    for name, value in writes:
        key = f"ns/{name}"
        if value >= 0:
            store.put(CONFIG_MAPS, key, config(name, value), "tester")
        elif key in store.table(CONFIG_MAPS):
            store.delete(CONFIG_MAPS, key, "tester")
    return store


def test_every_write_has_a_revision_an_actor_and_a_cause() -> None:
    """An entry says who wrote it and which revision made them; revisions are shared by all kinds."""
    store = Store()
    store.put(SECRETS, "ns/s", config("s", 1), "user")
    store.cause = 1
    assert store.put(CONFIG_MAPS, "ns/a", config("a", 1), "controller") == 2
    newest = next(store.table(CONFIG_MAPS).history("ns/a"))
    assert (newest.revision, newest.actor, newest.cause, newest.previous) == (2, "controller", 1, None)


def test_history_goes_back_to_the_creation() -> None:
    """An object's history lists its versions newest first, each with the one before."""
    store = written([("a", 1), ("b", 9), ("a", 2), ("a", 3)])
    found = [
        (entry.revision, entry.object and entry.object.data["n"]) for entry in store.table(CONFIG_MAPS).history("ns/a")
    ]
    assert found == [(4, "3"), (3, "2"), (1, "1")]


@given(WRITES)
def test_the_index_equals_a_replay_of_the_log(writes: list[tuple[str, int]]) -> None:
    """What a table lists is what its log, replayed, amounts to."""
    store = written(writes)
    replayed: dict[str, ConfigMap] = {}
    for _, entry in store.log():
        if entry.object is None:
            del replayed[entry.key]
        else:
            replayed[entry.key] = entry.object
    assert dict(store.table(CONFIG_MAPS).items()) == replayed


@given(WRITES, st.data())
def test_the_past_can_be_seen(writes: list[tuple[str, int]], data: st.DataObject) -> None:
    """The state at a revision is the state there was when that revision was the newest."""
    past = data.draw(st.integers(0, len(writes)))
    store, then = written(writes), written(writes[:past])
    assert store.table(CONFIG_MAPS).at(then.revision) == dict(then.table(CONFIG_MAPS).items())


@given(WRITES, st.data())
def test_compaction_keeps_the_present_and_what_came_after(writes: list[tuple[str, int]], data: st.DataObject) -> None:
    """After compaction the state and later history are the same, and earlier readers are told that they are too late."""
    store, whole = written(writes), written(writes)
    cut = data.draw(st.integers(0, store.revision))
    store.compact(cut)
    table, before = store.table(CONFIG_MAPS), whole.table(CONFIG_MAPS)
    assert dict(table.items()) == dict(before.items())
    assert {key: table.revision(key) for key in table} == {key: before.revision(key) for key in before}
    assert Watch(store, CONFIG_MAPS, cut).poll() == [
        entry
        if entry.previous is None or whole_previous_kept(whole, entry.key, entry.revision, cut)
        else replace(entry, previous=None)
        for entry in Watch(whole, CONFIG_MAPS, cut).poll()
    ]
    if cut:
        with pytest.raises(Expired):
            Watch(store, CONFIG_MAPS, cut - 1)


def whole_previous_kept(store: Store, key: str, revision: int, cut: int) -> bool:
    """Whether the version before `revision` is later than the cut or the key's newest at all."""
    earlier = [entry.revision for _, entry in store.log() if entry.key == key and entry.revision < revision]
    return earlier[-1] > cut


def test_a_lagging_reader_learns_that_it_is_too_late() -> None:
    """A watch that has not read what was compacted gets Expired, never a gap."""
    store = written([("a", 1), ("a", 2), ("b", 1)])
    watch = Watch(store, CONFIG_MAPS, 0)
    assert watch.behind == 3
    store.compact(2)
    with pytest.raises(Expired):
        watch.poll()


def test_a_sleeper_is_woken_once() -> None:
    """A reader that asked to be woken is told of the next write, and not of the one after."""
    store, woken = written([]), list[int]()
    store.table(CONFIG_MAPS).on_next_write(lambda: woken.append(1))
    store.put(CONFIG_MAPS, "ns/a", config("a", 1), "tester")
    store.put(CONFIG_MAPS, "ns/a", config("a", 2), "tester")
    assert woken == [1]
