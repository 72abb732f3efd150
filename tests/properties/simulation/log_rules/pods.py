"""Pods: a life has one direction."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.controllers.ownership import controller_of
from cluster.controllers.pod_states import is_active, ready_since
from cluster.table import Entry
from tests.properties.simulation import fitting
from tests.properties.simulation.state import NEAR, State

AFTER = {
    "": {"", "Pending"},
    "Pending": {"Pending", "Running", "Succeeded", "Failed"},
    "Running": {"Running", "Succeeded", "Failed"},
    "Succeeded": {"Succeeded"},
    "Failed": {"Failed"},
}


class Pods:
    """The phases of pods, and where they are. A `stale` view may have a node that is gone."""

    def __init__(self, *, stale: bool) -> None:
        self._stale = stale
        self._gone: dict[str, int] = {}
        """When each node went."""

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        if name == "nodes" and entry.object is None:
            self._gone[entry.key] = entry.revision
        if name != "pods" or entry.object is None:
            return
        old, new = entry.previous, entry.object
        if old is None:
            yield from self._daemon(new, state)
            return
        if new.status.phase not in AFTER[old.status.phase]:
            yield f"its phase went from {old.status.phase} to {new.status.phase}"
        if entry.actor == "kubelet" and ready_since(new) is not None and new.status.phase != "Running":
            yield f"it is ready, though {new.status.phase}"
        if old.spec.nodeName and old.spec.nodeName != new.spec.nodeName:
            yield f"it went from {old.spec.nodeName} to {new.spec.nodeName}"
        bound = new.spec.nodeName if not old.spec.nodeName and not self._stale else ""
        if bound and state.node(bound) is None and entry.cause > self._gone.get(bound, 0) + NEAR:
            yield f"it is bound to {new.spec.nodeName}, which is no node"
        for before, after in zip(old.status.containerStatuses, new.status.containerStatuses, strict=False):
            if before.name == after.name and after.restartCount < before.restartCount:
                yield f"container {after.name} has restarted less often than before"

    def _daemon(self, pod: Pod, state: State) -> Iterator[str]:
        """At most one pod of a DaemonSet is active on a node, but for the surge of its update."""
        owner = controller_of(pod)
        if owner is None or owner.kind != "DaemonSet":
            return
        node = fitting.place(pod)
        same = [each for each in state.pods_of(owner.uid) if is_active(each) and fitting.place(each) == node]
        daemon_set = state.of(kinds.DAEMON_SETS).get(f"{pod.metadata.namespace}/{owner.name}")
        rolling = daemon_set.spec.updateStrategy.rollingUpdate if daemon_set is not None else None
        most = 2 if rolling is not None and rolling.maxSurge not in (None, 0, "0%") else 1
        if len(same) > most:
            yield f"{node} has {len(same)} pods of {owner.name}"
