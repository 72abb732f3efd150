"""EndpointSlices: which pods are in them, how, and that only touched slices are written."""

from msgspec.structs import replace

from cluster.api.core import ContainerPort, ServicePort
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import ENDPOINT_SLICES, NODES, PODS, SERVICES
from cluster.controllers.endpoint_slices import EndpointSliceController
from tests.cluster.controllers.plane import NAMESPACE, USER, WEB, Plane, key

Ready = tuple[bool | None, bool | None, bool | None]


def plane() -> Plane:
    """A control plane with the controller."""
    return Plane(EndpointSliceController)


def slices(plane: Plane) -> list[EndpointSlice]:
    """The slices, oldest first."""
    return list(plane.store.table(ENDPOINT_SLICES).values())


def names(found: EndpointSlice) -> list[str]:
    """The pods in a slice."""
    return [endpoint.targetRef.name for endpoint in found.endpoints if endpoint.targetRef]


def conditions(plane: Plane) -> dict[str, Ready]:
    """What is said of each pod: ready, serving, terminating."""
    return {
        endpoint.targetRef.name: (endpoint.conditions.ready, endpoint.conditions.serving, endpoint.conditions.terminating)
        for found in slices(plane) for endpoint in found.endpoints if endpoint.targetRef
    }  # fmt: skip


