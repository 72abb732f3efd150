"""Preemption: who has to go for whom, from which node, and what everybody is told."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import Pod
from cluster.api.kinds import PODS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.policy import PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus
from cluster.scheduler.explain import Explanation
from tests.cluster.scheduler.world import World, node, pod, spec

APP = {"app": "a"}


def placed(name: str, where: str, cpu: str, priority: int = 0, start: str = "2026-01-01T00:00:00Z", **meta: Any) -> Pod:
    """A pod that runs on a node."""
    made = pod(name, spec({"cpu": cpu}, nodeName=where, priority=priority, terminationGracePeriodSeconds=0), **meta)
    return replace(made, status=replace(made.status, startTime=start))


def asking(name: str, cpu: str, priority: int, **fields: Any) -> Pod:
    """A pod that waits."""
    return pod(name, spec({"cpu": cpu}, priority=priority, **fields))


def gone(world: "Watched") -> set[str]:
    """The pods that have been deleted: told so in an event."""
    names = {pod_.metadata.name for pod_ in world.store.table(PODS).values() if not pod_.metadata.deletionTimestamp}
    told = {event.involvedObject.name for event in _events(world)}
    assert not told & names
    return told


def _events(world: "Watched") -> list[Any]:
    return [event for name in world.known for event in world.events(name) if event.reason == "Preempted"]


class Watched(World):
    """A world that remembers which pods it was given."""

    def __init__(self, *objects: Any) -> None:
        self.known = [each.metadata.name for each in objects if isinstance(each, Pod)]
        super().__init__(*objects)


def test_a_more_important_pod_takes_the_room() -> None:
    """The least important pods go, as few as need be; the pod is nominated at once and bound when they are gone."""
    world = Watched(node("n1", cpu="2"), placed("low", "n1", "1"), placed("lower", "n1", "1", -5))
    world.put(asking("vip", "1", 100)).run(20)
    assert world.pod("vip").status.nominatedNodeName == "n1"
    [failed] = [event.message for event in world.events("vip") if event.reason == "FailedScheduling"]
    assert failed == "0/1 nodes are available: 1 Insufficient cpu."
    world.run(15_000)
    assert (world.where("vip"), gone(world)) == ("n1", {"lower"})
    [event] = [event for event in world.events("lower") if event.reason == "Preempted"]
    assert event.message == "Preempted by pod uid-vip on node n1"


def test_victims_are_told_why_while_they_go() -> None:
    """A condition says that the scheduler disrupts them; meanwhile their node is kept for the one who waits."""
    world = World(node("n1", cpu="2"))
    slow = placed("slow", "n1", "2")
    world.put(replace(slow, spec=replace(slow.spec, terminationGracePeriodSeconds=30)))
    world.put(asking("vip", "2", 100)).run(100)
    victim = world.pod("slow")
    assert victim.metadata.deletionTimestamp
    [condition] = [each for each in victim.status.conditions if each.type == "DisruptionTarget"]
    assert (condition.status, condition.reason) == ("True", "PreemptionByScheduler")
    assert condition.message == "default-scheduler: preempting to accommodate a higher priority pod"
    world.run(330_000)
    assert world.says("vip").endswith("preemption: not eligible due to a terminating pod on the nominated node.")
    world.delete(PODS, "default/slow")
    world.put(asking("thief", "2", 50)).run(100)
    world.run(15_000)
    assert (world.where("vip"), world.where("thief")) == ("n1", "")


def test_nobody_goes_for_an_equal_or_a_pod_that_never_preempts() -> None:
    """Nor where it would not help."""
    world = Watched(node("n1", cpu="2"), placed("equal", "n1", "2", 10))
    world.put(asking("same", "1", 10), asking("meek", "1", 100, preemptionPolicy="Never"), asking("huge", "3", 100))
    world.run()
    assert gone(world) == set()
    assert world.says("same").endswith("1 No preemption victims found for incoming pod.")
    assert world.says("meek").endswith("preemption: not eligible due to preemptionPolicy=Never.")
    assert world.says("huge").endswith(
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )


def test_every_reason_is_counted_that_victims_would_not_help_with() -> None:
    """What would still be missing without them, each by itself."""
    important = pod("rival", spec({"cpu": "2", "memory": "2Gi"}, nodeName="n1", priority=500))
    world = World(node("n1", cpu="3", memory="3Gi"), important, placed("low", "n1", "500m"))
    world.put(pod("vip", spec({"cpu": "2", "memory": "2Gi"}, priority=100))).run(1_000)
    assert world.says("vip").endswith("preemption: 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.")


def test_the_node_is_chosen_that_loses_least() -> None:
    """The least important victims; then the fewest; then those that started last."""
    by_priority = Watched(
        node("n1", cpu="1"), node("n2", cpu="1"), placed("five", "n1", "1", 5), placed("one", "n2", "1", 1)
    )
    by_priority.put(asking("vip", "1", 100)).run(15_000)
    assert gone(by_priority) == {"one"}
    by_number = Watched(
        node("n1", cpu="2"), node("n2", cpu="2"), placed("a", "n1", "1"), placed("b", "n1", "1"), placed("c", "n2", "2")
    )
    by_number.put(asking("vip", "2", 100)).run(15_000)
    assert gone(by_number) == {"c"}
    by_start = Watched(
        node("n1", cpu="1"), node("n2", cpu="1"), placed("old", "n1", "1"),
        placed("young", "n2", "1", start="2026-01-01T01:00:00Z"),
    )  # fmt: skip
    by_start.put(asking("vip", "1", 100)).run(15_000)
    assert gone(by_start) == {"young"}


def test_budgets_are_respected_where_they_can_be() -> None:
    """A node whose pods no budget protects is taken first; if there is none, protection does not help."""
    budget = PodDisruptionBudget(
        metadata=ObjectMeta(name="b", namespace="default"),
        spec=PodDisruptionBudgetSpec(selector=LabelSelector(matchLabels=APP)),
        status=PodDisruptionBudgetStatus(disruptionsAllowed=0),
    )
    world = Watched(
        node("n1", cpu="1"), node("n2", cpu="1"), budget, placed("kept", "n1", "1", 0, labels=APP),
        placed("free", "n2", "1", 9),
    )  # fmt: skip
    world.put(asking("vip", "1", 100)).run(15_000)
    assert gone(world) == {"free"}
    world.put(asking("vip-2", "1", 100)).run(15_000)
    assert gone(world) == {"free", "kept"}


def test_a_new_scheduler_keeps_the_room() -> None:
    """Nominations follow from the pods' statuses."""
    world = World(node("n1", cpu="2"))
    slow = placed("slow", "n1", "2")
    world.put(replace(slow, spec=replace(slow.spec, terminationGracePeriodSeconds=30)))
    world.put(asking("vip", "2", 100)).run(100)
    world.rebuild()
    world.delete(PODS, "default/slow")
    world.put(asking("thief", "2", 50)).run(30_000)
    assert (world.where("vip"), world.where("thief")) == ("n1", "")


