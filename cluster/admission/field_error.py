"""What is wrong with a field, in the words of Kubernetes' field errors.

Validation makes every message here. Mirrors k8s.io/apimachinery/pkg/util/validation/field.
Invariant: a message reads `Type: value: detail` with the value as Go's JSON prints it, so that
`kubectl` shows what it would show against a real cluster.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cluster.api.meta import LabelSelector, StatusCause


def required(field: str, detail: str = "") -> StatusCause:
    """The field must be given."""
    return _cause(field, "FieldValueRequired", "Required value", detail)


def invalid(field: str, value: Any, detail: str) -> StatusCause:
    """The value breaks a rule; `detail` says which."""
    return _cause(field, "FieldValueInvalid", f"Invalid value: {shown(value)}", detail)


def unshown(field: str, detail: str) -> StatusCause:
    """The value breaks a rule and is not repeated (`OmitValueType`)."""
    return _cause(field, "FieldValueInvalid", "Invalid value", detail)


def not_supported(field: str, value: Any, supported: Iterable[str]) -> StatusCause:
    """The value is none of those known, which are listed as they come."""
    listed = ", ".join(f'"{item}"' for item in supported)
    detail = f"supported values: {listed}" if listed else ""
    return _cause(field, "FieldValueNotSupported", f"Unsupported value: {shown(value)}", detail)


def duplicate(field: str, value: Any) -> StatusCause:
    """The value must be unique and is not."""
    return _cause(field, "FieldValueDuplicate", f"Duplicate value: {shown(value)}", "")


def forbidden(field: str, detail: str) -> StatusCause:
    """The field may not be set, or not be set so."""
    return _cause(field, "FieldValueForbidden", "Forbidden", detail)


def not_found(field: str, value: Any) -> StatusCause:
    """The value names what is not there."""
    return _cause(field, "FieldValueNotFound", f"Not found: {shown(value)}", "")


def too_long(field: str, limit: int) -> StatusCause:
    """The value has more than `limit` bytes."""
    unit = "byte" if limit == 1 else "bytes"
    return _cause(field, "FieldValueTooLong", "Too long", f"may not be more than {limit} {unit}")


def too_many(field: str, actual: int, limit: int) -> StatusCause:
    """There are more than `limit` items."""
    unit = "item" if limit == 1 else "items"
    return _cause(field, "FieldValueTooMany", f"Too many: {actual}", f"must have at most {limit} {unit}")


class Fields(dict[str, Any]):
    """The fields of a value that is shown as JSON, in the order in which the API server prints them."""


def shown(value: Any) -> str:
    """A value as a field error shows it: text in quotes, numbers plain, the rest as JSON."""
    if isinstance(value, str):
        return quoted(value)
    text = msgspec.json.encode(_plain(value)).decode()
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def quoted(text: str) -> str:
    """Text in quotes, with escapes (`%q`)."""
    return msgspec.json.encode(str(text)).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        keys = value if isinstance(value, Fields) else sorted(value)
        return {key: _plain(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, msgspec.Struct):
        return _plain(Fields({name: item for name in _order(value) if (item := getattr(value, name))}))
    return value


def _order(value: msgspec.Struct) -> tuple[str, ...]:
    """The fields of a struct as Go declares them, where that is not the alphabet."""
    if isinstance(value, LabelSelector):
        return ("matchLabels", "matchExpressions")
    return value.__struct_fields__


def _cause(field: str, reason: str, head: str, detail: str) -> StatusCause:
    return StatusCause(field=field, message=f"{head}: {detail}" if detail else head, reason=reason)
