"""Use over time: constants, ramps, sines and traces, and when they pass a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.curve import Curve, curve
from cluster.usage import IDLE_CPU, IDLE_MEMORY, Usage, measured
from tests.cluster.kubelet.world import INSTANT, World


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("250m", [250, 250, 250, 250]),
        ("ramp 100m 1 60s", [100, 550, 1000, 1000]),
        ("sine 0 1 60s", [0, 1000, 0, 500]),
        ("trace 0s=100m 30s=2 1m=0", [100, 2000, 0, 0]),
        ("trace 60s=1 90s=2", [1000, 1000, 1000, 1000]),
    ],
)
def test_a_curve_is_what_its_words_say(text: str, amounts: list[int]) -> None:
    """CPU in thousandths after 0, 30, 60 and 75 seconds."""
    found = curve(text, "cpu")
    assert found is not None
    assert [found.at(seconds * 1000) for seconds in (0, 30, 60, 75)] == amounts


@pytest.mark.parametrize("text", ["much", "ramp 1 2", "ramp 1 2 soon", "sine", "trace", "trace 5=1s", "1 2"])
def test_nonsense_is_no_curve(text: str) -> None:
    """What cannot be read says nothing."""
    assert curve(text, "memory") is None


_AMOUNTS = st.integers(min_value=0, max_value=1000)
_CURVES = st.one_of(
    st.builds(Curve, st.sampled_from(["constant", "ramp", "sine"]), _AMOUNTS, _AMOUNTS, st.integers(1000, 5000)),
    st.builds(
        lambda steps: Curve("trace", steps[0][1], steps=tuple(sorted(steps))),
        st.lists(st.tuples(st.integers(0, 5000), _AMOUNTS), min_size=1, max_size=4, unique_by=lambda step: step[0]),
    ),
)  # fmt: skip


@given(_CURVES, _AMOUNTS, st.integers(0, 20_000))
def test_a_limit_is_passed_when_the_amount_first_is_more(found: Curve, limit: int, since: int) -> None:
    """From when it is asked about to that time the amount is at most the limit; what never passes it never does."""
    when = found.passes(limit, since)
    looked_at = range(since, since + 10_001 if when is None else when, 97)
    assert all(found.at(age) <= limit for age in looked_at)
    if when is not None:
        assert when >= since
        assert found.at(when) >= limit


def test_a_sine_that_climbs_by_more_than_one_is_not_passed_late() -> None:
    """The first ms at which the rounded amount is more is found, where the amount leaps over the limit."""
    found = Curve("sine", 0, 577, 1007)
    assert found.passes(357) == 291
    assert (found.at(290), found.at(291)) == (357, 358)


def test_use_is_of_running_containers() -> None:
    """Each has its own, from its own start; without an annotation it idles."""
    world = World(INSTANT)
    containers = [{"name": "a", "image": "nginx"}, {"name": "b", "image": "nginx"}]
    world.pod(annotations={"cpu-use.a": "ramp 0 1 100s", "memory-use.b": "1Mi"}, containers=containers)
    assert dict(measured(world.get(), world.clock)) == {}
    world.run(50_000)
    assert dict(measured(world.get(), world.clock)) == {"a": Usage(500, IDLE_MEMORY), "b": Usage(IDLE_CPU, 1 << 20)}
