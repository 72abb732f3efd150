"""Quotas: what was admitted fits."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds, quantity
from cluster.api.core import Pod
from cluster.controllers.pod_states import is_active
from cluster.table import Entry
from tests.properties.simulation.state import State

COUNTED = {"pods": "pods", "services": "services", "deployments.apps": "count/deployments.apps"}
"""Kinds, and by which name a quota limits their number."""


class Quotas:
    """What quotas have charged, and what there is."""

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        old, new = entry.previous, entry.object
        if name == "resourcequotas" and old is not None and new is not None and entry.actor == "kube-apiserver":
            for resource, used in new.status.used.items():
                hard, before = new.status.hard.get(resource), old.status.used.get(resource)
                more = before is None or quantity.milli(used) > quantity.milli(before)
                if hard is not None and more and quantity.milli(used) > quantity.milli(hard):
                    yield f"{used} {resource} are charged, of {hard}"
        if name in COUNTED and old is None and new is not None:
            yield from _counted(name, new.metadata.namespace, state)


def _counted(name: str, namespace: str, state: State) -> Iterator[str]:
    for quota in state.of(kinds.RESOURCE_QUOTAS).values():
        hard = quota.status.hard.get(COUNTED[name])
        if quota.metadata.namespace != namespace or hard is None:
            continue
        here = [each for each in state.objects[name].values() if each.metadata.namespace == namespace]
        there = sum(not isinstance(each, Pod) or is_active(each) for each in here)  # one overdue to go counts no more
        if there > quantity.value(hard):
            yield f"it is number {there} of {hard}"
