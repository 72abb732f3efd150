"""What keeps an applied document from being read as its type: shapes, scalars, fields and keys of items.

The first step of server-side apply, on plain data that nobody has decoded. Mirrors the validation of
structured-merge-diff's typed values, and Go's words for a value. Invariant: a document without faults can be merged.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cluster.api.object import ListType
from cluster.patch.field_set import Path, text
from cluster.patch.schema import KEY_DEFAULTS, Field, Owner, element, fields, is_open

Faults = Iterator[str]


def told(owner: Owner, document: Mapping[str, Any]) -> str:
    """Every fault as one message, "" if there is none."""
    found = list(_struct(owner, document, ()))
    return found[0] if len(found) == 1 else "\n  ".join(["errors:", *found]) if found else ""


def _struct(owner: Owner | None, document: Mapping[str, Any], at: Path) -> Faults:
    if owner is None:
        return
    known, opened = fields(owner), is_open(owner)
    for name, value in sorted(document.items()):
        path = (*at, f"f:{name}")
        if name in known:
            yield from _value(known[name], value, path)
        elif not opened:
            yield f"{text(path)}: field not declared in schema"
            return  # the real one looks at no more of this object


def _value(field: Field, value: Any, path: Path) -> Faults:
    if value is None:
        return
    if field.shape == "list":
        yield from _list(field, value, path)
    elif field.shape in ("struct", "map"):
        if not isinstance(value, Mapping):
            yield f"{text(path)}: expected map, got &{{{_plain(value)}}}"
        elif field.shape == "struct":
            yield from _struct(field.item, value, path)
        else:
            for name, each in sorted(value.items()):
                yield from _item(field, each, (*path, f"f:{name}"))
    else:
        yield from _scalar(field.scalar, value, path)


def _list(field: Field, value: Any, path: Path) -> Faults:
    if not isinstance(value, list):
        yield f"{text(path)}: expected list, got &{{{_plain(value)}}}"
        return
    rules, seen = field.merging, set[str]()
    for index, item in enumerate(value):
        name = f"i:{index}"
        if isinstance(rules, ListType) and rules.kind in ("map", "set"):
            omitted = _omitted(rules, item)
            if omitted:
                yield f"{text(path)}: element {index}: {omitted}"
                return
            name = element(rules, item)
            if name in seen:
                yield f"{text(path)}: duplicate entries for key {text((name,))}"
            seen.add(name)
        yield from _item(field, item, (*path, name))


def _item(field: Field, item: Any, path: Path) -> Faults:
    """What is wrong with what a list or a map holds."""
    yield from _value(Field(field.item, "struct" if field.item else "scalar", None, scalar=field.scalar), item, path)


def _omitted(rules: ListType, item: Any) -> str:
    """Why an item cannot be told from others."""
    if rules.kind == "set":
        return (
            ""
            if isinstance(item, str | int | float | bool)
            else "associative list without keys has an element that's a map type"
        )
    if not isinstance(item, Mapping):
        return "associative list with keys may not have non-map elements"
    for key in rules.keys:
        if key not in item and key not in KEY_DEFAULTS:
            return f'associative list with keys has an element that omits key field "{key}" (and doesn\'t have default value)'
    return ""


def _scalar(wanted: str, value: Any, path: Path) -> Faults:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if wanted == "string" and not isinstance(value, str):
        yield f"{text(path)}: expected string, got &value.valueUnstructured{{Value:{_literal(value)}}}"
    elif wanted in ("integer", "number") and not number:
        yield f"{text(path)}: expected numeric (int or float), got {_type(value)}"
    elif wanted == "boolean" and not isinstance(value, bool):
        yield f"{text(path)}: expected boolean, got &{{{_plain(value)}}}"


def _plain(value: Any) -> str:
    """A value as Go prints it by %v."""
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{name}:{_plain(each)}' for name, each in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(_plain(each) for each in value)}]"
    if value is None:
        return "<nil>"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _literal(value: Any) -> str:
    """A value as Go prints it by %#v."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{json.dumps(name)}:{_literal(each)}" for name, each in sorted(value.items()))
        return f"map[string]interface {{}}{{{inside}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(_literal(each) for each in value)}}}"
    return "interface {}(nil)" if value is None else json.dumps(value, ensure_ascii=False)


def _type(value: Any) -> str:
    """The Go type of a value that was read from JSON."""
    if isinstance(value, Mapping | list):
        return "map[string]interface {}" if isinstance(value, Mapping) else "[]interface {}"
    return "bool" if isinstance(value, bool) else "string"
