"""An amount of CPU or memory over time: what a pod's annotations say that its containers use.

Read by `usage`, and by the kubelet, which kills what passes its limit. Invariant: an amount follows from the
annotation and a container's age alone.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import acos, ceil, cos, pi

from msgspec import Struct

from cluster.api import annotations as ours
from cluster.api import quantity
from cluster.api.cluster import milliseconds

CPU, MEMORY = "cpu", "memory"
_NAMES = {CPU: ours.CPU_USE, MEMORY: ours.MEMORY_USE}


class Curve(Struct, frozen=True):
    """An amount over time: steps (ms, amount), or a ramp or a sine from `low` to `high` in `duration` ms."""

    shape: str
    low: int
    high: int = 0
    duration: int = 1
    steps: tuple[tuple[int, int], ...] = ()

    def at(self, age: int) -> int:
        """The amount `age` ms after the start."""
        age = max(age, 0)
        if self.shape == "ramp":
            return self.low + (self.high - self.low) * min(age, self.duration) // self.duration
        if self.shape == "sine":
            return round(self.low + (self.high - self.low) * (1 - cos(2 * pi * age / self.duration)) / 2)
        found = self.low
        for since, amount in self.steps:
            if since > age:
                break
            found = amount
        return found

    @property
    def most(self) -> int:
        """The highest amount there ever is."""
        return max(self.low, self.high, *(amount for _, amount in self.steps))

    def passes(self, limit: int) -> int | None:
        """After how many ms the amount first is more than `limit`; None if it never is."""
        if self.at(0) > limit:
            return 0
        if self.shape == "ramp" and self.high > limit:
            return (limit - self.low) * self.duration // (self.high - self.low) + 1
        if self.shape == "sine" and self.high > limit:
            return self._sine_passes(limit)
        return next((since for since, amount in self.steps if amount > limit), None)

    def _sine_passes(self, limit: int) -> int:
        """The first ms at which a sine, rounded as it is, is more than a limit that it passes."""
        share = 1 - 2 * (limit + 0.5 - self.low) / (self.high - self.low)
        first = ceil(acos(max(-1.0, min(1.0, share))) * self.duration / (2 * pi))
        while self.at(first - 1) > limit:
            first -= 1
        while self.at(first) <= limit and 2 * first < self.duration:
            first += 1
        return first


@lru_cache(maxsize=1024)
def curve(text: str, resource: str) -> Curve | None:
    """The curve that an annotation describes (`ktui --help annotations`); None if it describes none."""
    word, *rest = text.split() or [""]
    try:
        if word == "trace" and rest:
            pairs = (part.partition("=") for part in rest)
            steps = tuple(sorted((milliseconds(since), _amount(amount, resource)) for since, _, amount in pairs))
            return Curve("trace", steps[0][1], steps=steps)
        if word in ("ramp", "sine") and len(rest) == 3:
            low, high = _amount(rest[0], resource), _amount(rest[1], resource)
            return Curve(word, low, high, max(milliseconds(rest[2]), 1000))
        return Curve("constant", _amount(word, resource)) if word and not rest else None
    except ValueError:
        return None


def told(annotations: Mapping[str, str], container: str, resource: str) -> Curve | None:
    """What the annotations of a pod say of a container's use; None if they say nothing that can be read."""
    name = _NAMES[resource]
    text = annotations.get(f"{name}.{container}") or annotations.get(name, "")
    return curve(text, resource) if text else None


def _amount(text: str, resource: str) -> int:
    """An amount of a resource; ValueError if it is none."""
    parsed = quantity.parse(text)
    return quantity.milli(parsed) if resource == CPU else quantity.value(parsed)
