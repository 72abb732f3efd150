"""What a description tells of other objects: events, pods, ReplicaSets, EndpointSlices, a lease.

`gather` finds them through any lister, so one description serves every client. Invariant: only
objects that belong to the one described are in its `Related`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from cluster.api import kinds
from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.coordination import Lease
from cluster.api.core import Event, Node, Pod, ReplicationController, Service
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.printers import Now

Lister = Callable[[Kind[Any], str], Iterable[Any]]
"""Lists a kind's objects in a namespace; an empty namespace means all."""


class Related(Struct, frozen=True):
    """The objects around the one described, the moment its ages are told for, and its revision."""

    now: Now
    events: tuple[Event, ...] = ()
    pods: tuple[Pod, ...] = ()
    replica_sets: tuple[ReplicaSet, ...] = ()
    endpoint_slices: tuple[EndpointSlice, ...] = ()
    lease: Lease | None = None
    revision: str = ""


def gather(value: Resource, now: Now, listing: Lister, revision: str = "") -> Related:
    """Everything a description of `value` needs, found by listing."""
    meta, scope = value.metadata, value.metadata.namespace
    pods: Iterable[Pod] = ()
    sets: Iterable[ReplicaSet] = ()
    slices: Iterable[EndpointSlice] = ()
    lease = None
    if isinstance(value, Node):
        pods = (pod for pod in listing(kinds.PODS, "") if pod.spec.nodeName == meta.name and not _ended(pod))
        leases = listing(kinds.LEASES, "kube-node-lease")
        lease = next((lease for lease in leases if lease.metadata.name == meta.name), None)
    elif isinstance(value, ReplicaSet | ReplicationController):
        pods = (pod for pod in listing(kinds.PODS, scope) if controlled(pod.metadata, meta))
    elif isinstance(value, Deployment):
        sets = (found for found in listing(kinds.REPLICA_SETS, scope) if controlled(found.metadata, meta))
    elif isinstance(value, Service):
        found = listing(kinds.ENDPOINT_SLICES, scope)
        slices = (item for item in found if item.metadata.labels.get("kubernetes.io/service-name") == meta.name)
    events = (event for event in listing(kinds.EVENTS, scope) if _is_about(event, value))
    return Related(now, tuple(events), tuple(pods), tuple(sets), tuple(slices), lease, revision)


def controlled(owned: ObjectMeta, owner: ObjectMeta) -> bool:
    """Whether `owner` is the controller of the object with the metadata `owned`."""
    return any(reference.controller and reference.uid == owner.uid for reference in owned.ownerReferences)


def _is_about(event: Event, value: Resource) -> bool:
    about, meta = event.involvedObject, value.metadata
    if (about.name, about.namespace) != (meta.name, meta.namespace):
        return False
    # Of nodes, kubelets report with the name in place of the uid.
    return about.kind == kinds.kind_of(value).kind and about.uid in {
        meta.uid,
        meta.name if isinstance(value, Node) else meta.uid,
    }


def _ended(pod: Pod) -> bool:
    return pod.status.phase in {"Succeeded", "Failed"}
