"""Everything in a custom resource that its schema does not allow, in the words of kube-openapi.

The main part of a custom resource's validation. Mirrors kube-openapi's pkg/validation and apiextensions'
translation of its errors. Invariant: pure; the order is that of the data's fields by the alphabet.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation.custom import formats
from cluster.api.meta import StatusCause
from cluster.schema.pruning import Schema

INT_OR_STRING = "x-kubernetes-int-or-string"


def check(schema: Schema, data: Any, path: str = "") -> list[StatusCause]:
    """What is wrong with the data, each fault once."""
    return _check(schema, data, path).causes


class _Result:
    """What a look at a value found: faults, and how much of the schema it passed through, to tell the best alternative."""

    __slots__ = ("causes", "matches")

    def __init__(self, causes: list[StatusCause] | None = None, matches: int = 0) -> None:
        self.causes, self.matches = causes or [], matches

    def merge(self, other: "_Result") -> None:
        self.causes += other.causes
        self.matches += other.matches


def _check(schema: Schema, data: Any, path: str) -> _Result:
    result = _typed(schema, data, path)
    if data is None:
        result.merge(_enum(schema, data, path))
        return result
    result.merge(_junctors(schema, data, path))
    if isinstance(data, str):
        result.causes += _text(schema, data, path)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        result.causes += _number(schema, data, path)
    elif isinstance(data, list | tuple):
        result.merge(_items(schema, data, path))
    result.merge(_enum(schema, data, path))
    if isinstance(data, Mapping):
        result.merge(_fields(schema, data, path))
    result.matches += 3
    return result


def _typed(schema: Schema, data: Any, path: str) -> _Result:
    wanted = ["integer", "string"] if schema.get(INT_OR_STRING) else [schema["type"]] if schema.get("type") else []
    if not wanted or (data is None and schema.get("nullable")):
        return _Result(matches=1)
    found = _type(data)
    whole = isinstance(data, float) and data.is_integer() and "integer" in wanted
    if found in wanted or whole or (found == "integer" and "number" in wanted):
        return _Result(matches=1)
    if isinstance(data, str) and formats.known(schema.get("format", "?")) and wanted == ["string"]:
        return _Result(matches=1)
    return _Result([_wrong_type(path, found, ",".join(wanted))])


def _wrong_type(path: str, value: str, wanted: str) -> StatusCause:
    cause = error.invalid(_field(path), value, f'{path} in body must be of type {wanted}: "{value}"')
    return StatusCause(field=cause.field, message=cause.message, reason="FieldValueTypeInvalid")


def _type(data: Any) -> str:
    match data:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def go_type(data: Any) -> str:
    """The type as Go names what JSON holds."""
    kinds = {"boolean": "bool", "integer": "int64", "number": "float64", "string": "string"}
    return kinds.get(_type(data), "map[string]interface {}" if isinstance(data, Mapping) else "[]interface {}")


def _junctors(schema: Schema, data: Any, path: str) -> _Result:
    """allOf, anyOf, oneOf and not. The error about the whole is told without a field, as the API server does."""
    result = _Result()
    if schema.get("anyOf"):
        results = [_check(option, data, path) for option in schema["anyOf"]]
        good = next((one for one in results if not one.causes), None)
        if good is None:
            result.causes.append(_whole(f'"{path}" must validate at least one schema (anyOf)'))
        result.merge(good or max(results, key=_matches))
    if schema.get("oneOf"):
        results = [_check(option, data, path) for option in schema["oneOf"]]
        valid = sum(not one.causes for one in results)
        if valid != 1:
            found = f"Found {valid} valid alternatives" if valid else "Found none valid"
            result.causes.append(_whole(f'"{path}" must validate one and only one schema (oneOf). {found}'))
        if not valid:
            result.merge(max(results, key=_matches))
    if schema.get("allOf"):
        results = [_check(option, data, path) for option in schema["allOf"]]
        for one in results:
            result.merge(one)
        valid = sum(not one.causes for one in results)
        if valid != len(results):
            none = "" if valid else ". None validated"
            result.causes.append(_whole(f'"{path}" must validate all the schemas (allOf){none}'))
    if isinstance(schema.get("not"), Mapping) and not _check(schema["not"], data, path).causes:
        result.causes.append(_whole(f'"{path}" must not validate the schema (not)'))
    return result


def _matches(result: _Result) -> int:
    return result.matches


def _whole(message: str) -> StatusCause:
    return error.invalid("<nil>", "", message)


def _text(schema: Schema, data: str, path: str) -> list[StatusCause]:
    """The first rule that a string breaks, and its format."""
    causes = []
    longest, shortest, pattern = schema.get("maxLength"), schema.get("minLength", 0), schema.get("pattern")
    if longest is not None and len(data) > longest:
        causes.append(error.too_long(_field(path), longest))
    elif len(data) < shortest:
        causes.append(_body(path, data, f"should be at least {shortest} chars long"))
    elif pattern and not matches(pattern, data):
        causes.append(_body(path, data, f"should match '{pattern}'"))
    name = schema.get("format", "")
    if name and schema.get("type", "string") == "string" and not formats.fits(name, data):
        causes.append(_wrong_type(path, data, name))
    return causes


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    text = re.sub(r"(?<!\\)\\z", r"\\Z", pattern).replace("[[:alnum:]]", "[0-9A-Za-z]")
    try:
        return re.compile(re.sub(r"(?<!\\)\$(?=$|\))", r"\\Z", text))
    except re.error:
        return None


def is_pattern(pattern: str) -> bool:
    """Whether the text is a regular expression."""
    return _compiled(pattern) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression matches somewhere in the text; one that is none matches nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.search(text) is not None


def _number(schema: Schema, data: float, path: str) -> list[StatusCause]:
    causes = []
    kind, name = schema.get("type"), schema.get("format", "")
    if kind == "integer":
        bits = 31 if name == "int32" else 63
        if not -(2**bits) <= data < 2**bits:
            shape = f"with format {name}" if name in ("int32", "int64") else "(default format)"
            causes.append(_whole(f"Checked value must be of type integer {shape} in {path}"))
    factor, least, most = schema.get("multipleOf"), schema.get("minimum"), schema.get("maximum")
    if factor is not None and data % factor != 0:
        causes.append(_body(path, data, f"should be a multiple of {number(factor)}"))
    if least is not None and (data < least or (schema.get("exclusiveMinimum") and data == least)):
        words = "than" if schema.get("exclusiveMinimum") else "than or equal to"
        causes.append(_body(path, data, f"should be greater {words} {number(least)}"))
    if most is not None and (data > most or (schema.get("exclusiveMaximum") and data == most)):
        words = "than" if schema.get("exclusiveMaximum") else "than or equal to"
        causes.append(_body(path, data, f"should be less {words} {number(most)}"))
    return causes


def number(value: Any) -> str:
    """A number as Go prints it (`%v`)."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _items(schema: Schema, data: Any, path: str) -> _Result:
    result, item = _Result(matches=1), schema.get("items")
    if isinstance(item, Mapping):
        for index, value in enumerate(data):
            result.merge(_check(item, value, f"{path}[{index}]"))
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if len(data) < least:
        result.causes.append(_body(path, len(data), f"should have at least {least} items"))
    if most is not None and len(data) > most:
        result.causes.append(error.too_many(_field(path), len(data), most))
    return result


