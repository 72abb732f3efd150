"""What annotations say of probes: faults, and when they begin and end."""

import pytest

from cluster.kubelet.probes.faults import Fault, fault_at, faults, next_change
from cluster.kubelet.runtime.jobs import FOREVER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("fail", (Fault("fail"),)),
        ("fail 500 after 30s", (Fault("fail", 500, 30_000),)),
        ("slow", (Fault("slow", FOREVER),)),
        ("slow 3s after 1m for 20s", (Fault("slow", 3000, 60_000, 80_000),)),
        ("fail for 5s, slow 2s for 1s after 10s", (Fault("fail", 0, 0, 5000), Fault("slow", 2000, 10_000, 11_000))),
        ("break", ()),
        ("fail soon", ()),
        ("fail after", ()),
        ("fail until 3s", ()),
        ("fail after 3s after", ()),
    ],
)
def test_faults_are_read_or_say_nothing(text: str, expected: tuple[Fault, ...]) -> None:
    """Every word counts; a text with one that is not known is no fault."""
    assert faults(text) == expected


def test_faults_begin_and_end() -> None:
    """A fault is there from its beginning up to its end, and both are changes to come."""
    known = faults("fail after 10s for 5s, slow 3s after 1m")
    assert [fault_at(known, age) is not None for age in (0, 9999, 10_000, 14_999, 15_000, 59_999, 60_000)] == [
        False, False, True, True, False, False, True,
    ]  # fmt: skip
    assert [next_change(known, age) for age in (0, 10_000, 15_000, 60_000)] == [10_000, 15_000, 60_000, None]
