"""OpenAPI v2: all kinds in one document, for clients that do not know v3, as JSON or as protobuf.

A corner of the facade, made from the documents of v3. Mirrors /openapi/v2; the protobuf form is that of
gnostic's OpenAPIv2 messages, whose field numbers stand here as data. Invariant: both forms say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from cluster.api import codec
from cluster.api.kinds import STATIC
from cluster.http import custom_openapi, openapi
from cluster.http.health import VERSION
from cluster.http.messages import JSON, Request, Response
from cluster.registry import Registry

PATH = "/openapi/v2"
PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_DEFINITION = "#/definitions/"
_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 8}


def document(request: Request, registry: Registry) -> Response | None:
    """The document in the form that the client accepts, or None for other paths."""
    if request.path.rstrip("/") != PATH:
        return None
    custom = bool(registry.custom.served)
    if any(accepted.partition(";")[0] in (_ASKED, PROTOBUF) for accepted in request.accepts):
        return Response(200, _document(plain(registry)) if custom else _protobuf(), PROTOBUF)
    return Response(200, codec.encode(plain(registry)) if custom else _json(), JSON)


@cache
def _json() -> bytes:
    return codec.encode(_static())


@cache
def _protobuf() -> bytes:
    return _document(_static())


@cache
def _static() -> dict[str, Any]:
    """The document of every kind that all clusters serve."""
    versions = dict.fromkeys(kind.api_version for kind in STATIC.listed)
    return _of(openapi.group_version(version) for version in versions)


def plain(registry: Registry) -> dict[str, Any]:
    """The document of every kind that is served."""
    versions = dict.fromkeys(kind.api_version for kind in registry.custom.served)
    custom = _of(openapi.whole(*custom_openapi.group_version(version, registry)) for version in versions)
    return _static() | {name: _static()[name] | custom[name] for name in ("paths", "definitions")}


def _of(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Documents of v3 as one of v2."""
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for whole in documents:
        paths |= {path: _path_item(item) for path, item in whole["paths"].items()}
        definitions |= {name: _older(schema) for name, schema in whole["components"]["schemas"].items()}
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"swagger": "2.0", "info": info, "paths": paths, "definitions": definitions}


def _path_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [_parameter(row) for row in item["parameters"]],
        **{method: _operation(item[method]) for method in _METHODS if method in item},
    }


def _operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    extensions = {name: value for name, value in operation.items() if name.startswith("x-")}
    parameters = [_parameter(row) for row in operation["parameters"]]
    return {"parameters": parameters, "responses": {"200": {"description": "OK"}}, **extensions}


def _parameter(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("name", "in", "required") if name in row}
    return {**kept, "type": row["schema"]["type"], "uniqueItems": True}


def _older(value: Any) -> Any:
    """A schema as v2 has it: references stand alone, there is no oneOf, and definitions are elsewhere."""
    if isinstance(value, list):
        return [_older(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("$ref"), str):
        return {"$ref": _DEFINITION + value["$ref"].removeprefix(openapi.REFERENCE)}
    found = {name: _older(item) for name, item in value.items() if name not in ("allOf", "oneOf")}
    if isinstance(value.get("allOf"), list):
        found |= _older(value["allOf"][0])
        found.pop("default", None)
    if isinstance(value.get("oneOf"), list):
        found["type"] = "string"
    return found


# As protobuf: every message is the join of its fields


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _true(number: int) -> bytes:
    return _varint(number << 3) + _varint(1)


def _field(number: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _any(value: Any) -> bytes:
    return _field(2, codec.encode(value))


def _named(number: int, items: Iterable[tuple[str, bytes]]) -> bytes:
    """A map: entries with a name and a message."""
    return b"".join(_field(number, _field(1, name) + _field(2, content)) for name, content in items)


def _extensions(number: int, owner: Mapping[str, Any]) -> bytes:
    return _named(number, ((name, _any(value)) for name, value in owner.items() if name.startswith("x-")))


def _document(plain: Mapping[str, Any]) -> bytes:
    info = _field(1, plain["info"]["title"]) + _field(2, plain["info"]["version"])
    paths = _named(2, ((path, _path_item_message(item)) for path, item in plain["paths"].items()))
    definitions = _named(1, ((name, _schema(schema)) for name, schema in plain["definitions"].items()))
    return _field(1, plain["swagger"]) + _field(2, info) + _field(8, paths) + _field(9, definitions)


def _path_item_message(item: Mapping[str, Any]) -> bytes:
    operations = [_field(number, _operation_message(item[name])) for name, number in _METHODS.items() if name in item]
    return b"".join([*operations, *(_field(9, _parameter_message(row)) for row in item["parameters"])])


def _operation_message(operation: Mapping[str, Any]) -> bytes:
    parameters = [_field(8, _parameter_message(row)) for row in operation["parameters"]]
    well = _field(1, _field(1, "OK"))
    return b"".join([*parameters, _field(9, _named(1, [("200", well)])), _extensions(13, operation)])


def _parameter_message(row: Mapping[str, Any]) -> bytes:
    """ParametersItem → Parameter → NonBodyParameter → the query's or the path's own message."""
    query = row["in"] == "query"
    fields = [_field(2, row["in"]), _field(4, row["name"]), _field(6 if query else 5, row["type"])]
    required = _true(1) if row.get("required") else b""
    inner = _field(3 if query else 4, b"".join([required, *fields, _true(20 if query else 19)]))
    return _field(1, _field(2, inner))


def _schema(schema: Mapping[str, Any]) -> bytes:
    return b"".join(_schema_fields(schema))


def _schema_fields(schema: Mapping[str, Any]) -> Iterator[bytes]:
    for name, number in (("$ref", 1), ("format", 2), ("description", 4)):
        if isinstance(schema.get(name), str):
            yield _field(number, schema[name])
    if "default" in schema:
        yield _field(5, _any(schema["default"]))
    for name in schema.get("required", ()):
        yield _field(19, name)
    for value in schema.get("enum", ()):
        yield _field(20, _any(value))
    if "additionalProperties" in schema:
        yield _field(21, _field(1, _schema(schema["additionalProperties"])))
    if "type" in schema:
        yield _field(22, _field(1, schema["type"]))
    if "items" in schema:
        yield _field(23, _field(1, _schema(schema["items"])))
    if "properties" in schema:
        yield _field(25, _named(1, ((name, _schema(part)) for name, part in schema["properties"].items())))
    yield _extensions(31, schema)
