"""Which words describe which kind: one row each.

Invariant: a kind without a row here is described field by field.
"""

from collections.abc import Callable
from typing import Any

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from ktui.model.describe import configuration, generic, namespaces, nodes, pods, services, workloads
from ktui.model.describe.events import write_events
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

Describer = Callable[[Sheet, Any, Related], None]

DESCRIBERS: dict[Kind[Any], Describer] = {
    kinds.NAMESPACES: namespaces.write_namespace,
    kinds.NODES: nodes.write_node,
    kinds.PODS: pods.write_pod,
    kinds.SERVICES: services.write_service,
    kinds.ENDPOINTS: services.write_endpoints,
    kinds.ENDPOINT_SLICES: services.write_endpoint_slice,
    kinds.REPLICATION_CONTROLLERS: workloads.write_replication_controller,
    kinds.REPLICA_SETS: workloads.write_replica_set,
    kinds.DEPLOYMENTS: workloads.write_deployment,
    kinds.CONFIG_MAPS: configuration.write_config_map,
    kinds.SECRETS: configuration.write_secret,
    kinds.SERVICE_ACCOUNTS: configuration.write_service_account,
}
_WITHOUT_EVENTS = (kinds.NAMESPACES, kinds.SECRETS)


def describe(kind: Kind[Any], value: Resource, related: Related) -> str:
    """The text of `kubectl describe` for an object, ending with its events; times are in UTC."""
    sheet = Sheet()
    DESCRIBERS.get(kind, generic.write_generic)(sheet, value, related)
    if kind not in _WITHOUT_EVENTS:
        write_events(sheet, related)
    return sheet.text()
