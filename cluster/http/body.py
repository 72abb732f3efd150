"""From a request's body to plain data and typed objects, as strictly as the client asks.

On the facade's way in. Mirrors the API server's negotiation of JSON, YAML and protobuf. Invariant: the
three forms of one object come out the same.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from cluster.api import conversion
from cluster.api.errors import BadRequest, UnsupportedMediaType
from cluster.api.kinds import STATIC, TOKEN_REQUESTS, Kind
from cluster.api.meta import DeleteOptions
from cluster.api.object import Object
from cluster.api.policy import Eviction
from cluster.apiserver.decoding import Decoder
from cluster.http import protobuf
from cluster.http.messages import JSON, Request
from cluster.manifests.parse import MAX_DEPTH, SyntaxFault, depth_of, parse

TYPES: dict[tuple[str, str], type[Object]] = {
    **{(kind.api_version, kind.kind): kind.type for kind in (*STATIC.listed, TOKEN_REQUESTS)},
    **{(kind.api_version, "DeleteOptions"): DeleteOptions for kind in STATIC.listed},
    ("policy/v1", "Eviction"): Eviction,
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
        found = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, RecursionError) as error:
        why = "exceeded max depth" if isinstance(error, RecursionError) else error
        raise BadRequest(f"the object provided is unrecognized (must be of type JSON): {why}") from error
    if request.body.count(b"{") + request.body.count(b"[") > MAX_DEPTH and depth_of(found) > MAX_DEPTH:
        raise BadRequest("the object provided is unrecognized (must be of type JSON): exceeded max depth")
    return found


def typed(kind: Kind[Any], data: Any, decoder: Decoder) -> Any:
    """The object that plain data of a served kind means, in the version that is kept.

    Raises BadRequest if it is no object of the kind.
    """
    if not isinstance(data, Mapping):
        raise BadRequest(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: it is no object')
    version, name = data.get("apiVersion", kind.api_version), data.get("kind", kind.kind)
    if version != kind.api_version:
        expected = f"the expected API version ({kind.api_version})"
        raise BadRequest(f"the API version in the data ({version}) does not match {expected}")
    if name != kind.kind:
        raise BadRequest(f'{name} in version "{kind.version}" cannot be handled as a {kind.kind}: unknown conversion')
    return conversion.to_stored(kind, decoder.decode(kind, data))


def _from_yaml(text: str) -> Any:
    try:
        documents = list(parse(text))
    except SyntaxFault as error:
        raise BadRequest(f"error converting YAML to JSON: yaml: {error}") from error
    if len(documents) != 1:
        raise BadRequest(f"the body holds {len(documents)} YAML documents; there can be one")
    return documents[0].value
