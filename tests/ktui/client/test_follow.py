"""Feeds: list, watch, and list again, told as one row of changes."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from cluster.api.core import ConfigMap
from cluster.api.kinds import CONFIG_MAPS
from cluster.api.meta import ObjectMeta
from cluster.store import Store
from cluster.watch import Watch
from ktui.client import Change
from ktui.client.follow import Follower


def _follower(store: Store) -> Follower[ConfigMap]:
    return Follower(lambda: (dict(store.table(CONFIG_MAPS).items()), Watch(store, CONFIG_MAPS)))


def _put(store: Store, key: str, text: str = "") -> ConfigMap:
    value = ConfigMap(metadata=ObjectMeta(name=key), data={"text": text})
    store.put(CONFIG_MAPS, key, value, "test")
    return value


def test_first_comes_everything_there_is() -> None:
    """A new feed tells of each object as new, at most as many at a time as asked for."""
    store = Store()
    present = [_put(store, key) for key in ("a", "b", "c")]
    feed = _follower(store)
    assert feed.behind
    assert feed.poll(2) == [Change("a", None, present[0]), Change("b", None, present[1])]
    assert feed.poll(2) == [Change("c", None, present[2])]
    assert not feed.behind
    assert feed.poll() == []


def test_writes_between_two_looks_are_one_change() -> None:
    """Each key is told once, from what was known to what is now; what came and went is not told."""
    store = Store()
    first = _put(store, "a")
    feed = _follower(store)
    feed.poll()
    _put(store, "a", "1")
    last = _put(store, "a", "2")
    _put(store, "b")
    store.delete(CONFIG_MAPS, "b", "test")
    assert feed.poll() == [Change("a", first, last)]
    store.delete(CONFIG_MAPS, "a", "test")
    assert feed.poll() == [Change("a", last, None)]


def test_a_feed_too_far_behind_lists_again() -> None:
    """After history was forgotten, the difference to what is there now is told."""
    store = Store()
    first, kept = _put(store, "a"), _put(store, "b")
    feed = _follower(store)
    feed.poll()
    store.delete(CONFIG_MAPS, "a", "test")
    fresh = _put(store, "c")
    store.compact(store.revision)
    assert feed.poll() == [Change("a", first, None), Change("c", None, fresh)]
    assert kept not in [change.new for change in feed.poll()]


_WRITES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "delete", "poll", "compact"])), max_size=30
)


@given(_WRITES)
def test_the_changes_add_up_to_what_is_there(writes: list[tuple[str, str]]) -> None:
    """Whatever is written, forgotten and looked at in between, the changes make the present state."""
    store = Store()
    feed, known = _follower(store), dict[str, ConfigMap]()
    for number, (key, what) in enumerate(writes):
        if what == "put":
            _put(store, key, str(number))
        elif what == "delete" and key in store.table(CONFIG_MAPS):
            store.delete(CONFIG_MAPS, key, "test")
        elif what == "compact":
            store.compact(store.revision)
        else:
            _take(feed, known)
    while feed.behind:
        _take(feed, known)
    assert known == _present(store)


def _take(feed: Follower[ConfigMap], known: dict[str, ConfigMap]) -> None:
    for change in feed.poll(2):
        assert known.get(change.key) is change.old
        if change.new is None:
            del known[change.key]
        else:
            known[change.key] = change.new


def _present(store: Store) -> Mapping[str, ConfigMap]:
    return dict(store.table(CONFIG_MAPS).items())
