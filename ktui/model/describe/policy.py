"""Budgets, quotas, limits and priorities: what pods and namespaces are allowed.

Invariant: a quota or a limit is told in the same rows of its own and of its namespace.
"""

from collections.abc import Iterable, Mapping

from cluster.api import quantity
from cluster.api.core import LimitRange, LimitRangeItem, ResourceQuota
from cluster.api.policy import PodDisruptionBudget
from cluster.api.quantity import Quantity
from cluster.api.scheduling import PriorityClass
from cluster.printers.selectors import label_text, selector_text
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

_LIMITS = ("Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")
_SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node "
    "before being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long "
    "running pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort "
    "quality of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a "
    "burstable or guaranteed quality of service.",
}


def write_budget(sheet: Sheet, value: PodDisruptionBudget, _related: Related) -> None:
    """Everything about a PodDisruptionBudget but its events."""
    spec, status = value.spec, value.status
    sheet.field("Name", value.metadata.name)
    sheet.field("Namespace", value.metadata.namespace)
    if spec.minAvailable is not None:
        sheet.field("Min available", spec.minAvailable)
    elif spec.maxUnavailable is not None:
        sheet.field("Max unavailable", spec.maxUnavailable)
    sheet.field("Selector", "<unset>" if spec.selector is None else selector_text(spec.selector))
    sheet.line("Status:")
    sheet.field("Allowed disruptions", status.disruptionsAllowed, 2)
    sheet.field("Current", status.currentHealthy, 2)
    sheet.field("Desired", status.desiredHealthy, 2)
    sheet.field("Total", status.expectedPods, 2)


def write_quota(sheet: Sheet, value: ResourceQuota, _related: Related) -> None:
    """Everything about a ResourceQuota."""
    sheet.field("Name", value.metadata.name)
    sheet.field("Namespace", value.metadata.namespace)
    _write_scopes(sheet, value, 0, " * ")
    sheet.line("Resource\tUsed\tHard")
    sheet.line("--------\t----\t----")
    for name, used, hard in _usage(value):
        alike = quantity.format_of(used) == quantity.format_of(hard)
        told = used if alike else quantity.from_value(quantity.value(used), hard)
        sheet.line(f"{name}\t{told}\t{hard}")


def write_quotas(sheet: Sheet, quotas: Iterable[ResourceQuota]) -> None:
    """The quotas of a namespace, or that it has none."""
    ordered = sorted(quotas, key=lambda quota: quota.metadata.name)
    sheet.line("Resource Quotas" if ordered else "No resource quota.")
    for quota in ordered:
        sheet.field("Name", quota.metadata.name, 1)
        _write_scopes(sheet, quota, 1, "* ")
        sheet.line("Resource\tUsed\tHard", 1)
        sheet.line("--------\t---\t---", 1)
        for name, used, hard in _usage(quota):
            sheet.line(f"{name}\t{used}\t{hard}", 1)


def _write_scopes(sheet: Sheet, value: ResourceQuota, level: int, bullet: str) -> None:
    scopes = sorted(value.spec.scopes)
    if scopes:
        sheet.field("Scopes", ", ".join(scopes), level)
    for scope in scopes:
        if scope in _SCOPES:
            sheet.line(f"{bullet}{_SCOPES[scope]}", level)


def _usage(value: ResourceQuota) -> list[tuple[str, str, str]]:
    status = value.status
    return [(name, status.used.get(name, "0"), status.hard[name]) for name in sorted(status.hard)]


def write_limits(sheet: Sheet, value: LimitRange, _related: Related) -> None:
    """Everything about a LimitRange."""
    sheet.field("Name", value.metadata.name)
    sheet.field("Namespace", value.metadata.namespace)
    _write_limit_rows(sheet, [value], "")


def write_limit_ranges(sheet: Sheet, ranges: Iterable[LimitRange]) -> None:
    """The limit ranges of a namespace in one table, or that it has none."""
    listed = list(ranges)
    if not listed:
        sheet.line("No LimitRange resource.")
        return
    sheet.line("Resource Limits")
    _write_limit_rows(sheet, listed, " ")


def _write_limit_rows(sheet: Sheet, ranges: Iterable[LimitRange], indent: str) -> None:
    sheet.line(indent + "\t".join(_LIMITS))
    sheet.line(indent + "\t".join("-" * len(title) for title in _LIMITS))
    for found in ranges:
        for item in found.spec.limits:
            for name in sorted({name for amounts in _columns(item) for name in amounts}):
                cells = (amounts.get(name, "-") for amounts in _columns(item))
                sheet.line(indent + "\t".join((item.type, name, *cells)))


def _columns(item: LimitRangeItem) -> tuple[Mapping[str, Quantity], ...]:
    return item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio


def write_priority_class(sheet: Sheet, value: PriorityClass, _related: Related) -> None:
    """Everything about a PriorityClass but its events."""
    sheet.field("Name", value.metadata.name)
    sheet.field("Value", value.value)
    sheet.field("GlobalDefault", str(value.globalDefault).lower())
    sheet.field("PreemptionPolicy", value.preemptionPolicy)
    sheet.field("Description", value.description)
    sheet.field("Annotations", label_text(value.metadata.annotations))
