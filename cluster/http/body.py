"""From a request's body to plain data and typed objects, as strictly as the client asks.

On the facade's way in. Mirrors the API server's decoders and its fieldValidation (Ignore, Warn,
Strict). Invariant: an object that comes out of here knows every field that went in, or the client
was told which it does not.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from cluster.api import codec
from cluster.api.core import Binding
from cluster.api.errors import BadRequest, UnsupportedMediaType
from cluster.api.kinds import KINDS, Kind
from cluster.api.meta import DeleteOptions, Resource
from cluster.api.object import Object
from cluster.http import protobuf
from cluster.http.messages import JSON, Request
from cluster.manifests.parse import SyntaxFault, parse
from cluster.patch.schema import fields

TYPES: dict[tuple[str, str], type[Object]] = {
    **{(kind.api_version, kind.kind): kind.type for kind in KINDS},
    ("v1", "DeleteOptions"): DeleteOptions,
    ("v1", "Binding"): Binding,
}
YAML = ("application/yaml", "application/apply-patch+yaml")


def plain(request: Request) -> Any:
    """The body as plain data; UnsupportedMediaType or BadRequest if it cannot be read."""
    if request.media_type in YAML:
        return _from_yaml(request.body.decode("utf-8", "replace"))
    if request.media_type == protobuf.MEDIA_TYPE:
        return protobuf.decode(request.body, TYPES)
    if request.media_type not in (JSON, "") and not request.media_type.endswith("patch+json"):
        raise UnsupportedMediaType(
            f"the body of the request was in an unknown format - accepted media types include: {JSON}, application/yaml"
        )
    try:
        return msgspec.json.decode(request.body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"the object provided is unrecognized (must be of type JSON): {error}") from error


def typed(kind: Kind[Any], data: Any, validation: str) -> tuple[Resource, tuple[str, ...]]:
    """The object that plain data means, and warnings about it.

    `validation` is the request's fieldValidation. Raises BadRequest naming every unknown field if
    it is Strict, and for values of the wrong type always.
    """
    if not isinstance(data, Mapping):
        raise BadRequest(f"{kind.kind} in version {kind.version!r} cannot be handled as a {kind.kind}: it is no object")
    given = (data.get("apiVersion", kind.api_version), data.get("kind", kind.kind))
    if given != (kind.api_version, kind.kind):
        raise BadRequest(
            f"the API version in the data ({given[0]}) does not match the expected API version ({kind.api_version})"
        )
    unknown: list[str] = []
    pruned = {name: value for name, value in data.items() if name not in ("apiVersion", "kind")}
    pruned = _known(kind.type, pruned, "", unknown)
    head = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
    listed = ", ".join(f'unknown field "{path}"' for path in unknown)
    if unknown and validation == "Strict":
        raise BadRequest(f"{head}strict decoding error: {listed}")
    try:
        value = codec.from_plain(kind.type, pruned)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{head}{error}") from error
    warned = tuple(f'unknown field "{path}"' for path in unknown) if validation == "Warn" else ()
    return value, warned


def _from_yaml(text: str) -> Any:
    try:
        documents = list(parse(text))
    except SyntaxFault as error:
        raise BadRequest(f"error converting YAML to JSON: yaml: {error}") from error
    if len(documents) != 1:
        raise BadRequest(f"the body holds {len(documents)} YAML documents; there can be one")
    return documents[0].value


def _known(owner: type[Object], data: Mapping[str, Any], path: str, unknown: list[str]) -> dict[str, Any]:
    """The data without unknown fields, whose paths are added to `unknown` in the order of the document."""
    known, kept = fields(owner), {}
    for name, value in data.items():
        field = known.get(name)
        where = f"{path}.{name}" if path else name
        if field is None:
            unknown.append(where)
        elif field.item is None:
            kept[name] = value
        elif field.shape == "list" and isinstance(value, list):
            kept[name] = [_item(field.item, item, f"{where}[{index}]", unknown) for index, item in enumerate(value)]
        elif field.shape == "map" and isinstance(value, Mapping):
            kept[name] = {key: _item(field.item, item, f"{where}.{key}", unknown) for key, item in value.items()}
        else:
            kept[name] = _item(field.item, value, where, unknown)
    return kept


def _item(owner: type[Object], value: Any, path: str, unknown: list[str]) -> Any:
    return _known(owner, value, path, unknown) if isinstance(value, Mapping) else value
