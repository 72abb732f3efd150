"""Names, uids and jitter, derived by hash from the seed and what they are for.

Nothing in the core draws from a shared stream of random numbers, so one object more or less does
not change the names of the others. Invariant: the same arguments give the same answer, always.
"""

from hashlib import blake2b

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand: no vowels, no 0, 1, 3

_PAIRS = [first + second for second in ALPHABET for first in ALPHABET]
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def number(seed: int, *parts: object) -> int:
    """A 64-bit number."""
    text = str(seed)
    for part in parts:
        text = f"{text}\0{part}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def suffix(seed: int, *parts: object) -> str:
    """The random end of a generated name, 5 letters (`utilrand.String`)."""
    rest, first = divmod(number(seed, *parts), 729)
    rest, second = divmod(rest, 729)
    return f"{_PAIRS[first]}{_PAIRS[second]}{ALPHABET[rest % 27]}"


def uid(seed: int, revision: int) -> str:
    """The uid of the object created at a revision: a version 4 UUID."""
    text = blake2b(b"%d/%d" % (seed, revision), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def safe_encode(value: int) -> str:
    """A number as Kubernetes writes hashes into names (`rand.SafeEncodeString`)."""
    return "".join(ALPHABET[ord(character) % 27] for character in str(value))


def jitter(limit: int, seed: int, *parts: object) -> int:
    """A number from 0 up to, not including, `limit`."""
    return number(seed, *parts) % limit if limit > 0 else 0
