"""JSON web tokens: claims as signed text, and back.

Under `tokens`. The signature is HMAC-SHA256, which the standard library has, with a key made from the seed:
it keeps a cluster's tokens apart from those of another seed, and protects from nobody who knows that number.
Invariant: nothing is read of a text whose signature is not ours.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import TypeVar

import msgspec

T = TypeVar("T")
_ALGORITHM = "HS256"


def signed(seed: int, claims: msgspec.Struct) -> str:
    """The claims as a token."""
    key = _key(seed)
    header = {"alg": _ALGORITHM, "kid": _text(sha256(key).digest())}
    body = f"{_text(msgspec.json.encode(header))}.{_text(msgspec.json.encode(claims))}"
    return f"{body}.{_signature(key, body)}"


def verified(seed: int, token: str, claims: type[T]) -> T | None:
    """What a token claims; None if it is none of ours."""
    body, dot, signature = token.rpartition(".")
    head, second_dot, payload = body.partition(".")
    if not (dot and second_dot and token.isascii()):
        return None
    if not hmac.compare_digest(signature, _signature(_key(seed), body)):
        return None
    try:
        header = msgspec.json.decode(_bytes(head), type=dict[str, str])
        return msgspec.json.decode(_bytes(payload), type=claims) if header.get("alg") == _ALGORITHM else None
    except (ValueError, msgspec.MsgspecError):
        return None


@lru_cache(maxsize=16)
def _key(seed: int) -> bytes:
    return blake2b(f"{seed}/service-account-key".encode(), digest_size=32).digest()


def _signature(key: bytes, body: str) -> str:
    return _text(hmac.digest(key, body.encode(), "sha256"))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
