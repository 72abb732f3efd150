"""The Endpoints controller: for every Service with a selector, one v1 Endpoints object of its name.

Between the readers of Services and pods and the API server, beside the EndpointSlice controller.
Per Service the addresses are kept in order, by the ports they answer on, and only pods that changed
are looked at again. Mirrors kube-controller-manager's endpoint-controller. Invariant: the object
written equals what all selected pods together give, cut to 1,000 addresses.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from math import ceil
from operator import itemgetter

from msgspec import Struct, field
from msgspec.structs import replace

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
    ServicePods,
    address_of,
    has_host_name,
    has_selector,
    is_headless,
    is_ready,
    is_terminal,
    target_port,
    trigger_annotations,
)
from cluster.controllers.trigger_times import TriggerTimes
from cluster.reconcile import Reader, WorkQueue, shared

ACTOR = "endpoint-controller"
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
CAPACITY = 1000
PORTION = 200
"""How many pods one item of work looks at, so that no item is long."""

Ports = tuple[EndpointPort, ...]
Place = tuple[str, str]
"""An address with its pod's uid: the order of addresses."""


class Addresses:
    """Addresses in the order of their places."""

    __slots__ = ("places", "values")

    def __init__(self, found: Iterable[tuple[Place, EndpointAddress]] = ()) -> None:
        ordered = sorted(found, key=itemgetter(0))
        self.places = [place for place, _ in ordered]
        self.values = [address for _, address in ordered]

    def __len__(self) -> int:
        return len(self.places)

    def put(self, place: Place, address: EndpointAddress) -> bool:
        """Set the address of a place; False if that says nothing new."""
        index = bisect_left(self.places, place)
        if index == len(self.places) or self.places[index] != place:
            self.places.insert(index, place)
            self.values.insert(index, address)
        elif self.values[index] == address:
            return False
        else:
            self.values[index] = address
        return True

    def discard(self, place: Place) -> None:
        """Take a place out, if it is there."""
        index = bisect_left(self.places, place)
        if index < len(self.places) and self.places[index] == place:
            del self.places[index], self.values[index]


class Group(Struct):
    """The pods of a Service that answer on the same ports."""

    ready: Addresses = field(default_factory=Addresses)
    not_ready: Addresses = field(default_factory=Addresses)


class Pending(Struct):
    """What is known of one Service between reconciles."""

    groups: dict[Ports, Group] = field(default_factory=dict)
    places: dict[str, tuple[Ports, Place]] = field(default_factory=dict)
    pods: dict[str, None] = field(default_factory=dict)
    triggers: TriggerTimes = field(default_factory=TriggerTimes)
    whole: bool = True
    written: Endpoints | None = None
    """What the groups say, as it was written; None if they say something else."""


class EndpointsController:
    """Keeps the Endpoints of every Service that has a selector."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._pods = api, api.store.table(PODS)
        self._selected = shared(api.store, api.clock, ServicePods)
        self._selected.tell(self._on_pod)
        self._services: dict[str, Pending] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, BATCH)
        Reader(api.store, api.clock, SERVICES, self._on_service)
        Reader(api.store, api.clock, ENDPOINTS, self._on_endpoints)

    def _on_service(self, key: str, old: Service | None, new: Service | None) -> None:
        if new is None:
            self._services.pop(key, None)
        elif old is None or old.spec is not new.spec or old.metadata.labels != new.metadata.labels:
            before = self._services.get(key)
            self._services[key] = Pending() if before is None else Pending(triggers=before.triggers)
        else:
            return
        self._queue.add(key)

    def _on_pod(self, service: str, key: str) -> None:
        pending = self._services.get(service)
        if pending is not None:  # else it is about to be shown, and looked at as a whole
            pending.pods[key] = None
            self._queue.add(service)

    def _on_endpoints(self, key: str, old: Endpoints | None, new: Endpoints | None) -> None:
        if new is None or (old is None and key not in self._services and MANAGED_BY in new.metadata.labels):
            self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        """Look at the pods that changed, a portion at a time, and write what has come of it."""
        service, pending = self._api.find(SERVICES, key), self._services.get(key)
        if service is None:
            if self._api.find(ENDPOINTS, key) is not None and pending is None:
                self._api.delete(ENDPOINTS, key, actor=ACTOR)
            return None
        if pending is None or not has_selector(service):
            return None
        namespace = self._api.find(NAMESPACES, service.metadata.namespace)
        if namespace is None or namespace.metadata.deletionTimestamp:
            return None
        if pending.whole:
            pending.whole, pending.pods = False, dict.fromkeys(self._selected.pods(key))
        for name in list(islice(pending.pods, PORTION)):
            del pending.pods[name]
            self._place(service, pending, name)
        if pending.pods:
            return 0
        self._write(key, service, pending, pending.triggers.take(service))
        return None

    def _place(self, service: Service, pending: Pending, name: str) -> None:
        """Put a pod's address where it belongs now, and take it from where it was."""
        before, pod = pending.places.get(name), self._pods.get(name)
        pending.triggers.look(name, pod)
        if before is None and (pod is None or not pod.status.podIPs):
            return
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
        if here.put(after[1], address):
            there.discard(after[1])
            pending.written = None

    def _displace(self, pending: Pending, name: str, before: tuple[Ports, Place] | None) -> None:
        if before is None:
            return
        del pending.places[name]
        pending.written = None
        group = pending.groups[before[0]]
        group.ready.discard(before[1])
        group.not_ready.discard(before[1])
        if not group.ready and not group.not_ready:
            del pending.groups[before[0]]

    def _write(self, key: str, service: Service, pending: Pending, trigger: str) -> None:
        found = self._api.find(ENDPOINTS, key)
        if found is not None and found is pending.written:
            return
        made, truncated = subsets(pending.groups)
        labels: Mapping[str, str] = endpoints_labels(service)
        annotations = {} if found is None else dict(found.metadata.annotations)
        cut = "truncated" if truncated else ""
        if found is not None and found.metadata.labels == labels:
            labels = found.metadata.labels  # one mapping, validated once
        same = found is not None and (found.subsets, found.metadata.labels) == (made, labels)
        if found is not None and same and annotations.get(OVER_CAPACITY, "") == cut:
            pending.written = found
            return
        _set(annotations, OVER_CAPACITY, cut)
        _set(annotations, TRIGGER_TIME, trigger)
        told = trigger_annotations(trigger)
        told = told if annotations == told else annotations
        if found is None:
            meta = ObjectMeta(
                namespace=service.metadata.namespace, name=service.metadata.name, labels=labels, annotations=told
            )
            pending.written = self._api.create(ENDPOINTS, Endpoints(metadata=meta, subsets=made), actor=ACTOR)
        else:
            meta = replace(found.metadata, labels=labels, annotations=told)
            new = replace(found, metadata=meta, subsets=made)
            pending.written = self._api.update(ENDPOINTS, new, actor=ACTOR, previous=found)


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
    if len(groups) == 1:
        ((ports, group),) = groups.items()
        return _cut([(tuple(dict.fromkeys(ports)), group.ready, group.not_ready)])
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
    return Addresses(item for part in parts for item in zip(part.places, part.values, strict=True))


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
                addresses=tuple(here.values[: counts[0]]),
                notReadyAddresses=tuple(waiting.values[: counts[1]]),
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
