"""Nodes are shut down in order: which pods end when, what is told, and how the node returns."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.kubelet.node import ready_condition
from tests.cluster.kubelet.world import INSTANT, USER, World

SHUTDOWN = "sim.ktui.dev/shutdown"
MESSAGE = "Pod was terminated in response to imminent node shutdown."


def told(world: World, period: str | None, node: str = "node-1") -> None:
    """Annotate the node, or take the annotation away."""
    value = world.node(node)
    others = {name: text for name, text in value.metadata.annotations.items() if name != SHUTDOWN}
    new = others if period is None else {**others, SHUTDOWN: period}
    world.api.update(kinds.NODES, replace(value, metadata=replace(value.metadata, annotations=new)), actor=USER)


def ready(world: World) -> tuple[str, str, str]:
    """The status, reason and message of the node's Ready condition."""
    found = ready_condition(world.node())
    assert found is not None
    return found.status, found.reason, found.message


def lease_ended(world: World) -> bool:
    """Whether the node's kubelet has stopped beating."""
    return bool(world.api.get(kinds.LEASES, "kube-node-lease/node-1").spec.renewTime)


def test_pods_end_before_the_node_does() -> None:
    """The node says that it shuts down, its pods fail with Kubernetes' words, and then it is gone."""
    world = World(INSTANT)
    world.pod(annotations={"stop_after": "5s"})
    world.run(5000)
    told(world, "30s")
    world.run(1000)
    assert ready(world) == ("False", "KubeletNotReady", "node is shutting down")
    assert world.message("Shutdown", "node-1") == "Shutdown manager detected shutdown event"
    assert world.message("NodeNotReady", "node-1") == "Node node-1 status is now: NodeNotReady"
    assert world.message("Killing") == "Stopping container c"
    assert world.get().status.phase == "Running"
    assert not lease_ended(world)
    world.run(5000)
    status = world.get().status
    assert (status.phase, status.reason, status.message) == ("Failed", "Terminated", MESSAGE)
    assert world.condition("DisruptionTarget") == ("True", "TerminationByKubelet", MESSAGE)
    ended = world.container().state.terminated
    assert ended is not None
    assert ended.exitCode == 0
    assert lease_ended(world)
    assert ready(world) == ("False", "KubeletNotReady", "node is shutting down")


def test_who_takes_too_long_is_killed() -> None:
    """Pods have two thirds of the time, and no longer than their own grace period."""
    world = World(INSTANT)
    world.pod("slow", annotations={"stop_after": "1h"}, terminationGracePeriodSeconds=60)
    world.pod("short", annotations={"stop_after": "1h"}, terminationGracePeriodSeconds=5)
    world.run(5000)
    told(world, "30s")
    world.run(6000)
    assert [world.get(name).status.phase for name in ("slow", "short")] == ["Running", "Failed"]
    world.run(15_000)
    for name in ("slow", "short"):
        ended = world.container(name).state.terminated
        assert ended is not None
        assert ended.exitCode == 137


def test_critical_pods_go_last() -> None:
    """Pods of a system class are stopped when the others have ended."""
    world = World(INSTANT)
    world.pod("usual", annotations={"stop_after": "10s"})
    world.pod("system", annotations={"stop_after": "3s"}, priorityClassName="system-node-critical")
    world.run(5000)
    told(world, "30s")
    world.run(9000)
    assert "Killing" not in world.told("system")
    world.run(2000)
    assert world.get("usual").status.reason == "Terminated"
    assert world.get("system").status.phase == "Running"
    assert "Killing" in world.told("system")
    world.run(3000)
    assert world.get("system").status.reason == "Terminated"
    assert lease_ended(world)


def test_no_pod_is_taken_meanwhile() -> None:
    """A node that shuts down refuses new pods."""
    world = World(INSTANT)
    world.pod(annotations={"stop_after": "10s"})
    world.run(5000)
    told(world, "30s")
    world.run(1000)
    world.pod("late")
    world.run(1000)
    status = world.get("late").status
    assert (status.phase, status.reason) == ("Failed", "NodeShutdown")
    assert status.message == "Pod was rejected: Pod was rejected as the node is shutting down."


def test_the_node_returns() -> None:
    """Without the annotation the node is ready again and takes pods; those that were ended stay so."""
    world = World(INSTANT)
    world.pod()
    world.run(5000)
    told(world, "30s")
    world.run(60_000)
    told(world, None)
    world.run(5000)
    assert ready(world)[0] == "True"
    assert not lease_ended(world)
    assert world.get().status.reason == "Terminated"
    world.pod("next")
    world.run(5000)
    assert world.get("next").status.phase == "Running"


def test_a_shutdown_can_be_called_off() -> None:
    """A node that is told so in time stays: pods that were not ended by then go on."""
    world = World(INSTANT)
    world.pod(annotations={"stop_after": "1h"}, priorityClassName="system-node-critical")
    world.pod("other", annotations={"stop_after": "10s"})
    world.run(5000)
    told(world, "30s")
    world.run(3000)
    told(world, None)
    world.run(60_000)
    assert ready(world)[0] == "True"
    assert not lease_ended(world)
    assert world.get().status.phase == "Running"


def test_a_kubelet_that_starts_again_goes_on() -> None:
    """A shutdown under way is read from the store; a node that is off stays off."""
    world = World(INSTANT)
    world.pod(annotations={"stop_after": "10s"})
    world.run(5000)
    told(world, "30s")
    world.run(4000)
    world.rebuild()
    world.run(5000)
    assert world.get().status.phase == "Running"
    world.run(3000)
    assert world.get().status.reason == "Terminated"
    assert [one.count for one in world.events() if one.reason == "Killing"] == [1]
    world.rebuild()
    revision = world.store.revision
    world.run(600_000)
    assert lease_ended(world)
    assert world.store.revision == revision
