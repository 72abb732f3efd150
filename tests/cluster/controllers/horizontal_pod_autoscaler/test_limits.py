"""How far an autoscaler goes: stabilization windows, policies and bounds, as pure arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api.autoscaling import HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules
from cluster.controllers.horizontal_pod_autoscaler import limits
from cluster.controllers.horizontal_pod_autoscaler.limits import Answer, Bounds, Past, behaved, plain

BOUNDS = Bounds(1, 100)
NOW = 10_000_000


def past(replicas: int, *recommended: tuple[int, int], changes: tuple[tuple[int, int], ...] = ()) -> Past:
    """What was recommended and changed so many seconds ago."""
    found = Past(replicas, NOW - 4_000_000)
    for ago, number in recommended:
        found.recommend(number, NOW - 1000 * ago)
    for ago, by in changes:
        found.change(by, NOW - 1000 * ago)
    return found


def rules(*policies: HPAScalingPolicy, select: str = "Max", window: int | None = 0) -> HPAScalingRules:
    """The rules of one direction."""
    return HPAScalingRules(policies=policies, selectPolicy=select, stabilizationWindowSeconds=window)


def policy(kind: str, value: int, seconds: int = 15) -> HPAScalingPolicy:
    """A policy."""
    return HPAScalingPolicy(type=kind, value=value, periodSeconds=seconds)


ALL = policy("Percent", 100)


def behavior(up: HPAScalingRules | None = None, down: HPAScalingRules | None = None) -> HorizontalPodAutoscalerBehavior:
    """A behaviour; what is not given is without limits worth the name."""
    free = rules(policy("Pods", 1000))
    return HorizontalPodAutoscalerBehavior(scaleUp=up or free, scaleDown=down or free)


# Without a behaviour


def test_growth_is_to_the_double_or_to_four() -> None:
    """In one step; more is too fast, unless the maximum is lower still."""
    assert plain(1, 9, BOUNDS, past(1), NOW) == Answer(4, limits.READY, limits.TOO_FAST_UP, limited=True)
    assert plain(5, 40, BOUNDS, past(5), NOW) == Answer(10, limits.READY, limits.TOO_FAST_UP, limited=True)
    assert plain(5, 40, Bounds(1, 7), past(5), NOW) == Answer(7, limits.READY, limits.TOO_MANY, limited=True)
    assert plain(5, 6, BOUNDS, past(5), NOW) == Answer(6, limits.READY, limits.WITHIN, limited=False)


def test_shrinking_waits_for_five_minutes_of_lower_recommendations() -> None:
    """The highest of them counts; then the minimum is the end."""
    before = past(8, (299, 6), (10, 3))
    assert plain(8, 2, BOUNDS, before, NOW) == Answer(6, limits.STABILIZED_DOWN, limits.WITHIN, limited=False)
    before = past(8, (301, 6), (10, 3))
    assert plain(8, 2, BOUNDS, before, NOW) == Answer(3, limits.STABILIZED_DOWN, limits.WITHIN, limited=False)
    assert plain(8, 2, Bounds(5, 9), past(8), NOW) == Answer(5, limits.READY, limits.TOO_FEW, limited=True)


# With one


@pytest.mark.parametrize(
    ("up", "found"),
    [
        (rules(policy("Pods", 4), ALL), 20),
        (rules(policy("Pods", 4), ALL, select="Min"), 14),
        (rules(policy("Percent", 25)), 13),
        (rules(ALL, select="Disabled"), 10),
    ],
)
def test_policies_of_growth(up: HPAScalingRules, found: int) -> None:
    """The one that allows most, or least, or none; parts are rounded up."""
    answer = behaved(10, 50, BOUNDS, behavior(up=up), past(10), NOW)
    assert answer == Answer(found, limits.READY, limits.TOO_FAST_UP, limited=True)


@pytest.mark.parametrize(
    ("down", "found"),
    [
        (rules(policy("Pods", 4), policy("Percent", 50)), 5),
        (rules(policy("Pods", 4), policy("Percent", 50), select="Min"), 6),
        (rules(policy("Percent", 25)), 7),
        (rules(ALL, select="Disabled"), 10),
    ],
)
def test_policies_of_shrinking(down: HPAScalingRules, found: int) -> None:
    """The same the other way."""
    answer = behaved(10, 1, BOUNDS, behavior(down=down), past(10), NOW)
    assert answer == Answer(found, limits.READY, limits.TOO_FAST_DOWN, limited=True)


def test_changes_within_the_period_count() -> None:
    """What was added already is taken off what may be added; older changes are no matter."""
    up = rules(policy("Pods", 4, 60))
    recent = past(10, changes=((61, 9), (59, 3)))
    assert behaved(10, 50, BOUNDS, behavior(up=up), recent, NOW).replicas == 11
    used_up = past(10, changes=((30, 6),))
    assert behaved(10, 50, BOUNDS, behavior(up=up), used_up, NOW).replicas == 10
    down = rules(policy("Pods", 4, 60))
    assert behaved(10, 1, BOUNDS, behavior(down=down), past(10, changes=((59, -3),)), NOW).replicas == 9


def test_the_bounds_hold_with_a_behaviour_too() -> None:
    """They are told of when they, and not a rate, are what limits."""
    assert behaved(10, 50, Bounds(1, 12), behavior(), past(10), NOW) == Answer(
        12, limits.READY, limits.TOO_MANY, limited=True
    )
    assert behaved(10, 1, Bounds(6, 12), behavior(), past(10), NOW) == Answer(
        6, limits.READY, limits.TOO_FEW, limited=True
    )


def test_windows_of_stabilization() -> None:
    """The lowest recent recommendation to grow to, the highest to shrink to; without a window of its own it is 5 minutes."""
    both = behavior(rules(policy("Pods", 100), window=60), rules(policy("Pods", 100), window=60))
    grown = behaved(5, 20, BOUNDS, both, past(5, (30, 9), (61, 6)), NOW)
    assert grown == Answer(9, limits.STABILIZED_UP, limits.WITHIN, limited=False)
    shrunk = behaved(5, 1, BOUNDS, both, past(5, (30, 3), (61, 4)), NOW)
    assert shrunk == Answer(3, limits.STABILIZED_DOWN, limits.WITHIN, limited=False)
    usual = behavior(down=rules(policy("Pods", 100), window=None))
    assert behaved(5, 1, BOUNDS, usual, past(5, (299, 4), (301, 5)), NOW).replicas == 4


some_rules = st.builds(
    rules, st.builds(policy, st.sampled_from(["Pods", "Percent"]), st.integers(1, 200), st.integers(1, 1800)),
    select=st.sampled_from(["Max", "Min", "Disabled"]), window=st.integers(0, 3600),
)  # fmt: skip


@given(
    st.integers(1, 20), st.integers(0, 40), st.integers(1, 10), st.integers(0, 10),
    st.none() | st.builds(behavior, some_rules, some_rules),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40)), max_size=6),
)  # fmt: skip
def test_the_answer_lies_between_the_size_and_what_is_wanted(
    current: int, wanted: int, least: int, more: int, how: HorizontalPodAutoscalerBehavior | None, recent: list[tuple[int, int]]
) -> None:  # fmt: skip
    """Within the bounds, if the size is; never the other way than some recommendation, or this one, points."""
    bounds = Bounds(least, max(least + more, current))
    current = max(current, bounds.least)
    before = past(current, *sorted(recent, reverse=True))
    numbers = [current, wanted, *(number for _, number in before.recommended), least, bounds.most]
    answer = (
        plain(current, wanted, bounds, before, NOW)
        if how is None
        else behaved(current, wanted, bounds, how, before, NOW)
    )
    assert bounds.least <= answer.replicas <= bounds.most
    assert min(numbers) <= answer.replicas <= max(numbers)
    assert answer.limited is (answer.limit is not limits.WITHIN)
