"""Which labels there are: key → values → how many objects of each kind carry them.

Told of every change of every kind; asked by the labels pane. Invariant: the counts equal those over
all objects, a label that nobody carries is not there, and a change costs what it changed.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from ktui.client import Change

_MACHINE_MADE = {"pod-template-hash", "controller-revision-hash", "pod-template-generation"}


class LabelRow(NamedTuple):
    """A label key (`value` None) with how many values it has, or one value with its objects by kind's plural."""

    key: str
    value: str | None
    counts: tuple[tuple[str, int], ...]

    @property
    def selector(self) -> str:
        """The selector of the objects that carry it."""
        return self.key if self.value is None else f"{self.key}={self.value}"


class LabelIndex:
    """The labels of all objects; `on_change(row key, row or None)` is told what became of a label."""

    def __init__(self, on_change: Callable[[str, LabelRow | None], None]) -> None:
        self._on_change = on_change
        self._labels: dict[str, dict[str, dict[str, int]]] = {}

    def values(self, key: str) -> Mapping[str, Mapping[str, int]]:
        """A label key's values, each with its number of objects by kind's plural."""
        return self._labels.get(key, {})

    def changed(self, kind: Kind[Resource], change: Change[Resource]) -> None:
        """Take in a change of an object."""
        before = change.old.metadata.labels if change.old is not None else {}
        after = change.new.metadata.labels if change.new is not None else {}
        if before is after or before == after:
            return
        for key, value in before.items():
            if after.get(key) != value:
                self._count(kind.plural, key, value, -1)
        for key, value in after.items():
            if before.get(key) != value:
                self._count(kind.plural, key, value, 1)

    def _count(self, plural: str, key: str, value: str, step: int) -> None:
        values = self._labels.setdefault(key, {})
        known = len(values)
        counts = values.setdefault(value, {})
        counts[plural] = counts.get(plural, 0) + step
        if not counts[plural]:
            del counts[plural]
        if not counts:
            del values[value]
        self._tell(key, value, counts)
        if len(values) != known:
            row = LabelRow(key, None, (("values", len(values)),)) if values else None
            self._on_change(row_key(key, None), row)
        if not values:
            del self._labels[key]

    def _tell(self, key: str, value: str, counts: Mapping[str, int]) -> None:
        row = LabelRow(key, value, tuple(sorted(counts.items(), key=_by_number))) if counts else None
        self._on_change(row_key(key, value), row)


def row_key(key: str, value: str | None) -> str:
    """The key of a label's row: people's labels stand before Kubernetes' own, values below their key."""
    own = int("/" in key or key in _MACHINE_MADE)
    return f"{own}{key}" if value is None else f"{own}{key}\0{value}"


def _by_number(count: tuple[str, int]) -> tuple[int, str]:
    return (-count[1], count[0])
