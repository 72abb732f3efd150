"""How lists and maps of a schema say that they merge: the x-kubernetes- fields of one node.

A part of a definition's validation. Mirrors the end of ValidateCustomResourceDefinitionOpenAPISchema.
Invariant: a node without such fields has no causes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.api.meta import StatusCause
from cluster.schema.pruning import Schema

Causes = Iterator[StatusCause]
LIST_TYPE, MAP_TYPE, KEYS = "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-list-map-keys"


def list_rules(schema: Schema, field: str) -> Causes:
    """What is wrong with a node's list type, map type and keys."""
    yield from _map_type(schema, field)
    kind, items = schema.get(LIST_TYPE), schema.get("items")
    if kind is not None:
        yield from _typed(schema, field, "array", LIST_TYPE)
    if kind == "set" and isinstance(items, Mapping):
        if items.get("type") == "array" and items.get(LIST_TYPE) not in (None, "atomic"):
            why = "must be atomic as item of a list with x-kubernetes-list-type=set"
            yield error.invalid(f"{field}.items.{LIST_TYPE}", items.get(LIST_TYPE), why)
        elif items.get("type") == "object" and items.get(MAP_TYPE) != "atomic":
            why = "must be atomic as item of a list with x-kubernetes-list-type=set"
            yield error.invalid(f"{field}.items.{MAP_TYPE}", items.get(LIST_TYPE), why)
    if kind not in (None, "atomic", "set", "map"):
        yield error.not_supported(f"{field}.{LIST_TYPE}", kind, ("atomic", "set", "map"))
    if schema.get(KEYS) and kind != "map":
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        where = f"{field}.{LIST_TYPE}"
        yield error.required(where, why) if kind is None else error.invalid(where, kind, why)
    if kind == "map":
        yield from _keys(schema, field)
    if kind in ("set", "map") and isinstance(items, Mapping):
        yield from _items(schema, items, field)


def _map_type(schema: Schema, field: str) -> Causes:
    kind = schema.get(MAP_TYPE)
    if kind is None:
        return
    yield from _typed(schema, field, "object", MAP_TYPE)
    if kind not in ("atomic", "granular"):
        yield error.not_supported(f"{field}.{MAP_TYPE}", kind, ("atomic", "granular"))


def _typed(schema: Schema, field: str, wanted: str, name: str) -> Causes:
    kind, why = schema.get("type", ""), f"must be {wanted} if {name} is specified"
    if not kind:
        yield error.required(f"{field}.type", why)
    elif kind != wanted:
        yield error.invalid(f"{field}.type", kind, why)


def _keys(schema: Schema, field: str) -> Causes:
    keys, items = schema.get(KEYS) or [], schema.get("items")
    if not keys:
        yield error.required(f"{field}.{KEYS}", "must not be empty if x-kubernetes-list-type is map")
    if not isinstance(items, Mapping):
        yield error.required(f"{field}.items", "must have a schema if x-kubernetes-list-type is map")
        return
    kind = items.get("type", "")
    if kind != "object":
        yield error.invalid(
            f"{field}.items.type", kind, "must be object if parent array's x-kubernetes-list-type is map"
        )
    if not keys:
        return
    for index, key in enumerate(keys):
        found = items.get("properties", {}).get(key)
        if found is None:
            yield error.invalid(f"{field}.{KEYS}", keys, "entries must all be names of item properties")
        elif found.get("type") in ("array", "object"):
            why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield error.invalid(f"{field}.items.properties[{key}].type", kind, why)
        if key in keys[:index]:
            yield error.invalid(f"{field}.{KEYS}", keys, "must not contain duplicate entries")


def _items(schema: Schema, items: Mapping[str, Any], field: str) -> Causes:
    """Items that can be told apart are never null, and neither are their keys."""
    kind = schema[LIST_TYPE]
    if items.get("nullable"):
        yield error.forbidden(f"{field}.items.nullable", f"cannot be nullable when x-kubernetes-list-type is {kind}")
    for key in schema.get(KEYS) or () if kind == "map" else ():
        found, where = items.get("properties", {}).get(key), f"{field}.items.properties[{key}]"
        if found is None:
            continue
        if key not in items.get("required", ()) and found.get("default") is None:
            why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            yield error.required(f"{where}.default", why)
        if found.get("nullable"):
            why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            yield error.forbidden(f"{where}.nullable", why)
