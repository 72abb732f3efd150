"""Pods are resized: what their nodes grant at once, later or never, and what is told of it."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import PodCondition
from cluster.api.quantity import Quantity
from cluster.kubelet.allocation import ALLOCATIONS
from tests.cluster.kubelet.world import INSTANT, USER, World

Amounts = Mapping[str, str]


def burstable(cpu: str, memory: str = "1Gi", **more: Any) -> dict[str, Any]:
    """A container that asks for this."""
    return {"name": "c", "image": "nginx", "resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


def resize(world: World, name: str = "web", **requests: str) -> None:
    """Ask for other requests for a pod's first container."""
    pod = world.get(name)
    first, *rest = pod.spec.containers
    asked = {**first.resources.requests, **{resource: Quantity(text) for resource, text in requests.items()}}
    first = replace(first, resources=replace(first.resources, requests=asked))
    world.api.update_pod_part(replace(pod, spec=replace(pod.spec, containers=(first, *rest))), "resize", actor=USER)


def given(world: World, name: str = "web") -> tuple[str, str]:
    """The cpu that a pod's first container was promised, and has."""
    status = world.container(name)
    assert status.resources is not None
    return status.allocatedResources["cpu"], status.resources.requests["cpu"]


def about_resizes(world: World, name: str = "web") -> list[PodCondition]:
    """The conditions of a pod that are about its resize."""
    return [one for one in world.get(name).status.conditions if one.type.startswith("PodResize")]


def test_a_resize_is_granted_and_done_a_second_later() -> None:
    """What fits is promised at once; the runtime has done it a second later, and both are told."""
    world = World(INSTANT)
    world.pod(containers=[burstable("100m")])
    world.run(5000)
    resize(world, cpu="500m")
    world.run(10)
    assert given(world) == ("500m", "100m")
    status = world.get().status
    assert (status.allocatedResources["cpu"], status.observedGeneration) == ("500m", 2)
    assert status.resources is not None
    assert status.resources.requests["cpu"] == "100m"
    (condition,) = about_resizes(world)
    assert (condition.type, condition.status, condition.reason, condition.observedGeneration) == (
        "PodResizeInProgress", "True", "", 2,
    )  # fmt: skip
    assert status.conditions[0] == condition
    world.run(1000)
    assert given(world) == ("500m", "500m")
    assert about_resizes(world) == []
    assert world.container().restartCount == 0
    wanted = '{"containers":[{"name":"c","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}],"generation":2}'
    assert world.message("ResizeStarted") == f"Pod resize started: {wanted}"
    assert world.message("ResizeCompleted") == f"Pod resize completed: {wanted}"
    assert not len(world.store.table(ALLOCATIONS))


def test_what_a_node_can_never_give_is_infeasible() -> None:
    """More than the node has at all is refused for good; the pod keeps what it was given until it asks for less."""
    world = World(INSTANT)
    world.pod(containers=[burstable("100m")])
    world.run(5000)
    resize(world, cpu="400")
    world.run(600_000)
    why = "Node didn't have enough capacity: cpu, requested: 400000, capacity: 4000"
    (condition,) = about_resizes(world)
    assert (condition.type, condition.reason, condition.message) == ("PodResizePending", "Infeasible", why)
    assert given(world) == ("100m", "100m")
    (event,) = [one for one in world.events() if one.reason == "ResizeInfeasible"]
    assert (event.type, event.count) == ("Warning", 1)
    assert event.message == (
        'Pod resize Infeasible: {"containers":[{"name":"c","resources":{"requests":{"cpu":"400","memory":"1Gi"}}}],'
        f'"generation":2,"error":"{why}"}}'
    )
    resize(world, cpu="100m")
    world.run(5000)
    assert about_resizes(world) == []
    assert not len(world.store.table(ALLOCATIONS))


def full(world: World, *sizes: str, **more: Any) -> None:
    """Pods that fill a node, a container of this many cores each."""
    for number, cpu in enumerate(sizes):
        world.pod(f"pod-{number}", containers=[burstable(cpu, "1Mi")], **more)
    world.run(5000)


def test_a_deferred_resize_waits_for_room() -> None:
    """What the node has no room for now is granted when a pod is gone."""
    world = World(INSTANT)
    full(world, "2", "1500m")
    resize(world, "pod-0", cpu="3")
    world.run(600_000)
    (condition,) = about_resizes(world, "pod-0")
    assert (condition.reason, condition.message) == (
        "Deferred", "Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000",
    )  # fmt: skip
    assert world.told("pod-0").count("ResizeDeferred") == 1
    assert given(world, "pod-0") == ("2", "2")
    world.api.delete(kinds.PODS, "default/pod-1", actor=USER)
    world.run(60_000)
    assert given(world, "pod-0") == ("3", "3")
    assert about_resizes(world, "pod-0") == []


def test_a_pod_that_shrinks_makes_room() -> None:
    """A deferred resize is granted when another pod on the node has been resized to less."""
    world = World(INSTANT)
    full(world, "2", "1500m")
    resize(world, "pod-0", cpu="3")
    world.run(5000)
    resize(world, "pod-1", cpu="500m")
    world.run(5000)
    assert given(world, "pod-0") == ("3", "3")
    assert given(world, "pod-1") == ("500m", "500m")


def test_deferred_resizes_go_by_priority_and_then_by_age() -> None:
    """Room goes to the pod of the highest priority first, else to the one that has waited longest."""
    world = World(INSTANT)
    full(world, "500m", "500m", "500m", "2500m")
    for name in ("pod-1", "pod-0", "pod-2"):
        resize(world, name, cpu="1500m")
        world.run(2000)
    pod = world.get("pod-2")
    world.store.put(kinds.PODS, "default/pod-2", replace(pod, spec=replace(pod.spec, priority=10)), USER)
    world.run(2000)
    resize(world, "pod-3", cpu="1500m")
    world.run(5000)
    assert [given(world, f"pod-{n}")[0] for n in (0, 1, 2)] == ["500m", "500m", "1500m"]
    world.api.delete(kinds.PODS, "default/pod-2", actor=USER)
    world.run(60_000)
    assert [given(world, f"pod-{n}")[0] for n in (0, 1)] == ["500m", "1500m"]


