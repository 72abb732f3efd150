"""A node's memory runs short: what is told of it, who is evicted, and when it is over."""

from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.kubelet.pressure import Eater, ranked
from tests.cluster.kubelet.world import INSTANT, USER, World

GIBI = 1 << 30


def eating(world: World, name: str, use: str, request: str = "", **spec: Any) -> None:
    """A pod of one container that uses this much memory of a node's 8Gi."""
    resources = {"requests": {"memory": request}} if request else {}
    containers = [{"name": "c", "image": "nginx", "resources": resources}]
    world.pod(name, containers=containers, annotations={"memory_use": use}, **spec)


def pressed(world: World) -> tuple[str, str, str]:
    """The status, reason and message of the node's MemoryPressure condition."""
    found = next(one for one in world.node().status.conditions if one.type == "MemoryPressure")
    return found.status, found.reason, found.message


def test_the_pod_that_uses_too_much_is_evicted() -> None:
    """Less than 100Mi available: the node says so, and the pod that is furthest beyond its request fails."""
    world = World(INSTANT)
    eating(world, "modest", "3Gi", "4Gi")
    eating(world, "greedy", "trace 0s=1Gi 60s=4900Mi", "1Gi")
    world.run(55_000)
    assert pressed(world) == ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
    world.run(15_000)
    assert pressed(world) == ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
    status = world.get("greedy").status
    why = (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 0. "
        "Container c was using 4900Mi, request is 1Gi, has larger consumption of memory. "
    )
    assert (status.phase, status.reason, status.message) == ("Failed", "Evicted", why)
    assert world.condition("DisruptionTarget", "greedy") == ("True", "TerminationByKubelet", why)
    assert world.condition("Ready", "greedy") == ("False", "PodFailed", "")
    assert world.container("greedy").state.terminated is not None
    assert world.get("modest").status.phase == "Running"
    assert [(one.type, one.message) for one in world.events("greedy") if one.reason == "Evicted"] == [("Warning", why)]
    assert world.message("EvictionThresholdMet", "node-1") == "Attempting to reclaim memory"
    assert (
        world.message("NodeHasInsufficientMemory", "node-1") == "Node node-1 status is now: NodeHasInsufficientMemory"
    )


def test_available_is_told_as_it_was() -> None:
    """The message has what was left, in whole Ki."""
    world = World(INSTANT)
    eating(world, "big", "7800Mi")
    world.run(15_000)
    assert "available: 72Mi. Container c was using 7800Mi, request is 0, " in world.get("big").status.message


def test_pressure_is_over_five_minutes_after_it_was_last_seen() -> None:
    """The condition stays for the transition period; then nothing is due any more."""
    world = World(INSTANT)
    eating(world, "big", "8Gi")
    world.run(15_000)
    assert world.get("big").status.reason == "Evicted"
    world.run(280_000)
    assert pressed(world)[0] == "True"
    world.run(30_000)
    assert pressed(world)[0] == "False"
    assert [one.count for one in world.events("node-1") if one.reason == "NodeHasSufficientMemory"] == [2]
    revision = world.store.revision
    world.run(3_600_000)
    assert world.store.revision == revision
    assert world.clock.next_time() is None


def test_one_pod_after_the_other_until_there_is_enough() -> None:
    """As many pods go as have to, and no more."""
    world = World(INSTANT)
    for number in range(4):
        eating(world, f"pod-{number}", f"{2600 + number}Mi")
    world.run(30_000)
    assert [world.get(f"pod-{n}").status.reason for n in range(4)] == ["", "", "Evicted", "Evicted"]


def test_ranking() -> None:
    """Use beyond the request comes first, then low priority, then how far it is beyond."""
    world = World(INSTANT)
    world.pod()
    pod = world.get()

    def found(name: str, used: int, requested: int, priority: int = 0) -> Eater:
        named = replace(pod, metadata=replace(pod.metadata, name=name), spec=replace(pod.spec, priority=priority))
        return Eater(named, {"c": used}, requested)

    eaters = [
        found("within", 5, 5), found("little", 2, 1), found("much", 9, 1), found("high", 99, 1, 10),
        found("within-low", 1, 5, -10),
    ]  # fmt: skip
    assert [one.pod.metadata.name for one in ranked(eaters)] == ["much", "little", "high", "within-low", "within"]


def test_critical_pods_stay() -> None:
    """A pod of a system class is never evicted; the node stays under pressure if it is all there is."""
    world = World(INSTANT)
    eating(world, "system", "8Gi", priorityClassName="system-node-critical")
    world.run(600_000)
    assert world.get("system").status.phase == "Running"
    assert pressed(world)[0] == "True"


def test_best_effort_pods_are_refused_meanwhile() -> None:
    """A node under pressure takes pods that request something or tolerate it, and no others."""
    world = World(INSTANT)
    eating(world, "big", "8Gi")
    world.run(15_000)
    world.pod("none")
    world.pod("some", containers=[{"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "1m"}}}])
    tolerated = {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}
    world.pod("tolerant", tolerations=[tolerated])
    world.run(5000)
    status = world.get("none").status
    assert (status.phase, status.reason) == ("Failed", "Evicted")
    assert status.message == "Pod was rejected: The node had condition: [MemoryPressure]. "
    assert [world.get(name).status.phase for name in ("some", "tolerant")] == ["Running", "Running"]


def test_a_limit_keeps_a_container_from_using_more() -> None:
    """A container that is killed at its limit never brings its node under pressure."""
    world = World(INSTANT)
    resources = {"limits": {"memory": "1Gi"}}
    world.pod(containers=[{"name": "c", "image": "nginx", "resources": resources}],
              annotations={"memory_use": "ramp 512Mi 9Gi 60s"})  # fmt: skip
    world.run(120_000)
    ended = world.container().lastState.terminated or world.container().state.terminated
    assert ended is not None
    assert (ended.reason, ended.exitCode) == ("OOMKilled", 137)
    assert pressed(world)[0] == "False"


def test_a_pod_that_says_later_what_it_uses() -> None:
    """An annotation on a pod that runs counts at once."""
    world = World(INSTANT)
    world.pod()
    world.run(5000)
    pod = world.get()
    told = {"sim.ktui.dev/memory-use": "9Gi"}
    world.api.update(kinds.PODS, replace(pod, metadata=replace(pod.metadata, annotations=told)), actor=USER)
    world.run(15_000)
    assert world.get().status.reason == "Evicted"


def test_a_kubelet_that_starts_again_goes_on() -> None:
    """Pressure that was told of ends in time, and what pods use is looked at again."""
    world = World(INSTANT)
    eating(world, "first", "8Gi")
    world.run(15_000)
    world.rebuild()
    world.run(100_000)
    assert pressed(world)[0] == "True"
    eating(world, "second", "trace 0s=1Gi 30s=8Gi", "1Gi")
    world.run(1000)
    world.rebuild()
    world.run(60_000)
    assert world.get("second").status.reason == "Evicted"
    world.rebuild()
    world.run(400_000)
    assert pressed(world)[0] == "False"
