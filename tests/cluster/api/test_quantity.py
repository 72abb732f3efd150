"""Quantities: what is read, how it is written, and that amounts are exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api import quantity
from cluster.api.quantity import Quantity, parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1000m", "1"), ("0.5", "500m"), ("1024Ki", "1Mi"), ("1.5Gi", "1536Mi"), ("100.5M", "100500k"),
        ("0", "0"), ("-100m", "-100m"), ("+5", "5"), ("1.", "1"), (".5", "500m"), ("007", "7"), ("0Gi", "0"),
        ("512", "512"), ("0.5Ki", "512"), ("1023", "1023"), ("1025Ki", "1025Ki"), ("1.3Gi", "1395864371200m"),
        ("12e3", "12e3"), ("1E3", "1e3"), ("12e2", "1200"), ("1e-3", "1e-3"), ("1500e-3", "1500e-3"),
        ("0.9n", "1n"), ("1.0000000001", "1000000001n"), ("-0.1n", "-1n"), ("5u", "5u"), ("1E", "1E"),
        ("1000E", "1e21"), ("8Ei", "9223372036854775807"), ("3840Mi", "3840Mi"), (" 1Gi ", "1Gi"), ("m", "0"), ("-", "0"),
        (2, "2"), (0.05, "50m"), (0.1, "100m"), (1e9, "1G"), (1e-05, "10u"), (1e21, "1e21"), (1.5, "1500m"), (0.0000001, "100e-9"),
    ],
)  # fmt: skip
def test_canonical_form(text: str | float, canonical: str) -> None:
    """A quantity is kept in the canonical form of Kubernetes, and that form reads back as itself."""
    found = parse(text)
    assert (found, type(found)) == (canonical, Quantity)
    assert parse(found) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two", quantity.FORMAT_WRONG), ("512MB", quantity.FORMAT_WRONG), ("", quantity.FORMAT_WRONG),
        (" ", quantity.FORMAT_WRONG), ("1 Gi", quantity.FORMAT_WRONG), ("--1", quantity.SUFFIX_WRONG),
        ("1.2.3", quantity.FORMAT_WRONG), ("٣", quantity.FORMAT_WRONG), (True, quantity.FORMAT_WRONG),
        ("1mi", quantity.SUFFIX_WRONG), ("1K", quantity.SUFFIX_WRONG), ("1e", quantity.SUFFIX_WRONG),
        ("1e5000", quantity.SUFFIX_WRONG), ("1k5", quantity.SUFFIX_WRONG), ("9" * 5000, quantity.NUMERIC_WRONG),
    ],
)  # fmt: skip
def test_unreadable(text: str, message: str) -> None:
    """What is no quantity is refused in the words of Kubernetes."""
    with pytest.raises(ValueError, match=r"quantit") as caught:
        parse(text)
    assert str(caught.value) == message


def test_message_of_the_pattern() -> None:
    """The message of a wrong format is the one that a real API server gave."""
    assert quantity.FORMAT_WRONG == (
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )


def test_amounts_round_up() -> None:
    """Thousandths and units round away from zero: whoever asks for a little gets some."""
    assert [quantity.milli(text) for text in ("1", "100m", "1n", "-1n", "1Ki")] == [1000, 100, 1, -1, 1_024_000]
    assert [quantity.value(text) for text in ("1", "100m", "1500m", "-1500m", "1Gi")] == [1, 1, 2, -2, 2**30]


def test_sums_keep_the_format_of_the_first() -> None:
    """A sum is written as its first term is, unless that is zero."""
    assert quantity.add("1Gi", "1M") == "1074741824"
    assert quantity.add("1Gi", "1Gi") == "2Gi"
    assert quantity.add("0", "1Gi") == "1Gi"
    assert quantity.subtract("1", "100m") == "900m"
    assert quantity.from_milli(1500, like="1") == "1500m"
    assert quantity.from_value(2**20, like="1Gi") == "1Mi"


def test_comparison_is_of_amounts() -> None:
    """Different texts of one amount compare the same."""
    assert quantity.compare("1", "1e0") == 0
    assert quantity.compare("1Gi", "1G") > 0
    assert quantity.compare("-1", "0") < 0


@given(st.integers(-(10**24), 10**24), st.sampled_from(["1", "1Gi", "1e3"]))
def test_writing_loses_nothing(amount: int, like: str) -> None:
    """Any amount, in any format, reads back exactly."""
    if like == "1Gi":
        amount %= 2**63 * 10**9
    assert quantity.nano(quantity.from_nano(amount, like)) == amount


@given(st.from_regex(r"[+-]?[0-9]{1,6}(\.[0-9]{1,12})?(n|u|m|k|M|G|Ki|Mi|Gi|e[0-9])?", fullmatch=True))
def test_canonical_is_canonical(text: str) -> None:
    """The canonical form of a canonical form is itself, and it is the same amount."""
    once = parse(text)
    assert parse(once) == once
    assert quantity.compare(once, text) == 0
