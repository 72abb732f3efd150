"""The RSA key that signs a cluster's tokens, made from its seed.

Under `jwt`. Mirrors what kube-apiserver reads from --service-account-signing-key-file. The primes are found by
hashing, so a seed always has the same key; it keeps the tokens of clusters apart, and protects from nobody who
knows the seed. Invariant: made when the first token is, and once.
"""

from base64 import urlsafe_b64encode
from functools import cached_property, lru_cache
from hashlib import sha256, shake_256
from math import gcd

BITS = 2048
EXPONENT = 65_537
_SMALL = 20_000
_BASES = (2, 3, 5, 7, 11, 13, 17)
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What goes before a SHA-256 digest in a signature (RFC 8017, EMSA-PKCS1-v1_5)."""
_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
"""rsaEncryption, as a public key names its algorithm."""


class SigningKey:
    """A private key; signs with SHA-256 (RS256)."""

    def __init__(self, first: int, second: int) -> None:
        """The key of two primes."""
        self._primes = first, second
        self.modulus = first * second
        self._private = pow(EXPONENT, -1, (first - 1) * (second - 1))

    @cached_property
    def id(self) -> str:
        """The name of the key: the hash of its public half, as Kubernetes makes it."""
        inner = _der(0x30, _integer(self.modulus) + _integer(EXPONENT))
        return encoded(sha256(_der(0x30, _ALGORITHM + _der(0x03, b"\0" + inner))).digest())

    @property
    def document(self) -> dict[str, str]:
        """The public half as a JSON Web Key."""
        modulus = self.modulus.to_bytes(BITS // 8)
        return {
            "use": "sig", "kty": "RSA", "kid": self.id, "alg": "RS256", "n": encoded(modulus),
            "e": encoded(EXPONENT.to_bytes(3)),
        }  # fmt: skip

    def signature(self, data: bytes) -> str:
        """The signature of some data, as text."""
        message = _padded(data)
        first, second = self._primes
        one = pow(message % first, self._private % (first - 1), first)
        other = pow(message % second, self._private % (second - 1), second)
        signed = other + second * ((one - other) * pow(second, -1, first) % first)
        return encoded(signed.to_bytes(BITS // 8))

    def verifies(self, data: bytes, signature: bytes) -> bool:
        """Whether this key has signed the data so."""
        return len(signature) == BITS // 8 and pow(int.from_bytes(signature), EXPONENT, self.modulus) == _padded(data)


@lru_cache(maxsize=16)
def signing_key(seed: int) -> SigningKey:
    """The key of a cluster: a third of a second, the first time."""
    return SigningKey(*(_prime(f"{seed}/service-account-key/{part}") for part in range(2)))


def encoded(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _padded(data: bytes) -> int:
    digest = _DIGEST_INFO + sha256(data).digest()
    return int.from_bytes(b"\0\1" + b"\xff" * (BITS // 8 - 3 - len(digest)) + b"\0" + digest)


def _prime(name: str) -> int:
    """The first prime after a number that a name gives, with its two highest bits set."""
    bits = BITS // 2
    start = int.from_bytes(shake_256(name.encode()).digest(bits // 8)) | 3 << (bits - 2) | 1
    small = _small_primes()
    left = [(-start * pow(2, -1, prime)) % prime for prime in small]  # start + 2n is divisible at these n
    divisible = bytearray(_SMALL)
    for prime, first in zip(small, left, strict=True):
        divisible[first::prime] = b"\1" * len(range(first, _SMALL, prime))
    candidates = (start + 2 * index for index in range(_SMALL) if not divisible[index])
    return next(number for number in candidates if _is_prime(number) and gcd(number - 1, EXPONENT) == 1)


def _small_primes() -> list[int]:
    return [
        number
        for number in range(3, _SMALL, 2)
        if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2))
    ]


def _is_prime(number: int) -> bool:
    """Miller and Rabin's test."""
    odd, twos = number - 1, 0
    while not odd & 1:
        odd, twos = odd >> 1, twos + 1
    for base in _BASES:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + content
