"""Binding: what a pod asks of its node was there when it was bound, and who is sent away for it counts less."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import Node, Pod
from cluster.controllers.pod_states import is_active
from cluster.table import Entry
from tests.properties.simulation import fitting
from tests.properties.simulation.state import NEAR, State


class Scheduling:
    """Where pods are bound. A scheduler with a `stale` view may not know yet of taints, or of pods that have gone."""

    def __init__(self, *, stale: bool) -> None:
        self._stale = stale
        self._changed: dict[str, tuple[int, Node]] = {}
        """When each node's spec changed last, and the node before."""
        self._eased = 0
        """When a pod last left a node, or a node came to count: what spread is measured by may be lower since."""

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        old, new = entry.previous, entry.object
        if name == "nodes":
            self._note_node(entry)
        if name == "pods" and old is not None and old.spec.nodeName and (new is None or not is_active(new)):
            self._eased = entry.revision
        if name != "pods" or old is None or new is None:
            return
        if new.spec.nodeName and not old.spec.nodeName:
            node = state.node(new.spec.nodeName)
            if node is not None:
                yield from fitting.lacks(new, node, state)
                if not self._stale:
                    yield from self._refused(new, node, entry.cause)
                    if entry.cause > self._eased + NEAR:
                        yield from fitting.crowds(new, node, state)
        if _preempted(new) and not _preempted(old):
            waiting = [each for each in state.of(kinds.PODS).values() if not each.spec.nodeName]
            if not any(_priority(each) > _priority(new) for each in waiting):
                yield "it was preempted, but nothing that waits counts more"

    def _note_node(self, entry: Entry[Any]) -> None:
        old, new = entry.previous, entry.object
        if old is not None and new is not None and old.spec != new.spec:
            self._changed[entry.key] = (entry.revision, old)
        if old is None or new is None or old.metadata.labels != new.metadata.labels:
            self._eased = entry.revision

    def _refused(self, pod: Pod, node: Node, cause: int) -> list[str]:
        """Why a node does not take a pod; what has come since the scheduler looked it does not know."""
        changed = self._changed.get(node.metadata.name)
        views = [node, changed[1]] if changed is not None and cause < changed[0] + NEAR else [node]
        return min((list(fitting.refuses(pod, view)) for view in views), key=len)


def _preempted(pod: Pod) -> bool:
    return any(
        one.type == "DisruptionTarget" and one.reason == "PreemptionByScheduler" for one in pod.status.conditions
    )


def _priority(pod: Pod) -> int:
    return pod.spec.priority or 0
