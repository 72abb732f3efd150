"""Kinds whose row is a field or two: Namespaces, ConfigMaps, Secrets, ServiceAccounts, Leases, and the fallback.

Invariant: any object with metadata can be shown, by its name and its age.
"""

from cluster.api.coordination import Lease
from cluster.api.core import ConfigMap, Namespace, Secret
from cluster.api.meta import Resource
from cluster.printers.column import AGE, NAME, Printer, texts
from cluster.printers.now import Now


def _namespace(value: Namespace, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.status.phase, now.since(value.metadata.creationTimestamp)


def _config_map(value: ConfigMap, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        str(len(value.data) + len(value.binaryData)),
        now.since(value.metadata.creationTimestamp),
    )


def _secret(value: Secret, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.type, str(len(value.data)), now.since(value.metadata.creationTimestamp)


def _lease(value: Lease, now: Now) -> tuple[str, ...]:
    return value.metadata.name, value.spec.holderIdentity or "", now.since(value.metadata.creationTimestamp)


def _named(value: Resource, now: Now) -> tuple[str, ...]:
    return value.metadata.name, now.since(value.metadata.creationTimestamp)


NAMESPACE = Printer((NAME, *texts("Status"), AGE), _namespace)
CONFIG_MAP = Printer((NAME, *texts("Data"), AGE), _config_map)
SECRET = Printer((NAME, *texts("Type", "Data"), AGE), _secret)
LEASE = Printer((NAME, *texts("Holder"), AGE), _lease)
NAMED = Printer((NAME, AGE), _named)
"""The printer of a kind that has no other."""
