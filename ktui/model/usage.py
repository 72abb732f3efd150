"""What the pods on each node have asked for, against what the node has to give.

Told of every change of pods; asked by the nodes pane. Mirrors the scheduler's view of a node: the
requests of the pods assigned to it that have not finished. Invariant: the sums equal those over all
pods, and a change costs the same whatever their number.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cluster.api import quantity
from cluster.api.core import Container, Node, Pod
from cluster.api.quantity import Quantity
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
        if spec.initContainers or spec.overhead or spec.resources is not None:
            return requests(pod)
        known = self._known.get(id(spec.containers))
        if known is None:
            known = self._known[id(spec.containers)] = (spec.containers, requests(pod))
        return known[1]


def requests(pod: Pod) -> Requested:
    """What the scheduler counts for a pod (`resource.PodRequests`): containers, or init containers if they need more."""
    return Requested(1, _amount(pod, "cpu", quantity.milli), _amount(pod, "memory", quantity.value))


def allocatable(node: Node) -> Requested:
    """What a node has for pods."""
    given = node.status.allocatable
    return Requested(
        quantity.value(given["pods"]) if "pods" in given else 0,
        quantity.milli(given["cpu"]) if "cpu" in given else 0,
        quantity.value(given["memory"]) if "memory" in given else 0,
    )


def _amount(pod: Pod, resource: str, number: Callable[[Quantity], int]) -> int:
    spec = pod.spec

    def asked(requested: Mapping[str, Quantity]) -> int:
        return number(requested[resource]) if resource in requested else 0

    def wanted(container: Container) -> int:
        return asked(container.resources.requests)

    running = sum(map(wanted, spec.containers))
    peak = sidecars = 0
    for container in spec.initContainers:
        if container.restartPolicy == "Always":
            sidecars += wanted(container)
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + wanted(container))
    most = max(running + sidecars, peak)
    if spec.resources is not None and resource in spec.resources.requests:
        most = asked(spec.resources.requests)
    return most + asked(spec.overhead)
