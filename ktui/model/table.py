"""The view model of a table: which rows there are, which are shown, and in what order.

Live lists put items in; a widget asks for the slice of rows that fits its lines. Items are
immutable values, so the identity of an item is its version. Invariant: the order shown equals
sorting and filtering everything from scratch, at the cost of the rows that changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from sortedcontainers import SortedList

from cluster.printers import Now
from ktui.model import filters
from ktui.model.tone import Tone

I = TypeVar("I")  # noqa: E741 - an item: the letter the rest of the module speaks of
Cells = tuple[str, ...]
_NUMBERS = re.compile(r"(\d+)")


class Elide(Enum):
    """Where a text too long for its column is cut."""

    END = "end"
    MIDDLE = "middle"


class Column(NamedTuple):
    """A column's title and how it is shown; its cells come from the table's `cells`.

    `rank` says what goes first when room is short: the highest rank is dropped first, 0 never.
    `least` is the width in cells the column can be narrowed to, 0 if it cannot; `most` the widest.
    `timed` texts change with the time alone (ages): they are not searched.
    """

    title: str
    rank: int = 0
    least: int = 0
    most: int = 60
    right: bool = False
    elide: Elide = Elide.END
    timed: bool = False
    sort: Callable[[Any], Any] | None = None
    tone: Callable[[str], Tone] | None = None
    spare: bool = False
    """Takes the room that is left over (the last such column of a table)."""


class Layout(NamedTuple, Generic[I]):
    """How items of one sort become rows: columns, and the functions from an item."""

    columns: tuple[Column, ...]
    cells: Callable[[I, Now], Cells]
    """Every column's text at a moment."""
    labels: Callable[[I], Mapping[str, str]]
    order: Callable[[I], Any] | None = None
    """The sort value when no column is sorted by; None is the order of the keys."""


def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that puts `node-9` before `node-10`, and `2/10` after `1/10`."""
    return tuple(
        (False, int(part), "") if part.isdecimal() and part.isascii() else (True, 0, part)
        for part in _NUMBERS.split(text.lower())
        if part
    )


class TableModel(Generic[I]):
    """Rows by key, filtered and sorted as they come and go."""

    def __init__(self, layout: Layout[I]) -> None:
        self.layout = layout
        self.items: dict[str, I] = {}
        self.column: int | None = None
        """The column sorted by; None is the layout's own order."""
        self.descending = False
        self.filter = filters.NONE
        self.member: Callable[[str, I], bool] | None = None
        """A condition beside the filter: which items belong here at all."""
        self.now = Now(0)
        self.moves = 0
        """Rises when a shown row appears, goes, or changes its place."""
        self.changes = 0
        """Rises when a shown row's item is replaced in its place."""
        self._entries: dict[str, tuple[Any, str]] = {}
        self._order: SortedList[tuple[Any, str]] = SortedList()
        self._haystacks: dict[str, tuple[I, Cells, str]] = {}

    def __len__(self) -> int:
        """How many rows are shown."""
        return len(self._order)

    def put(self, key: str, item: I) -> None:
        """Add the item, or replace the one of this key."""
        self.items[key] = item
        old = self._entries.get(key)
        new = (self._sort_value(item), key) if self._shown(key, item) else None
        if old == new:
            self.changes += new is not None
            return
        if old is not None:
            self._order.remove(old)
            del self._entries[key]
        if new is not None:
            self._order.add(new)
            self._entries[key] = new
        self.moves += 1

    def drop(self, key: str) -> None:
        """Remove the item of this key, if there is one."""
        self.items.pop(key, None)
        self._haystacks.pop(key, None)
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._order.remove(entry)
            self.moves += 1

    def replace_all(self, items: Mapping[str, I]) -> None:
        """Hold exactly these items."""
        self.items = dict(items)
        self._haystacks.clear()
        self.rebuild()

    def retest(self, keys: Iterable[str]) -> None:
        """Ask again whether these rows are shown and where, after something they depend on changed."""
        for key in keys:
            item = self.items.get(key)
            if item is not None:
                self.put(key, item)

    def rebuild(self) -> None:
        """Ask again for every row."""
        entries = {key: (self._sort_value(item), key) for key, item in self.items.items() if self._shown(key, item)}
        self._entries = entries
        self._order = SortedList(entries.values())
        self.moves += 1

    def sort_by(self, column: int | None, *, descending: bool = False) -> None:
        """Sort by a column's value, or by key; ties stand in the order of their keys."""
        if column != self.column:
            self.column = column
            self.rebuild()
        self.descending = descending
        self.moves += 1

    def set_filter(self, text: str) -> None:
        """Show only the rows that match; FilterError leaves the filter as it was."""
        found = filters.parse(text, [column.title for column in self.layout.columns])
        if found.text != self.filter.text:
            self.filter = found
            if not found.words:
                self._haystacks.clear()
            self.rebuild()

    def set_member(self, member: Callable[[str, I], bool] | None) -> None:
        """Show only items that belong; None shows all."""
        self.member = member
        self.rebuild()

    def index(self, key: str) -> int | None:
        """The line of a key among the shown rows, or None if it is not shown."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        index = self._order.index(entry)
        return len(self._order) - 1 - index if self.descending else index

    def key_at(self, index: int) -> str:
        """The key on a line; IndexError if there is no such line."""
        if not 0 <= index < len(self._order):
            raise IndexError(index)
        return self._order[-1 - index if self.descending else index][1]

    def keys(self, start: int, stop: int) -> list[str]:
        """The keys on the lines from `start` up to, not including, `stop`."""
        count = len(self._order)
        start, stop = max(0, start), min(stop, count)
        if start >= stop:
            return []
        if self.descending:
            found = self._order.islice(count - stop, count - start, reverse=True)
        else:
            found = self._order.islice(start, stop)
        return [key for _, key in found]

    def cells(self, key: str) -> Cells:
        """The texts of a row, as of `now`."""
        return self.layout.cells(self.items[key], self.now)

    def shown(self) -> Iterator[tuple[str, I]]:
        """Every shown key with its item, in order."""
        for key in self.keys(0, len(self)):
            yield key, self.items[key]

    def _shown(self, key: str, item: I) -> bool:
        if self.member is not None and not self.member(key, item):
            return False
        if not self.filter:
            return True
        cells, haystack = self._searchable(key, item) if self.filter.words else ((), "")
        return self.filter.matches(cells, haystack, self.layout.labels(item))

    def _searchable(self, key: str, item: I) -> tuple[Cells, str]:
        known = self._haystacks.get(key)
        if known is not None and known[0] is item:
            return known[1], known[2]
        cells = self.layout.cells(item, self.now)
        haystack = "\n".join(_searched(cells, self.layout.columns))
        self._haystacks[key] = (item, cells, haystack)
        return cells, haystack

    def _sort_value(self, item: I) -> Any:
        if self.column is None:
            return "" if self.layout.order is None else self.layout.order(item)
        sort = self.layout.columns[self.column].sort
        return sort(item) if sort is not None else natural(self.layout.cells(item, self.now)[self.column])


def _searched(cells: Sequence[str], columns: Sequence[Column]) -> Iterator[str]:
    return (cell for cell, column in zip(cells, columns, strict=True) if not column.timed)
