"""What a description tells of other objects: events, pods, ReplicaSets, EndpointSlices, quotas, a lease.

`gather` finds them through any lister, so one description serves every client. Invariant: only
objects that belong to the one described are in its `Related`.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from cluster.api.coordination import Lease
from cluster.api.core import (
    Event,
    LimitRange,
    Namespace,
    Node,
    PersistentVolumeClaim,
    Pod,
    ReplicationController,
    ResourceQuota,
    Service,
)
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.networking import Ingress
from cluster.printers import Now
from ktui.model.relations import backends

T = TypeVar("T", bound=Resource)
Lister = Callable[[Kind[Any], str], Iterable[Any]]
"""Lists a kind's objects in a namespace; an empty namespace means all."""


class Related(Struct, frozen=True):
    """The objects around the one described, the moment its ages are told for, its kind and its revision."""

    now: Now
    kind: Kind[Any]
    events: tuple[Event, ...] = ()
    pods: tuple[Pod, ...] = ()
    replica_sets: tuple[ReplicaSet, ...] = ()
    services: tuple[Service, ...] = ()
    endpoint_slices: tuple[EndpointSlice, ...] = ()
    quotas: tuple[ResourceQuota, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()
    lease: Lease | None = None
    revision: str = ""


def gather(kind: Kind[Any], value: Resource, now: Now, listing: Lister, revision: str = "") -> Related:
    """Everything a description of `value` needs, found by listing."""
    meta, scope = value.metadata, value.metadata.namespace
    found = Related(
        now,
        kind,
        _ordered(event for event in listing(kinds.EVENTS, scope) if _is_about(event, kind, value)),
        _ordered(_pods(value, listing)),
        revision=revision,
    )
    if isinstance(value, Node):
        leases = listing(kinds.LEASES, "kube-node-lease")
        return replace(found, lease=next((lease for lease in leases if lease.metadata.name == meta.name), None))
    if isinstance(value, Deployment):
        sets = listing(kinds.REPLICA_SETS, scope)
        return replace(found, replica_sets=_ordered(item for item in sets if controlled(item.metadata, meta)))
    if isinstance(value, Service | Ingress):
        return _with_endpoints(found, value, listing)
    if isinstance(value, Namespace):
        quotas, ranges = listing(kinds.RESOURCE_QUOTAS, meta.name), listing(kinds.LIMIT_RANGES, meta.name)
        return replace(found, quotas=_ordered(quotas), limit_ranges=_ordered(ranges))
    return found


def _ordered(found: Iterable[T]) -> tuple[T, ...]:
    """Objects in the order in which the API lists them."""
    return tuple(sorted(found, key=kinds.key))


def _pods(value: Resource, listing: Lister) -> Iterable[Pod]:
    meta, scope = value.metadata, value.metadata.namespace
    if isinstance(value, Node):
        return (pod for pod in listing(kinds.PODS, "") if pod.spec.nodeName == meta.name and not _ended(pod))
    if isinstance(value, ReplicaSet | ReplicationController | StatefulSet | DaemonSet):
        return (pod for pod in listing(kinds.PODS, scope) if controlled(pod.metadata, meta))
    if isinstance(value, PersistentVolumeClaim):
        return (pod for pod in listing(kinds.PODS, scope) if _uses(pod, meta))
    return ()


def _uses(pod: Pod, claim: ObjectMeta) -> bool:
    """Whether the pod mounts the claim, or had it made for it."""
    if any(owner.kind == "Pod" and owner.uid == pod.metadata.uid for owner in claim.ownerReferences):
        return True
    sources = (volume.persistentVolumeClaim for volume in pod.spec.volumes)
    return any(source is not None and source.claimName == claim.name for source in sources)


def _with_endpoints(found: Related, value: Service | Ingress, listing: Lister) -> Related:
    """The slices of a Service, or the Services an Ingress leads to and their slices."""
    scope, slices = value.metadata.namespace, listing(kinds.ENDPOINT_SLICES, value.metadata.namespace)
    if isinstance(value, Service):
        wanted, services = {value.metadata.name}, ()
    else:
        wanted = backends(value)
        services = tuple(item for item in listing(kinds.SERVICES, scope) if item.metadata.name in wanted)
    of = _ordered(item for item in slices if item.metadata.labels.get("kubernetes.io/service-name") in wanted)
    return replace(found, services=services, endpoint_slices=of)


def controlled(owned: ObjectMeta, owner: ObjectMeta) -> bool:
    """Whether `owner` is the controller of the object with the metadata `owned`."""
    return any(reference.controller and reference.uid == owner.uid for reference in owned.ownerReferences)


def _is_about(event: Event, kind: Kind[Any], value: Resource) -> bool:
    about, meta = event.involvedObject, value.metadata
    if (about.name, about.namespace) != (meta.name, meta.namespace):
        return False
    # Of nodes, kubelets report with the name in place of the uid.
    return about.kind == kind.kind and about.uid in {
        meta.uid,
        meta.name if isinstance(value, Node) else meta.uid,
    }


def _ended(pod: Pod) -> bool:
    return pod.status.phase in {"Succeeded", "Failed"}
