"""How wide each column is drawn: the natural widths fitted into the room there is.

The table widget keeps the natural widths (a running maximum over what it has drawn) and asks here.
Invariant: the first column is always shown, and no column is wider than its natural width but the spare one.
"""

from collections.abc import Sequence

from ktui.model.table import Column

_ROOMY = 60
EXTRA = 4
"""Columns of this rank and above are shown only where nothing has to be narrowed for them."""


def gap(room: int) -> int:
    """How many cells stand between two columns."""
    return 2 if room >= _ROOMY else 1


def fit(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """The width of each column in `room` cells, 0 where a column is left out.

    Columns of rank `EXTRA` and more go first; then what can be narrowed is; then other columns go by rank.
    """
    shown = [index for index, width in enumerate(natural) if width]
    while True:
        widths = [natural[index] if index in shown else 0 for index in range(len(columns))]
        excess = sum(widths) + gap(room) * (len(shown) - 1) - room
        if excess <= 0:
            return _spread(columns, widths, -excess)
        slack = sum(max(0, widths[index] - columns[index].least) for index in shown if columns[index].least)
        least_needed = max(shown, key=lambda index: (columns[index].rank, index))
        rank = columns[least_needed].rank
        if not rank or (slack >= excess and rank < EXTRA):
            return _narrow(columns, widths, min(slack, excess))
        shown.remove(least_needed)


def _narrow(columns: Sequence[Column], widths: list[int], excess: int) -> list[int]:
    """Take `excess` cells from the columns that have the most to give."""
    spare = [max(0, width - column.least) if column.least else 0 for column, width in zip(columns, widths, strict=True)]
    while excess > 0:
        widest = max(range(len(widths)), key=lambda index: (spare[index] > 0, widths[index]))
        second = max((width for index, width in enumerate(widths) if index != widest and spare[index]), default=0)
        step = max(1, min(excess, spare[widest], widths[widest] - second))
        widths[widest] -= step
        spare[widest] -= step
        excess -= step
    return widths


def _spread(columns: Sequence[Column], widths: list[int], left: int) -> list[int]:
    """Give what is left to the spare column, if one is shown."""
    for index in reversed(range(len(widths))):
        if widths[index] and columns[index].spare:
            widths[index] += left
            break
    return widths
