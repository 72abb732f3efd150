"""The alignment of tables and descriptions."""

from hypothesis import given
from hypothesis import strategies as st

from cluster.printers import align


def test_columns_share_one_width() -> None:
    """A column is as wide as its widest cell and the padding; the last cell of a line is not padded."""
    assert align("a\tbb\tc\naaaa\tb\tcc\n") == "a     bb  c\naaaa  b   cc\n"


def test_minimum_width() -> None:
    """A narrow column is widened to the minimum, which includes the padding."""
    assert align("a\tb\nc\td\n", minimum=6, padding=3) == "a     b\nc     d\n"


def test_a_line_without_the_column_ends_the_block() -> None:
    """Columns above and below a line that lacks them have widths of their own."""
    assert align("a\tb\nplain\nlonger\tb\n") == "a  b\nplain\nlonger  b\n"


def test_nested_blocks() -> None:
    """A second column is aligned only among consecutive lines that have it."""
    assert align("a\tb\tc\naa\tbbb\naaa\tb\tc\n") == "a    b  c\naa   bbb\naaa  b  c\n"


def test_a_last_empty_cell_leaves_the_padding() -> None:
    """A line that ends in a tab keeps the blanks before it, as kubectl's `Labels:` lines do."""
    assert align("IP:\t\nStatus:\tRunning\n") == "IP:      \nStatus:  Running\n"


@given(
    st.lists(st.lists(st.text("ab c", max_size=5), min_size=1, max_size=4), max_size=8),
    st.integers(0, 6),
    st.integers(1, 3),
)
def test_content_is_kept(cells: list[list[str]], minimum: int, padding: int) -> None:
    """Alignment adds blanks and nothing else: no cell is lost, moved to another line or cut."""
    text = "\n".join("\t".join(line) for line in cells)
    aligned = align(text, minimum=minimum, padding=padding)
    assert "\t" not in aligned
    without_blanks = [[character for character in line if character not in " \t"] for line in text.split("\n")]
    assert [[character for character in line if character != " "] for line in aligned.split("\n")] == without_blanks
