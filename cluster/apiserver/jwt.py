"""JSON web tokens: claims as signed text, and back.

Under `tokens`. Invariant: nothing is read of a text whose signature is not ours.
"""

from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import TypeVar

import msgspec

from cluster.apiserver.signing_key import encoded, signing_key

T = TypeVar("T")
ALGORITHM = "RS256"


def signed(seed: int, claims: msgspec.Struct) -> str:
    """The claims as a token."""
    key = signing_key(seed)
    header = {"alg": ALGORITHM, "kid": key.id}
    body = f"{encoded(msgspec.json.encode(header))}.{encoded(msgspec.json.encode(claims))}"
    return f"{body}.{key.signature(body.encode())}"


def verified(seed: int, token: str, claims: type[T]) -> T | None:
    """What a token claims; None if it is none of ours."""
    body = _verified(seed, token)
    if not body:
        return None
    head, _, payload = body.partition(".")
    try:
        header = msgspec.json.decode(_bytes(head), type=dict[str, str])
        return msgspec.json.decode(_bytes(payload), type=claims) if header.get("alg") == ALGORITHM else None
    except (ValueError, msgspec.MsgspecError):
        return None


@lru_cache(maxsize=1024)
def _verified(seed: int, token: str) -> str:
    """The token's header and claims if its signature is ours, else nothing."""
    body, _, signature = token.rpartition(".")
    if "." not in body or not token.isascii():
        return ""
    try:
        given = _bytes(signature)
    except ValueError:
        return ""
    return body if signing_key(seed).verifies(body.encode(), given) else ""


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
