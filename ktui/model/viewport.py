"""Which rows of a table are seen, and which one the cursor is on.

Stands between a `TableModel` and the widget that draws it. Invariant: the cursor is on a key. While
the reader holds it, it stays on its object, and on its line of the screen when rows come and go
above; a list seen from its top goes on showing its top.
"""

from typing import Any

from ktui.model.table import TableModel


class Viewport:
    """The seen part of a table of `page` lines."""

    def __init__(self, model: TableModel[Any]) -> None:
        self.model = model
        self.page = 1
        self.key: str | None = None
        """The key that the cursor is on."""
        self.at = 0
        """The line that the cursor was last found on."""
        self.top = 0
        """The first line seen."""
        self.held = False
        """The reader chose the row: keep it. Otherwise the cursor stays on the first line."""
        self._moves = -1

    def sync(self) -> None:
        """Find the cursor's object again after the model changed."""
        if self._moves == self.model.moves:
            return
        self._moves = self.model.moves
        count = len(self.model)
        found = self.model.index(self.key) if self.held and self.key is not None else None
        seen = 0 <= self.at - self.top < self.page
        if found is not None:
            if self.top and seen:
                self.top += found - self.at
            self.at = found
        else:
            self.at = max(0, min(self.at if self.held else 0, count - 1))
        self.key = self.model.key_at(self.at) if count else None
        self._clamp()
        if seen and self.held:
            self.show_cursor()

    def go_to(self, line: int) -> bool:
        """Put the cursor on the nearest line there is, and show it; whether it moved to another object."""
        self.sync()
        if not len(self.model):
            return False
        before = self.key
        self.at = max(0, min(line, len(self.model) - 1))
        self.key, self.held = self.model.key_at(self.at), True
        self.show_cursor()
        return self.key != before

    def scroll(self, lines: int) -> None:
        """Look further down or up; the cursor stays where it is."""
        self.top += lines
        self._clamp()

    def resize(self, page: int) -> None:
        """Have another number of lines."""
        seen = 0 <= self.at - self.top < self.page
        self.page = max(1, page)
        self._clamp()
        if seen and self.held:
            self.show_cursor()

    def show_cursor(self) -> None:
        """Look at the part where the cursor is."""
        self.top = max(0, min(self.top, self.at), self.at - self.page + 1)

    def seen(self) -> list[str]:
        """The keys on the lines seen."""
        return self.model.keys(self.top, self.top + self.page)

    def thumb(self) -> range:
        """The lines of a scroll bar that stand for the part seen; empty when everything is."""
        count = len(self.model)
        if count <= self.page:
            return range(0)
        size = max(1, self.page * self.page // count)
        start = self.top * (self.page - size) // (count - self.page)
        return range(start, start + size)

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.model) - self.page))
