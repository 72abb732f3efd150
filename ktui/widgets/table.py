"""The table: the rows of a `TableModel` that fit the screen, drawn line by line.

The model says what there is, the `Viewport` what is seen; this widget turns that into strips and
repaints only the lines that look different. Invariant: what a line shows was made by `sync`, and
`sync` costs the same whatever the number of rows.
"""

from time import monotonic
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cluster.printers import Now
from ktui.commands import Scope
from ktui.model.table import Cells, TableModel
from ktui.model.tone import Tone
from ktui.model.viewport import Viewport
from ktui.model.widths import fit, gap
from ktui.widgets.bindings import bindings
from ktui.widgets.strips import Frame, Palette, Row, changed_span, column_at, header_strip, measured, row_strip

_STEP = 8
_PATIENCE = 3.0
"""For how many seconds a column stays as wide as its widest text was."""
_WHEEL = 3
_REMEMBERED = 512


class VirtualTable(ScrollView, can_focus=True):
    """A table of any size; call `sync()` after the model changed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TABLE)]
    DEFAULT_CSS = "VirtualTable { height: 1fr; scrollbar-size: 0 0; overflow: hidden hidden; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header", "table--sorted", "table--cursor", "table--blurred", "table--track", "table--thumb",
        *(f"table--{tone.value}" for tone in Tone if tone.value),
    }  # fmt: skip

    class Opened(Message):
        """A double click on a row."""

        def __init__(self, table: "VirtualTable", key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    class Moved(Message):
        """The reader put the cursor on another object."""

        def __init__(self, table: "VirtualTable", key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    def __init__(self, model: TableModel[Any], **options: Any) -> None:
        super().__init__(**options)
        self.view = Viewport(model)
        self._left = 0
        self._frame: Frame | None = None
        self._header: tuple[Frame, int, str, Strip] | None = None
        self._lines: list[tuple[Row, Strip]] = []
        self._natural = _title_widths(model)
        self._recent, self._since = [0] * len(self._natural), monotonic()
        self._texts: dict[str, tuple[Any, Now, Cells]] = {}

    @property
    def model(self) -> TableModel[Any]:
        """The rows; change it by `use`."""
        return self.view.model

    @property
    def cursor(self) -> str | None:
        """The key of the row that the cursor is on."""
        return self.view.key

    def use(self, model: TableModel[Any]) -> None:
        """Show another model from now on, from its first row."""
        page = self.view.page
        self.view = Viewport(model)
        self.view.resize(page)
        self.view.held = self.has_focus
        self._left, self._natural = 0, _title_widths(model)
        self._recent, self._since = [0] * len(self._natural), monotonic()
        self._texts.clear()
        self._redraw()

    def sync(self) -> None:
        """Show what the model holds now, repainting the lines that look different."""
        if not self.size.height or not self.is_attached:
            return
        self.view.sync()
        thumb = self.view.thumb()
        scrolls = len(thumb) > 0
        rows = [
            Row(key, self._cells_of(key), key == self.view.key, ("┃" if line in thumb else "│") if scrolls else " ")
            for line, key in enumerate(self.view.seen())
        ]
        self._measure(rows)
        dirty = self._paint(rows, self._current_frame())
        if dirty:
            self.refresh(*dirty)

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, the nearest there is."""
        moved = self.view.go_to(line)
        self.sync()
        if moved and self.cursor is not None:
            self.post_message(self.Moved(self, self.cursor))

    def select(self, key: str) -> bool:
        """Put the cursor on an object; whether it is shown at all."""
        line = self.model.index(key)
        if line is not None:
            self.go_to(line)
        return line is not None

    def render_line(self, y: int) -> Strip:
        """The strip of one line, made beforehand by `sync`."""
        if y == 0 and self._header is not None:
            return self._header[3]
        if 1 <= y <= len(self._lines):
            return self._lines[y - 1][1]
        return Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        """A style or the theme changed: draw everything anew."""
        super().notify_style_update()
        self._redraw()

    def _redraw(self) -> None:
        self._frame, self._header, self._lines = None, None, []
        self.sync()
        self.refresh()

    def _paint(self, rows: list[Row], frame: Frame) -> list[Region]:
        old, width = self._lines, self.size.width
        dirty = [Region(0, 0, width, 1)] if self._paint_header(frame) else []
        self._lines = []
        for line, row in enumerate(rows):
            if line < len(old) and old[line][0] == row:
                self._lines.append(old[line])
            else:
                self._lines.append((row, row_strip(row, frame)))
                start, stop = changed_span(old[line][0], row, frame) if line < len(old) else (0, width)
                if stop > start:
                    dirty.append(Region(start, line + 1, stop - start, 1))
        if len(old) > len(rows):
            dirty.append(Region(0, len(rows) + 1, width, len(old) - len(rows)))
        return dirty

    def _paint_header(self, frame: Frame) -> bool:
        model = self.model
        index = -1 if model.column is None else model.column
        arrow = "" if model.column is None else "↓" if model.descending else "↑"
        if self._header is not None and self._header[:3] == (frame, index, arrow):
            return False
        self._header = (frame, index, arrow, header_strip(frame, index, arrow))
        return True

    def _cells_of(self, key: str) -> Cells:
        item, now = self.model.items[key], self.model.now
        known = self._texts.get(key)
        if known is not None and known[0] is item and known[1] == now:
            return known[2]
        if len(self._texts) > _REMEMBERED:
            self._texts.clear()
        cells = self.model.cells(key)
        self._texts[key] = (item, now, cells)
        return cells

    def _measure(self, rows: list[Row]) -> None:
        """Widen columns to what is seen at once; narrow them only when nothing wider was seen for a while."""
        columns = self.model.layout.columns
        for index, column in enumerate(columns):
            widest = max((measured(row.cells[index]) for row in rows), default=0)
            self._recent[index] = max(self._recent[index], min(column.most, widest))
        titles = _title_widths(self.model)
        grown = [max(widths) for widths in zip(titles, self._natural, self._recent, strict=True)]
        if monotonic() - self._since >= _PATIENCE:
            grown = [max(widths) for widths in zip(titles, self._recent, strict=True)]
            self._recent, self._since = [0] * len(columns), monotonic()
        if grown != self._natural:
            self._natural, self._frame = grown, None

    def _current_frame(self) -> Frame:
        if self._frame is None:
            columns, room = self.model.layout.columns, self.size.width
            widths = fit(columns, self._natural, room - 2) if not self._left else list(self._natural)
            self._frame = Frame(columns, widths, gap(room), self._left, room, self._styles())
            self._lines, self._header = [], None
        return self._frame

    def _styles(self) -> Palette:
        style = self.get_component_rich_style
        plain, cursor = self.rich_style, style("table--cursor" if self.has_focus else "table--blurred")
        colours = {tone: Style(color=style(f"table--{tone.value}").color if tone.value else None) for tone in Tone}
        tones = {tone: plain + colour for tone, colour in colours.items()}
        current = {tone: cursor + colour for tone, colour in colours.items()}
        return Palette(
            style("table--header"), style("table--sorted"), tones, current, style("table--track"), style("table--thumb")
        )

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.go_to(self.view.at + rows)

    def action_page(self, halves: int) -> None:
        """Move the cursor by half pages."""
        self.go_to(self.view.at + halves * self.view.page // 2)

    def action_first(self) -> None:
        """Go to the first row."""
        self.go_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.go_to(len(self.model) - 1)

    def action_sideways(self, steps: int) -> None:
        """Move over the columns at their full widths; back at the left edge they are fitted again."""
        widest = sum(self._natural) + gap(self.size.width) * len(self._natural)
        self._left = max(0, min(self._left + steps * _STEP, widest - self.size.width))
        self._redraw()

    def action_sort_next(self, step: int) -> None:
        """Sort by the next column to the right or left; before the first stands the order of the keys."""
        count = len(self.model.layout.columns)
        place = -1 if self.model.column is None else self.model.column
        place = (place + 1 + step) % (count + 1) - 1
        self.model.sort_by(None if place < 0 else place)
        self.sync()

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        self.model.sort_by(self.model.column, descending=not self.model.descending)
        self.sync()

    def on_mount(self) -> None:
        """Make the first lines."""
        self._redraw()

    def on_resize(self) -> None:
        """Fit the columns and rows into the new size; the first size there is shows where the cursor is."""
        before = self.cursor
        self.view.resize(self.size.height - 1)
        self._redraw()
        if self.cursor is not None and self.cursor != before:
            self.post_message(self.Moved(self, self.cursor))

    def on_focus(self) -> None:
        """From now on the cursor is kept on its object."""
        self.view.held = True
        self.view.show_cursor()
        self._redraw()

    def on_blur(self) -> None:
        """Without focus a cursor on the first row stays on the first row."""
        self.view.held = self.view.at > 0 or self.view.top > 0
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        """Select a row, open it (twice), sort by a title, or jump along the scroll bar."""
        event.stop()
        if event.y == 0:
            self._sort_by_click(event.x)
            return
        line = self.view.top + event.y - 1
        if event.y <= len(self._lines):
            if event.x == self.size.width - 1 and self.view.thumb():
                line = (event.y - 1) * len(self.model) // self.view.page
            self.go_to(line)
            if event.chain == 2 and self.cursor is not None:
                self.post_message(self.Opened(self, self.cursor))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, lines: int) -> None:
        event.stop()
        if event.shift or event.ctrl:
            self.action_sideways(1 if lines > 0 else -1)
        else:
            self.view.scroll(lines)
            self.sync()

    def _sort_by_click(self, x: int) -> None:
        """Up, down, then back to the order of the keys."""
        column = column_at(self._current_frame(), x)
        model = self.model
        if column is None or (column == model.column and model.descending):
            model.sort_by(None)
        else:
            model.sort_by(column, descending=column == model.column)
        self.sync()


def _title_widths(model: TableModel[Any]) -> list[int]:
    """What the titles take, with room for the arrow of the one that is sorted by."""
    return [len(column.title) + (index == model.column) for index, column in enumerate(model.layout.columns)]
