"""Taint eviction: who has to go, when, and how it is said."""

import pytest
from msgspec.structs import replace

from cluster.api.core import Pod, Taint, Toleration
from cluster.api.kinds import EVENTS, NODES, PODS
from cluster.controllers.taint_eviction import TaintEvictionController, tolerated_for
from tests.cluster.controllers.plane import USER, Plane, key

TAINT = Taint(key="example.com/broken", value="yes", effect="NoExecute")
UNREACHABLE = Taint(key="node.kubernetes.io/unreachable", effect="NoExecute")


def plane() -> Plane:
    """A control plane with the controller."""
    return Plane(TaintEvictionController)


def taint(world: Plane, *taints: Taint, name: str = "node-a") -> None:
    """Give a node just these taints."""
    node = world.api.get(NODES, name)
    world.api.update(NODES, replace(node, spec=replace(node.spec, taints=taints)), actor=USER)


def leaving(world: Plane, name: str) -> bool:
    """Whether a pod is gone or on its way out."""
    pod = world.api.find(PODS, key(name))
    return pod is None or bool(pod.metadata.deletionTimestamp)


def messages(world: Plane) -> list[str]:
    """What the events say."""
    return [event.message for event in world.store.table(EVENTS).values() if event.reason == "TaintManagerEviction"]


def tolerating(world: Plane, name: str, *tolerations: Toleration) -> Pod:
    """A running pod with more tolerations than the ones every pod is given."""
    pod = world.running(name, 1)
    return world.api.update(
        PODS, replace(pod, spec=replace(pod.spec, tolerations=(*tolerations, *pod.spec.tolerations))), actor=USER
    )


def test_not_tolerated() -> None:
    """A pod that does not tolerate the taint goes at once, with a condition and an event that say why."""
    world = plane()
    world.running("web-1", 1)
    world.running("web-2", 2, node="node-b")
    world.run()
    taint(world, TAINT)
    world.run()
    pod = world.api.get(PODS, key("web-1"))
    assert pod.metadata.deletionTimestamp
    (condition,) = (found for found in pod.status.conditions if found.type == "DisruptionTarget")
    assert (condition.status, condition.reason, condition.message) == (
        "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint",
    )  # fmt: skip
    assert messages(world) == ["Marking for deletion Pod shop/web-1"]
    assert not leaving(world, "web-2")
    assert world.quiet()


def test_tolerated_for_five_minutes() -> None:
    """The tolerations every pod is given keep it on an unreachable node for 300 seconds from the taint on."""
    world = plane()
    world.running("web-1", 1)
    world.run(5_000)
    taint(world, replace(UNREACHABLE, timeAdded=world.clock.timestamp()))
    world.run(299_000)
    assert not leaving(world, "web-1")
    world.run(1_000)
    assert leaving(world, "web-1")


def test_taint_taken_back() -> None:
    """A node that recovers in time keeps its pods, and the cancelled deletion is told."""
    world = plane()
    world.running("web-1", 1)
    taint(world, replace(UNREACHABLE, timeAdded=world.clock.timestamp()))
    world.run(100_000)
    taint(world)
    world.run(400_000)
    assert not leaving(world, "web-1")
    assert messages(world) == ["Cancelling deletion of Pod shop/web-1"]
    taint(world, replace(UNREACHABLE, timeAdded=world.clock.timestamp()))
    world.run(299_000)
    assert not leaving(world, "web-1")
    world.run(2_000)
    assert leaving(world, "web-1")


def test_tolerated_for_ever() -> None:
    """A toleration without a limit keeps the pod."""
    world = plane()
    tolerating(world, "web-1", Toleration(operator="Exists"))
    taint(world, TAINT, UNREACHABLE)
    world.run(1_000_000)
    assert not leaving(world, "web-1")
    assert messages(world) == []


def test_pods_that_come_later() -> None:
    """A pod bound to a tainted node is counted from its own coming."""
    world = plane()
    taint(world, replace(UNREACHABLE, timeAdded=world.clock.timestamp()))
    world.run(200_000)
    world.running("web-1", 1)
    world.run(299_000)
    assert not leaving(world, "web-1")
    world.run(2_000)
    assert leaving(world, "web-1")


def test_rebuilt_controller_goes_on() -> None:
    """The time that has passed since the taint counts for a controller that starts later."""
    world = plane()
    world.running("web-1", 1)
    taint(world, replace(UNREACHABLE, timeAdded=world.clock.timestamp()))
    world.run(200_000)
    world.restart(TaintEvictionController)
    world.run(101_000)
    assert leaving(world, "web-1")


@pytest.mark.parametrize(
    ("tolerations", "seconds"),
    [
        ((), 0),
        ((Toleration(key="example.com/broken", operator="Exists"),), None),
        ((Toleration(key="example.com/broken", operator="Equal", value="yes"),), None),
        ((Toleration(key="example.com/broken", value="no"),), 0),
        ((Toleration(key="example.com/broken", operator="Exists", effect="NoSchedule"),), 0),
        ((Toleration(operator="Exists", tolerationSeconds=7),), 7),
        ((Toleration(operator="Exists", tolerationSeconds=-7),), 0),
        ((Toleration(operator="Exists", tolerationSeconds=7), Toleration(operator="Exists")), 7),
    ],
)
def test_tolerated_for(tolerations: tuple[Toleration, ...], seconds: int | None) -> None:
    """The first toleration that matches a taint decides for it; the shortest over all taints counts."""
    assert tolerated_for([TAINT], tolerations) == seconds
