"""What pods ask of a node, summed up as the scheduler counts it.

Invariant: init containers run one after the other beside the sidecars started before them, so a
pod counts as the larger of its start and its running.
"""

from collections.abc import Callable, Iterable, Mapping

from cluster.api import quantity
from cluster.api.core import Pod, ResourceRequirements
from cluster.api.quantity import Quantity

Amounts = Mapping[str, Quantity]


def pod_requests(pod: Pod) -> Amounts:
    """What a pod requests of each resource, overhead included (`PodRequests`)."""
    return total([_sum(pod, lambda resources: resources.requests), pod.spec.overhead])


def pod_limits(pod: Pod) -> Amounts:
    """A pod's limit of each resource that has one, overhead included (`PodLimits`)."""
    limits = _sum(pod, lambda resources: resources.limits)
    return {name: quantity.add(amount, pod.spec.overhead.get(name, "0")) for name, amount in limits.items()}


def total(parts: Iterable[Amounts]) -> Amounts:
    """The sum of amounts, resource by resource."""
    result: dict[str, Quantity] = {}
    for part in parts:
        for name, amount in part.items():
            result[name] = quantity.add(result[name], amount) if name in result else amount
    return result


def _sum(pod: Pod, side: Callable[[ResourceRequirements], Amounts]) -> Amounts:
    spec = pod.spec
    running = total(side(container.resources) for container in spec.containers)
    sidecars: Amounts = {}
    start: Amounts = {}
    for container in spec.initContainers:
        needed = total([sidecars, side(container.resources)])
        if container.restartPolicy == "Always":
            running = total([running, side(container.resources)])
            sidecars = needed
        start = _larger(start, needed)
    result = _larger(running, start)
    if spec.resources is None:
        return result
    shared = {
        name: amount
        for name, amount in side(spec.resources).items()
        if name in {"cpu", "memory"} or name.startswith("hugepages-")
    }
    return {**result, **shared}


def _larger(left: Amounts, right: Amounts) -> Amounts:
    result = dict(left)
    for name, amount in right.items():
        if name not in result or quantity.compare(amount, result[name]) > 0:
            result[name] = amount
    return result
