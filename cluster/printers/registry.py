"""Which printer shows which kind: one row each.

Invariant: a kind without a row here is still shown, by its name and its age.
"""

from typing import Any

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.printers import (
    autoscaling,
    batch,
    custom,
    events,
    extension,
    metrics,
    networking,
    nodes,
    plain,
    pods,
    policy,
    rbac,
    services,
    storage,
    workloads,
)
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
    kinds.COMPONENT_STATUSES: plain.COMPONENT_STATUS,
    kinds.CONFIG_MAPS: plain.CONFIG_MAP,
    kinds.SECRETS: plain.SECRET,
    kinds.SERVICE_ACCOUNTS: plain.NAMED,
    kinds.EVENTS: events.EVENT,
    kinds.LEASES: plain.LEASE,
    kinds.STATEFUL_SETS: workloads.STATEFUL_SET,
    kinds.DAEMON_SETS: workloads.DAEMON_SET,
    kinds.CONTROLLER_REVISIONS: workloads.CONTROLLER_REVISION,
    kinds.POD_TEMPLATES: workloads.POD_TEMPLATE,
    kinds.JOBS: batch.JOB,
    kinds.CRON_JOBS: batch.CRON_JOB,
    kinds.HORIZONTAL_POD_AUTOSCALERS: autoscaling.HORIZONTAL_POD_AUTOSCALER,
    kinds.POD_DISRUPTION_BUDGETS: policy.POD_DISRUPTION_BUDGET,
    kinds.RESOURCE_QUOTAS: policy.RESOURCE_QUOTA,
    kinds.LIMIT_RANGES: plain.CREATED,
    kinds.PRIORITY_CLASSES: plain.PRIORITY_CLASS,
    kinds.RUNTIME_CLASSES: plain.RUNTIME_CLASS,
    kinds.PERSISTENT_VOLUMES: storage.PERSISTENT_VOLUME,
    kinds.PERSISTENT_VOLUME_CLAIMS: storage.PERSISTENT_VOLUME_CLAIM,
    kinds.STORAGE_CLASSES: storage.STORAGE_CLASS,
    kinds.VOLUME_ATTACHMENTS: storage.VOLUME_ATTACHMENT,
    kinds.VOLUME_ATTRIBUTES_CLASSES: storage.VOLUME_ATTRIBUTES_CLASS,
    kinds.CSI_DRIVERS: storage.CSI_DRIVER,
    kinds.CSI_NODES: storage.CSI_NODE,
    kinds.CSI_STORAGE_CAPACITIES: plain.CREATED,
    kinds.INGRESSES: networking.INGRESS,
    kinds.INGRESS_CLASSES: networking.INGRESS_CLASS,
    kinds.NETWORK_POLICIES: networking.NETWORK_POLICY,
    kinds.IP_ADDRESSES: networking.IP_ADDRESS,
    kinds.SERVICE_CIDRS: networking.SERVICE_CIDR,
    kinds.ROLES: plain.CREATED,
    kinds.CLUSTER_ROLES: plain.CREATED,
    kinds.ROLE_BINDINGS: rbac.BINDING,
    kinds.CLUSTER_ROLE_BINDINGS: rbac.BINDING,
    kinds.CUSTOM_RESOURCE_DEFINITIONS: plain.CREATED,
    kinds.NODE_METRICS: metrics.NODE,
    kinds.POD_METRICS: metrics.POD,
    kinds.VALIDATING_ADMISSION_POLICIES: extension.VALIDATING_ADMISSION_POLICY,
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: extension.VALIDATING_ADMISSION_POLICY_BINDING,
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: extension.WEBHOOK_CONFIGURATION,
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: extension.WEBHOOK_CONFIGURATION,
}


def columns(kind: Kind[Any]) -> tuple[Column, ...]:
    """The columns of a kind's table, wide ones included, in their order."""
    if kind.custom is not None:
        return custom.columns(kind)
    return _PRINTERS.get(kind, plain.NAMED).columns


def row(kind: Kind[Any], value: Resource, now: Now) -> tuple[str, ...]:
    """An object's cells, one for each of `columns(kind)`, as `kubectl get` prints them at `now`."""
    if kind.custom is not None:
        return custom.row(kind, value, now)
    return _PRINTERS.get(kind, plain.NAMED).cells(value, now)
