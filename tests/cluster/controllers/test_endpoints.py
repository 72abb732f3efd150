"""Endpoints: one object for each Service with a selector, and both controllers against brute force."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import ContainerPort, Endpoints, ServicePort
from cluster.api.kinds import ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES
from cluster.api.meta import ObjectMeta
from cluster.controllers.endpoint_slices import EndpointSliceController
from cluster.controllers.endpoints import PORTION, EndpointsController
from cluster.controllers.service_pods import is_ready
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


def plane() -> Plane:
    """A control plane with the controller."""
    return Plane(EndpointsController)


def endpoints(plane: Plane, name: str = "web") -> Endpoints:
    """The Endpoints of a Service."""
    return plane.api.get(ENDPOINTS, key(name))


def shown(plane: Plane, name: str = "web") -> list[tuple[list[str], list[str], list[tuple[str | None, int]]]]:
    """The subsets: pods ready, pods not ready, ports."""
    return [
        (
            [address.targetRef.name for address in subset.addresses if address.targetRef],
            [address.targetRef.name for address in subset.notReadyAddresses if address.targetRef],
            [(port.name, port.port) for port in subset.ports],
        )
        for subset in endpoints(plane, name).subsets
    ]


def test_object_of_one_pod() -> None:
    """The object is named like its Service, has its labels and the controller's, and names each pod."""
    world = plane()
    world.service(labels={"tier": "front"})
    pod = world.running("web-1", 5)
    world.run()
    found = endpoints(world)
    assert found.metadata.labels == {"tier": "front", "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    assert found.metadata.annotations == {"endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z"}
    (subset,) = found.subsets
    (address,) = subset.addresses
    assert (address.ip, address.nodeName, address.hostname) == ("10.244.0.5", "node-a", "")
    assert address.targetRef is not None
    assert (address.targetRef.kind, address.targetRef.namespace, address.targetRef.uid) == (
        "Pod", NAMESPACE, pod.metadata.uid,
    )  # fmt: skip
    assert [(port.name, port.port, port.protocol) for port in subset.ports] == [(None, 8080, "TCP")]
    assert world.quiet()


def test_empty() -> None:
    """A Service that selects nothing has Endpoints without subsets; Services without selector have none."""
    world = plane()
    world.service()
    world.service("bare", selector={})
    world.service("out", type="ExternalName", externalName="example.com")
    world.run()
    assert list(world.store.table(ENDPOINTS)) == [key("web")]
    assert endpoints(world).subsets == ()


def test_ready_and_not() -> None:
    """Pods that are not ready are listed apart, terminating ones not at all."""
    world = plane()
    world.service()
    for number, name in enumerate(["b", "a", "waiting", "leaving", "ended"]):
        world.pod(name)
        world.state(
            name, f"10.244.0.{number}", ready=name != "waiting", phase="Failed" if name == "ended" else "Running"
        )
    world.api.delete(PODS, key("leaving"), actor=USER)
    world.run()
    assert shown(world) == [(["b", "a"], ["waiting"], [(None, 8080)])]


def test_publish_not_ready_addresses() -> None:
    """A Service that publishes all pods lists them as addresses, terminating ones too."""
    world = plane()
    world.service(publishNotReadyAddresses=True)
    for number, name in enumerate(["waiting", "leaving"]):
        world.pod(name)
        world.state(name, f"10.244.0.{number}", ready=False)
    world.api.delete(PODS, key("leaving"), actor=USER)
    world.run()
    assert shown(world) == [(["waiting", "leaving"], [], [(None, 8080)])]


def test_ports_are_packed() -> None:
    """Addresses with the same ports share a subset, ports with the same addresses too, in Kubernetes' order."""
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
    world.run()
    assert shown(world) == [(["old"], [], [("metrics", 9113), ("dns", 53), ("http", 80)])]
    world.running(
        "new",
        2,
        ports=(ContainerPort(name="http", containerPort=8080), ContainerPort(name="metrics", containerPort=9113)),
    )
    world.running("bare", 3)
    world.run()
    assert sorted(shown(world)) == [
        (["new"], [], [("http", 8080)]),
        (["old"], [], [("http", 80)]),
        (["old", "new"], [], [("metrics", 9113)]),
        (["old", "new", "bare"], [], [("dns", 53)]),
    ]


def test_headless_without_ports() -> None:
    """A headless Service may have no ports; its addresses are listed all the same."""
    world = plane()
    world.service(clusterIP="None", ports=())
    world.running("web-1", 1)
    world.run()
    assert shown(world) == [(["web-1"], [], [])]
    assert endpoints(world).metadata.labels["service.kubernetes.io/headless"] == ""


def test_pod_without_any_port_is_left_out() -> None:
    """A pod that has none of the named ports is no endpoint here."""
    world = plane()
    world.service(ports=(ServicePort(name="http", port=80, targetPort="http", protocol="TCP"),))
    world.running("web-1", 1)
    world.run()
    assert shown(world) == []


@pytest.mark.parametrize(("ready", "waiting"), [(1005, 10), (990, 20)])
def test_over_capacity(ready: int, waiting: int) -> None:
    """At most 1,000 addresses are listed, ready ones first, and an annotation says that some are missing."""
    world = plane()
    world.service()
    for number in range(ready + waiting):
        world.pod(f"web-{number}")
        world.state(f"web-{number}", f"10.244.{number // 200}.{number % 200}", ready=number < ready)
    world.run()
    ((here, away, _),) = shown(world)
    assert (len(here), len(away)) == (min(ready, 1000), 1000 - min(ready, 1000))
    assert endpoints(world).metadata.annotations["endpoints.kubernetes.io/over-capacity"] == "truncated"
    for number in range(ready + waiting - 1000):
        world.remove(f"web-{number}")
    world.run()
    assert "endpoints.kubernetes.io/over-capacity" not in endpoints(world).metadata.annotations


def test_many_changes_are_taken_in_portions_and_told_at_once() -> None:
    """However many pods changed, an item of work looks at a portion of them, and there is one write."""
    world = plane()
    world.service()
    world.run()
    for number in range(2 * PORTION + 1):
        world.running(f"web-{number}", number + 256)
    left = []
    while not world.clock.run_until(world.clock.now + 1_000, lambda: True):
        left.append(len(world.components[0]._services[key("web")].pods))
    (_, entry) = world.store.table(ENDPOINTS).read(0, 10)
    assert entry.object is not None
    assert len(entry.object.subsets[0].addresses) == 2 * PORTION + 1
    assert left[-4:] == [PORTION + 1, 1, 0, 0]  # the last is the reader of what was written


def test_edited_by_hand_is_set_right_at_the_next_change() -> None:
    """Nothing is written for a change that alters no address, unless somebody else wrote meanwhile."""
    world = plane()
    world.service()
    world.running("web-1", 1)
    world.run()
    found = endpoints(world)
    world.pod("web-2")
    world.run()
    assert endpoints(world) is found
    world.api.update(ENDPOINTS, replace(found, subsets=()), actor=USER)
    world.pod("web-3")
    world.run()
    assert shown(world) == [(["web-1"], [], [(None, 8080)])]


def test_goes_with_its_service() -> None:
    """The Endpoints of a deleted Service are deleted; others without a Service, a user's, are not."""
    world = plane()
    world.service()
    mine = Endpoints(metadata=ObjectMeta(name="mine", namespace=NAMESPACE))
    world.api.create(ENDPOINTS, mine, actor=USER)
    world.run()
    world.api.delete(SERVICES, key("web"), actor=USER)
    world.run()
    assert list(world.store.table(ENDPOINTS)) == [key("mine")]


def test_deleted_by_hand_comes_back() -> None:
    """Endpoints deleted while the Service lives are made again."""
    world = plane()
    world.service()
    world.run()
    world.api.delete(ENDPOINTS, key("web"), actor=USER)
    world.run()
    assert endpoints(world).subsets == ()


def test_rebuilt_controller_goes_on() -> None:
    """Started on a settled store it writes nothing; a Service deleted meanwhile loses its Endpoints."""
    world = plane()
    world.service()
    world.service("other")
    world.running("web-1", 1)
    world.run()
    world.restart(EndpointsController)
    assert world.quiet()
    world.api.delete(SERVICES, key("other"), actor=USER)
    world.restart(EndpointsController)
    world.run()
    assert list(world.store.table(ENDPOINTS)) == [key("web")]


PODS_DRAWN = [f"p{number}" for number in range(6)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pod"), st.sampled_from(PODS_DRAWN), st.sampled_from("abc"), st.booleans()),
        st.tuples(
            st.sampled_from(["remove", "drain", "label"]),
            st.sampled_from(PODS_DRAWN),
            st.sampled_from("abc"),
            st.booleans(),
        ),
        st.tuples(
            st.sampled_from(["service", "drop"]), st.sampled_from(["s1", "s2"]), st.sampled_from("abc"), st.booleans()
        ),
        st.tuples(st.just("run"), st.just(""), st.just(""), st.booleans()),
    ),
    max_size=30,
)


