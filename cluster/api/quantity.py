"""Quantities: exact amounts of a resource, as `500m`, `1Gi` or `2e3`.

A value of the API like any other: a `Quantity` is its canonical text. Invariant: amounts are exact
integers of 10^-9; a float is never computed with. Mirrors apimachinery's resource.Quantity.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Format = Literal["DecimalSI", "BinarySI", "DecimalExponent"]

_NANO = 10**9
_MAX_BINARY = (2**63 - 1) * _NANO
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = ("", *_BINARY)
_PATTERN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII)
_MAX_EXPONENT = 1000
_MAX_DIGITS = 1000

FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
NUMERIC_WRONG = "unable to parse numeric part of quantity"
SUFFIX_WRONG = "unable to parse quantity's suffix"


class Quantity(str):
    """A quantity's canonical text; made by `parse`, never by hand."""

    __slots__ = ()


def parse(value: str | float) -> Quantity:
    """The quantity that a manifest's text or number means (`ParseQuantity`), in canonical form.

    ValueError, in Kubernetes' words, if it means none.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(FORMAT_WRONG)  # noqa: TRY004  - a wrong value of a field, as any other
    return _canonical(value if isinstance(value, str) else _number_text(value))


@lru_cache(maxsize=65_536)
def nano(text: str) -> int:
    """The amount in 10^-9; finer amounts are rounded away from zero."""
    return _read(text)[0]


@lru_cache(maxsize=65_536)
def milli(text: str) -> int:
    """The amount in thousandths, rounded away from zero (`MilliValue`)."""
    return _divide_up(nano(text), _NANO // 1000)


@lru_cache(maxsize=65_536)
def value(text: str) -> int:
    """The amount in whole units, rounded away from zero (`Value`)."""
    return _divide_up(nano(text), _NANO)


@lru_cache(maxsize=65_536)
def format_of(text: str) -> Format:
    """The family of suffixes that the text belongs to."""
    return _read(text)[1]


@lru_cache(maxsize=65_536)
def from_nano(amount: int, like: str = "") -> Quantity:
    """The quantity of so many 10^-9, written in the format of `like`."""
    return Quantity(_write(amount, format_of(like) if like else "DecimalSI"))


def from_milli(amount: int, like: str = "") -> Quantity:
    """The quantity of so many thousandths, written in the format of `like`."""
    return from_nano(amount * 10**6, like)


def from_value(amount: int, like: str = "") -> Quantity:
    """The quantity of so many whole units, written in the format of `like`."""
    return from_nano(amount * _NANO, like)


def add(left: str, right: str) -> Quantity:
    """The sum, in the left one's format unless that is zero (`Quantity.Add`)."""
    return from_nano(nano(left) + nano(right), left if nano(left) else right)


def subtract(left: str, right: str) -> Quantity:
    """The difference, in the left one's format unless that is zero (`Quantity.Sub`)."""
    return from_nano(nano(left) - nano(right), left if nano(left) else right)


def compare(left: str, right: str) -> int:
    """Negative, zero or positive as the left amount is less, the same or more (`Quantity.Cmp`)."""
    return nano(left) - nano(right)


@lru_cache(maxsize=65_536)
def _canonical(text: str) -> Quantity:
    return Quantity(_write(*_read(text)))


def _number_text(number: float) -> str:
    """A JSON number as Go's encoding/json writes it: without an exponent from 1e-6 up to 1e21."""
    text = repr(number)
    if "e" not in text or not 1e-6 <= abs(number) < 1e21:
        return text
    return format(Decimal(text), "f")


def _read(text: str) -> tuple[int, Format]:
    match = _PATTERN.fullmatch(text.strip())
    if match is None or not text.strip():
        raise ValueError(FORMAT_WRONG)
    sign, whole, fraction, suffix = match.groups(default="")
    base, exponent, form = _interpret(suffix)
    if len(whole + fraction) > _MAX_DIGITS:
        raise ValueError(NUMERIC_WRONG)
    scale = 9 - len(fraction)
    amount = int(whole + fraction or "0")
    if base == 2:
        amount <<= exponent
    else:
        scale += exponent
    amount = amount * 10**scale if scale >= 0 else _divide_up(amount, 10**-scale)
    if form == "BinarySI":
        amount = min(amount, _MAX_BINARY)
    return -amount if sign == "-" else amount, form


def _interpret(suffix: str) -> tuple[int, int, Format]:
    """The base, the exponent and the format that a suffix stands for."""
    if suffix in _DECIMAL:
        return 10, _DECIMAL[suffix], "DecimalSI"
    if suffix in _BINARY:
        return 2, _BINARY[suffix], "BinarySI"
    if suffix[0] in "eE" and suffix[1:].lstrip("+-").isdigit() and abs(int(suffix[1:])) <= _MAX_EXPONENT:
        return 10, int(suffix[1:]), "DecimalExponent"
    raise ValueError(SUFFIX_WRONG)


def _write(amount: int, form: Format) -> str:
    """The canonical text: no fraction, the largest suffix that keeps the amount exact."""
    if amount == 0:
        return "0"
    if form == "BinarySI" and abs(amount) >= 1024 * _NANO and amount % _NANO == 0:
        return _write_binary(amount // _NANO)
    exponent = -9
    while amount % 1000 == 0 and exponent < 3 * _MAX_EXPONENT:
        amount, exponent = amount // 1000, exponent + 3
    if form == "DecimalExponent" or exponent not in _DECIMAL_SUFFIX:
        return f"{amount}e{exponent}" if exponent else str(amount)
    return f"{amount}{_DECIMAL_SUFFIX[exponent]}"


def _write_binary(units: int) -> str:
    index = 0
    while units % 1024 == 0 and index < len(_BINARY_SUFFIX) - 1:
        units, index = units // 1024, index + 1
    return f"{units}{_BINARY_SUFFIX[index]}"


def _divide_up(amount: int, by: int) -> int:
    return -(-amount // by) if amount >= 0 else amount // by
