"""Sets of fields: which leaves of a document somebody means or owns, as FieldsV1 writes them.

A path is a tuple of FieldsV1's elements: `f:name` for a field, `k:{"name":"x"}` for an item of a
list that is a map, `v:"x"` for an item of a list that is a set. Mirrors structured-merge-diff's
fieldpath. Invariant: a path that goes through an atomic value ends there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cluster.api.object import ListType
from cluster.patch.schema import PLAIN, Field, Owner, element, fields

Path = tuple[str, ...]
FieldSet = frozenset[Path]
METADATA: Path = ("f:metadata",)
NEVER_OWNED: FieldSet = frozenset(
    (*METADATA, f"f:{name}")
    for name in ("name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion")
)  # fmt: skip
_ABSENT = object()


class Comparison(NamedTuple):
    """What became of a document: the leaves that came or changed, and those that went."""

    changed: FieldSet
    gone: FieldSet


def of(owner: Owner, document: Mapping[str, Any]) -> FieldSet:
    """The leaves that a document of this type sets, without those that the server owns."""
    return compare(owner, {}, document).changed


def compare(owner: Owner, before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """The leaves in which two documents of a type differ, without those that the server owns."""
    changed: set[Path] = set()
    gone: set[Path] = set()
    for path, old, new in _leaves(owner, before, after, ()):
        if new is _ABSENT:
            gone.add(path)
        elif old is _ABSENT or old != new:
            changed.add(path)
    return Comparison(frozenset(changed) - NEVER_OWNED, frozenset(gone) - NEVER_OWNED)


Leaf = tuple[Path, Any, Any]


def _leaves(owner: Owner | None, before: Mapping[str, Any], after: Mapping[str, Any], at: Path) -> Iterator[Leaf]:
    known = fields(owner) if owner is not None else {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        yield from _leaf(known.get(name, PLAIN), old, new, (*at, f"f:{name}"))


def _leaf(field: Field, old: Any, new: Any, path: Path) -> Iterator[Leaf]:
    if field.atomic:
        yield path, old, new
    elif field.shape == "list":
        yield from _items(field, old, new, path)
    elif not _container(old, {}) and not _container(new, {}):
        yield path, old, new
    else:
        yield from _leaves(
            field.item if field.shape == "struct" else None, _container(old, {}), _container(new, {}), path
        )


def _items(field: Field, old: Any, new: Any, path: Path) -> Iterator[Leaf]:
    rules = field.merging
    if not isinstance(rules, ListType):
        return
    before = {element(rules, item): item for item in _container(old, [])}
    after = {element(rules, item): item for item in _container(new, [])}
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, _ABSENT), after.get(name, _ABSENT)
        inner = (*path, name)
        if rules.kind == "set" or Field(field.item, "struct", None).atomic:
            yield inner, was, now
            continue
        # The item itself: it comes and goes, but changes only in its fields.
        yield inner, _presence(was), _presence(now)
        yield from _leaves(field.item, _container(was, {}), _container(now, {}), inner)


def _presence(value: Any) -> Any:
    return _ABSENT if value is _ABSENT else None


def _container(value: Any, empty: Any) -> Any:
    return value if value is not _ABSENT and value is not None else empty


def with_containers(owner: Owner, paths: Iterable[Path]) -> FieldSet:
    """The paths and the declared fields on their way, as owned with what is in them."""
    found = set(paths)
    for path in paths:
        struct: Owner | None = owner
        for length, part in enumerate(path[:-1], 1):
            if part.startswith("f:"):
                field = fields(struct).get(part[2:]) if struct is not None else None
                if field is not None:
                    found.add(path[:length])
                struct = field.item if field is not None else None
    return frozenset(found)


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
        elif inner:
            found |= from_fields_v1(inner, (*at, part))
        else:
            found.add((*at, part))
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
        elif kind == "i:":
            shown += f"[{name}]"
        else:
            keys = json.loads(name).items()
            shown += f"[{','.join(f'{key}={json.dumps(value, ensure_ascii=False)}' for key, value in keys)}]"
    return shown
