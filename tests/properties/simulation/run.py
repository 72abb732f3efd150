"""One seed from its first step to its rest, and all that is wrong with it."""

import traceback
from contextlib import nullcontext
from typing import NamedTuple

from tests.properties.simulation import log_rules, rest_rules
from tests.properties.simulation.bugs import BUGS, planted
from tests.properties.simulation.faults import ROUGHNESS, Rates
from tests.properties.simulation.user import User
from tests.properties.simulation.world import World, config

STEPS = 24


class Run(NamedTuple):
    """What became of a seed."""

    seed: int
    world: World
    user: User
    found: list[str]
    """What is wrong, in words; empty if nothing is."""
    bug: str = ""
    """Which of BUGS was planted."""

    def report(self) -> str:
        """What is wrong, and how to see it again."""
        planted = f" --bug {self.bug}" if self.bug else ""
        return "\n".join([*self.found, f"replay: python -m tests.properties.simulation {self.seed}{planted}"])


def rates_of(seed: int) -> Rates:
    """How rough the life of a seed is: every fifth has no faults but those of the user's."""
    return ROUGHNESS[seed % len(ROUGHNESS)]


def run(seed: int, bug: str = "") -> Run:
    """Live a seed: the user's steps under faults, their end, the way to rest; and look for all that is wrong.

    `bug` is planted in the engine meanwhile, if one of BUGS is named.
    """
    rates = rates_of(seed)
    with planted(BUGS[bug]) if bug else nullcontext():
        world = World(config(seed), rates)
        user = User(world, seed)
        found = _lived(world, user)
    return Run(
        seed,
        world,
        user,
        [*log_rules.broken(world.store, stale=rates.makes_stale, crashes=bool(rates.crash)), *found],
        bug,
    )


def _lived(world: World, user: User) -> list[str]:
    try:
        return _live(world, user)
    except Exception:  # noqa: BLE001 - whatever a component raises is what is wrong with it
        return [f"a component raised:\n{traceback.format_exc()}"]


def _live(world: World, user: User) -> list[str]:
    """What is wrong in the end."""
    user.work(STEPS)
    world.recover()
    user.finish()
    return rest_rules.broken(world) if world.settle() else ["it does not come to rest"]
