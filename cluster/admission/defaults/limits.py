"""Defaults of LimitRanges and PriorityClasses.

On the data's way between decoding and admission. Mirrors SetDefaults_LimitRangeItem and
SetDefaults_PriorityClass. Invariant: a container's default request is never above its default limit
because of what was left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.core import LimitRange, LimitRangeItem
from cluster.api.kinds import Kind
from cluster.api.scheduling import PriorityClass


def limit_range(value: LimitRange) -> LimitRange:
    """The range whose containers get their most as limit and their limit, else their least, as request."""
    return changed(value, spec=changed(value.spec, limits=each(value.spec.limits, _item)))


def _item(value: LimitRangeItem) -> LimitRangeItem:
    if value.type != "Container":
        return value
    limits = {**value.max, **value.default}
    requests = {**value.min, **limits, **value.defaultRequest}
    if limits == value.default and requests == value.defaultRequest:
        return value
    return changed(value, default=limits, defaultRequest=requests)


def priority_class(value: PriorityClass) -> PriorityClass:
    """The class whose pods push out others."""
    return value if value.preemptionPolicy else changed(value, preemptionPolicy="PreemptLowerPriority")


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.LIMIT_RANGES: limit_range,
    kinds.PRIORITY_CLASSES: priority_class,
}
