"""Rest is rest: nothing but reports of waiting pods is written for hours, nor if every component begins anew."""

from collections import Counter
from collections.abc import Iterator

from cluster.api import kinds
from tests.properties.simulation.rest_rules.rest import Rest

LONG = 7_200_000
TOLD = 30
"""How often at most a report that goes on for ever is written in that time: a new back-off begins with many tries."""


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    yield from (f"later {words}" for words in _written(rest))
    rest.world.restart()
    yield from (f"after a restart {words}" for words in _written(rest))


def _written(rest: Rest) -> Iterator[str]:
    """What is written in a long time; a report that is repeated now and then is none."""
    store = rest.world.store
    before = store.revision
    rest.world.run_for(LONG)
    rows = [(name, entry) for name, entry in store.log() if entry.revision > before]
    for (name, key, actor), times in Counter((name, entry.key, entry.actor) for name, entry in rows).items():
        if name != kinds.EVENTS.qualified or times > TOLD:
            yield f"{actor} writes {name} {key} {times} times"
