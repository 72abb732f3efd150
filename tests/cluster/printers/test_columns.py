"""Columns against those a real API server declares."""

import json
from pathlib import Path

import pytest

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.printers import Column, Now, columns, row

_DECLARED = json.loads((Path(__file__).parents[2] / "reference" / "columns.json").read_text())
_NOW = Now.at("2026-01-01T00:01:00Z")


@pytest.mark.parametrize("kind", kinds.KINDS, ids=repr)
def test_columns_are_the_real_ones(kind: Kind[Resource]) -> None:
    """Every kind's columns have the names, types, formats and priorities of Kubernetes' own Tables."""
    declared = _DECLARED[f"{kind.api_version}/{kind.plural}"]
    assert columns(kind) == tuple(Column(**column) for column in declared)


@pytest.mark.parametrize("kind", kinds.KINDS, ids=repr)
def test_an_empty_object_has_a_cell_for_every_column(kind: Kind[Resource]) -> None:
    """An object with nothing but a name can be shown, and its row is as long as its columns."""
    cells = row(kind, kind.type(metadata=ObjectMeta(name="bare")), _NOW)
    assert len(cells) == len(columns(kind))
    named = next(index for index, column in enumerate(columns(kind)) if column.format == "name")
    assert cells[named] == "bare"


class _Widget(Resource, frozen=True, kw_only=True):
    """A kind without a printer."""


def test_a_kind_without_a_printer() -> None:
    """An unregistered kind is shown by its name and its age."""
    kind = Kind("example.com/v1", _Widget, "widgets")
    widget = _Widget(metadata=ObjectMeta(name="w", creationTimestamp="2026-01-01T00:00:00Z"))
    assert [column.header for column in columns(kind)] == ["NAME", "AGE"]
    assert row(kind, widget, _NOW) == ("w", "60s")
