"""Mirroring: Endpoints kept by hand become slices, and only those."""

from msgspec.structs import replace

from cluster.api.core import EndpointAddress, EndpointPort, Endpoints, EndpointSubset
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from cluster.api.meta import ObjectMeta
from cluster.controllers.endpoint_slice_mirroring import EndpointSliceMirroringController
from cluster.controllers.endpoint_slices import EndpointSliceController
from cluster.controllers.endpoints import EndpointsController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key

SUBSET = EndpointSubset(
    addresses=(EndpointAddress(ip="192.0.2.1"), EndpointAddress(ip="2001:db8::1")),
    notReadyAddresses=(EndpointAddress(ip="192.0.2.2", hostname="two"),),
    ports=(EndpointPort(port=5432, protocol="TCP"),),
)


def plane(**labels: str) -> Plane:
    """A control plane with the controller, a Service without selector and its Endpoints."""
    world = Plane(EndpointSliceMirroringController)
    world.service("db", selector={})
    meta = ObjectMeta(name="db", namespace=NAMESPACE, labels=labels, annotations={"note": "kept"})
    world.api.create(ENDPOINTS, Endpoints(metadata=meta, subsets=(SUBSET,)), actor=USER)
    world.run()
    return world


def slices(world: Plane) -> list[EndpointSlice]:
    """The slices, IPv4 first."""
    return sorted(world.store.table(ENDPOINT_SLICES).values(), key=lambda found: found.addressType)


def shown(world: Plane) -> list[tuple[str, list[tuple[str, bool | None]]]]:
    """Each slice's family, with its addresses and their readiness."""
    return [
        (found.addressType, [(endpoint.addresses[0], endpoint.conditions.ready) for endpoint in found.endpoints])
        for found in slices(world)
    ]


def test_mirror() -> None:
    """Each family and set of ports has a slice, owned by the Endpoints, with their labels and annotations."""
    world = plane(team="data")
    assert shown(world) == [("IPv4", [("192.0.2.1", True), ("192.0.2.2", False)]), ("IPv6", [("2001:db8::1", True)])]
    found = slices(world)[0]
    assert found.metadata.labels == {
        "team": "data",
        "kubernetes.io/service-name": "db",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert found.metadata.annotations == {"note": "kept"}
    assert [(owner.kind, owner.name) for owner in found.metadata.ownerReferences] == [("Endpoints", "db")]
    assert [(port.name, port.port, port.protocol) for port in found.ports] == [("", 5432, "TCP")]
    assert world.quiet()


def test_follows() -> None:
    """Changed Endpoints change their slices, a slice deleted by hand comes back."""
    world = plane()
    found = world.api.get(ENDPOINTS, key("db"))
    subset = replace(SUBSET, addresses=SUBSET.addresses[:1], notReadyAddresses=())
    world.api.update(ENDPOINTS, replace(found, subsets=(subset,)), actor=USER)
    world.run()
    assert shown(world) == [("IPv4", [("192.0.2.1", True)])]
    world.api.delete(ENDPOINT_SLICES, key(slices(world)[0].metadata.name), actor=USER)
    world.run()
    assert shown(world) == [("IPv4", [("192.0.2.1", True)])]
    world.api.delete(ENDPOINTS, key("db"), actor=USER)
    world.run()
    assert shown(world) == []


def test_not_mirrored() -> None:
    """Endpoints that ask not to be mirrored, or whose Service is gone or has a selector, have no slices."""
    assert shown(plane(**{"endpointslice.kubernetes.io/skip-mirror": "true"})) == []
    world = plane()
    world.service("db", selector={"app": "db"})
    world.run()
    assert shown(world) == []
    world = plane()
    world.api.delete(SERVICES, key("db"), actor=USER)
    world.run()
    assert shown(world) == []


def test_selector_removed() -> None:
    """A Service that loses its selector keeps its slice, and its Endpoints are mirrored beside it."""
    world = Plane(EndpointsController, EndpointSliceController, EndpointSliceMirroringController)
    world.service()
    world.running("web-1", 1)
    world.run()
    assert len(slices(world)) == 1
    world.service(selector={})
    world.run()
    assert sorted(found.metadata.labels["endpointslice.kubernetes.io/managed-by"] for found in slices(world)) == [
        "endpointslice-controller.k8s.io",
        "endpointslicemirroring-controller.k8s.io",
    ]
    assert world.quiet()


def test_rebuilt_controller_goes_on() -> None:
    """Started again it writes nothing, and removes what is no longer to be mirrored."""
    world = plane()
    world.restart(EndpointSliceMirroringController)
    assert world.quiet()
    world.api.delete(ENDPOINTS, key("db"), actor=USER)
    world.restart(EndpointSliceMirroringController)
    world.run()
    assert shown(world) == []
