"""The cursor stays on its object, and the part seen stays put."""

from ktui.model.viewport import Viewport
from tests.ktui.model.tables import Word, table


def _view(count: int, page: int) -> Viewport:
    view = Viewport(table(*(f"m{number:02}" for number in range(count))))
    view.resize(page)
    view.sync()
    return view


def test_a_held_cursor_stays_on_its_object() -> None:
    """Rows put in above, removed above and re-sorted leave the cursor on its key."""
    view = _view(20, 5)
    view.go_to(10)
    view.model.put("a", Word("a"))
    view.model.drop("m00")
    view.model.drop("m01")
    view.sync()
    assert (view.key, view.at) == ("m10", 9)
    view.model.sort_by(None, descending=True)
    view.sync()
    assert view.key == "m10"
    assert view.key in view.seen()


def test_the_line_on_the_screen_stays_when_rows_come_above() -> None:
    """Away from the top, the seen part moves with the cursor's object."""
    view = _view(20, 5)
    view.go_to(10)
    line = view.at - view.top
    for name in ("a", "b", "c"):
        view.model.put(name, Word(name))
    view.sync()
    assert view.at - view.top == line


def test_a_list_seen_from_its_top_goes_on_showing_its_top() -> None:
    """New rows at the top are seen; an untouched cursor stays on the first line."""
    view = _view(3, 5)
    view.model.put("a", Word("a"))
    view.sync()
    assert (view.top, view.key) == (0, "a")


def test_when_its_object_goes_the_cursor_takes_the_row_in_its_place() -> None:
    """The nearest row follows, and the last row when the end went."""
    view = _view(3, 5)
    view.go_to(1)
    view.model.drop("m01")
    view.sync()
    assert view.key == "m02"
    view.model.drop("m02")
    view.sync()
    assert view.key == "m00"
    view.model.drop("m00")
    view.sync()
    assert view.key is None


def test_going_anywhere_ends_within_the_rows() -> None:
    """Beyond either end is the end; an empty table has nowhere to go."""
    view = _view(3, 5)
    assert view.go_to(99)
    assert view.key == "m02"
    assert view.go_to(-5)
    assert view.key == "m00"
    assert not view.go_to(0)
    assert not Viewport(table()).go_to(0)


def test_scrolling_leaves_the_cursor() -> None:
    """The wheel moves what is seen, within the rows, not what is chosen."""
    view = _view(20, 5)
    view.go_to(0)
    view.scroll(100)
    assert (view.top, view.key) == (15, "m00")
    assert view.seen() == ["m15", "m16", "m17", "m18", "m19"]


def test_the_thumb_stands_for_the_part_seen() -> None:
    """At the top it touches the top, at the bottom the bottom; without anything to scroll there is none."""
    view = _view(20, 5)
    assert view.thumb() == range(1)
    view.scroll(100)
    assert view.thumb() == range(4, 5)
    assert len(_view(5, 5).thumb()) == 0


def test_a_smaller_page_still_shows_a_held_cursor() -> None:
    """Resizing the terminal does not lose the row that was chosen."""
    view = _view(20, 10)
    view.go_to(9)
    view.resize(4)
    assert "m09" in view.seen()