def step(world: Plane, what: str, name: str, label: str, flag: bool) -> None:  # noqa: FBT001 - a table of steps
    """Do one thing a user or kubelet may do."""
    pod = world.api.find(PODS, key(name)) if name else None
    if what == "run":
        world.run(3 if flag else 100)
    elif what == "service":
        world.service(name, selector={"app": label}, publishNotReadyAddresses=flag)
    elif what == "drop":
        if world.api.find(SERVICES, key(name)) is not None:
            world.api.delete(SERVICES, key(name), actor=USER)
    elif what == "pod":
        if pod is None:
            world.pod(name, labels={"app": label})
        world.state(name, f"10.244.0.{PODS_DRAWN.index(name) + 1}", ready=flag)
    elif pod is not None and what == "label":
        world.api.update(PODS, replace(pod, metadata=replace(pod.metadata, labels={"app": label})), actor=USER)
    elif pod is not None:
        world.api.delete(PODS, key(name), grace=0 if what == "remove" else None, actor=USER)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_equals_brute_force(steps: list[tuple[str, str, str, bool]]) -> None:
    """After any changes both kinds list exactly the pods that each Service's selector matches, then nothing is written."""
    world = Plane(EndpointsController, EndpointSliceController)
    for one in steps:
        step(world, *one)
    world.run(10_000)
    for name, service in world.store.table(SERVICES).items():
        spec = service.spec
        pods = [pod for pod in world.store.table(PODS).values() if spec.selector.items() <= pod.metadata.labels.items()]
        listed = {
            pod.metadata.name for pod in pods if spec.publishNotReadyAddresses or not pod.metadata.deletionTimestamp
        }
        ready = {pod.metadata.name for pod in pods if spec.publishNotReadyAddresses or is_ready(pod)} & listed
        subsets = world.api.get(ENDPOINTS, name).subsets
        assert {at.targetRef.name for subset in subsets for at in subset.addresses if at.targetRef} == ready
        assert {
            at.targetRef.name for subset in subsets for at in subset.notReadyAddresses if at.targetRef
        } == listed - ready
        found = [
            (at.targetRef.name, at.conditions.serving)
            for piece in world.store.table(ENDPOINT_SLICES).values()
            if any(owner.uid == service.metadata.uid for owner in piece.metadata.ownerReferences)
            for at in piece.endpoints if at.targetRef
        ]  # fmt: skip
        assert sorted(found) == sorted((pod.metadata.name, is_ready(pod)) for pod in pods)
    assert world.quiet()
