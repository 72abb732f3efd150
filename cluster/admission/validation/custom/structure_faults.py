"""What a schema says beyond kube-openapi: lists that are sets or maps, and objects inside of objects.

A part of a custom resource's validation. Mirrors apiextensions' schema/listtype and schema/objectmeta.
Invariant: pure; a list's first repetition of each key is told, once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import ValidationError

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.api import codec, names
from cluster.api.meta import ObjectMeta, StatusCause
from cluster.schema.pruning import EMBEDDED, Schema, inner, items_of

Causes = Iterator[StatusCause]


def check(schema: Schema, data: Any) -> list[StatusCause]:
    """Embedded resources that are none, then lists that hold something twice."""
    return [*_embedded(schema, data, ""), *_lists(schema, data, "")]


def embedded(schema: Schema, data: Any) -> list[StatusCause]:
    """Objects inside of the object that are none."""
    return list(_embedded(schema, data, ""))


def lists(schema: Schema, data: Any) -> list[StatusCause]:
    """Lists that hold something twice."""
    return list(_lists(schema, data, ""))


def _inside(schema: Schema | None, data: Any, path: str) -> Iterator[tuple[Schema, Any, str]]:
    """Every field or item of a value that has a schema, with its path."""
    if isinstance(data, Mapping):
        for name in sorted(data):
            field = inner(schema, name)
            if field is not None:
                declared = schema is not None and name in schema.get("properties", {})
                where = f"{path}.{name}".removeprefix(".") if declared else f"{path}[{name}]"
                yield field, data[name], where
    elif isinstance(data, Sequence) and not isinstance(data, str):
        item = items_of(schema)
        for index, value in enumerate(data) if item is not None else ():
            if item is not None:
                yield item, value, f"{path}[{index}]"


def _embedded(schema: Schema, data: Any, path: str) -> Causes:
    if isinstance(data, Mapping) and schema.get(EMBEDDED):
        yield from _resource(data, path)
    for field, value, where in _inside(schema, data, path):
        yield from _embedded(field, value, where)


def _resource(data: Mapping[str, Any], path: str) -> Causes:
    for name in ("apiVersion", "kind"):
        where = f"{path}.{name}".removeprefix(".")
        value = data.get(name)
        if name not in data:
            yield error.required(where)
        elif not isinstance(value, str):
            yield error.invalid(where, value, "must be a string")
        elif not value:
            yield error.invalid(where, value, "must not be empty")
        elif name == "apiVersion" and value.count("/") > 1:
            yield error.invalid(where, value, f"unexpected GroupVersion string: {value}")
        elif name == "kind" and (wrong := names.is_dns1035_label(value.lower())):
            yield error.invalid(where, value, f"may have mixed case, but should otherwise match: {','.join(wrong)}")
    if "metadata" in data:
        yield from _metadata(data["metadata"], f"{path}.metadata".removeprefix("."))


def _metadata(data: Any, path: str) -> Causes:
    try:
        meta = codec.from_plain(ObjectMeta, data)
    except ValidationError as fault:
        yield error.invalid(path, data, str(fault))
        return
    named = ObjectMeta(name=meta.name or "fakename", namespace=meta.namespace, labels=meta.labels,
                       annotations=meta.annotations, finalizers=meta.finalizers)  # fmt: skip
    for cause in metadata.create(named, _path_segment, namespaced=bool(meta.namespace)):
        field = cause.field.replace("metadata", path, 1)
        yield StatusCause(field=field, message=cause.message, reason=cause.reason)


def _path_segment(name: str) -> list[str]:
    """What is wrong with a name that is to stand between slashes (`IsPathSegmentName`)."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{sign}'" for sign in ("/", "%") if sign in name]


def _lists(schema: Schema, data: Any, path: str) -> Causes:
    if isinstance(data, Sequence) and not isinstance(data, str):
        kind = schema.get("x-kubernetes-list-type")
        if kind == "set":
            yield from (error.duplicate(f"{path}[{index}]", data[index]) for index in _repeated(data))
        elif kind == "map":
            yield from _map(schema, data, path)
    for field, value, where in _inside(schema, data, path):
        yield from _lists(field, value, where)


def _map(schema: Schema, data: Sequence[Any], path: str) -> Causes:
    for index, item in enumerate(data):
        if item is not None and not isinstance(item, Mapping):
            yield error.invalid(f"{path}[{index}]", item, "must be an object for an array of list-type map")
            return
    keys = [
        {name: item[name] for name in schema.get("x-kubernetes-list-map-keys", ()) if name in (item or {})}
        for item in data
    ]
    yield from (error.duplicate(f"{path}[{index}]", keys[index]) for index in _repeated(keys))


def _repeated(items: Sequence[Any]) -> list[int]:
    """Where something stands for the second time."""
    seen: dict[str, int] = {}
    found = []
    for index, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            found.append(index)
    return found
