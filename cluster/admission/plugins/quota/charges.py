"""What one object is charged: amounts by the names that quotas use, and what scopes go by.

The measure that admission and the quota controller share. Mirrors the evaluators of pkg/quota/v1.
Invariant: the charge of an object depends on it and, for a pod that is overdue, on the time alone.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cluster.admission.qos import BEST_EFFORT, qos_class
from cluster.admission.sharing import IdentityMemo
from cluster.api import kinds, pod_requests
from cluster.api.core import PersistentVolumeClaim, Pod, PodAffinityTerm, PodSpec, Service
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.api.pod_requests import Amounts
from cluster.api.quantity import Quantity

ONE = Quantity("1")
BY_CLASS = ".storageclass.storage.k8s.io/"
HUGE_PAGES = "hugepages-"
REQUESTS, LIMITS = "requests.", "limits."
ALIASES = frozenset({
    kind.qualified
    for kind in (
        kinds.CONFIG_MAPS, kinds.SECRETS, kinds.REPLICATION_CONTROLLERS, kinds.RESOURCE_QUOTAS, kinds.SERVICES,
        kinds.PERSISTENT_VOLUME_CLAIMS,
    )
})  # fmt: skip
"""The kinds that quotas also count by the plain name."""
NATIVE = frozenset({"cpu", "memory", "ephemeral-storage"})


class Charge(NamedTuple):
    """What an object uses of a namespace's quotas."""

    amounts: tuple[tuple[str, Quantity], ...]
    scopes: frozenset[str] = frozenset()
    """The scopes the object is in, apart from the one that goes by a class."""
    class_scope: str = ""
    """The scope that goes by a class: a pod's PriorityClass, a claim's VolumeAttributesClass."""
    classes: frozenset[str] = frozenset()
    """The classes of that scope: of a claim the one it has, is given and asks for."""


class _PodCharges(NamedTuple):
    """What pods like that of this spec are charged while they live, and after."""

    spec: PodSpec
    alive: Charge
    ended: Charge


_PODS: IdentityMemo[_PodCharges] = IdentityMemo()
_COUNTED: dict[str, Charge] = {}


def charge(kind: Kind[Any], value: Resource, now: str) -> Charge:
    """What the object is charged at this time."""
    measure = _MEASURES.get(kind.qualified)
    if measure is not None:
        return measure(value, now)
    known = _COUNTED.get(kind.qualified)
    if known is None:
        names = (count_name(kind), *((kind.qualified,) if kind.qualified in ALIASES else ()))
        known = _COUNTED[kind.qualified] = Charge(tuple((name, ONE) for name in names))
    return known


def count_name(kind: Kind[Any]) -> str:
    """`count/jobs.batch`: the name under which any kind's objects are counted."""
    return f"count/{kind.qualified}"


# Pods


def _pod(pod: Pod, now: str) -> Charge:
    spec = pod.spec
    if pod_requests.may_be_resized(pod):
        found = _pod_charges(spec, pod_requests.effective_requests(pod), pod_requests.effective_limits(pod))
        return found.ended if at_end(pod, now) else found.alive
    known = _PODS.get(spec.containers)
    if known is None or not _alike(known.spec, spec):
        known = _PODS.put(spec.containers, _pod_charges(spec, pod_requests.requests(spec), pod_requests.limits(spec)))
    return known.ended if at_end(pod, now) else known.alive


def _alike(known: PodSpec, spec: PodSpec) -> bool:
    """Whether two specs with the same containers are charged alike: binding a pod changes its spec alone."""
    return (
        known.initContainers is spec.initContainers
        and known.affinity is spec.affinity
        and known.resources is spec.resources
        and known.overhead is spec.overhead
        and known.activeDeadlineSeconds == spec.activeDeadlineSeconds
        and known.priorityClassName == spec.priorityClassName
    )


def at_end(pod: Pod, now: str) -> bool:
    """Whether the pod counts no more (`!QuotaV1Pod`): it has finished, or ought to be gone by twice its grace."""
    if pod.status.phase in ("Succeeded", "Failed"):
        return True
    meta = pod.metadata
    return bool(meta.deletionTimestamp) and meta.deletionGracePeriodSeconds is not None and counts_until(pod) < now


def counts_until(pod: Pod) -> str:
    """Until when a pod that is being deleted counts."""
    meta = pod.metadata
    end = datetime.fromisoformat(meta.deletionTimestamp) + timedelta(seconds=meta.deletionGracePeriodSeconds or 0)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def _pod_charges(spec: PodSpec, requests: Amounts, limits: Amounts) -> _PodCharges:
    scopes = {"NotTerminating" if spec.activeDeadlineSeconds is None else "Terminating"}
    scopes.add("BestEffort" if qos_class(spec) == BEST_EFFORT else "NotBestEffort")
    if _crosses_namespaces(spec):
        scopes.add("CrossNamespacePodAffinity")
    counted = (count_name(kinds.PODS), ONE)
    compute = compute_amounts(requests, limits)
    classes = frozenset(filter(None, (spec.priorityClassName,)))
    alive = Charge((counted, *compute.items()), frozenset(scopes), "PriorityClass", classes)
    return _PodCharges(spec, alive, alive._replace(amounts=(counted,)))


