"""The Endpoints controller: for every Service with a selector, one v1 Endpoints object of its name.

Between the readers of Services and pods and the API server, beside the EndpointSlice controller.
Per Service the addresses are kept in order, by the ports they answer on, and only pods that changed
are looked at again. Mirrors kube-controller-manager's endpoint-controller. Invariant: the object
written equals what all selected pods together give, cut to 1,000 addresses.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from math import ceil

from msgspec import Struct, field
from msgspec.structs import replace
from sortedcontainers import SortedDict

from cluster.api.cluster import Cluster
from cluster.api.core import (
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    ObjectReference,
    Pod,
    Service,
)
from cluster.api.kinds import ENDPOINTS, NAMESPACES, PODS, SERVICES
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.controllers.service_pods import (
    BATCH,
    HEADLESS_LABEL,
    TRIGGER_TIME,
    Selection,
    address_of,
    has_host_name,
    has_selector,
    is_headless,
    is_ready,
    is_terminal,
    ready_since,
    services_to_look_at,
    target_port,
)
from cluster.reconcile import Reader, WorkQueue

ACTOR = "endpoint-controller"
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
CAPACITY = 1000

Ports = tuple[EndpointPort, ...]
Place = tuple[str, str]
"""An address with its pod's uid: the order of addresses."""
Addresses = SortedDict[Place, EndpointAddress]


class Group(Struct):
    """The pods of a Service that answer on the same ports."""

    ready: Addresses = field(default_factory=SortedDict)
    not_ready: Addresses = field(default_factory=SortedDict)


class Pending(Struct):
    """What is known of one Service between reconciles."""

    groups: dict[Ports, Group] = field(default_factory=dict)
    places: dict[str, tuple[Ports, Place]] = field(default_factory=dict)
    pods: dict[str, None] = field(default_factory=dict)
    whole: bool = True


class EndpointsController:
    """Keeps the Endpoints of every Service that has a selector."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._pods = api, api.store.table(PODS)
        self._selection = Selection()
        self._services: dict[str, Pending] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, BATCH)
        Reader(api.store, api.clock, SERVICES, self._on_service)
        Reader(api.store, api.clock, PODS, self._on_pod)
        Reader(api.store, api.clock, ENDPOINTS, self._on_endpoints)

    def _on_service(self, key: str, old: Service | None, new: Service | None) -> None:
        if new is None:
            self._selection.select(key, {})
            self._services.pop(key, None)
        elif old is None or old.spec is not new.spec or old.metadata.labels != new.metadata.labels:
            self._selection.select(key, new.spec.selector if has_selector(new) else {})
            self._services[key] = Pending()
        else:
            return
        self._queue.add(key)

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        for service in services_to_look_at(self._selection, key, old, new):
            self._services[service].pods[key] = None
            self._queue.add(service)

    def _on_endpoints(self, key: str, old: Endpoints | None, new: Endpoints | None) -> None:
        if new is None or (old is None and key not in self._services and MANAGED_BY in new.metadata.labels):
            self._queue.add(key)

    def _reconcile(self, key: str) -> None:
        service, pending = self._api.find(SERVICES, key), self._services.get(key)
        if service is None:
            if self._api.find(ENDPOINTS, key) is not None and pending is None:
                self._api.delete(ENDPOINTS, key, actor=ACTOR)
            return
        if pending is None or not has_selector(service):
            return
        namespace = self._api.find(NAMESPACES, service.metadata.namespace)
        if namespace is None or namespace.metadata.deletionTimestamp:
            return
        changed = list(self._selection.pods(key)) if pending.whole else list(pending.pods)
        for name in changed:
            self._place(service, pending, name)
        pending.whole = False
        pending.pods.clear()
        self._write(key, service, pending, changed)

    def _place(self, service: Service, pending: Pending, name: str) -> None:
        """Put a pod's address where it belongs now, and take it from where it was."""
        before, pod = pending.places.get(name), self._pods.get(name)
        address = None if pod is None else _address(pod, service)
        if pod is None or address is None or not service.spec.selector.items() <= pod.metadata.labels.items():
            self._displace(pending, name, before)
            return
        ports = _ports_of(pod, service)
        if not (ports or (not service.spec.ports and is_headless(service))):
            self._displace(pending, name, before)
            return
        after = (ports, (address.ip, pod.metadata.uid))
        if before != after:
            self._displace(pending, name, before)
            pending.places[name] = after
        group = pending.groups.get(ports)
        if group is None:
            group = pending.groups[ports] = Group()
        ready = service.spec.publishNotReadyAddresses or is_ready(pod)
        here, there = (group.ready, group.not_ready) if ready else (group.not_ready, group.ready)
        there.pop(after[1], None)
        here[after[1]] = address

    def _displace(self, pending: Pending, name: str, before: tuple[Ports, Place] | None) -> None:
        if before is None:
            return
        del pending.places[name]
        group = pending.groups[before[0]]
        group.ready.pop(before[1], None)
        group.not_ready.pop(before[1], None)
        if not group.ready and not group.not_ready:
            del pending.groups[before[0]]

    def _write(self, key: str, service: Service, pending: Pending, changed: list[str]) -> None:
        found = self._api.find(ENDPOINTS, key)
        made, truncated = subsets(pending.groups)
        labels = endpoints_labels(service)
        annotations = {} if found is None else dict(found.metadata.annotations)
        cut = "truncated" if truncated else ""
        same = found is not None and (found.subsets, found.metadata.labels) == (made, labels)
        if same and annotations.get(OVER_CAPACITY, "") == cut:
            return
        _set(annotations, OVER_CAPACITY, cut)
        _set(annotations, TRIGGER_TIME, self._trigger_time(service, changed, fresh=found is None))
        if found is None:
            meta = ObjectMeta(
                namespace=service.metadata.namespace, name=service.metadata.name, labels=labels, annotations=annotations
            )
            self._api.create(ENDPOINTS, Endpoints(metadata=meta, subsets=made), actor=ACTOR)
        else:
            meta = replace(found.metadata, labels=labels, annotations=annotations)
            self._api.update(ENDPOINTS, replace(found, metadata=meta, subsets=made), actor=ACTOR, previous=found)

    def _trigger_time(self, service: Service, changed: list[str], *, fresh: bool) -> str:
        """The earliest change that a write answers to."""
        times = [service.metadata.creationTimestamp] if fresh else []
        for name in changed:
            pod = self._pods.get(name)
            if pod is not None and not pod.metadata.deletionTimestamp and (since := ready_since(pod)):
                times.append(since)
        return min(times, default="")