def test_slice_of_one_pod() -> None:
    """A slice has its Service's labels and owner, and says of a pod its address, node, zone and identity."""
    world = plane()
    service = world.service(labels={"tier": "front"})
    pod = world.running("web-1", 5)
    world.run()
    (found,) = slices(world)
    assert found.metadata.name.startswith("web-")
    assert found.metadata.labels == {
        "tier": "front",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    (owner,) = found.metadata.ownerReferences
    assert (owner.kind, owner.name, owner.uid, owner.controller, owner.blockOwnerDeletion) == (
        "Service", "web", service.metadata.uid, True, True,
    )  # fmt: skip
    assert found.addressType == "IPv4"
    assert [(port.name, port.port, port.protocol) for port in found.ports] == [("", 8080, "TCP")]
    (endpoint,) = found.endpoints
    assert (endpoint.addresses, endpoint.nodeName, endpoint.zone) == (("10.244.0.5",), "node-a", "zone-a")
    assert endpoint.targetRef is not None
    assert (endpoint.targetRef.kind, endpoint.targetRef.uid) == ("Pod", pod.metadata.uid)
    assert conditions(world) == {"web-1": (True, True, False)}
    assert world.quiet()


def test_service_without_pods_has_an_empty_slice() -> None:
    """One slice without ports or endpoints stands for a Service that selects nothing; it is used when pods come."""
    world = plane()
    world.service()
    world.run()
    (empty,) = slices(world)
    assert (empty.ports, empty.endpoints) == ((), ())
    world.running("web-1", 5)
    world.run()
    (full,) = slices(world)
    assert (full.metadata.name, names(full)) == (empty.metadata.name, ["web-1"])
    world.remove("web-1")
    world.run()
    (again,) = slices(world)
    assert (again.metadata.name, again.ports, again.endpoints) == (empty.metadata.name, (), ())


def test_headless_label() -> None:
    """The slices of a headless Service say so."""
    world = plane()
    world.service(clusterIP="None")
    world.run()
    assert slices(world)[0].metadata.labels["service.kubernetes.io/headless"] == ""


def test_conditions() -> None:
    """Pods that are not ready or terminating stay, marked so; ended ones and those without address are out."""
    world = plane()
    world.service()
    for number, name in enumerate(["ready", "waiting", "leaving", "ended", "new"]):
        world.pod(name)
        if name != "new":
            world.state(name, f"10.244.0.{number}", ready=name in {"ready", "leaving"})
    world.state("ended", "10.244.0.9", phase="Succeeded")
    world.api.delete(PODS, key("leaving"), actor=USER)
    world.run()
    assert conditions(world) == {
        "ready": (True, True, False),
        "waiting": (False, False, False),
        "leaving": (False, True, True),
    }


def test_publish_not_ready_addresses() -> None:
    """A Service that publishes all pods calls them ready, and tells apart who serves."""
    world = plane()
    world.service(publishNotReadyAddresses=True)
    world.pod("web-1")
    world.state("web-1", "10.244.0.1", ready=False)
    world.run()
    assert conditions(world) == {"web-1": (True, False, False)}


def test_named_ports_part_slices() -> None:
    """Pods whose named ports differ stand in different slices, with ports in Kubernetes' order."""
    world = plane()
    ports = (
        ServicePort(name="http", port=80, targetPort="http", protocol="TCP", appProtocol="http"),
        ServicePort(name="metrics", port=9113, targetPort="metrics", protocol="TCP"),
        ServicePort(name="dns", port=53, targetPort=53, protocol="UDP"),
    )
    world.service(ports=ports)
    world.running(
        "old",
        1,
        ports=(ContainerPort(name="http", containerPort=80), ContainerPort(name="metrics", containerPort=9113)),
    )
    world.running(
        "new",
        2,
        ports=(ContainerPort(name="http", containerPort=8080), ContainerPort(name="metrics", containerPort=9113)),
    )
    world.running("bare", 3)
    world.run()
    shown = {tuple(names(found)): [(port.name, port.port) for port in found.ports] for found in slices(world)}
    assert shown == {
        ("old",): [("dns", 53), ("http", 80), ("metrics", 9113)],
        ("new",): [("dns", 53), ("http", 8080), ("metrics", 9113)],
        ("bare",): [("dns", 53)],
    }
    world.service(ports=ports[2:])
    world.run()
    assert [sorted(names(found)) for found in slices(world)] == [["bare", "new", "old"]]


def test_a_hundred_to_a_slice() -> None:
    """Slices hold at most 100; a change of one pod writes its slice alone."""
    world = plane()
    world.service()
    for number in range(250):
        world.running(f"web-{number}", number)
    world.run()
    assert [len(found.endpoints) for found in slices(world)] == [100, 100, 50]
    end = world.store.table(ENDPOINT_SLICES).end
    world.state("web-7", "10.244.0.7", ready=False)
    world.run()
    written = world.store.table(ENDPOINT_SLICES).read(end, 10)
    assert [entry.key for entry in written] == [key(slices(world)[0].metadata.name)]
    world.remove("web-8")
    world.running("web-new", 600)
    world.run()
    assert sorted(len(found.endpoints) for found in slices(world)) == [50, 100, 100]
    for number in range(200, 250):
        world.remove(f"web-{number}")
    world.run()
    assert [len(found.endpoints) for found in slices(world)] == [100, 100]
    assert world.quiet()


def test_labels_decide() -> None:
    """A pod relabelled leaves the slices, a selector changed fetches the pods that match it now."""
    world = plane()
    world.service()
    pod = world.running("web-1", 1)
    world.running("db-1", 2, labels={"app": "db"})
    world.run()
    assert list(conditions(world)) == ["web-1"]
    world.api.update(PODS, replace(pod, metadata=replace(pod.metadata, labels={"app": "off"})), actor=USER)
    world.run()
    assert conditions(world) == {}
    world.service(selector={"app": "db"})
    world.run()
    assert list(conditions(world)) == ["db-1"]


def test_without_selector_or_external() -> None:
    """Services without a selector, and ExternalName, are left alone; slices from before stay."""
    world = plane()
    world.service("bare", selector={})
    world.service("out", type="ExternalName", externalName="example.com")
    world.service()
    world.running("web-1", 1)
    world.run()
    assert len(slices(world)) == 1
    world.service(selector={})
    world.run()
    world.remove("web-1")
    assert world.quiet()
    assert [names(found) for found in slices(world)] == [["web-1"]]


def test_service_labels_are_followed() -> None:
    """A label set on the Service reaches its slices; the controllers' own labels cannot be overridden."""
    world = plane()
    world.service()
    world.run()
    world.service(labels={"team": "a", "kubernetes.io/service-name": "other"})
    world.run()
    labels = slices(world)[0].metadata.labels
    assert (labels["team"], labels["kubernetes.io/service-name"]) == ("a", "web")


def test_foreign_changes_are_repaired() -> None:
    """A slice edited or deleted by a user is made right again."""
    world = plane()
    world.service()
    world.running("web-1", 1)
    world.run()
    (found,) = slices(world)
    twin = replace(found, metadata=replace(found.metadata, name="web-twin", generateName=""))
    world.api.create(ENDPOINT_SLICES, twin, actor=USER)
    world.run()
    assert [names(found) for found in slices(world)] == [["web-1"]]
    world.api.delete(ENDPOINT_SLICES, key(slices(world)[0].metadata.name), actor=USER)
    world.run()
    assert [names(found) for found in slices(world)] == [["web-1"]]
    (found,) = slices(world)
    world.api.update(ENDPOINT_SLICES, replace(found, endpoints=()), actor=USER)
    world.run()
    assert [names(found) for found in slices(world)] == [["web-1"]]


def test_same_name_again() -> None:
    """A pod that comes back under its name is another pod: the slice names the new one."""
    world = plane()
    world.service()
    world.running("web-0", 1)
    world.run()
    world.remove("web-0")
    pod = world.running("web-0", 1)
    world.run()
    (endpoint,) = slices(world)[0].endpoints
    assert endpoint.targetRef is not None
    assert endpoint.targetRef.uid == pod.metadata.uid


def test_near_endpoints_get_hints() -> None:
    """A Service that prefers near endpoints tells each zone its own."""
    world = plane()
    world.service(trafficDistribution="PreferSameZone")
    world.running("web-1", 1, node="node-b")
    world.run()
    (endpoint,) = slices(world)[0].endpoints
    assert endpoint.hints is not None
    assert [zone.name for zone in endpoint.hints.forZones] == ["zone-b"]


def test_no_node_no_endpoint() -> None:
    """A pod on a node that is gone is not an endpoint."""
    world = plane()
    world.service()
    world.running("web-1", 1)
    world.api.delete(NODES, "node-a", actor=USER)
    world.run()
    assert conditions(world) == {}


def test_rebuilt_controller_goes_on() -> None:
    """A controller started on a settled store writes nothing, and on an unsettled one finishes the work."""
    world = plane()
    world.service()
    for number in range(120):
        world.running(f"web-{number}", number)
    world.run()
    world.restart(EndpointSliceController)
    assert world.quiet()
    world.running("web-late", 700)
    world.restart(EndpointSliceController)
    world.run()
    assert "web-late" in conditions(world)
    assert len(slices(world)) == 2


def test_deleted_service_is_forgotten() -> None:
    """After its Service is gone nothing more is written for it; removal is the garbage collector's."""
    world = plane()
    world.service(ports=(replace(WEB, name="a"),))
    world.running("web-1", 1)
    world.run()
    world.api.delete(SERVICES, key("web"), actor=USER)
    world.remove("web-1")
    assert world.quiet()
    assert world.components[0]._services == {}
    assert slices(world)[0].metadata.namespace == NAMESPACE


def test_slices_that_an_earlier_service_left_are_deleted() -> None:
    """A Service that comes back under a name has slices of its own alone, though those of the first were orphaned."""
    world = plane()
    world.service()
    world.run()
    (left,) = slices(world)
    world.api.delete(SERVICES, key("web"), actor=USER)
    world.api.update(
        ENDPOINT_SLICES, replace(left, metadata=replace(left.metadata, ownerReferences=())), actor="garbage-collector"
    )
    world.run()
    assert [found.metadata.uid for found in slices(world)] == [left.metadata.uid]
    service = world.service()
    world.run()
    assert [found.metadata.ownerReferences[0].uid for found in slices(world)] == [service.metadata.uid]
    assert world.quiet()
    world.restart(EndpointSliceController)
    assert world.quiet()
