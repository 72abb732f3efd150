"""How much of the cluster is ready: the counts of the top line.

Told of every change of nodes and pods. Invariant: the counts equal those over all objects.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from cluster.api.core import Node, Pod
from cluster.api.meta import Resource
from ktui.client import Change

T = TypeVar("T", bound=Resource)


class Tally(Generic[T]):
    """Of the objects that count, how many are ready. `ready` answers None for one that does not count."""

    def __init__(self, ready: Callable[[T], bool | None]) -> None:
        self._ready = ready
        self.ready = 0
        self.total = 0

    def changed(self, change: Change[T]) -> None:
        """Take in a change."""
        for found, step in ((change.old, -1), (change.new, 1)):
            answer = self._ready(found) if found is not None else None
            if answer is not None:
                self.total += step
                self.ready += step * answer

    def __str__(self) -> str:
        return f"{self.ready}/{self.total}"


def node_ready(node: Node) -> bool | None:
    """Whether a node is Ready."""
    return any(item.type == "Ready" and item.status == "True" for item in node.status.conditions)


def pod_ready(pod: Pod) -> bool | None:
    """Whether a pod is Ready; None for one that has finished its work."""
    if pod.status.phase == "Succeeded":
        return None
    return any(item.type == "Ready" and item.status == "True" for item in pod.status.conditions)
