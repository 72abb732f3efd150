"""Binding: what a pod asks of its node was there when it was bound, and who is sent away for it counts less."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.table import Entry
from tests.properties.simulation import fitting
from tests.properties.simulation.state import State


class Scheduling:
    """Where pods are bound. A scheduler with a `stale` view may not know yet of taints, or of pods that have gone."""

    def __init__(self, *, stale: bool) -> None:
        self._stale = stale

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        old, new = entry.previous, entry.object
        if name != "pods" or old is None or new is None:
            return
        if new.spec.nodeName and not old.spec.nodeName:
            node = state.node(new.spec.nodeName)
            if node is not None:
                yield from fitting.lacks(new, node, state)
                if not self._stale:
                    yield from fitting.refuses(new, node, state)
        if _preempted(new) and not _preempted(old):
            waiting = [each for each in state.of(kinds.PODS).values() if not each.spec.nodeName]
            if not any(_priority(each) > _priority(new) for each in waiting):
                yield "it was preempted, but nothing that waits counts more"


def _preempted(pod: Pod) -> bool:
    return any(
        one.type == "DisruptionTarget" and one.reason == "PreemptionByScheduler" for one in pod.status.conditions
    )


def _priority(pod: Pod) -> int:
    return pod.spec.priority or 0
