"""How much memory the pods of a node use, whether that is too much, and who goes first.

Pure decisions behind `eviction`. Mirrors the thresholds, ranking and messages of pkg/kubelet/eviction. Invariant:
everything follows from the node, its pods and the time.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cluster import usage
from cluster.admission.qos import BEST_EFFORT
from cluster.api import annotations as ours
from cluster.api import pod_requests, quantity
from cluster.api.core import Node, NodeCondition, Pod, Taint
from cluster.api.tolerations import tolerated
from cluster.clock import Clock

THRESHOLD = 100 << 20
"""Less available memory than this is pressure (memory.available<100Mi), bytes."""
TRANSITION = 300_000
"""How long pressure is told of after it was last seen (--eviction-pressure-transition-period), ms."""
CRITICAL = 2_000_000_000
CONDITION = "MemoryPressure"
_TAINT = Taint(key="node.kubernetes.io/memory-pressure", effect="NoSchedule")


class Eater(NamedTuple):
    """A pod that runs, what each of its containers uses, and what it requests, bytes."""

    pod: Pod
    used: Mapping[str, int]
    requested: int

    @property
    def total(self) -> int:
        """What the pod uses."""
        return sum(self.used.values())


def is_told(pod: Pod) -> bool:
    """Whether the pod's annotations say how much memory it uses; others never use more than they request."""
    return any(name.startswith(ours.MEMORY_USE) for name in pod.metadata.annotations)


def is_pressed(node: Node) -> bool:
    """Whether the node is told to be under memory pressure."""
    return any(one.type == CONDITION and one.status == "True" for one in node.status.conditions)


def eater(pod: Pod, clock: Clock) -> Eater:
    """A pod with what it uses now."""
    known = {one.name: one for one in (*pod.spec.containers, *pod.spec.initContainers)}
    used = {}
    for status in (*pod.status.containerStatuses, *pod.status.initContainerStatuses):
        if status.state.running is not None:
            age = clock.now - clock.milliseconds(status.state.running.startedAt)
            used[status.name] = usage.usage(pod, known[status.name], clock.now, age).memory
    return Eater(pod, used, quantity.value(pod_requests.requests(pod.spec).get("memory", "0")))


def most(pod: Pod) -> int:
    """The most memory that a pod's containers can come to use, bytes."""
    return sum(usage.most_memory(pod, one) for one in (*pod.spec.containers, *pod.spec.initContainers))


def available(node: Node, used: int) -> int:
    """What the pods' use leaves of a node's memory, bytes."""
    capacity = quantity.value(node.status.capacity.get("memory", "0"))
    return capacity - usage.NODE_ITSELF.memory - used


def ranked(eaters: Iterable[Eater]) -> list[Eater]:
    """Who is evicted first: who uses more than it requests, the lower priority, the most beyond the request."""
    return sorted(
        eaters,
        key=lambda one: (one.total <= one.requested, one.pod.spec.priority or 0, -(one.total - one.requested)),
    )


def is_critical(pod: Pod) -> bool:
    """Whether the pod is never evicted by its kubelet (`IsCriticalPod`)."""
    return (pod.spec.priority or 0) >= CRITICAL


def message(found: Eater, left: int) -> str:
    """Why a pod is evicted while so much memory is available (bytes)."""
    text = (
        "The node was low on resource: memory. "
        f"Threshold quantity: {_bytes(THRESHOLD)}, available: {_bytes(max(left, 0))}. "
    )
    for container in (*found.pod.spec.initContainers, *found.pod.spec.containers):
        used = found.used.get(container.name)
        request = container.resources.requests.get("memory", "0")
        if used is not None and used > quantity.value(request):
            text += (
                f"Container {container.name} was using {_bytes(used)}, request is {request}, "
                "has larger consumption of memory. "
            )
    return text


def refuses(pod: Pod) -> bool:
    """Whether a node under memory pressure does not take the pod."""
    return pod.status.qosClass == BEST_EFFORT and not is_critical(pod) and not tolerated(_TAINT, pod.spec.tolerations)


def reported(conditions: tuple[NodeCondition, ...], timestamp: str, *, pressed: bool) -> tuple[NodeCondition, ...]:
    """A node's conditions with what its kubelet says of its memory now."""
    status, reason, words = (
        ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        if pressed
        else ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
    )
    old = next((one for one in conditions if one.type == CONDITION), None)
    since = old.lastTransitionTime if old is not None and old.status == status else timestamp
    new = NodeCondition(
        type=CONDITION,
        status=status,
        reason=reason,
        message=words,
        lastHeartbeatTime=timestamp,
        lastTransitionTime=since,
    )
    return tuple(new if one.type == CONDITION else one for one in conditions) if old is not None else (new, *conditions)


def last_seen(node: Node) -> str:
    """When pressure on the node was last seen (RFC 3339)."""
    return next(one.lastHeartbeatTime for one in node.status.conditions if one.type == CONDITION)


def _bytes(amount: int) -> str:
    return quantity.from_value(amount, "1Ki")
