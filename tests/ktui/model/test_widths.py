"""Columns fitted into the room there is."""

from hypothesis import given
from hypothesis import strategies as st

from ktui.model.table import Column
from ktui.model.widths import fit, gap

NAME, NODE, AGE = Column("Name", least=6), Column("Node", rank=2, least=4), Column("Age", rank=1)


def test_what_fits_is_left_alone() -> None:
    """With room to spare every column has its natural width."""
    assert fit([NAME, NODE, AGE], [10, 8, 4], 40) == [10, 8, 4]


def test_the_spare_column_takes_what_is_left() -> None:
    """A message column grows to the edge."""
    assert fit([NAME, Column("Message", spare=True)], [10, 8], 40) == [10, 29]


def test_columns_are_narrowed_before_any_is_dropped() -> None:
    """The widest gives first, down to its least width."""
    assert fit([NAME, NODE, AGE], [10, 8, 4], 20) == [7, 7, 4]


def test_the_highest_rank_is_dropped_first() -> None:
    """What is least needed goes; the name never does."""
    assert fit([NAME, NODE, AGE], [10, 8, 4], 12) == [7, 0, 4]
    assert fit([NAME, NODE, AGE], [10, 8, 4], 8) == [8, 0, 0]


def test_a_name_that_cannot_fit_is_still_there() -> None:
    """In no room at all the first column keeps its least width and is cut by the edge."""
    assert fit([NAME, NODE, AGE], [10, 8, 4], 3) == [6, 0, 0]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.integers(1, 30)), min_size=1, max_size=8),
    st.integers(1, 120),
)
def test_widths_never_exceed_the_room_while_anything_can_give(rows: list[tuple[int, int, int]], room: int) -> None:
    """No column grows, and the line is too long only if nothing can be narrowed or dropped any more."""
    columns = [
        Column(str(index), rank=rank if index else 0, least=least) for index, (rank, least, _) in enumerate(rows)
    ]
    natural = [width for _, _, width in rows]
    widths = fit(columns, natural, room)
    assert all(width <= whole for width, whole in zip(widths, natural, strict=True))
    shown = [index for index, width in enumerate(widths) if width]
    if sum(widths) + gap(room) * (len(shown) - 1) > room:
        assert all(columns[index].rank == 0 for index in shown)
        assert all(not columns[index].least or widths[index] <= max(columns[index].least, 0) for index in shown)
