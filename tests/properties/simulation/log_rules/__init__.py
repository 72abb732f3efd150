"""What holds at every revision: each rule sees every write after the state has taken it over.

A rule is told of a write and yields what is wrong with it, in words. Invariant: the cost of a write is
that of what it touches, never that of the cluster.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Protocol

from cluster.api import kinds
from cluster.store import Store
from cluster.table import Entry
from tests.properties.simulation.log_rules.addresses import Addresses
from tests.properties.simulation.log_rules.jobs import Jobs
from tests.properties.simulation.log_rules.objects import Objects
from tests.properties.simulation.log_rules.pods import Pods
from tests.properties.simulation.log_rules.quotas import Quotas
from tests.properties.simulation.log_rules.scheduling import Scheduling
from tests.properties.simulation.log_rules.services import Services
from tests.properties.simulation.log_rules.volumes import Volumes
from tests.properties.simulation.log_rules.workloads import Workloads
from tests.properties.simulation.state import State


class Rule(Protocol):
    """One subject."""

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """What is wrong with a write of the kind called `name`; `state` has it already."""
        ...


def rules(*, stale: bool, crashes: bool) -> tuple[Rule, ...]:
    """Every rule; some promise less where components may act on `stale` views, or may die between two writes."""
    return (
        Objects(), Pods(stale=stale), Scheduling(stale=stale), Workloads(stale=stale), Jobs(stale=stale, crashes=crashes), Addresses(), Services(), Quotas(), Volumes(),
    )  # fmt: skip


def broken(store: Store, *, stale: bool, crashes: bool) -> list[str]:
    """What the log's writes break, in the log's order."""
    found: list[str] = []
    state, asked, last = State(), rules(stale=stale, crashes=crashes), 0
    tables = [table for table in store.tables() if table.kind is not kinds.EVENTS]
    rows = [(entry.revision, table.kind.qualified, entry) for table in tables for entry in table.entries()]
    rows.sort(key=itemgetter(0))
    for revision, name, entry in rows:
        if revision <= last:
            found.append(f"revision {revision}: follows revision {last}")
        last = revision
        state.apply(name, entry)
        for rule in asked:
            found += [f"revision {revision}: {name} {entry.key}: {words}" for words in rule.see(name, entry, state)]
    return found
