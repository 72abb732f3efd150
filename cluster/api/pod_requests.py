"""What a whole pod asks for and may use: its containers, its own level, its overhead.

Used by whoever counts pods: quotas and ranges, the scheduler, the kubelets, `describe`. Mirrors PodRequests and
PodLimits of k8s.io/component-helpers/resource. Invariant: a pod counts for its highest moment, which is all its
containers together or one init container with the sidecars that were started before it.
"""

from collections.abc import Callable, Iterable, Mapping

from cluster.api import quantity
from cluster.api.core import Container, ContainerStatus, Pod, PodSpec
from cluster.api.quantity import Quantity

Amounts = Mapping[str, Quantity]
RESIZE_PENDING, INFEASIBLE = "PodResizePending", "Infeasible"
_Side = Callable[[Container], Amounts]
_POD_LEVEL = ("cpu", "memory")


def requests(spec: PodSpec, *, missing: Amounts | None = None, overhead: bool = True) -> dict[str, Quantity]:
    """What the pod asks for, by resource; `missing` counts for a container that names no request."""
    asked: _Side = _requests if missing is None else lambda container: {**missing, **container.resources.requests}
    total = _peak(spec, asked)
    if spec.resources is not None:
        total.update(at_pod_level(spec.resources.requests))
    if overhead:
        _add(total, spec.overhead)
    return total


def limits(spec: PodSpec, *, overhead: bool = True) -> dict[str, Quantity]:
    """What the pod may use, by resource; overhead raises only limits that there are."""
    total = _peak(spec, _limits)
    if spec.resources is not None:
        total.update(at_pod_level(spec.resources.limits))
    if overhead:
        _add(total, {name: more for name, more in spec.overhead.items() if quantity.nano(total.get(name, "0"))})
    return total


def effective_requests(pod: Pod, *, missing: Amounts | None = None) -> dict[str, Quantity]:
    """What the pod counts for while it may be resized: what it asks for, was given and has, whichever is most.

    A resize that its node can never grant counts for nothing (`UseStatusResources`).
    """
    if not may_be_resized(pod):
        return requests(pod.spec, missing=missing)
    found = _statuses(pod)
    refused = is_infeasible(pod)
    kept = {} if missing is None else missing
    nothing: Amounts = {}

    def given(container: Container) -> Amounts:
        status = found.get(container.name)
        allocated = status.allocatedResources if status is not None else None
        return {**kept, **(allocated or (nothing if refused else container.resources.requests))}

    def actual(container: Container) -> Amounts:
        status = found.get(container.name)
        resources = status.resources if status is not None else None
        return {**kept, **resources.requests} if resources is not None and resources.requests else given(container)

    total = _peak(pod.spec, given)
    _raise_to(total, _peak(pod.spec, actual))
    if not refused:
        _raise_to(total, requests(pod.spec, missing=missing, overhead=False))
    if pod.spec.resources is not None:
        total.update(at_pod_level(pod.spec.resources.requests))
    _add(total, pod.spec.overhead)
    return total


def effective_limits(pod: Pod) -> dict[str, Quantity]:
    """What the pod may use while it may be resized: what its spec says or what it has, whichever is more."""
    total = limits(pod.spec)
    if not may_be_resized(pod):
        return total
    found, refused, nothing = _statuses(pod), is_infeasible(pod), dict[str, Quantity]()

    def actual(container: Container) -> Amounts:
        status = found.get(container.name)
        resources = status.resources if status is not None else None
        if resources is not None and resources.limits:
            return resources.limits
        return nothing if refused else container.resources.limits

    has = _peak(pod.spec, actual)
    _add(has, {name: more for name, more in pod.spec.overhead.items() if quantity.nano(has.get(name, "0"))})
    if refused:
        return has
    _raise_to(total, has)
    return total


def may_be_resized(pod: Pod) -> bool:
    """Whether the pod's spec may say something else than its status: it has changed since it was made."""
    return pod.metadata.generation > 1 and bool(pod.status.containerStatuses)


def has_what_it_asks(pod: Pod) -> bool:
    """Whether every container that says what it has, has what it asks for: no resize is under way."""
    spec, status = pod.spec, pod.status
    return (
        all(map(_has, spec.containers, status.containerStatuses))
        and all(map(_has, spec.initContainers, status.initContainerStatuses))
        and not is_infeasible(pod)
    )


def _has(container: Container, status: ContainerStatus) -> bool:
    asked, allocated, has = container.resources, status.allocatedResources, status.resources
    return (
        status.name == container.name
        and (not allocated or allocated == asked.requests)
        and (has is None or has is asked or has == asked)
    )


def is_infeasible(pod: Pod) -> bool:
    """Whether the pod waits for a resize that its node can never grant (`IsPodResizeInfeasible`)."""
    return any(one.type == RESIZE_PENDING and one.reason == INFEASIBLE for one in pod.status.conditions)


def at_pod_level(amounts: Amounts) -> dict[str, Quantity]:
    """The resources that a pod as a whole can ask for (`IsSupportedPodLevelResource`)."""
    return {name: amount for name, amount in amounts.items() if name in _POD_LEVEL or name.startswith("hugepages-")}


def total(parts: Iterable[Amounts]) -> dict[str, Quantity]:
    """The sum of amounts, resource by resource."""
    result: dict[str, Quantity] = {}
    for part in parts:
        _add(result, part)
    return result


def highest(first: Quantity | None, second: Quantity | None) -> Quantity | None:
    """The larger of two amounts that may be absent."""
    if first is None or second is None:
        return first or second
    return second if quantity.compare(second, first) > 0 else first


def _requests(container: Container) -> Amounts:
    return container.resources.requests


def _limits(container: Container) -> Amounts:
    return container.resources.limits


def _statuses(pod: Pod) -> dict[str, ContainerStatus]:
    return {one.name: one for one in (*pod.status.initContainerStatuses, *pod.status.containerStatuses)}


def _peak(spec: PodSpec, side: _Side) -> dict[str, Quantity]:
    total: dict[str, Quantity] = {}
    for container in spec.containers:
        _add(total, side(container))
    if not spec.initContainers:
        return total
    sidecars: dict[str, Quantity] = {}
    most: dict[str, Quantity] = {}
    for container in spec.initContainers:
        asked = dict(side(container))
        if container.restartPolicy == "Always":
            _add(total, asked)
            _add(sidecars, asked)
            asked = sidecars
        else:
            _add(asked, sidecars)
        _raise_to(most, asked)
    _raise_to(total, most)
    return total


def _add(total: dict[str, Quantity], more: Amounts) -> None:
    for name, amount in more.items():
        total[name] = quantity.add(total[name], amount) if name in total else amount


def _raise_to(total: dict[str, Quantity], floor: Amounts) -> None:
    for name, amount in floor.items():
        if name not in total or quantity.compare(amount, total[name]) > 0:
            total[name] = amount
