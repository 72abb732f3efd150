"""The types of a kind's objects as a schema, for those who check expressions about them.

Read from the Structs, or from a custom kind's own schema. Mirrors apiserver's cel/openapi/resolver. Invariant:
a field whose type says nothing may be anything.
"""

from collections.abc import Mapping
from typing import Any

from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.patch.schema import Field, Owner, fields
from cluster.schema.pruning import Schema

DEEPEST = 12
"""So many levels of a type are looked at; deeper fields are taken as they are written."""
_ANYTHING: Schema = {"x-kubernetes-int-or-string": True}
_TIMES = ("Time", "Timestamp", "timeAdded", "startedAt", "finishedAt")
"""How the names of fields end that hold a time."""


def schema_of(kind: Kind[Resource]) -> Schema:
    """What an object of the kind is."""
    own = _object(kind.type, 0) if kind.custom is None else kind.custom.schema
    of_all = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": _object(ObjectMeta, 0)}
    return {**own, "type": "object", "properties": {**own.get("properties", {}), **of_all}}


def _object(owner: Owner, depth: int) -> dict[str, Any]:
    known = fields(owner)
    return {"type": "object", "properties": {name: _field(name, field, depth + 1) for name, field in known.items()}}


def _field(name: str, field: Field, depth: int) -> Mapping[str, Any]:
    held = _held(name, field, depth)
    if field.shape == "list":
        return {"type": "array", "items": held}
    return {"type": "object", "additionalProperties": held} if field.shape == "map" else held


def _held(name: str, field: Field, depth: int) -> Mapping[str, Any]:
    if field.item is not None:
        return _object(field.item, depth) if depth < DEEPEST else _ANYTHING
    if field.quantity:
        return {"type": "string"}
    if field.scalar == "string" and name.endswith(_TIMES):
        return {"type": "string", "format": "date-time"}
    return {"type": field.scalar} if field.scalar else _ANYTHING
