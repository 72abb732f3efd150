"""What a schema does not know is taken away, and told.

On the way of a custom resource's decoding. Mirrors apiextensions' pruning. Invariant: what is kept is the
data itself, and every path taken away is told once, in the order of the alphabet.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

META_FIELDS = frozenset({"apiVersion", "kind", "metadata"})
PRESERVE, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
Schema = Mapping[str, Any]


class Pruned(NamedTuple):
    """What is left of the data, and the paths of what is not."""

    data: Any
    unknown: tuple[str, ...]


def prune(data: Mapping[str, Any], schema: Schema) -> Pruned:
    """A whole custom resource without the fields that its schema does not declare; metadata stays."""
    unknown: list[str] = []
    kept = _pruned(data, {**schema, EMBEDDED: True}, "", unknown)
    return Pruned(kept, tuple(sorted(unknown)))


def inner(schema: Schema | None, name: str) -> Schema | None:
    """The schema of a field, by its name or as one of any name; None if it is not declared."""
    if schema is None:
        return None
    found = schema.get("properties", {}).get(name)
    if found is None:
        extra = schema.get("additionalProperties")
        return extra if isinstance(extra, Mapping) else None
    return found if isinstance(found, Mapping) else None


def items_of(schema: Schema | None) -> Schema | None:
    """The schema of a list's items, or None."""
    found = schema.get("items") if schema is not None else None
    return found if isinstance(found, Mapping) else None


def _pruned(data: Any, schema: Schema | None, path: str, unknown: list[str]) -> Any:
    if isinstance(data, list | tuple):
        item, keeps = items_of(schema), schema is not None and schema.get(PRESERVE)
        if keeps and item is None:
            return data
        return [_pruned(value, item, f"{path}[{index}]", unknown) for index, value in enumerate(data)]
    if not isinstance(data, Mapping):
        return data
    kept = {}
    for name, value in data.items():
        where = f"{path}.{name}" if path else name
        if schema is not None and schema.get(EMBEDDED) and name in META_FIELDS:
            kept[name] = value
        elif schema is not None and (name in schema.get("properties", {}) or schema.get("additionalProperties")):
            kept[name] = _pruned(value, inner(schema, name), where, unknown)
        elif schema is not None and schema.get(PRESERVE):
            kept[name] = value
        else:
            unknown.append(where)
    return kept
