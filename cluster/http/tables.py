"""The two short forms of objects: Tables, as `kubectl get` asks for, and PartialObjectMetadata.

On the facade's way out, between objects and JSON. Mirrors k8s.io/apiserver's table converter.
Invariant: a Table's cells are the printers', the same as the app's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw

from cluster.admission import defaults
from cluster.api import codec, conversion
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.clock import Clock
from cluster.printers import Column, Now, columns, row

META = "meta.k8s.io/v1"
Revised = tuple[Resource, int]


def wants(accepts: Sequence[str], form: str) -> bool:
    """Whether the first acceptable media type asks for the form (`Table`, `PartialObjectMetadata`)."""
    for media_type in accepts:
        parameters = [part.strip() for part in media_type.split(";")[1:]]
        if f"as={form}" in parameters or f"as={form}List" in parameters:
            return True
        if not any(part.startswith("as=") for part in parameters):
            return False
    return False


def table(
    kind: Kind[Any], found: Sequence[Revised], clock: Clock, revision: int, include: str, *, headed: bool = True
) -> dict[str, Any]:
    """Objects as a Table; `include` is Metadata, Object or None: what each row carries along."""
    now = Now.of(clock)
    return {
        "kind": "Table",
        "apiVersion": META,
        "metadata": {"resourceVersion": str(revision)},
        "columnDefinitions": [_definition(column) for column in columns(kind.stored)] if headed else None,
        "rows": [
            {"cells": _cells(kind.stored, value, now), "object": _carried(kind, value, version, include)}
            for value, version in found
        ],
    }


def whole(kind: Kind[Any], value: Resource, revision: int | None, *, typed: bool = True) -> Raw:
    """All of an object that is kept, in the version of `kind`; without its apiVersion and kind if not `typed`.

    A custom resource has the defaults that its definition has now, whenever it was written.
    """
    if kind.custom is not None:
        value = defaults.apply(kind, value)
    return codec.to_json(kind, conversion.from_stored(kind, value), revision, typed=typed)


def partial(kind: Kind[Any], value: Resource, revision: int) -> dict[str, Any]:
    """An object's metadata alone."""
    meta = conversion.from_stored(kind, value).metadata
    return {"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": codec.metadata_json(meta, revision)}


def _carried(kind: Kind[Any], value: Resource, revision: int, include: str) -> Mapping[str, Any] | Raw | None:
    if include == "None":
        return None
    return whole(kind, value, revision) if include == "Object" else partial(kind, value, revision)


def _cells(kind: Kind[Any], value: Resource, now: Now) -> list[Any]:
    """A row's cells, numbers and booleans as such."""
    return [_cell(column, text) for column, text in zip(columns(kind), row(kind, value, now), strict=True)]


def _cell(column: Column, text: str) -> Any:
    if column.type == "integer" and text.removeprefix("-").isdecimal():
        return int(text)
    return text == "true" if column.type == "boolean" and text in ("true", "false") else text


def _definition(column: Column) -> dict[str, Any]:
    return {
        "name": column.name, "type": column.type, "format": column.format, "description": "", "priority": column.priority,
    }  # fmt: skip
