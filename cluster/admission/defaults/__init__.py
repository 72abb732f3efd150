"""Defaults: what a field means when nobody said it, filled in before admission and validation.

On the data's way this is the first look at a decoded object. Mirrors the `defaults.go` of every
API group. Invariant: applying defaults twice is applying them once, and an object that lacks
nothing is returned as it is.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

from cluster.admission.custom import definitions, resources
from cluster.admission.defaults import config, pods, rbac, services, workloads
from cluster.api import kinds
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
Defaulted = Callable[[Any], Any]

_DEFAULTS: dict[Kind[Any], Defaulted] = {
    kinds.PODS: pods.pod,
    kinds.REPLICATION_CONTROLLERS: workloads.replication_controller,
    kinds.REPLICA_SETS: workloads.replica_set,
    kinds.DEPLOYMENTS: workloads.deployment,
    kinds.STATEFUL_SETS: workloads.stateful_set,
    kinds.DAEMON_SETS: workloads.daemon_set,
    kinds.POD_TEMPLATES: workloads.pod_template,
    kinds.SERVICES: services.service,
    kinds.ENDPOINTS: services.endpoints,
    kinds.ENDPOINT_SLICES: services.endpoint_slice,
    kinds.NAMESPACES: config.namespace,
    kinds.NODES: config.node,
    kinds.SECRETS: config.secret,
    kinds.CUSTOM_RESOURCE_DEFINITIONS: definitions.defaults,
    kinds.ROLE_BINDINGS: rbac.binding,
    kinds.CLUSTER_ROLE_BINDINGS: rbac.binding,
}
_MODULES: dict[Kind[Any], str] = {
    kinds.JOBS: "batch",
    kinds.CRON_JOBS: "batch",
    kinds.HORIZONTAL_POD_AUTOSCALERS: "autoscaling",
    kinds.PERSISTENT_VOLUMES: "storage",
    kinds.PERSISTENT_VOLUME_CLAIMS: "storage",
    kinds.STORAGE_CLASSES: "storage",
    kinds.CSI_DRIVERS: "storage",
    kinds.VOLUME_ATTACHMENTS: "storage",
    kinds.NETWORK_POLICIES: "networking",
    kinds.INGRESS_CLASSES: "networking",
    kinds.LIMIT_RANGES: "limits",
    kinds.PRIORITY_CLASSES: "limits",
    kinds.VALIDATING_ADMISSION_POLICIES: "admissionregistration",
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: "admissionregistration",
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: "admissionregistration",
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: "admissionregistration",
}
"""The modules that hold the defaults of less usual kinds, which are read when the first such object comes."""


def apply(kind: Kind[T], value: T) -> T:
    """The object with every default of its kind filled in (the kinds not listed have none)."""
    if kind.custom is not None:
        return cast("T", resources.defaults(kind, cast("CustomResource", value)))
    defaulted = _DEFAULTS.get(kind)
    if defaulted is None:
        module = _MODULES.get(kind)
        if module is None:
            return value
        _DEFAULTS.update(import_module(f"{__name__}.{module}").DEFAULTS)
        defaulted = _DEFAULTS[kind]
    return defaulted(value)  # type: ignore[no-any-return]
