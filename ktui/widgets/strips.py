"""One table row as a strip of styled segments: the last hop from texts to cells on the screen.

Pure functions of a row's texts, the column widths and the styles. Invariant: a strip is exactly
as wide as asked, and its texts are drawn as they are; markup in them has no meaning.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ktui.model.table import Column, Elide
from ktui.model.text import clean
from ktui.model.tone import Tone


class Palette(NamedTuple):
    """The styles of a table under the present theme."""

    header: Style
    sorted: Style
    tones: dict[Tone, Style]
    cursor: dict[Tone, Style]
    track: Style
    thumb: Style


class Frame(NamedTuple):
    """What all rows of a table share: columns, their widths, and the part of a line that is seen."""

    columns: Sequence[Column]
    widths: Sequence[int]
    gap: int
    left: int
    room: int
    palette: Palette


class Row(NamedTuple):
    """What a line shows: a key's texts, whether the cursor is on it, and its piece of the scroll bar."""

    key: str
    cells: tuple[str, ...]
    current: bool
    bar: str


def row_strip(row: Row, frame: Frame) -> Strip:
    """A row with the cursor's mark before it and the scroll bar behind it."""
    palette = frame.palette
    tones = palette.cursor if row.current else palette.tones
    mark = Segment("▌" if row.current else " ", tones[Tone.NAME])
    bar = Segment(row.bar, palette.thumb if row.bar == "┃" else palette.track)
    return _line(mark, _cells(row.cells, frame, tones), tones[Tone.PLAIN], frame, bar)


def header_strip(frame: Frame, sorted_by: int, arrow: str) -> Strip:
    """The titles above their columns; the one sorted by carries an arrow."""
    palette = frame.palette
    segments = []
    for index, (column, width) in enumerate(zip(frame.columns, frame.widths, strict=True)):
        if width:
            style = palette.sorted if index == sorted_by else palette.header
            title = column.title.upper()
            if index == sorted_by:
                title = title[: width - 1] + arrow
            segments += [Segment(padded(title, width, column), style), Segment(" " * frame.gap, palette.header)]
    return _line(Segment(" ", palette.header), segments, palette.header, frame, None)


def column_at(frame: Frame, x: int) -> int | None:
    """Which column a cell of the line belongs to, or None."""
    edge = 1 - frame.left
    for index, width in enumerate(frame.widths):
        if width and edge <= x < edge + width + frame.gap:
            return index
        edge += width + frame.gap if width else 0
    return None


def changed_span(old: Row, new: Row, frame: Frame) -> tuple[int, int]:
    """The cells of a line, from and up to, that have to be drawn again when its row changes."""
    if old._replace(cells=()) != new._replace(cells=()):
        return 0, frame.room
    edge, start, stop = 1 - frame.left, frame.room, 0
    for before, after, width in zip(old.cells, new.cells, frame.widths, strict=True):
        if width and before != after:
            start, stop = min(start, edge), max(stop, edge + width)
        edge += width + frame.gap if width else 0
    start, stop = max(start, 0), min(stop, frame.room)
    return (start, stop) if start < stop else (0, 0)


def padded(text: str, width: int, column: Column) -> str:
    """The text, made safe, in exactly `width` cells."""
    text = shortened(clean(text), width, column.elide)
    missing = " " * (width - measured(text))
    return missing + text if column.right else text + missing


def shortened(text: str, width: int, elide: Elide) -> str:
    """The text in at most `width` cells; an ellipsis stands for what was cut."""
    if measured(text) <= width:
        return text
    if width < 2:
        return set_cell_size(text, width)
    if elide is Elide.MIDDLE and width >= 8:
        tail = (width - 1) * 2 // 5
        return set_cell_size(text, width - 1 - tail).rstrip() + "…" + _tail(text, tail)
    return set_cell_size(text, width - 1).rstrip() + "…"


def measured(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _cells(cells: Iterable[str], frame: Frame, tones: dict[Tone, Style]) -> Iterator[Segment]:
    plain = tones[Tone.PLAIN]
    for cell, column, width in zip(cells, frame.columns, frame.widths, strict=True):
        if width:
            tone = column.tone(cell) if column.tone is not None else Tone.PLAIN
            yield Segment(padded(cell, width, column), tones[tone])
            yield Segment(" " * frame.gap, plain)


def _line(mark: Segment, segments: Iterable[Segment], blank: Style, frame: Frame, bar: Segment | None) -> Strip:
    room = frame.room - 1 - (bar is not None)
    line = Strip(Segment.simplify(segments))
    seen = line.crop(frame.left, frame.left + room).extend_cell_length(room, blank)
    return Strip([mark, *seen, bar] if bar is not None else [mark, *seen], frame.room)


def _tail(text: str, width: int) -> str:
    """The last `width` cells of a text, one fewer where a wide character stands across the cut."""
    size, start = 0, len(text)
    while start and size + cell_len(text[start - 1]) <= width:
        start -= 1
        size += cell_len(text[start])
    return text[start:]
