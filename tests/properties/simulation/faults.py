"""What goes wrong, and when: a script that follows from the seed, asked at every step of every process."""

from typing import NamedTuple

from tests.properties.simulation.dice import Dice


class Rates(NamedTuple):
    """Each fault happens once in so many times; 0 is never."""

    crash: int = 0
    lag: int = 0
    delay: int = 0
    repeat: int = 0
    pause: int = 0

    @property
    def makes_stale(self) -> bool:
        """Whether components may act on what is so no more."""
        return bool(self.lag or self.delay or self.pause)


CALM = Rates()
ROUGHNESS = (CALM, Rates(200, 20, 20, 20, 0), Rates(60, 8, 8, 10, 2000), Rates(25, 4, 4, 6, 800), Rates(12))
DOWN = (40, 900, 7_000, 45_000)
LAGS = (7, 90, 1_500)
PAUSES = (300, 6_000)
PATIENCE = 6
"""After how many deaths they are half as frequent, a third, and so on."""


class Faults:
    """The script of one process."""

    def __init__(self, seed: int, process: str, rates: Rates) -> None:
        self.rates = rates
        self._deaths = 0
        self._dice = Dice(seed, "faults", process)

    def crashes(self) -> bool:
        """Whether the process dies here: asked before and after each of its writes.

        Death becomes rarer with every few: else one that has much to write when it begins would never live.
        """
        dies = self._dice.chance(self.rates.crash * (1 + self._deaths // PATIENCE))
        self._deaths += dies
        return dies

    def down(self) -> int:
        """How many ms until a process that has died is back."""
        return self._dice.one_of(DOWN)

    def lag(self) -> int:
        """How many ms later than usual the process sees a change."""
        return self._dice.one_of(LAGS) if self._dice.chance(self.rates.lag) else 0

    def delay(self) -> int:
        """How many ms later than asked for the process reconciles."""
        return self._dice.one_of(LAGS) if self._dice.chance(self.rates.delay) else 0

    def repeats(self) -> bool:
        """Whether the process reconciles a key once more, for no reason."""
        return self._dice.chance(self.rates.repeat)

    def pause(self) -> int:
        """How many ms the whole process stands still from now on."""
        return self._dice.one_of(PAUSES) if self._dice.chance(self.rates.pause) else 0
