"""Which pods belong together, and how a long failure is said."""

import pytest

from cluster.api.apps import ReplicaSet, ReplicaSetSpec
from cluster.api.core import ReplicationController, ReplicationControllerSpec, Service, ServiceSpec
from cluster.api.kinds import SERVICES
from cluster.api.meta import LabelSelector, ObjectMeta, OwnerReference
from cluster.scheduler.failure import shortened
from tests.cluster.scheduler.benchmark import decisions
from tests.cluster.scheduler.world import World, node, pod

SERVICE = Service(metadata=ObjectMeta(name="web", namespace="default"), spec=ServiceSpec(selector={"app": "web"}))
LABELS = {"app": "web", "tier": "front"}


def owned(kind: str, api_version: str) -> OwnerReference:
    """A reference to a controller named `owner`."""
    return OwnerReference(kind=kind, apiVersion=api_version, name="owner", uid="u", controller=True)


def selector(world: World, *owners: OwnerReference) -> str:
    """The text of the selector of a pod's siblings; "" if it has none."""
    found = world.scheduler.siblings.selector(pod("p", None, LABELS, ownerReferences=owners))
    return "" if found is None else str(found)


def test_services_and_controllers_are_combined() -> None:
    """A pod's siblings are those that its Services and its controller select, both at once."""
    meta = ObjectMeta(name="owner", namespace="default", uid="u")
    world = World(
        SERVICE,
        ReplicaSet(
            metadata=meta, spec=ReplicaSetSpec(selector=LabelSelector(matchLabels={"tier": "front", "app": "web"}))
        ),
        ReplicationController(metadata=meta, spec=ReplicationControllerSpec(selector={"tier": "front"})),
    )
    assert selector(world) == "app=web"
    assert selector(world, owned("ReplicaSet", "apps/v1")) == "app=web,tier=front"
    assert selector(world, owned("ReplicationController", "v1")) == "app=web,tier=front"
    assert selector(world, owned("Job", "batch/v1")) == "app=web"
    world.delete(SERVICES, "default/web")
    world.run(10)
    assert selector(world) == ""
    assert selector(world, owned("ReplicationController", "v1")) == "tier=front"
    assert selector(world, owned("ReplicaSet", "apps/v1")) == "app=web,tier=front"


def test_a_service_that_comes_later_is_heeded() -> None:
    """Pods scheduled after a Service was made spread, although pods of their template were seen before."""
    world = World(node("n1", cpu="64", memory="64Gi", zone="a"), node("n2", zone="b"))
    world.put(pod("p0", None, LABELS), pod("p1", None, LABELS)).run()
    assert [world.where("p0"), world.where("p1")] == ["n1", "n1"]
    world.put(SERVICE).run(10)
    world.put(pod("p2", None, LABELS)).run()
    assert world.where("p2") == "n2"


def test_services_of_other_namespaces_and_without_selector() -> None:
    """Only Services that select the pod count."""
    elsewhere = Service(metadata=ObjectMeta(name="web", namespace="other"), spec=ServiceSpec(selector={"app": "web"}))
    manual = Service(metadata=ObjectMeta(name="manual", namespace="default"))
    other = Service(metadata=ObjectMeta(name="db", namespace="default"), spec=ServiceSpec(selector={"app": "db"}))
    assert selector(World(elsewhere, manual, other)) == ""


@pytest.mark.parametrize(("length", "kept"), [(10, 10), (1024, 1024), (1025, 1024)])
def test_notes_are_cut_to_what_an_event_carries(length: int, kept: int) -> None:
    """An event's note holds 1,024 characters."""
    assert len(shortened("x" * length)) == kept


def test_the_benchmark_runs() -> None:
    """The benchmark's scenario schedules every pod."""
    assert decisions(nodes=10, pods=20, classes=2, mixed=True) > 0
