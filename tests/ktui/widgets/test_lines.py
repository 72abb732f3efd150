"""Text of many lines: all of it can be reached."""

import pytest

from ktui.widgets.lines import Lines


@pytest.mark.parametrize(("text", "cells"), [("plain", 5), ("日本", 4), ("a\tb", 5), ("\x1b[2J", 4)])
def test_the_width_is_that_of_the_cells(text: str, cells: int) -> None:
    """The end of a line of wide characters can be scrolled to as any other's."""
    assert Lines(text).virtual_size.width == cells + 1