def test_room_is_kept_for_one_of_two_that_are_equal() -> None:
    """The second of a burst sees the first one's nomination, so that they do not stand in each other's way for ever."""
    slow = placed("slow", "n1", "2")
    world = World(node("n1", cpu="2"), replace(slow, spec=replace(slow.spec, terminationGracePeriodSeconds=30)))
    world.put(asking("first", "2", 100), asking("second", "2", 100)).run(100)
    assert [world.pod(name).status.nominatedNodeName for name in ("first", "second")] == ["n1", ""]
    world.delete(PODS, "default/slow")
    world.run(15_000)
    assert (world.where("first"), world.where("second")) == ("n1", "")


def test_a_nomination_ends_when_no_victim_helps_any_more() -> None:
    """One whose room was taken by a still more important pod is nominated for nothing."""
    slow = placed("slow", "n1", "2")
    world = World(node("n1", cpu="2"), replace(slow, spec=replace(slow.spec, terminationGracePeriodSeconds=30)))
    world.put(asking("vip", "2", 100)).run(100)
    assert world.pod("vip").status.nominatedNodeName == "n1"
    world.put(asking("king", "2", 200)).run(100)
    world.delete(PODS, "default/slow")
    world.run(400_000)
    assert (world.where("king"), world.where("vip")) == ("n1", "")
    assert world.pod("vip").status.nominatedNodeName == ""


tasks = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(tasks, st.integers(1, 3))
def test_the_cache_is_as_it_was(asked: list[tuple[int, int]], count: int) -> None:
    """However often it was tried whether somebody could go, the scheduler agrees with one built afresh."""
    world = World(*(node(f"n{number}", cpu="4") for number in range(count)))
    for number, (cpu, priority) in enumerate(asked):
        fields = {"terminationGracePeriodSeconds": 0}
        world.put(asking(f"p{number}", str(cpu), priority, **fields)).run(12_000)
    waiting = pod("probe", spec({"cpu": "1"}, priority=2))
    world.put(waiting).run(12_000)
    before = world.scheduler.explain("default/probe")
    world.rebuild()
    world.run(100)
    after = world.scheduler.explain("default/probe")
    assert _totals(before) == _totals(after)


def _totals(explained: Explanation | None) -> list[tuple[str, int]]:
    assert explained is not None
    return [(each.node, each.total) for each in explained.nodes]
