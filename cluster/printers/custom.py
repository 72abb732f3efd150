"""The rows of custom kinds: the columns that a definition's version asks for, read by JSONPath.

Beside the printers of built-in kinds. Mirrors apiextensions' tableconvertor. Invariant: a cell whose value
is absent, or of another type than its column says, is empty.
"""

from typing import Any

from cluster.api import codec, json_path
from cluster.api.apiextensions import CustomResourceColumnDefinition
from cluster.api.kinds import Kind
from cluster.printers.column import NAME, Column
from cluster.printers.now import Now

AGE = CustomResourceColumnDefinition(name="Age", type="date", jsonPath=".metadata.creationTimestamp")
"""The column of a version that asks for none."""


def columns(kind: Kind[Any]) -> tuple[Column, ...]:
    """The columns of a custom kind, the name first."""
    return (NAME, *(Column(asked.name, asked.priority, asked.type, asked.format) for asked in _asked(kind)))


def row(kind: Kind[Any], value: Any, now: Now) -> tuple[str, ...]:
    """A custom resource's cells under its columns."""
    data = codec.to_plain(value)
    return (value.metadata.name, *(_cell(asked, data, now) for asked in _asked(kind)))


def _asked(kind: Kind[Any]) -> tuple[CustomResourceColumnDefinition, ...]:
    assert kind.custom is not None, f"{kind} is no custom kind"
    return kind.custom.declared.additionalPrinterColumns or (AGE,)


def _cell(asked: CustomResourceColumnDefinition, data: Any, now: Now) -> str:
    try:
        value = json_path.first(asked.jsonPath, data)
    except json_path.JSONPathError:
        return ""
    if value is None:
        return ""
    match asked.type:
        case "string":
            return json_path.shown(value)
        case "boolean":
            return json_path.shown(value) if isinstance(value, bool) else ""
        case "integer":
            return str(int(value)) if _is_number(value) else ""
        case "number":
            return f"{value:g}" if _is_number(value) else ""
        case _:
            return _age(value, now) if isinstance(value, str) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _age(text: str, now: Now) -> str:
    try:
        return now.since(text)
    except ValueError:
        return "<invalid>"
