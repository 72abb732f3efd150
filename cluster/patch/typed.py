"""Documents that know their type: merging one into another, and taking paths out.

The part of server-side apply that looks at values. Mirrors structured-merge-diff's typed package.
Invariant: what is merged in wins, and an item keeps its neighbours.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api import quantity
from cluster.api.object import ListType
from cluster.patch.field_set import Path
from cluster.patch.schema import KEY_DEFAULTS, PLAIN, Field, Owner, element, fields


def merge(owner: Owner | None, live: Mapping[str, Any], applied: Mapping[str, Any]) -> dict[str, Any]:
    """The live document with everything that the applied one says."""
    known = fields(owner) if owner is not None else {}
    return {**live, **{name: _merge(known.get(name, PLAIN), live.get(name), value) for name, value in applied.items()}}


def _merge(field: Field, live: Any, applied: Any) -> Any:
    if field.atomic:
        return applied
    if field.shape == "list" and isinstance(live, Sequence) and isinstance(applied, Sequence):
        return _merge_items(field, live, applied)
    if isinstance(live, Mapping) and isinstance(applied, Mapping):
        return merge(field.item if field.shape == "struct" else None, live, applied)
    return applied


def _merge_items(field: Field, live: Sequence[Any], applied: Sequence[Any]) -> list[Any]:
    rules = field.merging
    if not isinstance(rules, ListType):
        return list(applied)
    present = {element(rules, item): item for item in reversed(live)}
    wanted = {element(rules, item): item for item in applied}
    whole = rules.kind == "set" or Field(field.item, "struct", None).atomic

    def merged(name: str) -> Any:
        return wanted[name] if whole or name not in present else merge(field.item, present[name], wanted[name])

    result: list[Any] = []
    waiting, shared = deque(wanted), deque(name for name in wanted if name in present)
    for item in live:
        name = element(rules, item)
        if name not in wanted:
            result.append(item)
        elif shared and shared[0] == name:
            shared.popleft()
            while waiting[0] != name:
                result.append(merged(waiting.popleft()))
            result.append(merged(waiting.popleft()))
    return result + [merged(name) for name in waiting]


def without(document: Any, path: Path) -> Any:
    """The document less what is at a path."""
    head, rest = path[0], path[1:]
    kind, name = head[:2], head[2:]
    if kind == "f:":
        if not isinstance(document, Mapping) or name not in document:
            return document
        if rest:
            return {**document, name: without(document[name], rest)}
        return {key: value for key, value in document.items() if key != name}
    if not isinstance(document, Sequence) or isinstance(document, str):
        return document
    wanted = json.loads(name)
    if rest:
        return [without(item, rest) if _is_item(kind, item, wanted) else item for item in document]
    return [item for item in document if not _is_item(kind, item, wanted)]


def _is_item(kind: str, item: Any, wanted: Any) -> bool:
    if kind == "v:":
        return bool(item == wanted)
    return all(item.get(name, KEY_DEFAULTS.get(name)) == value for name, value in wanted.items())


def normalized(owner: Owner | None, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every quantity in its canonical form, so that `1000m` does not change `1`."""
    known = fields(owner) if owner is not None else {}
    return {name: _normal(known.get(name, PLAIN), value) for name, value in document.items()}


def _normal(field: Field, value: Any) -> Any:
    if field.quantity:
        return {name: _amount(item) for name, item in value.items()} if isinstance(value, Mapping) else _amount(value)
    if field.shape == "struct" and isinstance(value, Mapping):
        return normalized(field.item, value)
    if field.shape == "list" and field.item is not None and isinstance(value, list):
        return [normalized(field.item, item) if isinstance(item, Mapping) else item for item in value]
    return value


def _amount(value: Any) -> Any:
    try:
        return str(quantity.parse(value))
    except ValueError:
        return value
