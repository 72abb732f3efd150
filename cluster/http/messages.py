"""What goes in and out of the facade: requests and responses as plain values, without a server.

The two ends of the data's way through `cluster.http`. Invariant: nothing here knows of sockets.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cluster.api import codec
from cluster.api.errors import ApiError
from cluster.authorization import ANONYMOUS, User

JSON = "application/json"


class Request(Struct, frozen=True):
    """One HTTP request: header names in lower case, query values in order.

    `user` makes it, and wants it made as the one that the `impersonation` headers, in order, tell.
    """

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""
    user: User = ANONYMOUS
    impersonation: tuple[tuple[str, str], ...] = ()

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    def flag(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.param(name).lower() in ("true", "1")

    @property
    def accepts(self) -> tuple[str, ...]:
        """The media types of the Accept header, parameters included, in order."""
        return tuple(part.strip() for part in self.headers.get("accept", "").split(",") if part.strip())

    @property
    def media_type(self) -> str:
        """The body's media type without parameters."""
        return self.headers.get("content-type", JSON).partition(";")[0].strip().lower()


class Response(Struct, frozen=True):
    """One whole answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


def answer(value: Any, status: int = 200, warnings: tuple[str, ...] = ()) -> Response:
    """Plain data or an object as a JSON response, each warning in a header of its own."""
    return Response(status, codec.encode(value), headers=tuple(_warning(text) for text in warnings))


def warned(response: Response, text: str) -> Response:
    """The response with one more warning."""
    return replace(response, headers=(*response.headers, _warning(text)))


def _warning(text: str) -> tuple[str, str]:
    return "Warning", f'299 - "{_quoted(text)}"'


def failure(error: ApiError) -> Response:
    """An error as the Status that clients expect."""
    plain = {**msgspec.to_builtins(error.status(), enc_hook=str), "metadata": {}}
    wait = error.details.retryAfterSeconds if error.details is not None else 0
    headers = (("Retry-After", str(wait)),) if wait else ()
    return Response(error.code, codec.encode(plain), headers=headers)


def _quoted(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"')
