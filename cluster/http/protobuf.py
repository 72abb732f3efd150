"""Protobuf bodies to plain data: what kubectl's typed commands send (`create namespace`, `cordon`, …).

A corner of the facade's way in; answers are always JSON, which every client takes. The field numbers
are the real API's, as data. Invariant: a decoded body is the same plain data as its JSON would be.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from cluster.api.errors import BadRequest, UnsupportedMediaType
from cluster.api.object import Object

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
_INLINE = frozenset({
    "volumeSource", "handler", "localObjectReference", "ephemeralContainerCommon", "persistentVolumeSource",
    "rule", "ruleWithOperations", "ingressRuleValue",
})  # fmt: skip
_WRAPPED = ("authentication.ExtraValue", "authorization.ExtraValue")
"""Messages that stand for the list in their only field."""
FieldNumbers = dict[str, dict[str, list[str]]]


@cache
def numbers() -> FieldNumbers:
    """Every message by name: its fields by number, each a name, a type and perhaps `list` or `map`."""
    text = files("cluster.http").joinpath("field_numbers.json").read_bytes()
    return msgspec.json.decode(text, type=FieldNumbers)


def decode(data: bytes, struct_of: dict[tuple[str, str], type[Object]]) -> dict[str, Any]:
    """The object in a Kubernetes protobuf envelope, with apiVersion and kind; BadRequest if it is none.

    `struct_of` gives the type of an (apiVersion, kind).
    """
    if not data.startswith(MAGIC):
        raise BadRequest("the body is no Kubernetes protobuf object: it does not begin with k8s\\0")
    try:
        envelope = dict(fields(data[len(MAGIC) :]))
        type_meta = {number: value.decode() for number, value in fields(envelope.get(1, b""))}
        api_version, kind = type_meta.get(1, ""), type_meta.get(2, "")
        found = struct_of.get((api_version, kind))
        if found is None:
            raise BadRequest(f'no kind "{kind}" is registered for version "{api_version}"')
        message = f"{found.__module__.rpartition('.')[2]}.{found.__name__}"
        if message not in numbers():
            raise UnsupportedMediaType(f"{kind} in version {api_version} is not taken as protobuf, but as JSON")
        return {"apiVersion": api_version, "kind": kind, **_message(message, envelope.get(2, b""))}
    except (IndexError, UnicodeDecodeError, struct.error, AttributeError) as error:
        raise BadRequest(f"the protobuf body cannot be read: {error}") from error


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers with their raw values: bytes, or an int for varints and fixed numbers."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: Any
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise IndexError("it ends in the middle of a field")
            value, at = data[at : at + length], at + length
        elif wire == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        else:
            raise IndexError(f"wire type {wire}")
        yield number, value


def _message(name: str, data: bytes) -> dict[str, Any]:
    known, plain = numbers()[name], dict[str, Any]()
    for number, raw in fields(data):
        described = known.get(str(number))
        if described is None:
            continue
        field, kind = described[0], described[1]
        shape = described[2] if len(described) > 2 else ""
        if shape == "map":
            entry = dict(fields(raw))
            plain.setdefault(field, {})[entry.get(1, b"").decode()] = _value(kind, entry.get(2, b""))
            continue
        value = _value(kind, raw)
        if shape == "list":
            plain.setdefault(field, []).append(value)
        elif field in _INLINE and isinstance(value, dict):
            plain.update(value)
        elif value not in ("", None):
            plain[field] = value
    return plain


def _value(kind: str, raw: Any) -> Any:
    match kind:
        case "string":
            return raw.decode()
        case "int":
            return raw - (1 << 64) if raw >> 63 else raw
        case "bool":
            return bool(raw)
        case "double":
            return raw
        case "bytes":
            return msgspec.to_builtins(raw)
        case "Quantity":
            return dict(fields(raw)).get(1, b"0").decode()
        case "Time" | "MicroTime":
            return _time(raw, micro=kind == "MicroTime")
        case "IntOrString":
            parts = dict(fields(raw))
            return parts.get(3, b"").decode() if parts.get(1) else _value("int", parts.get(2, 0))
        case "FieldsV1" | "RawExtension":
            return msgspec.json.decode(dict(fields(raw)).get(1) or b"{}")
        case _ if kind in _WRAPPED:
            return _message(kind, raw).get("items", [])
        case _:
            return _message(kind, raw)


def _time(raw: bytes, *, micro: bool) -> str | None:
    parts = dict(fields(raw))
    seconds = _value("int", parts.get(1, 0))
    if not parts or seconds < 0:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime(f"%Y-%m-%dT%H:%M:%S{f'.{parts.get(2, 0) // 1000:06d}' if micro else ''}Z")
