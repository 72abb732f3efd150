"""What holds once the faults have stopped and the cluster has come to rest.

Each rule looks at the present state alone and says in words what should not be so; what a controller may
wait for for ever (a node with room, a quota with some left) is found out anew, not taken from what it says.
"""

from collections.abc import Callable, Iterator

from tests.properties.simulation.rest_rules import (
    endpoints,
    jobs,
    objects,
    pods,
    quotas,
    replicas,
    sets,
    silence,
    volumes,
)
from tests.properties.simulation.rest_rules.rest import Rest
from tests.properties.simulation.world import World

RULES: tuple[Callable[[Rest], Iterator[str]], ...] = (
    objects.broken, pods.broken, replicas.broken, sets.broken, jobs.broken, endpoints.broken, quotas.broken, volumes.broken,
    silence.broken,
)  # fmt: skip


def broken(world: World) -> list[str]:
    """The rules that the world at rest breaks, in words."""
    rest = Rest(world)
    return [f"at rest: {words}" for rule in RULES for words in rule(rest)]
