"""A column of a kind's table, and the printer that fills a row of it.

Each kind's file makes its `Printer` of these; the registry gathers them. Invariant: names, types
and priorities are those the real API server declares in its Tables.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from cluster.printers.now import Now


class Column(Struct, frozen=True):
    """One column: `priority` 0 is always shown, a higher one only in a wide table."""

    name: str
    priority: int = 0
    type: str = "string"
    format: str = ""

    @property
    def header(self) -> str:
        """The name as a table's first line shows it."""
        return self.name.upper()


class Printer(Struct, frozen=True):
    """All that showing one kind in a table takes: its columns, and an object's cells under them."""

    columns: tuple[Column, ...]
    cells: Callable[[Any, Now], tuple[str, ...]]


NAME = Column("Name", format="name")
AGE = Column("Age")


def texts(*names: str) -> tuple[Column, ...]:
    """Columns of text that are always shown."""
    return tuple(Column(name) for name in names)


def numbers(*names: str) -> tuple[Column, ...]:
    """Columns of whole numbers that are always shown."""
    return tuple(Column(name, type="integer") for name in names)


def booleans(*names: str) -> tuple[Column, ...]:
    """Columns of `true` or `false` that are always shown."""
    return tuple(Column(name, type="boolean") for name in names)


def wide(*names: str) -> tuple[Column, ...]:
    """Columns of text that only a wide table shows."""
    return tuple(Column(name, priority=1) for name in names)
