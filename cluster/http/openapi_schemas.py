"""The published schemas of Kubernetes' types, with what we say of their fields.

Data for `openapi`. The schemas are those of a 1.36 with the values that enumerations may have; the
descriptions are our own, one or two sentences for what people look up. Invariant: every description is
of a field that there is.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

REFERENCE = "#/components/schemas/"
Schema = dict[str, Any]


@cache
def schemas() -> Mapping[str, Schema]:
    """Every schema by its name, described."""
    text = files("cluster.http").joinpath("schemas.json").read_bytes()
    found: dict[str, Schema] = msgspec.json.decode(text)
    described = descriptions()
    return {name: _described(schema, described.get(name, {})) for name, schema in found.items()}


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """What we say of types (under an empty name) and of their fields, by the schema's name."""
    text = files("cluster.http").joinpath("descriptions.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, str]])


def known(name: str) -> bool:
    """Whether there is a schema of this name."""
    return name in schemas()


def reachable(names: Iterable[str]) -> dict[str, Schema]:
    """The schemas of these names, and those that they refer to, sorted by name."""
    found: dict[str, Schema] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and known(name):
            found[name] = schemas()[name]
            waiting.extend(references(found[name]))
    return {name: found[name] for name in sorted(found)}


def references(value: Any) -> Iterator[str]:
    """The names of the schemas that a part of a document refers to."""
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix(REFERENCE)
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def _described(schema: Schema, said: Mapping[str, str]) -> Schema:
    """The schema with descriptions; a field that has but some values lists them, as Kubernetes' own do."""
    head = {"description": said[""]} if "" in said else {}
    if "properties" not in schema:
        return {**head, **schema}
    properties = {name: _field(value, said.get(name, "")) for name, value in schema["properties"].items()}
    return {**head, **schema, "properties": properties}


def _field(schema: Schema, said: str) -> Schema:
    values = schema.get("enum", ())
    if values:
        listed = "\n".join(f' - `"{value}"`' for value in values)
        said = f"{said}\n\nPossible enum values:\n{listed}".strip()
    return {"description": said, **schema} if said else schema
