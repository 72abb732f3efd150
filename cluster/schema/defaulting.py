"""What a schema says of fields that are absent, filled in; and nulls that mean nothing, taken away.

On the way of a custom resource between pruning and validation. Mirrors apiextensions' defaulting.
Invariant: data that lacks nothing comes back as it is, and filling in twice is filling in once.
"""

from collections.abc import Mapping
from typing import Any

from cluster.schema.pruning import Schema, inner, items_of


def without_nulls(data: Any, schema: Schema | None) -> Any:
    """The data without nulls where the schema does not allow them and has no default for them."""
    if isinstance(data, list | tuple):
        item = items_of(schema)
        return data if item is None else [without_nulls(value, item) for value in data]
    if not isinstance(data, Mapping) or schema is None:
        return data
    kept = {}
    for name, value in data.items():
        field = inner(schema, name)
        if value is None and field is not None and not field.get("nullable") and "default" not in field:
            continue
        kept[name] = without_nulls(value, field)
    return kept if kept != data else data


def defaulted(data: Any, schema: Schema | None) -> Any:
    """The data with every default of the schema where nothing, or a null that may not be, stands."""
    if schema is None:
        return data
    if isinstance(data, list | tuple):
        item = items_of(schema)
        filled = [defaulted(_present(value, item), item) for value in data]
        return filled if filled != list(data) else data
    if not isinstance(data, Mapping):
        return data
    result = dict(data)
    for name, field in schema.get("properties", {}).items():
        if field.get("default") is not None and name not in result:
            result[name] = field["default"]
    for name, value in result.items():
        field = inner(schema, name)
        if field is not None:
            result[name] = defaulted(_present(value, field), field)
    return result if result != data else data


def _present(value: Any, schema: Schema | None) -> Any:
    """The value, or the default if it is a null that may not be one."""
    if value is None and schema is not None and not schema.get("nullable"):
        return schema.get("default")
    return value
