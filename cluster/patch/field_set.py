"""Sets of fields: which leaves of a document somebody means or owns, as FieldsV1 writes them.

A path is a tuple of FieldsV1's elements: `f:name` for a field, `k:{"name":"x"}` for an item of a
list that is a map, `v:"x"` for an item of a list that is a set. Mirrors structured-merge-diff's
fieldpath. Invariant: a path that goes through an atomic value ends there.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cluster.api.object import ListType, MapType, Object
from cluster.patch.schema import PLAIN, Field, fields

Path = tuple[str, ...]
FieldSet = frozenset[Path]
ABSENT = object()
KEY_DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
NEVER_OWNED: FieldSet = frozenset(
    ("f:metadata", f"f:{name}")
    for name in (
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
        "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
    )
)  # fmt: skip


def of(owner: type[Object], document: Mapping[str, Any]) -> FieldSet:
    """The leaves that a document of this type sets, without those that the server owns."""
    return frozenset(_leaves(owner, document, ())) - NEVER_OWNED


def _leaves(owner: type[Object] | None, document: Mapping[str, Any], at: Path) -> Iterator[Path]:
    known = fields(owner) if owner is not None else {}
    for name, value in document.items():
        yield from _leaf(known.get(name, PLAIN), value, (*at, f"f:{name}"))


def _leaf(field: Field, value: Any, path: Path) -> Iterator[Path]:
    rules = field.merging
    if isinstance(value, Mapping) and value and not (isinstance(rules, MapType) and rules.kind == "atomic"):
        if field.shape == "map":
            for name in value:
                yield (*path, f"f:{name}")
            return
        if field.item is not None:
            yield from _leaves(field.item, value, path)
            return
    if isinstance(value, list) and isinstance(rules, ListType) and rules.kind != "atomic":
        for item in value:
            inner = (*path, element(rules, item))
            yield inner
            if rules.kind == "map":
                yield from _leaves(field.item, item, inner)
        return
    yield path


def element(rules: ListType, item: Any) -> str:
    """The path element of a list's item."""
    if rules.kind == "set":
        return f"v:{json.dumps(item)}"
    keys = {name: item.get(name, KEY_DEFAULTS.get(name)) for name in rules.keys}
    return "k:" + json.dumps(
        {name: value for name, value in sorted(keys.items()) if value is not None}, separators=(",", ":")
    )


def value_at(document: Any, path: Path) -> Any:
    """The value at a path, or ABSENT."""
    for part in path:
        document = _step(document, part)
        if document is ABSENT:
            return ABSENT
    return document


def _step(value: Any, part: str) -> Any:
    kind, name = part[:2], part[2:]
    if kind == "f:":
        return value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ABSENT
    wanted = json.loads(name)
    return next((item for item in value if _is_item(kind, item, wanted)), ABSENT)


def _is_item(kind: str, item: Any, wanted: Any) -> bool:
    if kind == "v:":
        return bool(item == wanted)
    return all(item.get(name, KEY_DEFAULTS.get(name)) == value for name, value in wanted.items())


def without(document: Any, path: Path) -> Any:
    """The document less what is at a path; containers left empty stay."""
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


def to_fields_v1(paths: FieldSet) -> dict[str, Any]:
    """The set as FieldsV1's nested maps."""
    tree: dict[str, Any] = {}
    inner = {path[:length] for path in paths for length in range(1, len(path))}
    for path in sorted(paths):
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        if path in inner:
            node["."] = {}
    return tree


def from_fields_v1(tree: Mapping[str, Any], at: Path = ()) -> FieldSet:
    """The set that FieldsV1's nested maps stand for."""
    found: set[Path] = set()
    for part, inner in tree.items():
        if part == ".":
            found.add(at)
            continue
        path = (*at, part)
        if inner:
            found |= from_fields_v1(inner, path)
        else:
            found.add(path)
    return frozenset(found)


def text(path: Path) -> str:
    """A path as a conflict names it: `.spec.containers[name="web"].image`."""
    shown = ""
    for part in path:
        kind, name = part[:2], part[2:]
        if kind == "f:":
            shown += f".{name}"
        elif kind == "v:":
            shown += f"[={name}]"
        else:
            shown += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(name).items()) + "]"
    return shown
