"""A small table to test with: words with a number and a colour."""

from collections.abc import Mapping
from typing import NamedTuple

from cluster.printers import Now
from ktui.model.table import Column, Elide, Layout, TableModel
from ktui.model.tone import of_status


class Word(NamedTuple):
    """An item of the test table."""

    name: str
    number: int = 0
    status: str = "Running"
    labels: Mapping[str, str] = {}


def _cells(word: Word, now: Now) -> tuple[str, ...]:
    return (word.name, str(word.number), word.status, f"{now.milliseconds // 1000}s")


LAYOUT: Layout[Word] = Layout(
    (
        Column("Name", least=8, elide=Elide.MIDDLE),
        Column("Count", right=True, rank=2),
        Column("Status", tone=of_status),
        Column("Age", timed=True, rank=1),
    ),
    _cells,
    lambda word: word.labels,
)


def table(*names: str) -> TableModel[Word]:
    """A table of words by name, each counted in the order given."""
    model = TableModel(LAYOUT)
    for count, name in enumerate(names):
        model.put(name, Word(name, count))
    return model


def shown(model: TableModel[Word]) -> list[str]:
    """The keys in the order shown."""
    return model.keys(0, len(model))