def test_a_node_that_grows_makes_room() -> None:
    """A deferred resize is granted when the node has more to give."""
    world = World(INSTANT)
    full(world, "2", "1500m")
    resize(world, "pod-0", cpu="3")
    world.run(5000)
    node = world.node()
    more = {**node.status.allocatable, "cpu": Quantity("8")}
    world.api.update_status(kinds.NODES, replace(node, status=replace(node.status, allocatable=more)), actor=USER)
    world.run(5000)
    assert given(world, "pod-0") == ("3", "3")


def test_a_container_that_must_be_restarted_for_it() -> None:
    """Where the resize policy says so for what is changed, the container is stopped and started with its new size."""
    world = World(INSTANT)
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    world.pod(containers=[burstable("100m", resizePolicy=policy)])
    world.run(5000)
    resize(world, cpu="200m")
    world.run(5000)
    assert world.container().restartCount == 0
    resize(world, memory="2Gi")
    world.run(60_000)
    status = world.container()
    assert (status.restartCount, status.state.running is not None) == (1, True)
    assert status.resources is not None
    assert status.resources.requests == {"cpu": "200m", "memory": "2Gi"}
    assert world.message("Killing") == "Container c resize requires restart"
    assert about_resizes(world) == []
    assert world.told().count("ResizeCompleted") == 2


def test_a_higher_limit_comes_before_the_memory_is_used_up() -> None:
    """A container whose memory limit is raised in time is not killed for what it uses then."""
    world = World(INSTANT)
    sizes = {"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    for name in ("saved", "lost"):
        world.pod(name, containers=[{"name": "c", "image": "nginx", "resources": sizes}],
                  annotations={"memory_use": "trace 0s=64Mi 60s=200Mi"})  # fmt: skip
    world.run(10_000)
    pod = world.get("saved")
    (container,) = pod.spec.containers
    container = replace(container, resources=replace(container.resources, limits={"memory": Quantity("256Mi")}))
    world.api.update_pod_part(replace(pod, spec=replace(pod.spec, containers=(container,))), "resize", actor=USER)
    world.run(80_000)
    assert world.container("saved").restartCount == 0
    assert world.container("lost").restartCount == 1
    ended = world.container("lost").lastState.terminated
    assert ended is not None
    assert (ended.reason, ended.exitCode) == ("OOMKilled", 137)


def test_a_limit_is_not_lowered_below_what_is_used() -> None:
    """The resize waits, and says why, until the container uses less; it is not killed for a limit that it has not."""
    world = World(INSTANT)
    sizes = {"requests": {"memory": "64Mi"}, "limits": {"memory": "512Mi"}}
    world.pod(containers=[{"name": "c", "image": "nginx", "resources": sizes}],
              annotations={"memory_use": "trace 0s=200Mi 60s=100Mi"})  # fmt: skip
    world.run(10_000)
    pod = world.get()
    (container,) = pod.spec.containers
    container = replace(container, resources=replace(container.resources, limits={"memory": Quantity("128Mi")}))
    world.api.update_pod_part(replace(pod, spec=replace(pod.spec, containers=(container,))), "resize", actor=USER)
    world.run(30_000)
    why = (
        "cannot decrease memory limits: [attempting to set pod memory limit (134217728) below current usage (209715200), "
        'attempting to set container "c" memory limit (134217728) below current usage (209715200)]'
    )
    (condition,) = about_resizes(world)
    assert (condition.type, condition.reason, condition.message) == ("PodResizeInProgress", "Error", why)
    status = world.container().resources
    assert status is not None
    assert status.limits == {"memory": "512Mi"}
    (event,) = [one for one in world.events() if one.reason == "ResizeError"]
    assert (event.type, event.count) == ("Warning", 1)
    assert event.message.startswith('Pod resize error: {"containers":[{"name":"c",')
    world.run(40_000)
    status = world.container().resources
    assert status is not None
    assert status.limits == {"memory": "128Mi"}
    assert (about_resizes(world), world.container().restartCount) == ([], 0)


def test_a_kubelet_that_starts_again_goes_on() -> None:
    """What was promised and what is under way are read from the store."""
    world = World(INSTANT)
    full(world, "2", "1500m")
    resize(world, "pod-0", cpu="3")
    resize(world, "pod-1", cpu="1600m")
    world.run(100)
    told = world.told("pod-0").count("ResizeDeferred")
    world.rebuild()
    world.run(5000)
    assert given(world, "pod-1") == ("1600m", "1600m")
    assert given(world, "pod-0") == ("2", "2")
    world.api.delete(kinds.PODS, "default/pod-1", actor=USER)
    world.run(60_000)
    assert given(world, "pod-0") == ("3", "3")
    assert world.told("pod-0").count("ResizeDeferred") == told


def test_a_resize_while_the_node_was_down() -> None:
    """A kubelet that comes back sees that a pod asks for something else than it was given."""
    world = World(INSTANT)
    world.pod(containers=[burstable("100m")])
    world.run(5000)
    world.kubelets.stop("node-1")
    resize(world, cpu="500m")
    world.run(5000)
    assert given(world) == ("100m", "100m")
    world.kubelets.start("node-1")
    world.run(5000)
    assert given(world) == ("500m", "500m")
    assert world.told().count("ResizeCompleted") == 1
