"""Kinds whose row is a field or two: ConfigMaps, Secrets, Leases, classes and the like, and the fallbacks.

Invariant: any object with metadata can be shown, by its name and its age.
"""

from cluster.api.coordination import Lease
from cluster.api.core import ComponentStatus, ConfigMap, Namespace, Secret
from cluster.api.meta import Resource
from cluster.api.node import RuntimeClass
from cluster.api.scheduling import PriorityClass
from cluster.printers.column import AGE, NAME, Column, Printer, booleans, numbers, texts
from cluster.printers.now import Now


def _namespace(value: Namespace, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.status.phase, now.since(value.metadata.creationTimestamp)


def _config_map(value: ConfigMap, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        str(len(value.data) + len(value.binaryData)),
        now.since(value.metadata.creationTimestamp),
    )


def _component_status(value: ComponentStatus, _: Now) -> tuple[str, ...]:
    condition = next((condition for condition in value.conditions if condition.type == "Healthy"), None)
    if condition is None:
        return value.metadata.name, "", "", ""
    status = {"True": "Healthy", "False": "Unhealthy"}.get(condition.status, "Unknown")
    return value.metadata.name, status, condition.message, condition.error


def _secret(value: Secret, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.type, str(len(value.data)), now.since(value.metadata.creationTimestamp)


def _lease(value: Lease, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.spec.holderIdentity or "", now.since(value.metadata.creationTimestamp)


def _named(value: Resource, now: Now) -> tuple[str, ...]:
    return value.metadata.name, now.since(value.metadata.creationTimestamp)


def _created(value: Resource, _: Now) -> tuple[str, ...]:
    return value.metadata.name, value.metadata.creationTimestamp or "0001-01-01T00:00:00Z"


def _runtime_class(value: RuntimeClass, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.handler, now.since(value.metadata.creationTimestamp)


def _priority_class(value: PriorityClass, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        str(value.value),
        str(value.globalDefault).lower(),
        now.since(value.metadata.creationTimestamp),
        value.preemptionPolicy or "PreemptLowerPriority",
    )


NAMESPACE = Printer((NAME, *texts("Status"), AGE), _namespace)
COMPONENT_STATUS = Printer((NAME, *texts("Status", "Message", "Error")), _component_status)
CONFIG_MAP = Printer((NAME, *texts("Data"), AGE), _config_map)
SECRET = Printer((NAME, *texts("Type", "Data"), AGE), _secret)
RUNTIME_CLASS = Printer((NAME, *texts("Handler"), AGE), _runtime_class)
PRIORITY_CLASS = Printer(
    (NAME, *numbers("Value"), *booleans("Global-Default"), AGE, *texts("PreemptionPolicy")), _priority_class
)
LEASE = Printer((NAME, *texts("Holder"), AGE), _lease)
NAMED = Printer((NAME, AGE), _named)
"""The printer of a kind that has no other."""
CREATED = Printer((NAME, Column("Created At", type="date")), _created)
"""The printer of the kinds for which the API server has none: their rows tell when they were made."""
