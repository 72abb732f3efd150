"""Validation: every rule that an object breaks, field by field, in Kubernetes' words.

On the data's way this is the last look before the store. Mirrors the validation packages of every
API group. Invariant: an object without causes is one that a real API server would have stored.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from cluster.admission.validation import (
    config,
    endpoints,
    nodes,
    pod_changes,
    pod_ephemeral_containers,
    pod_resize,
    pods,
    rbac,
    services,
    workloads,
)
from cluster.admission.validation.rules import PLAIN, PLAIN_OF_CLUSTER, Rules, metadata_only
from cluster.api import kinds
from cluster.api.core import Pod
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause

T = TypeVar("T", bound=Resource)


class PodPart(NamedTuple):
    """A subresource that changes a part of a pod: what it takes of what was sent, and what is wrong with that."""

    prepared: Callable[[Pod, Pod], Pod]
    update: Callable[[Pod, Pod], list[StatusCause]]


POD_PARTS = {
    "ephemeralcontainers": PodPart(pod_ephemeral_containers.prepared, pod_ephemeral_containers.update),
    "resize": PodPart(pod_resize.prepared, pod_resize.update),
}


def create(kind: Kind[T], value: T) -> list[StatusCause]:
    """What is wrong with a new object, after defaults and admission; nothing, if the list is empty."""
    if kind.custom is not None:
        return _by_schema().create(kind, value)  # type: ignore[no-any-return]
    return (_RULES.get(kind) or _read(kind)).create(value)


def update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change of an object's metadata and spec."""
    if kind.custom is not None:
        return _by_schema().update(kind, new, old)  # type: ignore[no-any-return]
    return (_RULES.get(kind) or _read(kind)).update(new, old)


def status_update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change of an object's status (and labels and annotations)."""
    if kind.custom is not None:
        return _by_schema().status_update(kind, new, old)  # type: ignore[no-any-return]
    return (_RULES.get(kind) or _read(kind)).status(new, old)


@cache
def _by_schema() -> Any:
    """The validation of custom resources, which is read when the first one comes."""
    return import_module(f"{__name__}.custom.resources")


def _read(kind: Kind[Any]) -> Rules:
    """The rules of a kind whose module has not been needed before."""
    module = _MODULES.get(kind)
    if module is None:
        return PLAIN if kind.namespaced else PLAIN_OF_CLUSTER
    _RULES.update(import_module(f"{__name__}.{module}").RULES)
    return _RULES[kind]


def _event_update(new: Any, _: Any) -> list[StatusCause]:
    return config.event(new)


_RULES: dict[Kind[Any], Rules] = {
    kinds.PODS: Rules(pods.create, pod_changes.update, pods.status_update),
    kinds.REPLICATION_CONTROLLERS: Rules(
        workloads.replication_controller, workloads.replication_controller_update, workloads.replicas_status_update
    ),
    kinds.REPLICA_SETS: Rules(workloads.replica_set, workloads.replica_set_update, workloads.replicas_status_update),
    kinds.DEPLOYMENTS: Rules(workloads.deployment, workloads.deployment_update, workloads.deployment_status_update),
    kinds.SERVICES: Rules(services.create, services.update, services.status_update),
    kinds.ENDPOINTS: Rules(endpoints.endpoints, endpoints.endpoints_update),
    kinds.ENDPOINT_SLICES: Rules(endpoints.endpoint_slice, endpoints.endpoint_slice_update),
    kinds.NODES: Rules(nodes.create, nodes.update, nodes.status_update),
    kinds.NAMESPACES: Rules(config.namespace, metadata_only),
    kinds.CONFIG_MAPS: Rules(config.config_map, config.config_map_update),
    kinds.SECRETS: Rules(config.secret, config.secret_update),
    kinds.SERVICE_ACCOUNTS: Rules(config.service_account, metadata_only),
    kinds.EVENTS: Rules(config.event, _event_update),
    kinds.LEASES: Rules(config.lease, config.lease_update),
    kinds.ROLES: Rules(rbac.role, rbac.role_update),
    kinds.CLUSTER_ROLES: Rules(rbac.cluster_role, rbac.cluster_role_update),
    kinds.ROLE_BINDINGS: Rules(rbac.role_binding, rbac.role_binding_update),
    kinds.CLUSTER_ROLE_BINDINGS: Rules(rbac.cluster_role_binding, rbac.cluster_role_binding_update),
}
_MODULES: dict[Kind[Any], str] = {
    kinds.STATEFUL_SETS: "stateful_sets",
    kinds.DAEMON_SETS: "daemon_sets",
    kinds.CONTROLLER_REVISIONS: "daemon_sets",
    kinds.POD_TEMPLATES: "daemon_sets",
    kinds.CUSTOM_RESOURCE_DEFINITIONS: "custom.definitions",
    kinds.JOBS: "jobs",
    kinds.CRON_JOBS: "cron_jobs",
    kinds.HORIZONTAL_POD_AUTOSCALERS: "autoscaling",
    kinds.POD_DISRUPTION_BUDGETS: "disruption",
    kinds.PERSISTENT_VOLUMES: "persistent_volumes",
    kinds.PERSISTENT_VOLUME_CLAIMS: "claims",
    kinds.STORAGE_CLASSES: "storage_classes",
    kinds.VOLUME_ATTRIBUTES_CLASSES: "storage_classes",
    kinds.VOLUME_ATTACHMENTS: "storage_drivers",
    kinds.CSI_DRIVERS: "storage_drivers",
    kinds.CSI_NODES: "storage_drivers",
    kinds.CSI_STORAGE_CAPACITIES: "storage_drivers",
    kinds.INGRESSES: "ingresses",
    kinds.INGRESS_CLASSES: "ingresses",
    kinds.NETWORK_POLICIES: "network_policies",
    kinds.IP_ADDRESSES: "ip_ranges",
    kinds.SERVICE_CIDRS: "ip_ranges",
    kinds.RESOURCE_QUOTAS: "quotas",
    kinds.LIMIT_RANGES: "limit_ranges",
    kinds.PRIORITY_CLASSES: "pod_classes",
    kinds.RUNTIME_CLASSES: "pod_classes",
    kinds.VALIDATING_ADMISSION_POLICIES: "admission_policies",
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: "admission_policies",
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: "webhooks",
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: "webhooks",
}
"""The modules that hold the rules of less usual kinds, which are read when the first such object comes."""
