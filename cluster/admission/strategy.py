"""What a registry does to an object before it is judged: fields that a writer may not set are set for it.

On the data's way this comes first of all, before defaults. Mirrors the `PrepareForCreate` and
`PrepareForUpdate` of each kind's registry strategy. Invariant: a writer of the main resource never
changes a status that is a subresource, and `metadata.generation` rises exactly when the spec changes.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from cluster.admission import defaults
from cluster.admission.custom import definitions, resources
from cluster.admission.plugins import pods as pod_plugins
from cluster.admission.pod_creation import new_pod
from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.apps import DeploymentStatus, ReplicaSetStatus
from cluster.api.core import (
    Namespace,
    NamespaceStatus,
    ObjectReference,
    Pod,
    ReplicationControllerStatus,
    Secret,
    ServiceAccount,
    ServiceStatus,
)
from cluster.api.custom import CustomResource
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
FINALIZER = "kubernetes"
_NEW_STATUS: dict[str, Any] = {
    kinds.DEPLOYMENTS.plural: DeploymentStatus(),
    kinds.REPLICA_SETS.plural: ReplicaSetStatus(),
    kinds.REPLICATION_CONTROLLERS.plural: ReplicationControllerStatus(),
    kinds.SERVICES.plural: ServiceStatus(),
}


def prepare_create(kind: Kind[T], value: T) -> T:
    """The new object as its registry takes it: first generation, empty status."""
    if kind.custom is not None:
        return cast("T", resources.prepare_create(kind, cast("CustomResource", value)))
    prepare = _CREATE.get(kind.plural)
    return value if prepare is None else prepare(kind, value)


def prepare_update(kind: Kind[T], new: T, old: T) -> T:
    """The changed object as its registry takes it: the old status, and a generation that counts specs."""
    if kind.custom is not None:
        changed_resource = resources.prepare_update(kind, cast("CustomResource", new), cast("CustomResource", old))
        return cast("T", changed_resource)
    prepare = _UPDATE.get(kind.plural)
    return new if prepare is None else prepare(kind, new, old)


def _with_generation(value: T, generation: int) -> T:
    if value.metadata.generation == generation:
        return value
    return changed(value, metadata=changed(value.metadata, generation=generation))


def _new_workload(kind: Kind[Any], value: Any) -> Any:
    return changed(_with_generation(value, 1), status=_NEW_STATUS[kind.plural])


def _new_service(kind: Kind[Any], value: Any) -> Any:
    return changed(value, status=_NEW_STATUS[kind.plural])


def _new_pod(_: Kind[Any], value: Pod) -> Pod:
    return new_pod(value)


def _new_slice(_: Kind[Any], value: EndpointSlice) -> EndpointSlice:
    return _with_generation(value, 1)


def _new_namespace(_: Kind[Any], value: Namespace) -> Namespace:
    finalizers = value.spec.finalizers
    if FINALIZER not in finalizers:
        finalizers = (*finalizers, FINALIZER)
    spec = changed(value.spec, finalizers=finalizers)
    return changed(value, spec=spec, status=NamespaceStatus(phase="Active"))


def _names_only(reference: ObjectReference) -> ObjectReference:
    return ObjectReference(name=reference.name)


def _new_service_account(_: Kind[Any], value: ServiceAccount) -> ServiceAccount:
    return changed(value, secrets=each(value.secrets, _names_only))


def _updated_workload(kind: Kind[Any], new: Any, old: Any) -> Any:
    new = changed(new, status=old.status)
    spec = new.spec if new.spec is old.spec else defaults.apply(kind, new).spec
    same = spec == old.spec
    if kind is kinds.DEPLOYMENTS:
        same = same and new.metadata.annotations == old.metadata.annotations
    return _with_generation(new, old.metadata.generation + (not same))


def _updated_pod(kind: Kind[Any], new: Pod, old: Pod) -> Pod:
    new = changed(new, status=old.status)
    spec = new.spec if new.spec is old.spec else pod_plugins.update(defaults.apply(kind, new), old).spec
    return _with_generation(new, old.metadata.generation + (spec != old.spec))


def _updated_slice(kind: Kind[Any], new: EndpointSlice, old: EndpointSlice) -> EndpointSlice:
    wanted = changed(defaults.apply(kind, new), metadata=old.metadata)
    same = wanted == old and new.metadata.labels == old.metadata.labels
    return _with_generation(new, old.metadata.generation + (not same))


def _updated_namespace(_: Kind[Any], new: Namespace, old: Namespace) -> Namespace:
    return changed(new, spec=changed(new.spec, finalizers=old.spec.finalizers), status=old.status)


def _with_old_status(_: Kind[Any], new: Any, old: Any) -> Any:
    return changed(new, status=old.status)


def _updated_secret(_: Kind[Any], new: Secret, old: Secret) -> Secret:
    return new if new.type else changed(new, type=old.type)


def _updated_service_account(kind: Kind[Any], new: ServiceAccount, _: ServiceAccount) -> ServiceAccount:
    return _new_service_account(kind, new)


_CREATE: dict[str, Callable[[Kind[Any], Any], Any]] = {
    kinds.PODS.plural: _new_pod,
    kinds.DEPLOYMENTS.plural: _new_workload,
    kinds.REPLICA_SETS.plural: _new_workload,
    kinds.REPLICATION_CONTROLLERS.plural: _new_workload,
    kinds.SERVICES.plural: _new_service,
    kinds.ENDPOINT_SLICES.plural: _new_slice,
    kinds.NAMESPACES.plural: _new_namespace,
    kinds.SERVICE_ACCOUNTS.plural: _new_service_account,
    kinds.CUSTOM_RESOURCE_DEFINITIONS.plural: definitions.prepare_create,
}
_UPDATE: dict[str, Callable[[Kind[Any], Any, Any], Any]] = {
    kinds.PODS.plural: _updated_pod,
    kinds.DEPLOYMENTS.plural: _updated_workload,
    kinds.REPLICA_SETS.plural: _updated_workload,
    kinds.REPLICATION_CONTROLLERS.plural: _updated_workload,
    kinds.SERVICES.plural: _with_old_status,
    kinds.NODES.plural: _with_old_status,
    kinds.ENDPOINT_SLICES.plural: _updated_slice,
    kinds.NAMESPACES.plural: _updated_namespace,
    kinds.SECRETS.plural: _updated_secret,
    kinds.SERVICE_ACCOUNTS.plural: _updated_service_account,
    kinds.CUSTOM_RESOURCE_DEFINITIONS.plural: definitions.prepare_update,
}
