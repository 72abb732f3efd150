"""Plain data as expressions see it: field names that CEL cannot spell are escaped, times are times.

On the way into an expression. Mirrors apiserver's cel/escaping. Invariant: keys of maps, whose names are
data, stay as they are; only the fields that a schema declares are renamed.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cluster.schema.pruning import Schema, inner, items_of

RESERVED = frozenset({
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
})  # fmt: skip
_NAME: Schema = {"type": "string"}
_OF_EVERY_RESOURCE: Mapping[str, Schema] = {
    "apiVersion": _NAME, "kind": _NAME,
    "metadata": {"type": "object", "properties": {"name": _NAME, "generateName": _NAME}},
}  # fmt: skip
_ESCAPES = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_SPECIAL = re.compile(r"__|[./-]")


def escaped(name: str) -> str:
    """A field's name as an expression spells it: `__dash__` for a dash, `__namespace__` for a reserved word."""
    if name in RESERVED:
        return f"__{name}__"
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], name)


def resource(schema: Schema) -> Schema:
    """The schema with what expressions may use of every resource: its version, its kind, and its names."""
    properties = schema.get("properties") or {}
    names = (properties.get("metadata") or {}).get("properties") or {}
    if {"kind", "apiVersion"} <= set(properties) and {"name", "generateName"} <= set(names):
        return schema
    return {**schema, "type": "object", "properties": {**properties, **_OF_EVERY_RESOURCE}}


def as_cel(data: Any, schema: Schema | None) -> Any:
    """The data with the declared fields renamed as expressions spell them, and texts of a format read as it says."""
    if isinstance(data, list | tuple):
        item = items_of(schema)
        return [as_cel(value, item) for value in data]
    if isinstance(data, Mapping):
        declared = schema.get("properties", {}) if schema is not None else {}
        return {
            escaped(name) if name in declared else name: as_cel(value, inner(schema, name))
            for name, value in data.items()
        }
    form = schema.get("format") if schema is not None and isinstance(data, str) else None
    return _READ[form](data) if form in _READ else data


def _time(text: str) -> Any:
    from google.protobuf.timestamp_pb2 import Timestamp  # noqa: PLC0415 - with the library, when it is needed

    found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace("Z", "+00:00")))
    made = Timestamp()
    made.FromDatetime(found)
    return made


def _duration(text: str) -> Any:
    """A duration as Go writes it; `1d` and `1w` are what the format allows besides."""
    from google.protobuf.duration_pb2 import Duration  # noqa: PLC0415 - as above

    sign = -1 if text.startswith("-") else 1
    made = Duration()
    made.FromTimedelta(
        sign * sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in _PART.findall(text)), timedelta())
    )
    return made


_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+) *(us|µs|ms|[smhdw])")
_UNITS = {"us": "microseconds", "µs": "microseconds", "ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours",
          "d": "days", "w": "weeks"}  # fmt: skip
_READ: Mapping[Any, Callable[[str], Any]] = {
    "date": _time, "date-time": _time, "duration": _duration, "byte": base64.b64decode,
}  # fmt: skip
