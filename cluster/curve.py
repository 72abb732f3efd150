"""An amount of CPU or memory over time: what a pod's annotations say that its containers use.

Read by `usage`, and by the kubelet, which kills what passes its limit. Invariant: an amount follows from the
annotation and a container's age alone.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import acos, cos, floor, pi

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

    def passes(self, limit: int, since: int = 0) -> int | None:
        """At which age (ms), not before `since`, the amount first is more than `limit`; None if it never is."""
        if self.at(since) > limit:
            return since
        if self.shape == "ramp" and self.high > limit:
            return -(-(limit + 1 - self.low) * self.duration // (self.high - self.low))
        if self.shape == "sine" and self.most > limit:
            first = self._rises_over(limit)
            return first + max(-(-(since - first) // self.duration), 0) * self.duration
        return next((start for start, amount in self.steps if start > since and amount > limit), None)

    def _rises_over(self, limit: int) -> int:
        """When in its first period a sine comes to be more than `limit`, which it is not always (ms)."""
        share = 1 - 2 * (limit + 0.5 - self.low) / (self.high - self.low)
        turn = acos(max(-1.0, min(1.0, share)))
        rises = turn if self.high > self.low else 2 * pi - turn
        found = max(floor(rises * self.duration / (2 * pi)) - 1, 0)
        while found and self.at(found - 1) > limit:
            found -= 1
        while self.at(found) <= limit:
            found += 1
        return found


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