def _set(annotations: dict[str, str], name: str, value: str) -> None:
    if value:
        annotations[name] = value
    else:
        annotations.pop(name, None)


def _address(pod: Pod, service: Service) -> EndpointAddress | None:
    """The pod as an address of the service, None if it does not belong to it (now)."""
    meta = pod.metadata
    if is_terminal(pod) or (meta.deletionTimestamp and not service.spec.publishNotReadyAddresses):
        return None
    address = address_of(pod, service.spec.ipFamilies[0] if service.spec.ipFamilies else "IPv4")
    if not address:
        return None
    return EndpointAddress(
        ip=address,
        nodeName=pod.spec.nodeName,
        hostname=pod.spec.hostname if has_host_name(pod, service) else "",
        targetRef=ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid),
    )


def _ports_of(pod: Pod, service: Service) -> Ports:
    found = []
    for port in service.spec.ports:
        number = target_port(port, pod)
        if number:
            found.append((port.name, number, port.protocol, port.appProtocol))
    return _ports(tuple(found))


@lru_cache(maxsize=4096)
def _ports(found: tuple[tuple[str, int, str, str], ...]) -> Ports:
    return tuple(
        EndpointPort(name=name or None, port=number, protocol=protocol, appProtocol=app)
        for name, number, protocol, app in sorted(found, key=_port_hash)
    )


def _port_hash(port: tuple[str, int, str, str]) -> str:
    """The order of a subset's ports: by MD5 of the port as Go prints the struct."""
    name, number, protocol, app = port
    app = app or "<nil>"
    text = f"(v1.EndpointPort){{Name:(string){name} Port:(int32){number} Protocol:(v1.Protocol){protocol} AppProtocol:(*string){app}}}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def subsets(groups: Mapping[Ports, Group]) -> tuple[tuple[EndpointSubset, ...], bool]:
    """A Service's addresses by port, as `RepackSubsets` lays them out, and whether some were left out."""
    ordered = sorted(groups.items(), key=lambda item: repr(item[0]))
    packed: dict[tuple[int, ...], list[EndpointPort]] = {}
    by_port: dict[EndpointPort | None, list[int]] = {}
    for index, (ports, _) in enumerate(ordered):
        for port in ports or (None,):
            by_port.setdefault(port, []).append(index)
    for port, indexes in by_port.items():
        packed.setdefault(tuple(indexes), []).extend(() if port is None else (port,))
    parts = [
        (tuple(ports), _merged([ordered[index][1].ready for index in indexes]),
         _merged([ordered[index][1].not_ready for index in indexes]))
        for indexes, ports in packed.items()
    ]  # fmt: skip
    return _cut(parts)


def _merged(parts: list[Addresses]) -> Addresses:
    if len(parts) == 1:
        return parts[0]
    merged: Addresses = SortedDict()
    for part in parts:
        merged.update(part)
    return merged


def _cut(parts: list[tuple[Ports, Addresses, Addresses]]) -> tuple[tuple[EndpointSubset, ...], bool]:
    """The subsets with at most `CAPACITY` addresses: ready ones first, each subset in proportion."""
    ready, not_ready = sum(len(part[1]) for part in parts), sum(len(part[2]) for part in parts)
    left = [CAPACITY, max(CAPACITY - ready, 0)]
    shares = [min(ready, CAPACITY), min(not_ready, left[1])]
    made = []
    for ports, here, waiting in parts:
        counts = []
        for kind, (total, found) in enumerate(((ready, here), (not_ready, waiting))):
            wanted = len(found) if total <= shares[kind] else ceil(len(found) / total * shares[kind])
            counts.append(min(wanted, left[kind]))
            left[kind] -= counts[-1]
        made.append(
            EndpointSubset(
                addresses=tuple(map(here.__getitem__, islice(here, counts[0]))),
                notReadyAddresses=tuple(map(waiting.__getitem__, islice(waiting, counts[1]))),
                ports=ports,
            )
        )
    return tuple(made), ready + not_ready > CAPACITY


def endpoints_labels(service: Service) -> dict[str, str]:
    """The labels of a Service's Endpoints: its own, and the controller's."""
    labels = {name: value for name, value in service.metadata.labels.items() if name != HEADLESS_LABEL}
    if is_headless(service):
        labels[HEADLESS_LABEL] = ""
    return {**labels, MANAGED_BY: ACTOR}
