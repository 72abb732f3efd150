"""Whether a definition's schema is a schema at all: every field known, and of its type.

The first look at what a user wrote, before rules are asked of it. Mirrors the decoding of
apiextensions' JSONSchemaProps. Invariant: whoever reads a schema of good shape may rely on its types.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_TEXTS = ("$ref", "$schema", "description", "format", "id", "pattern", "title", "type",
          "x-kubernetes-list-type", "x-kubernetes-map-type")  # fmt: skip
_NUMBERS = ("maximum", "minimum", "multipleOf")
_COUNTS = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties")
_FLAGS = ("exclusiveMaximum", "exclusiveMinimum", "nullable", "uniqueItems", "x-kubernetes-embedded-resource",
          "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")  # fmt: skip
_LISTS = ("required", "x-kubernetes-list-map-keys")
_ANYTHING = ("default", "example")
_SCHEMAS, _LISTED, _NAMED = ("not",), ("allOf", "anyOf", "oneOf"), ("definitions", "patternProperties", "properties")
_EITHER = ("additionalItems", "additionalProperties")
_GO = {
    **dict.fromkeys(_TEXTS, "string"), **dict.fromkeys(_NUMBERS, "float64"), **dict.fromkeys(_COUNTS, "int64"),
    **dict.fromkeys(_FLAGS, "bool"), **dict.fromkeys(_LISTS, "[]string"), "enum": "[]v1.JSON",
    **dict.fromkeys(_SCHEMAS, "v1.JSONSchemaProps"), **dict.fromkeys(_LISTED, "[]v1.JSONSchemaProps"),
    **dict.fromkeys(_NAMED, "map[string]v1.JSONSchemaProps"),
}  # fmt: skip
_RULE = {
    "fieldPath": "string", "message": "string", "messageExpression": "string", "optionalOldSelf": "bool", "reason": "string",
    "rule": "string",
}  # fmt: skip


class Misshapen(NamedTuple):
    """A field of a schema that is not known (`wanted` is nothing), or not of the Go type that is wanted."""

    path: str
    value: Any
    wanted: str = ""


def faults(schema: Any, path: str) -> Iterator[Misshapen]:
    """Every field of a schema that is unknown or of the wrong type, outer ones first."""
    if not isinstance(schema, Mapping):
        yield Misshapen(path, schema, "v1.JSONSchemaProps")
        return
    for name, value in schema.items():
        where = f"{path}.{name}"
        if value is None or name in _ANYTHING:
            continue
        if name == "x-kubernetes-validations":
            yield from _rules(value, where)
        elif name in ("items", *_EITHER):
            yield from _either(name, value, where)
        elif name in ("dependencies", "externalDocs"):
            if not isinstance(value, Mapping):
                yield Misshapen(where, value, "v1.ExternalDocumentation")
        elif name not in _GO:
            yield Misshapen(where, value)
        elif not _fits(_GO[name], value):
            yield Misshapen(where, value, _GO[name])
        else:
            yield from _inside(name, value, where)


def _inside(name: str, value: Any, where: str) -> Iterator[Misshapen]:
    if name in _SCHEMAS:
        yield from faults(value, where)
    elif name in _LISTED:
        for index, inside in enumerate(value):
            yield from faults(inside, f"{where}[{index}]")
    elif name in _NAMED:
        for key, inside in value.items():
            yield from faults(inside, f"{where}.{key}")


def _either(name: str, value: Any, where: str) -> Iterator[Misshapen]:
    """A schema, or for some fields a flag or a list of schemas."""
    if name in _EITHER and isinstance(value, bool):
        return
    if name == "items" and isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from faults(inside, f"{where}[{index}]")
    elif isinstance(value, Mapping):
        yield from faults(value, where)
    else:
        wanted = "v1.JSONSchemaPropsOrArray" if name == "items" else "v1.JSONSchemaPropsOrBool"
        yield Misshapen(where, value, wanted)


def _rules(value: Any, where: str) -> Iterator[Misshapen]:
    if not isinstance(value, list | tuple):
        yield Misshapen(where, value, "v1.ValidationRules")
        return
    for index, rule in enumerate(value):
        here = f"{where}[{index}]"
        if not isinstance(rule, Mapping):
            yield Misshapen(here, rule, "v1.ValidationRule")
            continue
        for name, item in rule.items():
            wanted = _RULE.get(name, "")
            if not wanted or (item is not None and not _fits(wanted, item)):
                yield Misshapen(f"{here}.{name}", item, wanted)


def _fits(wanted: str, value: Any) -> bool:
    match wanted:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int64":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float64":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "[]string":
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, list | tuple) if wanted.startswith("[]") else isinstance(value, Mapping)


def known(schema: Any, path: str, unknown: frozenset[str]) -> Any:
    """The schema without the fields of these paths."""
    if isinstance(schema, Mapping):
        return {
            name: known(value, f"{path}.{name}", unknown)
            for name, value in schema.items()
            if f"{path}.{name}" not in unknown
        }
    if isinstance(schema, list | tuple):
        return [known(value, f"{path}[{index}]", unknown) for index, value in enumerate(schema)]
    return schema


def without_nulls(schema: Any) -> Any:
    """The schema without nulls, which say nothing in it; values that it speaks of stay as they are."""
    if isinstance(schema, Mapping):
        kept = {name: _spoken(name, value) for name, value in schema.items() if value is not None}
        return kept if kept != schema else schema
    if isinstance(schema, list | tuple):
        found = [without_nulls(value) for value in schema]
        return found if found != list(schema) else schema
    return schema


def _spoken(name: str, value: Any) -> Any:
    if name in ("enum", *_ANYTHING):
        return value
    if name in _NAMED and isinstance(value, Mapping):
        return {key: without_nulls(inside) for key, inside in value.items() if inside is not None}
    return without_nulls(value)
