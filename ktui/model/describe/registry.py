"""Which words describe which kind: one row each.

Invariant: a kind without a row here is described field by field.
"""

from collections.abc import Callable
from typing import Any

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from ktui.model.describe import (
    autoscaling,
    configuration,
    generic,
    jobs,
    namespaces,
    network_policies,
    networking,
    nodes,
    pods,
    policy,
    rbac,
    services,
    storage,
    workloads,
)
from ktui.model.describe.events import write_events
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

Describer = Callable[[Sheet, Any, Related], None]

_DESCRIBERS: dict[Kind[Any], Describer] = {
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
    kinds.STATEFUL_SETS: workloads.write_stateful_set,
    kinds.DAEMON_SETS: workloads.write_daemon_set,
    kinds.JOBS: jobs.write_job,
    kinds.CRON_JOBS: jobs.write_cron_job,
    kinds.HORIZONTAL_POD_AUTOSCALERS: autoscaling.write_autoscaler,
    kinds.POD_DISRUPTION_BUDGETS: policy.write_budget,
    kinds.RESOURCE_QUOTAS: policy.write_quota,
    kinds.LIMIT_RANGES: policy.write_limits,
    kinds.PRIORITY_CLASSES: policy.write_priority_class,
    kinds.PERSISTENT_VOLUMES: storage.write_volume,
    kinds.PERSISTENT_VOLUME_CLAIMS: storage.write_claim,
    kinds.STORAGE_CLASSES: storage.write_storage_class,
    kinds.VOLUME_ATTRIBUTES_CLASSES: storage.write_attributes_class,
    kinds.CSI_NODES: storage.write_csi_node,
    kinds.INGRESSES: networking.write_ingress,
    kinds.INGRESS_CLASSES: networking.write_ingress_class,
    kinds.NETWORK_POLICIES: network_policies.write_network_policy,
    kinds.SERVICE_CIDRS: networking.write_service_cidr,
    kinds.IP_ADDRESSES: networking.write_ip_address,
    kinds.ROLES: rbac.write_role,
    kinds.CLUSTER_ROLES: rbac.write_role,
    kinds.ROLE_BINDINGS: rbac.write_binding,
    kinds.CLUSTER_ROLE_BINDINGS: rbac.write_binding,
}
_WITHOUT_EVENTS = (
    kinds.NAMESPACES, kinds.SECRETS, kinds.LIMIT_RANGES, kinds.RESOURCE_QUOTAS, kinds.NETWORK_POLICIES,
    kinds.ROLES, kinds.CLUSTER_ROLES, kinds.ROLE_BINDINGS, kinds.CLUSTER_ROLE_BINDINGS,
)  # fmt: skip


def describe(kind: Kind[Any], value: Resource, related: Related) -> str:
    """The text of `kubectl describe` for an object, ending with its events; times are in UTC."""
    sheet = Sheet()
    _DESCRIBERS.get(kind, generic.write_generic)(sheet, value, related)
    if kind not in _WITHOUT_EVENTS:
        write_events(sheet, related)
    return sheet.text()
