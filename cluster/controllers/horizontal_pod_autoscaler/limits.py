"""How far an autoscaler may go from what its metrics ask for: stabilization, rates, and its bounds.

Pure but for the `Past` that the controller keeps. Mirrors normalizeDesiredReplicas and its variant with
behaviours (pkg/controller/podautoscaler/horizontal.go). Times are ms. Invariant: the answer is within the
bounds, unless the present number is not and a rate keeps it.
"""

from math import ceil
from typing import NamedTuple

from cluster.api.autoscaling import HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules

DOWNSCALE_WINDOW = 300_000
LONGEST_WINDOW = 3_600_000
LONGEST_PERIOD = 1_800_000

READY = ("ReadyForNewScale", "recommended size matches current size")
STABILIZED_DOWN = (
    "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation"
)  # fmt: skip
STABILIZED_UP = (
    "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation"
)  # fmt: skip
WITHIN = ("DesiredWithinRange", "the desired count is within the acceptable range")
TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
TOO_FAST_UP = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
TOO_FAST_DOWN = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")

Reason = tuple[str, str]
"""A condition's reason and message."""


class Bounds(NamedTuple):
    """The fewest and the most replicas."""

    least: int
    most: int


class Answer(NamedTuple):
    """The replicas to have, and what AbleToScale and ScalingLimited say of it."""

    replicas: int
    able: Reason
    limit: Reason
    limited: bool


class Past:
    """What was recommended for a target lately, and how its size was changed; forgotten when the controller starts anew."""

    def __init__(self, replicas: int, now: int) -> None:
        self.recommended: list[tuple[int, int]] = [(now, replicas)]
        self.changes: list[tuple[int, int]] = []

    def recommend(self, replicas: int, now: int) -> None:
        """Note a recommendation."""
        self.recommended = [each for each in self.recommended if each[0] >= now - LONGEST_WINDOW]
        self.recommended.append((now, replicas))

    def change(self, by: int, now: int) -> None:
        """Note that the size was changed."""
        self.changes = [each for each in self.changes if each[0] >= now - LONGEST_PERIOD]
        self.changes.append((now, by))

    def start_of(self, period: int, replicas: int, now: int) -> int:
        """The size at the start of a period that ends with so many replicas."""
        return replicas - sum(by for when, by in self.changes if when > now - period)


def plain(current: int, wanted: int, bounds: Bounds, past: Past, now: int) -> Answer:
    """The usual way: shrink to the highest recommendation of five minutes, grow to the double or to 4."""
    recent = [replicas for when, replicas in past.recommended if when >= now - DOWNSCALE_WINDOW]
    stable = max([wanted, *recent])
    past.recommend(wanted, now)
    able = READY if stable == wanted else STABILIZED_DOWN
    rate = max(2 * current, 4)
    most, why = (rate, TOO_FAST_UP) if bounds.most > rate else (bounds.most, TOO_MANY)
    if stable < bounds.least:
        return Answer(bounds.least, able, TOO_FEW, limited=True)
    if stable > most:
        return Answer(most, able, why, limited=True)
    return Answer(stable, able, WITHIN, limited=False)


def behaved(
    current: int, wanted: int, bounds: Bounds, behavior: HorizontalPodAutoscalerBehavior, past: Past, now: int
) -> Answer:
    """The way that an autoscaler's behaviour says."""
    up, down = behavior.scaleUp or HPAScalingRules(), behavior.scaleDown or HPAScalingRules()
    stable = _stable(current, wanted, _window(up, 0), _window(down, DOWNSCALE_WINDOW), past, now)
    past.recommend(wanted, now)
    able = READY if stable == wanted else STABILIZED_UP if wanted >= current else STABILIZED_DOWN
    if stable > current:
        rate = max(_up_to(current, up, past, now), current)
        most, why = (rate, TOO_FAST_UP) if bounds.most > rate else (bounds.most, TOO_MANY)
        if stable > most:
            return Answer(most, able, why, limited=True)
    elif stable < current:
        rate = min(_down_to(current, down, past, now), current)
        least, why = (rate, TOO_FAST_DOWN) if bounds.least < rate else (bounds.least, TOO_FEW)
        if stable < least:
            return Answer(least, able, why, limited=True)
    return Answer(stable, able, WITHIN, limited=False)


def _window(rules: HPAScalingRules, usual: int) -> int:
    seconds = rules.stabilizationWindowSeconds
    return usual if seconds is None else 1000 * seconds


def _stable(current: int, wanted: int, up: int, down: int, past: Past, now: int) -> int:
    """Between the lowest recommendation of the one window and the highest of the other, as near as can be."""
    lowest = min([wanted, *(replicas for when, replicas in past.recommended if when > now - up)])
    highest = max([wanted, *(replicas for when, replicas in past.recommended if when > now - down)])
    return min(max(current, lowest), highest)


def _up_to(current: int, rules: HPAScalingRules, past: Past, now: int) -> int:
    if rules.selectPolicy == "Disabled":
        return current
    choose = min if rules.selectPolicy == "Min" else max
    return choose(_grown(past.start_of(1000 * each.periodSeconds, current, now), each) for each in rules.policies)


def _down_to(current: int, rules: HPAScalingRules, past: Past, now: int) -> int:
    if rules.selectPolicy == "Disabled":
        return current
    choose = max if rules.selectPolicy == "Min" else min
    return choose(_shrunk(past.start_of(1000 * each.periodSeconds, current, now), each) for each in rules.policies)


def _grown(start: int, policy: HPAScalingPolicy) -> int:
    return start + policy.value if policy.type == "Pods" else ceil(start * (1 + policy.value / 100))


def _shrunk(start: int, policy: HPAScalingPolicy) -> int:
    return start - policy.value if policy.type == "Pods" else int(start * (1 - policy.value / 100))
