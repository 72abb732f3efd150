"""Which printer shows which kind: one row each.

Invariant: a kind without a row here is still shown, by its name and its age.
"""

from typing import Any

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.printers import events, nodes, plain, pods, services, workloads
from cluster.printers.column import Column, Printer
from cluster.printers.now import Now

_PRINTERS: dict[Kind[Any], Printer] = {
    kinds.NAMESPACES: plain.NAMESPACE,
    kinds.NODES: nodes.NODE,
    kinds.PODS: pods.POD,
    kinds.SERVICES: services.SERVICE,
    kinds.ENDPOINTS: services.ENDPOINTS,
    kinds.ENDPOINT_SLICES: services.ENDPOINT_SLICE,
    kinds.REPLICATION_CONTROLLERS: workloads.REPLICATION_CONTROLLER,
    kinds.REPLICA_SETS: workloads.REPLICA_SET,
    kinds.DEPLOYMENTS: workloads.DEPLOYMENT,
    kinds.CONFIG_MAPS: plain.CONFIG_MAP,
    kinds.SECRETS: plain.SECRET,
    kinds.SERVICE_ACCOUNTS: plain.NAMED,
    kinds.EVENTS: events.EVENT,
    kinds.LEASES: plain.LEASE,
}


def columns(kind: Kind[Any]) -> tuple[Column, ...]:
    """The columns of a kind's table, wide ones included, in their order."""
    return _PRINTERS.get(kind, plain.NAMED).columns


def row(kind: Kind[Any], value: Resource, now: Now) -> tuple[str, ...]:
    """An object's cells, one for each of `columns(kind)`, as `kubectl get` prints them at `now`."""
    return _PRINTERS.get(kind, plain.NAMED).cells(value, now)
