"""PodDisruptionBudgets and ResourceQuotas as rows: what is allowed, and how much of it is left.

Invariant: a quota's `limits.` resources stand in a column of their own, each column in the order of names.
"""

from cluster.api.core import ResourceQuota
from cluster.api.policy import PodDisruptionBudget
from cluster.printers.column import AGE, NAME, Printer, numbers, texts
from cluster.printers.now import Now


def _budget(value: PodDisruptionBudget, now: Now) -> tuple[str, ...]:
    spec = value.spec
    return (
        value.metadata.name,
        "N/A" if spec.minAvailable is None else str(spec.minAvailable),
        "N/A" if spec.maxUnavailable is None else str(spec.maxUnavailable),
        str(value.status.disruptionsAllowed),
        now.since(value.metadata.creationTimestamp),
    )


def _quota(value: ResourceQuota, now: Now) -> tuple[str, ...]:
    status = value.status
    told: dict[bool, list[str]] = {False: [], True: []}
    for name in sorted(status.hard):
        told[name.startswith("limits.")].append(f"{name}: {status.used.get(name, '0')}/{status.hard[name]}")
    return (
        value.metadata.name,
        ", ".join(told[False]),
        ", ".join(told[True]),
        now.since(value.metadata.creationTimestamp),
    )


POD_DISRUPTION_BUDGET = Printer(
    (NAME, *texts("Min Available", "Max Unavailable"), *numbers("Allowed Disruptions"), AGE), _budget
)
RESOURCE_QUOTA = Printer((NAME, *texts("Request", "Limit"), AGE), _quota)