def _enum(schema: Schema, data: Any, path: str) -> _Result:
    allowed = schema.get("enum")
    if not allowed or any(_type(one) == _type(data) and one == data for one in allowed):
        return _Result(matches=1)
    shown = [one if isinstance(one, str) else error.shown(one) for one in allowed]
    return _Result([error.not_supported(_field(path), data, shown)])


def _fields(schema: Schema, data: Mapping[str, Any], path: str) -> _Result:
    result, declared, extra = _Result(matches=1), schema.get("properties", {}), schema.get("additionalProperties")
    least, most = schema.get("minProperties", 0), schema.get("maxProperties")
    if len(data) < least:
        result.causes.append(_body(path, len(data), f"should have at least {least} properties"))
    if most is not None and len(data) > most:
        result.causes.append(error.too_many(_field(path), len(data), most))
    for name in sorted(data):
        inside = declared.get(name, extra)
        if isinstance(inside, Mapping):
            result.merge(_check(inside, data[name], f"{path}.{name}" if path else name))
        elif inside is False:
            result.causes.append(error.invalid(_field(path), "", f"{path}.{name} in body is a forbidden property"))
    for name in schema.get("required", ()):
        if name not in data:
            result.causes.append(error.required(f"{path}.{name}".removeprefix(".")))
    return result


def _body(path: str, value: Any, rule: str) -> StatusCause:
    return error.invalid(_field(path), value, f"{path} in body {rule}")


def _field(path: str) -> str:
    return path or "<nil>"
