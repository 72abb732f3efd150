"""A titled frame around a table: its number, its name, how many rows, and what they are filtered by.

Invariant: the title says whenever rows are hidden, by a filter or by a chosen label.
"""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from ktui.model.table import TableModel
from ktui.model.text import clean
from ktui.widgets.table import VirtualTable


class Pane(Vertical):
    """A table with a title in its border."""

    def __init__(
        self, title: str, model: TableModel[Any], number: int = 0, *, part: bool = False, **options: Any
    ) -> None:
        """`part`: the table holds more than belongs here, so how many there are besides means nothing."""
        super().__init__(**options)
        self._caption, self._number, self._part = title, number, part
        self._table = VirtualTable(model)
        self._shown: tuple[str, ...] = ()

    @property
    def table(self) -> VirtualTable:
        """The table inside."""
        return self._table

    def compose(self) -> ComposeResult:
        """Only the table."""
        yield self._table

    def sync(self, scope: str = "") -> None:
        """Show what the model holds now."""
        self._table.sync()
        model = self._table.model
        hidden = model.filter or (scope and model.member is not None)
        count = f"{len(model)} of {len(model.items)}" if hidden and not self._part else str(len(model))
        shown = (count, scope if model.member is not None else "", model.filter.text)
        if shown != self._shown:
            self._shown = shown
            self.border_title = self._title(*shown)

    def rename(self, title: str) -> None:
        """Have another title."""
        self._caption, self._shown = title, ()

    def _title(self, count: str, scope: str, text: str) -> Content:
        number = (f"{self._number} ", "$accent") if self._number else ""
        return Content.assemble(
            " ", number, (clean(self._caption), "bold"), f" {count} ",
            (f"⊆ {clean(scope)} ", "$secondary") if scope else "", (f"/{clean(text)} ", "$warning") if text else "",
        )  # fmt: skip
