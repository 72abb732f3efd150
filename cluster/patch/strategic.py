"""Strategic merge patch: a merge patch that knows which lists are maps by a key.

Plain data in, plain data out, typed by the API's Structs. Mirrors
k8s.io/apimachinery/pkg/util/strategicpatch: `$patch` (replace, merge, delete), `$retainKeys`,
`$deleteFromPrimitiveList/x` and `$setElementOrder/x`. Invariant: the document given is not changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api.errors import BadRequest
from cluster.api.object import ListType, Object
from cluster.patch.schema import PLAIN, Field, fields

DIRECTIVE = "$patch"
RETAIN = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"


def apply(owner: type[Object] | None, document: Mapping[str, Any] | None, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The document after the patch; `owner` types both (None: nothing known). BadRequest if malformed."""
    directive = patch.get(DIRECTIVE)
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise BadRequest(f"Unknown patch type found: {directive}")
    merged = dict(document or {})
    if RETAIN in patch:
        merged = {name: value for name, value in merged.items() if name in patch[RETAIN]}
    known = fields(owner) if owner is not None else {}
    for name, value in patch.items():
        if not name.startswith("$"):
            _merge_field(merged, name, value, known.get(name, PLAIN), patch)
    for name in patch:
        if name.startswith((DELETE_FROM, SET_ORDER)):
            field = name.partition("/")[2]
            if field not in patch:
                _merge_field(merged, field, [], known.get(field, PLAIN), patch)
    return merged


def _merge_field(merged: dict[str, Any], name: str, value: Any, field: Field, patch: Mapping[str, Any]) -> None:
    if value is None:
        merged.pop(name, None)
    elif isinstance(value, Mapping):
        old = merged.get(name)
        replaced = field.merging is not None and field.merging.patch == "replace"
        merged[name] = apply(field.item, old if isinstance(old, Mapping) and not replaced else None, value)
    elif isinstance(value, Sequence) and not isinstance(value, str) and _merges(field):
        removed = patch.get(DELETE_FROM + name, ())
        merged[name] = _merge_list(merged.get(name) or [], value, field, patch.get(SET_ORDER + name), removed)
    else:
        merged[name] = value


def _merges(field: Field) -> bool:
    return isinstance(field.merging, ListType) and "merge" in field.merging.patch


def _merge_list(
    old: Sequence[Any], patch: Sequence[Any], field: Field, order: Sequence[Any] | None, removed: Sequence[Any]
) -> list[Any]:
    key = field.merging.merge_key if isinstance(field.merging, ListType) else ""
    if not key:
        kept = [item for item in old if item not in removed]
        merged = kept + [item for item in dict.fromkeys(patch) if item not in kept]
        return _ordered(merged, old, order, None)
    if any(isinstance(item, Mapping) and item.get(DIRECTIVE) == "replace" for item in patch):
        return [item for item in patch if DIRECTIVE not in item]
    items: dict[Any, Any] = {item.get(key): item for item in old}
    for change in patch:
        name = change.get(key)
        if name is None:
            raise BadRequest(f"map: {dict(change)} does not contain declared merge key: {key}")
        if change.get(DIRECTIVE) == "delete":
            items.pop(name, None)
        else:
            items[name] = apply(field.item, items.get(name), change)
    return _ordered(list(items.values()), old, order, key)


def _ordered(merged: list[Any], old: Sequence[Any], order: Sequence[Any] | None, key: str | None) -> list[Any]:
    """The items in the order asked for; those not named stay after the one they stood behind."""
    if order is None:
        return merged

    def name(item: Any) -> Any:
        return item.get(key) if key is not None and isinstance(item, Mapping) else item

    wanted = [name(item) for item in order]
    listed = sorted((item for item in merged if name(item) in wanted), key=lambda item: wanted.index(name(item)))
    before = [name(item) for item in old]
    for item in (item for item in merged if name(item) not in wanted):
        place = before.index(name(item)) if name(item) in before else len(before)
        at = next(
            (at for at, other in enumerate(listed) if name(other) in before and before.index(name(other)) > place),
            len(listed),
        )
        listed.insert(at, item)
    return listed
