"""One seed from its first step to its rest, and all that is wrong with it."""

import traceback
from typing import NamedTuple

from tests.properties.simulation import log_rules, rest_rules
from tests.properties.simulation.faults import CALM, ROUGHNESS, Rates
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

    def report(self) -> str:
        """What is wrong, and how to see it again."""
        return "\n".join([*self.found, f"replay: python -m tests.properties.simulation {self.seed}"])


def rates_of(seed: int) -> Rates:
    """How rough the life of a seed is: every fifth has no faults but those of the user's."""
    return ROUGHNESS[seed % len(ROUGHNESS)]


def run(seed: int) -> Run:
    """Live a seed: the user's steps under faults, their end, the way to rest; and look for all that is wrong."""
    rates = rates_of(seed)
    world = World(config(seed), rates)
    user = User(world, seed)
    try:
        found = _live(world, user)
    except Exception:  # noqa: BLE001 - whatever a component raises is what is wrong with it
        found = [f"a component raised:\n{traceback.format_exc()}"]
    return Run(seed, world, user, [*log_rules.broken(world.store, stale=rates != CALM), *found])


def _live(world: World, user: User) -> list[str]:
    """What is wrong in the end."""
    user.work(STEPS)
    world.recover()
    user.finish()
    return rest_rules.broken(world) if world.settle() else ["it does not come to rest"]
