"""What a registry does to an object before it is judged: fields that a writer may not set are set for it.

On the data's way this comes first of all, before defaults. Mirrors the `PrepareForCreate` and
`PrepareForUpdate` of each kind's registry strategy. Invariant: a writer of the main resource never
changes a status that is a subresource, and `metadata.generation` rises exactly when the spec changes.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from cluster.admission import daemon_sets, defaults, jobs, stateful_sets, volumes
from cluster.admission.custom import definitions, resources
from cluster.admission.generations import counted, differs, registered, with_generation
from cluster.admission.plugins import pods as pod_plugins
from cluster.admission.pod_creation import new_pod
from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.apps import Deployment
from cluster.api.core import Namespace, NamespaceStatus, ObjectReference, Pod, Secret, ServiceAccount
from cluster.api.custom import CustomResource
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
FINALIZER = "kubernetes"


def prepare_create(kind: Kind[T], value: T) -> T:
    """The new object as its registry takes it: first generation, empty status."""
    if kind.custom is not None:
        return cast("T", resources.prepare_create(kind, cast("CustomResource", value)))
    return _CREATE.get(kind, registered)(kind, value)  # type: ignore[no-any-return]


def prepare_update(kind: Kind[T], new: T, old: T) -> T:
    """The changed object as its registry takes it: the old status, and a generation that counts specs."""
    if kind.custom is not None:
        changed_resource = resources.prepare_update(kind, cast("CustomResource", new), cast("CustomResource", old))
        return cast("T", changed_resource)
    return _UPDATE.get(kind, counted)(kind, new, old)  # type: ignore[no-any-return]


def _new_pod(_: Kind[Any], value: Pod) -> Pod:
    return new_pod(value)


def _new_slice(_: Kind[Any], value: EndpointSlice) -> EndpointSlice:
    return with_generation(value, 1)


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


def _updated_deployment(kind: Kind[Any], new: Deployment, old: Deployment) -> Deployment:
    counts = new.metadata.annotations != old.metadata.annotations or differs(kind, new, old)
    return with_generation(changed(new, status=old.status), old.metadata.generation + counts)


def _updated_pod(kind: Kind[Any], new: Pod, old: Pod) -> Pod:
    new = changed(new, status=old.status)
    spec = new.spec if new.spec is old.spec else pod_plugins.update(defaults.apply(kind, new), old).spec
    return with_generation(new, old.metadata.generation + (spec != old.spec))


def _updated_slice(kind: Kind[Any], new: EndpointSlice, old: EndpointSlice) -> EndpointSlice:
    wanted = changed(defaults.apply(kind, new), metadata=old.metadata)
    same = wanted == old and new.metadata.labels == old.metadata.labels
    return with_generation(new, old.metadata.generation + (not same))


def _updated_namespace(_: Kind[Any], new: Namespace, old: Namespace) -> Namespace:
    return changed(new, spec=changed(new.spec, finalizers=old.spec.finalizers), status=old.status)


def _with_old_status(_: Kind[Any], new: Any, old: Any) -> Any:
    return changed(new, status=old.status)


def _updated_driver(kind: Kind[Any], new: Any, old: Any) -> Any:
    return with_generation(new, old.metadata.generation + differs(kind, new, old))


def _updated_secret(_: Kind[Any], new: Secret, old: Secret) -> Secret:
    return new if new.type else changed(new, type=old.type)


def _updated_service_account(kind: Kind[Any], new: ServiceAccount, _: ServiceAccount) -> ServiceAccount:
    return _new_service_account(kind, new)


_CREATE: dict[Kind[Any], Callable[[Kind[Any], Any], Any]] = {
    kinds.PODS: _new_pod,
    kinds.ENDPOINT_SLICES: _new_slice,
    kinds.NAMESPACES: _new_namespace,
    kinds.SERVICE_ACCOUNTS: _new_service_account,
    kinds.DAEMON_SETS: daemon_sets.prepare_create,
    kinds.STATEFUL_SETS: stateful_sets.prepare_create,
    kinds.JOBS: jobs.prepare_create,
    kinds.PERSISTENT_VOLUMES: volumes.prepare_create,
    kinds.PERSISTENT_VOLUME_CLAIMS: volumes.prepare_claim_create,
    kinds.CUSTOM_RESOURCE_DEFINITIONS: definitions.prepare_create,
}
_UPDATE: dict[Kind[Any], Callable[[Kind[Any], Any, Any], Any]] = {
    kinds.PODS: _updated_pod,
    kinds.DEPLOYMENTS: _updated_deployment,
    kinds.NODES: _with_old_status,
    kinds.ENDPOINT_SLICES: _updated_slice,
    kinds.NAMESPACES: _updated_namespace,
    kinds.SECRETS: _updated_secret,
    kinds.SERVICE_ACCOUNTS: _updated_service_account,
    kinds.DAEMON_SETS: daemon_sets.prepare_update,
    kinds.STATEFUL_SETS: stateful_sets.prepare_update,
    kinds.PERSISTENT_VOLUMES: _with_old_status,
    kinds.PERSISTENT_VOLUME_CLAIMS: volumes.prepare_claim_update,
    kinds.CSI_DRIVERS: _updated_driver,
    kinds.CUSTOM_RESOURCE_DEFINITIONS: definitions.prepare_update,
}
