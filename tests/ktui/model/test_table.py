"""The table's view model: order, filter, and staying right row by row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.printers import Now
from ktui.model.filters import FilterError
from ktui.model.table import TableModel, natural
from tests.ktui.model.tables import LAYOUT, Word, shown, table


def test_rows_stand_in_the_order_of_their_keys() -> None:
    """Without a sort column the order is the keys', whatever the order of arrival."""
    assert shown(table("b", "c", "a")) == ["a", "b", "c"]


def test_sorting_by_a_column_uses_natural_order() -> None:
    """Numbers in texts count as numbers: 9 stands before 10."""
    model = table(*(f"n{count}" for count in range(12)))
    model.sort_by(1)
    assert shown(model) == [f"n{count}" for count in range(12)]
    model.sort_by(1, descending=True)
    assert shown(model) == [f"n{count}" for count in reversed(range(12))]


def test_index_and_key_at_agree_in_both_directions() -> None:
    """`index` is the inverse of `key_at`, ascending and descending."""
    model = table("a", "b", "c")
    for descending in (False, True):
        model.sort_by(None, descending=descending)
        assert [model.index(model.key_at(line)) for line in range(3)] == [0, 1, 2]
    with pytest.raises(IndexError):
        model.key_at(3)


def test_keys_is_a_slice_that_ends_where_the_rows_end() -> None:
    """Asking for more lines than there are gives those there are."""
    model = table("a", "b", "c")
    assert model.keys(1, 99) == ["b", "c"]
    model.sort_by(None, descending=True)
    assert model.keys(1, 99) == ["b", "a"]
    assert model.keys(5, 9) == []


def test_a_changed_row_moves_to_its_new_place() -> None:
    """A new item of a known key is sorted by its new value."""
    model = table("a", "b", "c")
    model.sort_by(1)
    model.put("a", Word("a", 9))
    assert shown(model) == ["b", "c", "a"]


def test_a_change_that_moves_nothing_counts_as_a_change_only() -> None:
    """The widget looks for the cursor again only if rows moved."""
    model = table("a", "b")
    moves, changes = model.moves, model.changes
    model.put("a", Word("a", 5))
    assert (model.moves, model.changes) == (moves, changes + 1)
    model.drop("a")
    assert model.moves == moves + 1


def test_a_filter_holds_for_rows_that_come_later() -> None:
    """Rows are tested as they are put, so a filter needs no second look at the others."""
    model = table("web-1", "db-1")
    model.set_filter("web")
    model.put("web-2", Word("web-2"))
    model.put("db-2", Word("db-2"))
    assert shown(model) == ["web-1", "web-2"]
    model.put("web-1", Word("web-1", status="Pending"))
    model.set_filter("running")
    assert shown(model) == ["db-1", "db-2", "web-2"]
    model.set_filter("")
    assert len(model) == 4


def test_ages_are_not_searched() -> None:
    """A column that changes with time alone never decides whether a row is shown."""
    model = table("a")
    model.now = Now(77_000)
    model.set_filter("77")
    assert shown(model) == []


def test_a_bad_filter_is_told_and_changes_nothing() -> None:
    """A pattern that is none raises, and the rows shown stay as they were."""
    model = table("a", "b")
    model.set_filter("a")
    with pytest.raises(FilterError, match="unterminated character set"):
        model.set_filter("[")
    assert shown(model) == ["a"]


def test_only_members_are_shown() -> None:
    """A membership test comes before the filter, and can be taken away."""
    model = table("a", "b", "c")
    model.set_member(lambda key, _: key != "b")
    assert shown(model) == ["a", "c"]
    model.set_member(None)
    assert shown(model) == ["a", "b", "c"]


def test_natural_order_mixes_texts_and_numbers() -> None:
    """Texts and numbers at the same place compare without an error."""
    assert sorted(["b", "a10", "a9", "7", ""], key=natural) == ["", "7", "a9", "a10", "b"]


_NAMES = st.sampled_from(["a1", "a2", "a10", "b1", "b2"])
_ACTIONS = st.one_of(
    st.tuples(st.just("put"), _NAMES, st.integers(0, 3)),
    st.tuples(st.just("drop"), _NAMES),
    st.tuples(st.just("filter"), st.sampled_from(["", "a", "!a", "count:2", "-l x=1"])),
    st.tuples(st.just("sort"), st.sampled_from([None, 0, 1, 2]), st.booleans()),
)


def _apply(model: TableModel[Word], action: tuple[Any, ...]) -> None:
    match action:
        case ("put", str(name), int(count)):
            model.put(name, Word(name, count, labels={"x": str(count)}))
        case ("drop", str(name)):
            model.drop(name)
        case ("filter", str(text)):
            model.set_filter(text)
        case (_, column, descending):
            model.sort_by(column, descending=descending)


@given(st.lists(_ACTIONS, max_size=30))
def test_row_by_row_equals_from_scratch(actions: list[tuple[Any, ...]]) -> None:
    """After any sequence of changes the order shown is that of a table made anew."""
    model = TableModel(LAYOUT)
    for action in actions:
        _apply(model, action)
    fresh = TableModel(LAYOUT)
    fresh.set_filter(model.filter.text)
    fresh.sort_by(model.column, descending=model.descending)
    fresh.replace_all(model.items)
    assert shown(model) == shown(fresh)
