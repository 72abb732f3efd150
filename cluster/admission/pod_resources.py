"""What a whole pod asks for and may use, as exact quantities: its containers, its own level, its overhead.

Used where policies count pods (LimitRanger, ResourceQuota). Mirrors PodRequests and PodLimits of
k8s.io/component-helpers/resource. Invariant: a pod counts for its highest moment, which is all its
containers together or one init container with the sidecars that were started before it.
"""

from collections.abc import Mapping
from typing import Literal

from cluster.api import quantity
from cluster.api.core import PodSpec
from cluster.api.quantity import Quantity

Amounts = dict[str, Quantity]


def requests(spec: PodSpec) -> Amounts:
    """What the pod asks for, by resource."""
    total = _peak(spec, "requests")
    if spec.resources is not None:
        total.update(spec.resources.requests)
    _add(total, spec.overhead)
    return total


def limits(spec: PodSpec) -> Amounts:
    """What the pod may use, by resource; overhead raises only limits that there are."""
    total = _peak(spec, "limits")
    if spec.resources is not None:
        total.update(spec.resources.limits)
    _add(total, {name: more for name, more in spec.overhead.items() if quantity.nano(total.get(name, "0"))})
    return total


def _peak(spec: PodSpec, side: Literal["requests", "limits"]) -> Amounts:
    total: Amounts = {}
    for container in spec.containers:
        _add(total, getattr(container.resources, side))
    sidecars: Amounts = {}
    highest: Amounts = {}
    for container in spec.initContainers:
        asked: Amounts = dict(getattr(container.resources, side))
        if container.restartPolicy == "Always":
            _add(total, asked)
            _add(sidecars, asked)
            asked = sidecars
        else:
            _add(asked, sidecars)
        _raise_to(highest, asked)
    _raise_to(total, highest)
    return total


def _add(total: Amounts, more: Mapping[str, Quantity]) -> None:
    for name, amount in more.items():
        total[name] = quantity.add(total[name], amount) if name in total else amount


def _raise_to(total: Amounts, floor: Mapping[str, Quantity]) -> None:
    for name, amount in floor.items():
        if name not in total or quantity.compare(amount, total[name]) > 0:
            total[name] = amount


def highest(first: Quantity | None, second: Quantity | None) -> Quantity | None:
    """The larger of two amounts that may be absent."""
    if first is None or second is None:
        return first or second
    return second if quantity.compare(second, first) > 0 else first
