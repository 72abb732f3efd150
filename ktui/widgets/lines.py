"""Text of many lines, drawn line by line: descriptions, YAML, the help.

Lines come in as they are and are made safe here. Invariant: the part seen stays where it is when the
text is replaced by a newer version of itself.
"""

import re
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ktui.commands import Scope
from ktui.model.text import lines
from ktui.widgets.bindings import bindings

_FIELD = re.compile(r"(\s*(?:- )?)([\w./\" -]+?:)(?=\s|$)")


class Lines(ScrollView, can_focus=True):
    """A text that scrolls, with what is looked for marked in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TABLE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--field", "lines--found", "lines--warning"}

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._lines: list[str] = []
        self._pattern: re.Pattern[str] | None = None
        self.show(text)

    def show(self, text: str) -> None:
        """Show another text at the same place."""
        fresh = lines(text.rstrip("\n"))
        if fresh != self._lines:
            self._lines = fresh
            self.virtual_size = Size(max(map(cell_len, fresh), default=0) + 1, len(fresh))
            self.refresh()

    def look_for(self, pattern: re.Pattern[str] | None) -> int:
        """Mark what matches and go to the first from here on; how many lines match."""
        self._pattern = pattern
        self.refresh()
        found = self._matching()
        if found:
            here = round(self.scroll_y)
            self.scroll_to(y=next((line for line in found if line >= here), found[0]), animate=False)
        return len(found)

    def find(self, step: int) -> None:
        """Go to the next line that matches, or (with -1) to the one before."""
        found, here = self._matching(), round(self.scroll_y)
        if step > 0:
            found = [line for line in found if line > here] or found
        else:
            found = list(reversed([line for line in found if line < here] or found))
        if found:
            self.scroll_to(y=found[0], animate=False)

    def render_line(self, y: int) -> Strip:
        """The strip of one line of the part seen."""
        left, top = self.scroll_offset
        line = self._lines[top + y] if top + y < len(self._lines) else ""
        plain, room = self.rich_style, self.size.width
        strip = Strip(list(Segment.simplify(self._segments(line, plain))))
        return strip.crop(left, left + room).extend_cell_length(room, plain)

    def action_move(self, rows: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=rows, animate=False)

    def action_page(self, halves: int) -> None:
        """Scroll by half pages."""
        self.scroll_relative(y=halves * self.size.height // 2, animate=False)

    def action_first(self) -> None:
        """Go to the first line."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Go to the last line."""
        self.scroll_end(animate=False)

    def action_sideways(self, steps: int) -> None:
        """Scroll sideways."""
        self.scroll_relative(x=steps * 8, animate=False)

    def _matching(self) -> list[int]:
        pattern = self._pattern
        return [] if pattern is None else [index for index, line in enumerate(self._lines) if pattern.search(line)]

    def _segments(self, line: str, plain: Style) -> list[Segment]:
        if self._pattern is not None and self._pattern.search(line):
            return self._marked(line, plain)
        field = _FIELD.match(line)
        if field is None:
            warned = line.lstrip().startswith("Warning ")
            return [Segment(line, self.get_component_rich_style("lines--warning") if warned else plain)]
        name = self.get_component_rich_style("lines--field")
        return [Segment(field[1], plain), Segment(field[2], name), Segment(line[field.end() :], plain)]

    def _marked(self, line: str, plain: Style) -> list[Segment]:
        found = self.get_component_rich_style("lines--found")
        segments, end = [], 0
        for match in self._pattern.finditer(line) if self._pattern is not None else ():
            segments += [Segment(line[end : match.start()], plain), Segment(match[0], found)]
            end = match.end()
        return [*segments, Segment(line[end:], plain)]
