"""The EndpointSlice mirroring controller: Endpoints that a user keeps are shown as slices too.

Between the readers of Services and Endpoints and the API server, for Services without a selector
only. Mirrors kube-controller-manager's endpointslice-mirroring-controller. Invariant: the mirrored
slices of an Endpoints object say what it says, and there are none where the EndpointSlice
controller, or nobody, is in charge.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import EndpointAddress, Endpoints, Service
from cluster.api.discovery import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from cluster.api.kinds import ENDPOINT_SLICES, ENDPOINTS, NAMESPACES, SERVICES
from cluster.api.meta import ObjectMeta, OwnerReference
from cluster.apiserver import ApiServer
from cluster.controllers.service_pods import TRIGGER_TIME
from cluster.reconcile import Reader, WorkQueue

ACTOR = "endpoint-slice-mirroring-controller"
CONTROLLER = "endpointslicemirroring-controller.k8s.io"
MANAGED_BY, SERVICE_NAME = "endpointslice.kubernetes.io/managed-by", "kubernetes.io/service-name"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
NOT_COPIED = {TRIGGER_TIME, "kubectl.kubernetes.io/last-applied-configuration"}
LIMIT = 1000
"""The most endpoints mirrored of a subset (--mirroring-max-endpoints-per-subset)."""

_READY, _NOT_READY = EndpointConditions(ready=True), EndpointConditions(ready=False)
Ports = tuple[EndpointPort, ...]


class EndpointSliceMirroringController:
    """Keeps slices for Endpoints that no controller makes."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._slices: dict[str, dict[str, None]] = {}
        """The keys of the mirrored slices of each Endpoints object."""
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, SERVICES, self._on_service)
        Reader(api.store, api.clock, ENDPOINT_SLICES, self._on_slice)
        Reader(api.store, api.clock, ENDPOINTS, self._on_endpoints)

    def _on_service(self, key: str, old: Service | None, new: Service | None) -> None:
        if old is None or new is None or bool(old.spec.selector) != bool(new.spec.selector):
            self._queue.add(key)

    def _on_endpoints(self, key: str, _: Endpoints | None, new: Endpoints | None) -> None:
        if key in self._slices or (new is not None and self._mirrored(key, new)):
            self._queue.add(key)

    def _on_slice(self, key: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        for found, here in ((old, False), (new, True)):
            if found is None or found.metadata.labels.get(MANAGED_BY) != CONTROLLER:
                continue
            name = f"{found.metadata.namespace}/{found.metadata.labels.get(SERVICE_NAME, '')}"
            if here:
                self._slices.setdefault(name, {})[key] = None
            elif new is None:
                self._slices.get(name, {}).pop(key, None)
            self._queue.add(name)

    def _mirrored(self, key: str, endpoints: Endpoints) -> bool:
        service, meta = self._api.find(SERVICES, key), endpoints.metadata
        if service is None or service.spec.selector or meta.deletionTimestamp:
            return False
        return meta.labels.get(SKIP) != "true" and LEADER not in meta.annotations

    def _reconcile(self, key: str) -> None:
        endpoints = self._api.find(ENDPOINTS, key)
        existing = [
            (name, found)
            for name in self._slices.get(key, {})
            if (found := self._api.find(ENDPOINT_SLICES, name)) is not None and not found.metadata.deletionTimestamp
        ]
        wanted = mirror(endpoints) if endpoints is not None and self._mirrored(key, endpoints) else {}
        for name, found in existing:
            addresses = wanted.pop((found.addressType, found.ports), None)
            if addresses is None or endpoints is None:
                self._api.delete(ENDPOINT_SLICES, name, actor=ACTOR)
                continue
            meta = _metadata(endpoints)
            meta = replace(found.metadata, labels=meta.labels, annotations=meta.annotations)
            new = replace(found, metadata=meta, endpoints=addresses)
            self._api.update(ENDPOINT_SLICES, new, actor=ACTOR, previous=found)
        if endpoints is not None and wanted:
            self._create(endpoints, wanted)

    def _create(self, endpoints: Endpoints, wanted: "Wanted") -> None:
        namespace = self._api.find(NAMESPACES, endpoints.metadata.namespace)
        if namespace is None or namespace.metadata.deletionTimestamp:
            return
        for (family, ports), addresses in wanted.items():
            new = EndpointSlice(metadata=_metadata(endpoints), addressType=family, endpoints=addresses, ports=ports)
            made = self._api.create(ENDPOINT_SLICES, new, actor=ACTOR)
            key = f"{made.metadata.namespace}/{endpoints.metadata.name}"
            self._slices.setdefault(key, {})[f"{made.metadata.namespace}/{made.metadata.name}"] = None


Wanted = dict[tuple[str, Ports], tuple[Endpoint, ...]]


def mirror(endpoints: Endpoints) -> Wanted:
    """What the slices of an Endpoints object hold, by family and ports."""
    wanted: Wanted = {}
    for subset in endpoints.subsets:
        ports = tuple(
            EndpointPort(
                name=port.name or "", port=port.port, protocol=port.protocol or "TCP", appProtocol=port.appProtocol
            )
            for port in subset.ports
        )
        listed = [(address, _READY) for address in subset.addresses]
        listed += [(address, _NOT_READY) for address in subset.notReadyAddresses]
        for address, conditions in listed[:LIMIT]:
            place = ("IPv6" if ":" in address.ip else "IPv4", ports)
            wanted[place] = (*wanted.get(place, ()), _endpoint(address, conditions))
    return wanted


def _endpoint(address: EndpointAddress, conditions: EndpointConditions) -> Endpoint:
    return Endpoint(
        addresses=(address.ip,), conditions=conditions, hostname=address.hostname, nodeName=address.nodeName,
        targetRef=address.targetRef,
    )  # fmt: skip


def _metadata(endpoints: Endpoints) -> ObjectMeta:
    """The metadata of a new slice: the labels and annotations of its Endpoints, which own it."""
    meta = endpoints.metadata
    owner = OwnerReference(
        apiVersion="v1", kind="Endpoints", name=meta.name, uid=meta.uid, controller=True, blockOwnerDeletion=True
    )
    return ObjectMeta(
        namespace=meta.namespace,
        generateName=f"{meta.name}-",
        ownerReferences=(owner,),
        labels={**meta.labels, SERVICE_NAME: meta.name, MANAGED_BY: CONTROLLER},
        annotations={name: value for name, value in meta.annotations.items() if name not in NOT_COPIED},
    )
