"""LimitRanges: the least, the most and the usual of what pods, containers and claims ask for.

On the data's way one of the kinds' validations. Mirrors ValidateLimitRange. Invariant: what is filled in
for a container is within the limits that are then put on it.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, qualified_name
from cluster.admission.validation.resources import container_name, overcommittable, standard_name
from cluster.admission.validation.rules import Rules
from cluster.api import kinds, names, quantity
from cluster.api.core import LimitRange, LimitRangeItem
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.quantity import Quantity

TYPES = ("Pod", "Container", "PersistentVolumeClaim")


def create(value: LimitRange) -> list[StatusCause]:
    """What is wrong with a new LimitRange."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    seen: set[str] = set()
    for index, item in enumerate(value.spec.limits):
        field = f"spec.limits[{index}]"
        causes += _type(f"{field}.type", item.type)
        if item.type in seen:
            causes.append(error.duplicate(f"{field}.type", item.type))
        seen.add(item.type)
        causes += _names(field, item)
        for name in {**item.max, **item.min, **item.default, **item.defaultRequest, **item.maxLimitRequestRatio}:
            causes += _amounts(field, item, name)
    return causes


def update(new: LimitRange, old: LimitRange) -> list[StatusCause]:
    """What is wrong with a changed LimitRange."""
    return metadata.update(new.metadata, old.metadata) + create(new)


def _type(field: str, value: str) -> Causes:
    wrong = list(qualified_name(field, value))
    yield from wrong
    if not wrong and "/" not in value and value not in TYPES:
        yield error.invalid(field, value, "must be a standard limit type or fully qualified")


def _names(field: str, item: LimitRangeItem) -> list[StatusCause]:
    rule = container_name if item.type in ("Pod", "Container") else standard_name
    causes: list[StatusCause] = []
    for part in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        values = getattr(item, part)
        if item.type == "Pod" and part in ("default", "defaultRequest"):
            if values:
                causes.append(error.forbidden(f"{field}.{part}", "may not be specified when `type` is 'Pod'"))
            continue
        for name in values:
            causes += rule(f"{field}.{part}[{name}]", name)
    if item.type == "PersistentVolumeClaim" and "storage" not in item.min and "storage" not in item.max:
        why = "either minimum or maximum storage value is required, but neither was provided"
        causes.append(error.required(f"{field}.limits", why))
    return causes


def _amounts(field: str, item: LimitRangeItem, name: str) -> Causes:
    least, most = item.min.get(name), item.max.get(name)
    usual = item.default.get(name) if item.type != "Pod" else None
    request = item.defaultRequest.get(name) if item.type != "Pod" else None
    if _above(least, most):
        yield error.invalid(f"{field}.min[{name}]", least, f"min value {least} is greater than max value {most}")
    here = f"{field}.defaultRequest[{name}]"
    if _above(least, request):
        yield error.invalid(here, request, f"min value {least} is greater than default request value {request}")
    if _above(request, most):
        yield error.invalid(here, request, f"default request value {request} is greater than max value {most}")
    if _above(request, usual):
        yield error.invalid(
            here, request, f"default request value {request} is greater than default limit value {usual}"
        )
    if _above(least, usual):
        why = f"min value {least} is greater than default value {usual}"
        yield error.invalid(f"{field}.default[{name}]", least, why)
    if _above(usual, most):
        why = f"default value {usual} is greater than max value {most}"
        yield error.invalid(f"{field}.default[{name}]", most, why)
    yield from _ratio(f"{field}.maxLimitRequestRatio[{name}]", item.maxLimitRequestRatio.get(name), least, most)
    if usual and request and not overcommittable(name) and quantity.compare(usual, request):
        why = f"default value {usual} must equal to defaultRequest value {request} in {name}"
        yield error.invalid(here, request, why)


def _above(one: Quantity | None, other: Quantity | None) -> bool:
    return one is not None and other is not None and quantity.compare(one, other) > 0


def _ratio(field: str, ratio: Quantity | None, least: Quantity | None, most: Quantity | None) -> Causes:
    if ratio is None:
        return
    if quantity.nano(ratio) < quantity.nano("1"):
        yield error.invalid(field, ratio, f"ratio {ratio} is less than 1")
    if least is None or most is None or quantity.nano(least) == 0:
        return
    limit = quantity.milli(most) / quantity.milli(least)
    if quantity.milli(ratio) / 1000 > limit:
        yield error.invalid(field, ratio, f"ratio {ratio} is greater than max/min = {limit:f}")


RULES: Mapping[Kind[Any], Rules] = {kinds.LIMIT_RANGES: Rules(create, update)}
