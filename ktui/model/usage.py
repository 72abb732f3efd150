"""What the pods on each node have asked for, against what the node has to give.

Told of every change of pods; asked by the nodes pane. Mirrors the scheduler's view of a node: the
requests of the pods assigned to it that have not finished. Invariant: the sums equal those over all
pods, and a change costs the same whatever their number.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cluster.api import pod_requests, quantity
from cluster.api.core import Container, Node, Pod
from ktui.client import Change

_FINISHED = {"Succeeded", "Failed"}


class Requested(NamedTuple):
    """Sums of requests: pods, millicores and bytes."""

    pods: int = 0
    cpu: int = 0
    memory: int = 0

    def plus(self, other: "Requested", sign: int = 1) -> "Requested":
        """The sums with `other` added (or, with sign -1, taken away)."""
        return Requested(self.pods + sign * other.pods, self.cpu + sign * other.cpu, self.memory + sign * other.memory)


NOTHING = Requested()


class NodeUsage:
    """The requests on every node; `on_change(node name)` is told when they change."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._nodes: dict[str, Requested] = {}
        self._known: dict[int, tuple[Sequence[Container], Requested]] = {}

    def of(self, node: str) -> Requested:
        """What is requested on a node."""
        return self._nodes.get(node, NOTHING)

    def pod_changed(self, change: Change[Pod]) -> None:
        """Take in a change of a pod."""
        before, after = self._counted(change.old), self._counted(change.new)
        if before == after:
            return
        for found, sign in ((before, -1), (after, 1)):
            if found is not None:
                node, requested = found
                self._nodes[node] = self.of(node).plus(requested, sign)
                self._on_change(node)

    def _counted(self, pod: Pod | None) -> tuple[str, Requested] | None:
        if pod is None or not pod.spec.nodeName or pod.status.phase in _FINISHED:
            return None
        return pod.spec.nodeName, self._requests(pod)

    def _requests(self, pod: Pod) -> Requested:
        """A pod's requests; pods of one template share their containers, so they are added up once."""
        spec = pod.spec
        if spec.initContainers or spec.overhead or spec.resources is not None or pod_requests.may_be_resized(pod):
            return requests(pod)
        known = self._known.get(id(spec.containers))
        if known is None:
            known = self._known[id(spec.containers)] = (spec.containers, requests(pod))
        return known[1]


def requests(pod: Pod) -> Requested:
    """What the scheduler counts for a pod: what it asks for, or still has if it is being resized."""
    asked = pod_requests.effective_requests(pod)
    return Requested(1, quantity.milli(asked.get("cpu", "0")), quantity.value(asked.get("memory", "0")))


def allocatable(node: Node) -> Requested:
    """What a node has for pods."""
    given = node.status.allocatable
    return Requested(
        quantity.value(given["pods"]) if "pods" in given else 0,
        quantity.milli(given["cpu"]) if "cpu" in given else 0,
        quantity.value(given["memory"]) if "memory" in given else 0,
    )
