"""Validation: every rule that an object breaks, field by field, in Kubernetes' words.

On the data's way this is the last look before the store. Mirrors the validation packages of every
API group. Invariant: an object without causes is one that a real API server would have stored.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from cluster.admission.validation import (
    config,
    endpoints,
    metadata,
    nodes,
    pod_changes,
    pod_resize,
    pods,
    rbac,
    services,
    workloads,
)
from cluster.admission.validation.custom import definitions, resources
from cluster.api import kinds, names
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause

T = TypeVar("T", bound=Resource)
Create = Callable[[Any], list[StatusCause]]
Update = Callable[[Any, Any], list[StatusCause]]

__all__ = ["create", "pod_resize", "status_update", "update"]


def create(kind: Kind[T], value: T) -> list[StatusCause]:
    """What is wrong with a new object, after defaults and admission; nothing, if the list is empty."""
    if kind.custom is not None:
        return resources.create(kind, cast("CustomResource", value))
    found = _CREATE.get(kind.plural)
    if found is None:
        return metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=kind.namespaced)
    return found(value)


def update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change of an object's metadata and spec."""
    if kind.custom is not None:
        return resources.update(kind, cast("CustomResource", new), cast("CustomResource", old))
    return _UPDATE.get(kind.plural, _metadata_only)(new, old)


def status_update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change of an object's status (and labels and annotations)."""
    if kind.custom is not None:
        return resources.status_update(kind, cast("CustomResource", new), cast("CustomResource", old))
    if kind.plural == kinds.PODS.plural:
        return pods.status_update(new, old)  # type: ignore[arg-type]
    if kind.plural == kinds.NODES.plural:
        return nodes.status_update(new, old)  # type: ignore[arg-type]
    return metadata.update(new.metadata, old.metadata)


def _metadata_only(new: Resource, old: Resource) -> list[StatusCause]:
    return metadata.update(new.metadata, old.metadata)


def _event_update(new: Any, _: Any) -> list[StatusCause]:
    return config.event(new)


_CREATE: dict[str, Create] = {
    kinds.PODS.plural: pods.create,
    kinds.REPLICATION_CONTROLLERS.plural: workloads.replication_controller,
    kinds.REPLICA_SETS.plural: workloads.replica_set,
    kinds.DEPLOYMENTS.plural: workloads.deployment,
    kinds.SERVICES.plural: services.create,
    kinds.ENDPOINTS.plural: endpoints.endpoints,
    kinds.ENDPOINT_SLICES.plural: endpoints.endpoint_slice,
    kinds.NODES.plural: nodes.create,
    kinds.NAMESPACES.plural: config.namespace,
    kinds.CONFIG_MAPS.plural: config.config_map,
    kinds.SECRETS.plural: config.secret,
    kinds.SERVICE_ACCOUNTS.plural: config.service_account,
    kinds.EVENTS.plural: config.event,
    kinds.LEASES.plural: config.lease,
    kinds.CUSTOM_RESOURCE_DEFINITIONS.plural: definitions.create,
    kinds.ROLES.plural: rbac.role,
    kinds.CLUSTER_ROLES.plural: rbac.cluster_role,
    kinds.ROLE_BINDINGS.plural: rbac.role_binding,
    kinds.CLUSTER_ROLE_BINDINGS.plural: rbac.cluster_role_binding,
}
_UPDATE: dict[str, Update] = {
    kinds.PODS.plural: pod_changes.update,
    kinds.REPLICATION_CONTROLLERS.plural: workloads.replication_controller_update,
    kinds.REPLICA_SETS.plural: workloads.replica_set_update,
    kinds.DEPLOYMENTS.plural: workloads.deployment_update,
    kinds.SERVICES.plural: services.update,
    kinds.ENDPOINTS.plural: endpoints.endpoints_update,
    kinds.ENDPOINT_SLICES.plural: endpoints.endpoint_slice_update,
    kinds.NODES.plural: nodes.update,
    kinds.NAMESPACES.plural: _metadata_only,
    kinds.CONFIG_MAPS.plural: config.config_map_update,
    kinds.SECRETS.plural: config.secret_update,
    kinds.SERVICE_ACCOUNTS.plural: _metadata_only,
    kinds.EVENTS.plural: _event_update,
    kinds.LEASES.plural: config.lease_update,
    kinds.CUSTOM_RESOURCE_DEFINITIONS.plural: definitions.update,
    kinds.ROLES.plural: rbac.role_update,
    kinds.CLUSTER_ROLES.plural: rbac.cluster_role_update,
    kinds.ROLE_BINDINGS.plural: rbac.role_binding_update,
    kinds.CLUSTER_ROLE_BINDINGS.plural: rbac.cluster_role_binding_update,
}
