"""What an unquoted YAML scalar means, as kubectl takes it: neither YAML 1.1 nor 1.2.

The reader asks while it builds documents; the writer asks what it must quote. Invariant: a text that
`resolve` leaves alone reads back as that very text.
"""

import base64
import binascii
import math
import re

Scalar = str | int | float | bool | None

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
_NOT_FINITE = {
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{f"-{word}": -math.inf for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False), **dict.fromkeys(_NULL), **_NOT_FINITE,
}  # fmt: skip
_MAY_BE_OTHER = frozenset("+-0123456789yYnNtTfFoO~.")
_SIMPLE = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_BASES = {"0x": 16, "0b": 2, "0o": 8}
_EXPECTED = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}


def resolve(text: str) -> Scalar:
    """The value of a plain scalar. Dates, times and `1:30` are text; not-a-number and infinity are floats."""
    if not text:
        return None
    first = text[0]
    if first not in _MAY_BE_OTHER:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if first not in "+-.0123456789":
        return text
    if _SIMPLE.fullmatch(text):
        return int(text)
    return _number(text)


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar written with a tag (`!!str 5`). ValueError if the text is not of that type."""
    name = tag.rpartition(":")[2]
    if name == "binary":
        try:
            return base64.b64decode(text).decode("utf-8", "replace")
        except binascii.Error:
            raise ValueError("!!binary value contains invalid base64 data") from None
    if name not in _EXPECTED:
        return text
    value = resolve(text)
    if not isinstance(value, _EXPECTED[name]):
        raise ValueError(f"cannot decode !!str `{text}` as a !!{name}")  # noqa: TRY004  - a document's error, not ours
    return value


def _number(text: str) -> Scalar:
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(digits)
    if match is not None:
        number = _integer(match[2])
        number = -number if match[1] == "-" else number
        if -(2**63) <= number < 2**64:
            return number
    if not _FLOAT.fullmatch(digits):
        return text
    value = float(digits)
    if math.isinf(value):
        return text
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _integer(digits: str) -> int:
    base = _BASES.get(digits[:2].lower())
    if base is not None:
        return int(digits[2:], base)
    return int(digits, 8) if digits[0] == "0" and len(digits) > 1 else int(digits[:40])
