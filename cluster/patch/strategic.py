"""Strategic merge patch: a merge patch that knows which lists are maps by a key.

Plain data in, plain data out, typed by the API's Structs. Mirrors
k8s.io/apimachinery/pkg/util/strategicpatch: `$patch` (replace, merge, delete), `$retainKeys`,
`$deleteFromPrimitiveList/x` and `$setElementOrder/x`. Invariant: the document given is not changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api.object import ListType
from cluster.patch.refusal import Refused, unprocessable
from cluster.patch.schema import PLAIN, Field, Owner, fields

DIRECTIVE = "$patch"
RETAIN = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"

Document = Mapping[str, Any]


def apply(owner: Owner | None, document: Document | None, patch: Document) -> dict[str, Any]:
    """The document after the patch; `owner` types both (None: nothing known).

    Refused if the patch breaks the rules of its directives or merge keys, Invalid if `$retainKeys`
    leaves out a field that the patch sets.
    """
    directive = patch.get(DIRECTIVE)
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != DIRECTIVE}
    if directive == "delete":
        return {}
    if directive is not None:
        raise Refused(f"unknown patch type: {directive} in map: {go_text(patch)}")
    merged = _retained(dict(document or {}), patch)
    known = fields(owner) if owner is not None else {}
    for name, value in patch.items():
        if name.startswith((DELETE_FROM, SET_ORDER)):
            name = name.partition("/")[2]  # noqa: PLW2901 - the list that the directive is about
            if name not in patch and name in merged:
                _merge_field(merged, name, [], known.get(name, PLAIN), patch)
        elif name != RETAIN:
            _merge_field(merged, name, value, known.get(name, PLAIN), patch)
    return merged


def _retained(document: dict[str, Any], patch: Document) -> dict[str, Any]:
    if RETAIN not in patch:
        return document
    retained = patch[RETAIN]
    if any(name not in retained for name in patch if not name.startswith("$")):
        raise unprocessable()
    return {name: value for name, value in document.items() if name in retained}


def _merge_field(merged: dict[str, Any], name: str, value: Any, field: Field, patch: Document) -> None:
    old = merged.get(name)
    if value is None:
        merged.pop(name, None)
    elif isinstance(value, Mapping):
        replaced = field.merging is not None and field.merging.patch == "replace"
        merged[name] = apply(field.item, old if isinstance(old, Mapping) and not replaced else None, value)
    elif isinstance(value, list) and isinstance(field.merging, ListType) and "merge" in field.merging.patch:
        items = _merge_items(old or [], value, field.item, field.merging.merge_key, patch.get(DELETE_FROM + name, ()))
        order = patch.get(SET_ORDER + name)
        merged[name] = items if order is None else _ordered(items, order, old or [], field.merging.merge_key)
    else:
        merged[name] = value


def _merge_items(
    old: Sequence[Any], patch: Sequence[Any], item_type: Owner | None, key: str, deleted: Sequence[Any]
) -> list[Any]:
    """The items of both lists, one for each key; those of the patch go first where nothing says otherwise."""
    if not key:
        kept = [item for item in old if item not in deleted]
        return _ordered([*kept, *(item for item in patch if item not in kept)], patch, old, key)
    changes = [change for change in patch if DIRECTIVE not in change]
    directives = [change for change in patch if DIRECTIVE in change]
    for change in directives:
        if change[DIRECTIVE] not in {"replace", "delete"}:
            raise Refused(f"unknown patch type: {change[DIRECTIVE]} in map: {go_text(change)}")
    if any(change[DIRECTIVE] == "replace" for change in directives):
        return [apply(item_type, None, change) for change in changes]
    gone = [_key_of(change, key) for change in directives]
    items = {item.get(key): item for item in old if item.get(key) not in gone}
    for change in changes:
        name = _key_of(change, key)
        items[name] = apply(item_type, items.get(name), change)
    return _ordered(list(items.values()), changes, old, key)


def _key_of(change: Document, key: str) -> Any:
    if key not in change:
        raise Refused(f"map: {go_text(change)} does not contain declared merge key: {key}")
    return change[key]


def _ordered(items: Sequence[Any], order: Sequence[Any], live: Sequence[Any], key: str) -> list[Any]:
    """The items named by `order` in its order, the others in that of the live list, each kind keeping its own.

    Where both meet, an item goes first only if it stood before the other in the live list.
    """

    def name(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, Mapping) else item

    wanted, stood = [name(item) for item in order], [name(item) for item in live]
    named = sorted((item for item in items if name(item) in wanted), key=lambda item: wanted.index(name(item)))
    others = [item for item in items if name(item) not in wanted]
    result: list[Any] = []
    while named and others:
        first, second = name(others[0]), name(named[0])
        stays = first in stood and second in stood and stood.index(first) < stood.index(second)
        result.append((others if stays else named).pop(0))
    return [*result, *named, *others]


def go_text(value: Any) -> str:
    """Plain data as Go's `%v` prints it, which is how the API server quotes a patch."""
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{name}:{go_text(value[name])}' for name in sorted(value))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
