"""Defaults: what a field means when nobody said it, filled in before admission and validation.

On the data's way this is the first look at a decoded object. Mirrors the `defaults.go` of every
API group. Invariant: applying defaults twice is applying them once, and an object that lacks
nothing is returned as it is.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from cluster.admission.custom import definitions, resources
from cluster.admission.defaults import config, pods, rbac, services, workloads
from cluster.api import kinds
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)

_DEFAULTS: dict[str, Callable[[Any], Any]] = {
    kinds.PODS.plural: pods.pod,
    kinds.REPLICATION_CONTROLLERS.plural: workloads.replication_controller,
    kinds.REPLICA_SETS.plural: workloads.replica_set,
    kinds.DEPLOYMENTS.plural: workloads.deployment,
    kinds.SERVICES.plural: services.service,
    kinds.ENDPOINTS.plural: services.endpoints,
    kinds.ENDPOINT_SLICES.plural: services.endpoint_slice,
    kinds.NAMESPACES.plural: config.namespace,
    kinds.NODES.plural: config.node,
    kinds.SECRETS.plural: config.secret,
    kinds.CUSTOM_RESOURCE_DEFINITIONS.plural: definitions.defaults,
    kinds.ROLE_BINDINGS.plural: rbac.binding,
    kinds.CLUSTER_ROLE_BINDINGS.plural: rbac.binding,
}


def apply(kind: Kind[T], value: T) -> T:
    """The object with every default of its kind filled in (the kinds not listed have none)."""
    if kind.custom is not None:
        return cast("T", resources.defaults(kind, cast("CustomResource", value)))
    defaulted = _DEFAULTS.get(kind.plural)
    return value if defaulted is None else defaulted(value)
