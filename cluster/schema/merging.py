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
from cluster.schema.pruning import PRESERVE, Schema

_SCALARS = ("string", "integer", "number", "boolean")


class Merging:
    """One object of a schema: its fields, each with the type of what is in it, its shape and its rules."""

    def __init__(self, name: str, schema: Schema, *, root: bool = False) -> None:
        self.__name__ = name
        self._schema, self._root = schema, root

    @cached_property
    def parts(self) -> "Mapping[str, Part]":
        """The fields by name."""
        found = {name: _part(name, schema) for name, schema in self._schema.get("properties", {}).items()}
        return {**found, "metadata": (ObjectMeta, "struct", None, False, "")} if self._root else found

    @property
    def open(self) -> bool:
        """Whether fields that are not declared are kept."""
        return bool(self._schema.get(PRESERVE))


Part = tuple[Merging | type[Object] | None, str, ListType | MapType | None, bool, str]
"""A field: what it holds (or holds many of), its shape, how it merges, if it is of quantities, and its scalars' sort."""


def merging_of(kind: Kind[Any]) -> "Merging | type[Object]":
    """What a kind's objects merge by: its Struct, or the schema of a custom kind."""
    if kind.custom is None:
        return kind.type
    return Merging(kind.kind, kind.custom.schema, root=True)


def _part(name: str, schema: Schema) -> Part:
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        item, scalar = _held(name, items)
        rules = ListType(_text(schema, "list-type", "atomic"), tuple(_keys(schema)))
        return item, "list", rules, False, scalar
    if schema.get("type") != "object":
        return None, "scalar", None, False, _scalar(schema)
    granular = MapType(_text(schema, "map-type", "granular"))
    if "properties" in schema or schema.get(PRESERVE):
        return Merging(name, schema), "struct", granular, False, ""
    return None, "map", granular, False, _scalar(schema.get("additionalProperties"))


def _held(name: str, items: Schema) -> tuple[Merging | None, str]:
    """What a list's items are: objects, or scalars of a sort."""
    return (Merging(name, items), "") if items.get("type") == "object" else (None, _scalar(items))


def _scalar(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else ""
    return kind if kind in _SCALARS else ""


def _text(schema: Schema, name: str, otherwise: str) -> str:
    return str(schema.get(f"x-kubernetes-{name}") or otherwise)


def _keys(schema: Schema) -> Any:
    return schema.get("x-kubernetes-list-map-keys") or ()
