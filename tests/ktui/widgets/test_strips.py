"""Rows as strips: exactly as wide as asked, cut where said, and redrawn where they changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from ktui.model.table import Column, Elide
from ktui.model.tone import Tone
from ktui.widgets.strips import Frame, Palette, Row, changed_span, column_at, padded, row_strip, shortened

COLUMNS = (
    Column("A", elide=Elide.MIDDLE),
    Column("B", right=True),
    Column("C", tone=lambda text: Tone.BAD if text == "x" else Tone.GOOD),
)
_TONES = {tone: Style(color=f"color({index})") for index, tone in enumerate(Tone)}
PALETTE = Palette(
    Style(bold=True),
    Style(bold=True),
    _TONES,
    {tone: style + Style(reverse=True) for tone, style in _TONES.items()},
    Style(),
    Style(),
)
_TEXTS = st.tuples(*(st.sampled_from(["", "x", "abc", "日本語", "a-very-long-text"]) for _ in COLUMNS))
_FRAMES = st.builds(
    lambda widths, left, room: Frame(COLUMNS, widths, 1, left, room, PALETTE),
    st.lists(st.integers(0, 9), min_size=3, max_size=3), st.integers(0, 12), st.integers(4, 40),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "width", "elide", "shown"),
    [("abc", 3, Elide.END, "abc"), ("abcd", 3, Elide.END, "ab…"), ("abcdefghij", 8, Elide.MIDDLE, "abcde…ij"), ("日本語", 5, Elide.END, "日本…"),
     ("日本語", 4, Elide.END, "日…"), ("abc", 1, Elide.END, "a"), ("日本語日本語", 9, Elide.MIDDLE, "日本…語")],
)  # fmt: skip
def test_texts_are_cut_where_said(text: str, width: int, elide: Elide, shown: str) -> None:
    """An ellipsis stands for what is left out; the middle is cut where both ends tell objects apart."""
    assert shortened(text, width, elide).rstrip() == shown


@given(st.text(max_size=20), st.integers(1, 20), st.sampled_from(COLUMNS))
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, column: Column) -> None:
    """Whatever it says."""
    assert cell_len(padded(text, width, column)) == width


@given(_TEXTS, _TEXTS, _FRAMES)
def test_outside_the_changed_span_nothing_changed(
    before: tuple[str, ...], after: tuple[str, ...], frame: Frame
) -> None:
    """Redrawing only the span gives the whole new line."""
    old, new = Row("k", before, False, "│"), Row("k", after, False, "│")
    start, stop = changed_span(old, new, frame)
    shown, wanted = row_strip(old, frame), row_strip(new, frame)
    assert shown.cell_length == wanted.cell_length == frame.room
    assert shown.crop(0, start).simplify() == wanted.crop(0, start).simplify()
    assert shown.crop(stop, frame.room).simplify() == wanted.crop(stop, frame.room).simplify()


def test_a_row_that_gets_the_cursor_is_drawn_whole() -> None:
    """Cursor and scroll bar are not cells."""
    frame = Frame(COLUMNS, (3, 3, 3), 1, 0, 20, PALETTE)
    assert changed_span(Row("k", ("a",) * 3, False, " "), Row("k", ("a",) * 3, True, " "), frame) == (0, 20)


def test_a_click_falls_on_the_column_under_it() -> None:
    """Left-out columns are not there; the gap belongs to the column before it."""
    frame = Frame(COLUMNS, (3, 0, 4), 2, 0, 20, PALETTE)
    assert [column_at(frame, x) for x in range(12)] == [None, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2]
