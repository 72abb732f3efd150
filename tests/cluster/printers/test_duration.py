"""Ages as Kubernetes abbreviates them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.clock import Clock
from cluster.printers import Now, duration

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (1, "1s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"), (600, "10m"), (659, "10m"),
        (179 * _MINUTE + 59, "179m"), (3 * _HOUR, "3h"), (3 * _HOUR + 3 * _MINUTE, "3h3m"), (8 * _HOUR - 1, "7h59m"),
        (8 * _HOUR, "8h"), (25 * _HOUR, "25h"), (48 * _HOUR - 1, "47h"), (48 * _HOUR, "2d"), (50 * _HOUR, "2d2h"),
        (8 * _DAY - 1, "7d23h"), (8 * _DAY, "8d"), (2 * 365 * _DAY - 1, "729d"), (2 * 365 * _DAY, "2y"),
        (2 * 365 * _DAY + 3 * _DAY, "2y3d"), (8 * 365 * _DAY - 1, "7y364d"), (8 * 365 * _DAY, "8y"), (-1, "0s"),
        (-2, "<invalid>"),
    ],
)  # fmt: skip
def test_thresholds(seconds: int, text: str) -> None:
    """Units are left out exactly where Kubernetes' HumanDuration leaves them out."""
    assert duration(seconds * 1000) == text


@pytest.mark.parametrize(("milliseconds", "text"), [(999, "0s"), (1999, "1s"), (-999, "0s"), (-1999, "0s")])
def test_fractions_of_a_second_are_cut(milliseconds: int, text: str) -> None:
    """Milliseconds never round up, on either side of zero."""
    assert duration(milliseconds) == text


@given(st.integers(0, 20 * 365 * _DAY * 1000))
def test_text_is_short(milliseconds: int) -> None:
    """No age is wider than a table's column expects."""
    assert 2 <= len(duration(milliseconds)) <= 6


def test_now_of_a_clock() -> None:
    """A row printed from the virtual clock is aged by virtual time, to the millisecond."""
    clock = Clock()
    clock.run_until(65_999)
    assert Now.of(clock).since(clock.timestamp(0)) == "65s"
    assert Now.of(clock) == Now(Now.at(clock.timestamp(0)).milliseconds + 65_999)
    assert Now.of(clock, 3_000).since(clock.timestamp(1_000)) == "2s"


def test_now_reads_every_form_of_timestamp() -> None:
    """Whole seconds, microseconds and other zones mean the same moment; an absent time is unknown."""
    now = Now.at("2026-01-01T00:02:00Z")
    assert now.since("2026-01-01T00:01:00Z") == "60s"
    assert now.since("2026-01-01T00:01:00.000000Z") == "60s"
    assert now.since("2026-01-01T01:01:00+01:00") == "60s"
    assert now.since("") == "<unknown>"
