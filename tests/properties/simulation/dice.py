"""Choices that follow from a seed: each subject has dice of its own, so that one choice more does not move the others."""

from collections.abc import Sequence
from typing import TypeVar

from cluster import ids

T = TypeVar("T")


class Dice:
    """A stream of choices."""

    def __init__(self, seed: int, *subject: object) -> None:
        self._seed, self._subject, self._thrown = seed, subject, 0

    def below(self, limit: int) -> int:
        """A number from 0 up to, not including, `limit`."""
        self._thrown += 1
        return ids.number(self._seed, *self._subject, self._thrown) % limit

    def chance(self, one_in: int) -> bool:
        """True once in so many throws; never, if that is 0."""
        return bool(one_in) and not self.below(one_in)

    def one_of(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]
