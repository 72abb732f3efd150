"""The formats of strings that a custom resource's schema may ask for.

One predicate each, by the normalised name. Mirrors kube-openapi's strfmt and the formats that apiextensions
supports. Invariant: an unknown format asks for nothing.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

from cluster.api import names

_UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?%s[0-9a-f]{3}-?%s[0-9a-f]{3}-?[0-9a-f]{12}"
_DURATION = re.compile(r"[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+|\d+\s*[a-zµμ]+", re.IGNORECASE)
_HOST = r"([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9_])?)(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9_])?)*"
_CARD = (
    r"(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})"
)
_COLOUR = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"


def fits(name: str, text: str) -> bool:
    """Whether a string is of the format; True for formats that are not known."""
    check = _FORMATS.get(name.replace("-", ""))
    return check is None or check(text)


def known(name: str) -> bool:
    """Whether the format of a string is one that is checked."""
    return name.replace("-", "") in _FORMATS


def _like(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


def _datetime(text: str) -> datetime:
    if re.match(r"\d{4}-\d\d-\d\d[tT]\d\d:\d\d:\d\d", text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace("Z", "+00:00")))


def _uri(text: str) -> None:
    if not (text.startswith("/") or (urlsplit(text).scheme and ":" in text)):
        raise ValueError(text)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _isbn(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d{9}[\dX]", digits):
        return sum((10 - at) * (10 if sign == "X" else int(sign)) for at, sign in enumerate(digits)) % 11 == 0
    return (
        bool(re.fullmatch(r"\d{13}", digits)) and sum(int(d) * (1, 3)[at % 2] for at, d in enumerate(digits)) % 10 == 0
    )


def _hostname(text: str) -> bool:
    return len(text) < 256 and re.fullmatch(_HOST, text) is not None


_FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _like(r"[0-9a-fA-F]{24}"),
    "uri": _parses(_uri),
    "email": _like(r"[^@\s<>]+@[^@\s<>]+"),
    "hostname": _hostname,
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "cidr": lambda text: "/" in text and _parses(lambda value: ipaddress.ip_network(value, strict=False))(text),
    "mac": _like(r"([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4,6})|([0-9a-f]{4}\.){2,3}[0-9a-f]{4}", re.IGNORECASE),
    "uuid": _like(_UUID % ("[0-9a-f]", "[0-9a-f]"), re.IGNORECASE),
    "uuid3": _like(_UUID % ("3", "[0-9a-f]"), re.IGNORECASE),
    "uuid4": _like(_UUID % ("4", "[89ab]"), re.IGNORECASE),
    "uuid5": _like(_UUID % ("5", "[89ab]"), re.IGNORECASE),
    "isbn": _isbn,
    "isbn10": lambda text: len(re.sub(r"[\s-]", "", text)) == 10 and _isbn(text),
    "isbn13": lambda text: len(re.sub(r"[\s-]", "", text)) == 13 and _isbn(text),
    "creditcard": lambda text: re.fullmatch(_CARD, re.sub(r"\D", "", text)) is not None,
    "ssn": _like(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": _like(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "rgbcolor": _like(rf"rgb\(\s*{_COLOUR}\s*,\s*{_COLOUR}\s*,\s*{_COLOUR}\s*\)"),
    "byte": _parses(_decoded),
    "password": lambda _: True,
    "date": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and _parses(date.fromisoformat)(text),
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "datetime": _parses(_datetime),
    "k8sshortname": lambda text: not names.is_dns1123_label(text),
    "k8slongname": lambda text: not names.is_dns1123_subdomain(text),
}
