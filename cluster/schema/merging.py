"""How the fields of a custom resource merge under server-side apply, read from its schema.

Between a version's schema and `cluster.patch`. Mirrors apiextensions' OpenAPI for managed fields.
Invariant: what the schema does not speak of is replaced as a whole.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta
from cluster.api.object import ListType, MapType, Object
from cluster.schema.pruning import Schema


class Merging:
    """One object of a schema: its fields, each with the type of what is in it, its shape and its rules."""

    def __init__(self, name: str, schema: Schema, *, root: bool = False) -> None:
        self.__name__ = name
        self._schema, self._root = schema, root

    @cached_property
    def parts(self) -> "Mapping[str, tuple[Merging | type[Object] | None, str, ListType | MapType | None]]":
        """The fields by name: what they hold (or hold many of), the shape, and how it merges."""
        found = {name: _part(name, schema) for name, schema in self._schema.get("properties", {}).items()}
        return {**found, "metadata": (ObjectMeta, "struct", None)} if self._root else found


def merging_of(kind: Kind[Any]) -> "Merging | type[Object]":
    """What a kind's objects merge by: its Struct, or the schema of a custom kind."""
    if kind.custom is None:
        return kind.type
    return Merging(kind.kind, kind.custom.schema, root=True)


def _part(name: str, schema: Schema) -> tuple[Merging | None, str, ListType | MapType | None]:
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        item = Merging(name, items) if items.get("type") == "object" else None
        return item, "list", ListType(_text(schema, "list-type", "atomic"), tuple(_keys(schema)))
    if schema.get("type") != "object":
        return None, "scalar", None
    rules = MapType(_text(schema, "map-type", "granular"))
    if "properties" in schema or schema.get("x-kubernetes-preserve-unknown-fields"):
        return Merging(name, schema), "struct", rules
    return None, "map", rules


def _text(schema: Schema, name: str, otherwise: str) -> str:
    return str(schema.get(f"x-kubernetes-{name}") or otherwise)


def _keys(schema: Schema) -> Any:
    return schema.get("x-kubernetes-list-map-keys") or ()
