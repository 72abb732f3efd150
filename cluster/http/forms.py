"""The form of a whole answer: JSON as it is or indented, YAML, compressed.

The last step of the facade's way out, after the document is made. Mirrors the API server's negotiation of
responses. Invariant: every form says the same, and a form that cannot be had is refused before anything is done.
"""

import gzip
from typing import Any

import msgspec
from msgspec.structs import replace

from cluster.api.errors import ApiError
from cluster.http.messages import JSON, Request, Response
from cluster.manifests.writer import write

YAML = "application/yaml"
COMPRESSED_FROM = 128 * 1024
LEVEL = 1
READERS = ("curl", "Wget", "Mozilla/5.0")
"""Programs that show what they get to people."""
_KNOWN = frozenset({JSON, YAML, "application/*", "*/*", "text/plain", "text/*"})


class NotAcceptable(ApiError):
    """The client takes no form that there is."""

    code, reason = 406, "NotAcceptable"


def check(request: Request) -> None:
    """NotAcceptable if the client takes none of the forms that there are."""
    names = [accepted.partition(";")[0].strip().lower() for accepted in request.accepts]
    offered = [name for name in names if name]
    if offered and not any(name in _KNOWN for name in offered):
        raise NotAcceptable(f"only the following media types are accepted: {JSON}, {YAML}")


def shaped(request: Request, response: Response) -> Response:
    """The answer in the form that the client asks for."""
    if response.content_type != JSON:
        return response
    first = next((accepted.partition(";")[0].strip().lower() for accepted in request.accepts), JSON)
    if first == YAML:
        text = write(msgspec.json.decode(response.body))
        response = replace(response, body=text.encode(), content_type=YAML)
    elif _for_people(request):
        response = replace(response, body=msgspec.json.format(response.body, indent=2))
    return response


def compressed(accepted_encodings: str, response: Response) -> Response:
    """The answer compressed, if it is large and the client can read it so."""
    if len(response.body) <= COMPRESSED_FROM or "gzip" not in accepted_encodings:
        return response
    body = gzip.compress(response.body, LEVEL, mtime=0)
    headers: tuple[Any, ...] = (*response.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(response, body=body, headers=headers)


def _for_people(request: Request) -> bool:
    if "pretty" in request.query:
        return request.param("pretty").lower() not in ("false", "0")
    return request.headers.get("user-agent", "").startswith(READERS)