def compute_amounts(requests: Mapping[str, Quantity], limits: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """What requests and limits are called in a quota (`podComputeUsageHelper`)."""
    found = {"pods": ONE}
    for name, amount in requests.items():
        if name in NATIVE or name.startswith(HUGE_PAGES):
            found[name] = amount
        if name in NATIVE or name.startswith(HUGE_PAGES) or is_extended(name):
            found[REQUESTS + name] = amount
    for name, amount in limits.items():
        if name in NATIVE:
            found[LIMITS + name] = amount
    return found


def is_extended(name: str) -> bool:
    """Whether a resource is one that a device plugin or an administrator adds."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith(REQUESTS)


def _crosses_namespaces(spec: PodSpec) -> bool:
    affinity = spec.affinity
    if affinity is None:
        return False
    for side in (affinity.podAffinity, affinity.podAntiAffinity):
        if side is not None:
            terms: list[PodAffinityTerm] = list(side.requiredDuringSchedulingIgnoredDuringExecution)
            terms += [found.podAffinityTerm for found in side.preferredDuringSchedulingIgnoredDuringExecution]
            if any(term.namespaces or term.namespaceSelector is not None for term in terms):
                return True
    return False


# Services and claims


def _service(service: Service, _: str) -> Charge:
    spec, node_ports, balancers = service.spec, 0, 0
    if spec.type == "NodePort":
        node_ports = len(spec.ports)
    elif spec.type == "LoadBalancer":
        balancers = 1
        all_ports = spec.allocateLoadBalancerNodePorts is not False
        node_ports = len(spec.ports) if all_ports else sum(1 for port in spec.ports if port.nodePort)
    return Charge((
        (count_name(kinds.SERVICES), ONE), ("services", ONE),
        ("services.nodeports", Quantity(str(node_ports))), ("services.loadbalancers", Quantity(str(balancers))),
    ))  # fmt: skip


def _claim(claim: PersistentVolumeClaim, _: str) -> Charge:
    spec, status = claim.spec, claim.status
    name = claim.metadata.annotations.get("volume.beta.kubernetes.io/storage-class") or spec.storageClassName
    found = {count_name(kinds.PERSISTENT_VOLUME_CLAIMS): ONE, "persistentvolumeclaims": ONE}
    storage = pod_requests.highest(spec.resources.requests.get("storage"), status.allocatedResources.get("storage"))
    if name:
        found[f"{name}{BY_CLASS}persistentvolumeclaims"] = ONE
    if storage is not None:
        found["requests.storage"] = storage
        if name:
            found[f"{name}{BY_CLASS}requests.storage"] = storage
    target = "" if status.modifyVolumeStatus is None else status.modifyVolumeStatus.targetVolumeAttributesClassName
    classes = frozenset(filter(None, (spec.volumeAttributesClassName, status.currentVolumeAttributesClassName, target)))
    return Charge(tuple(found.items()), frozenset(), "VolumeAttributesClass", classes)


_MEASURES: dict[str, Callable[[Any, str], Charge]] = {
    kinds.PODS.qualified: _pod,
    kinds.SERVICES.qualified: _service,
    kinds.PERSISTENT_VOLUME_CLAIMS.qualified: _claim,
}


def concerns(kind: Kind[Any], name: str) -> bool:
    """Whether objects of the kind are charged under this name of a quota (`MatchingResources`)."""
    if name == count_name(kind) or (kind.qualified in ALIASES and name == kind.qualified):
        return True
    if kind.qualified == kinds.PODS.qualified:
        return name in _POD_NAMES or name.startswith((HUGE_PAGES, REQUESTS + HUGE_PAGES)) or _asks_extended(name)
    if kind.qualified == kinds.SERVICES.qualified:
        return name in ("services.nodeports", "services.loadbalancers")
    if kind.qualified == kinds.PERSISTENT_VOLUME_CLAIMS.qualified:
        return name == "requests.storage" or name.endswith(_CLAIM_SUFFIXES)
    return False


_POD_NAMES = frozenset({"pods", *(before + name for name in NATIVE for before in ("", REQUESTS, LIMITS))})
_CLAIM_SUFFIXES = (f"{BY_CLASS}requests.storage", f"{BY_CLASS}persistentvolumeclaims")


def _asks_extended(name: str) -> bool:
    return name.startswith(REQUESTS) and is_extended(name.removeprefix(REQUESTS))
