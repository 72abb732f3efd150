"""How many replicas a metric asks for, with every kind of pod that says less than others."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api.core import Container, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements
from cluster.api.meta import ObjectMeta
from cluster.api.quantity import parse
from cluster.clock import Clock
from cluster.controllers.horizontal_pod_autoscaler.calculator import (
    CannotCompute,
    Proposal,
    Question,
    Tolerance,
    by_average,
    by_utilization,
    grouped,
)

CLOCK = Clock()
CLOCK.run_until(1_000_000)


def pod(
    name: str, request: str = "100m", *, ready: str = "True", started: int = 0, changed: int = 0, **fields: Any
) -> Pod:
    """A pod that has run since `started` ms, and was ready or not since `changed`."""
    asked = ResourceRequirements(requests={"cpu": parse(request)} if request else {})
    condition = PodCondition(type="Ready", status=ready, lastTransitionTime=CLOCK.timestamp(changed))
    status = PodStatus(
        phase=fields.get("phase", "Running"),
        startTime=CLOCK.timestamp(started),
        conditions=(condition,) if ready else (),
    )
    meta = ObjectMeta(name=name, deletionTimestamp=CLOCK.timestamp() if fields.get("going") else "")
    return Pod(metadata=meta, spec=PodSpec(containers=(Container(name="c", resources=asked),)), status=status)


def question(uses: dict[str, int], *pods: Pod, current: int = 0, tolerance: Tolerance | None = None) -> Question:
    """What is known of pods; all of them are wanted, if nothing else is said."""
    return Question(current or len(pods), pods, uses, "cpu", tolerance or Tolerance(), CLOCK)


def test_the_ratio_of_use_to_target_times_the_pods() -> None:
    """Rounded up; the average and the part of the request are shown."""
    found = by_utilization(question({"a": 90, "b": 75}, pod("a"), pod("b")), 50, "")
    assert found == Proposal(4, 82, 82)
    assert by_average(question({"a": 90, "b": 75}, pod("a", ""), pod("b", "")), 50) == Proposal(4, 82)
    assert by_average(question({"a": 10, "b": 14}, pod("a"), pod("b")), 50) == Proposal(1, 12)


def test_small_differences_are_let_be() -> None:
    """A tenth either way, or what the behaviour says."""
    near = question({"a": 55, "b": 55}, pod("a"), pod("b"), current=7)
    assert by_utilization(near, 50, "").replicas == 7
    assert by_utilization(near._replace(tolerance=Tolerance(0.1, 0.05)), 50, "").replicas == 3
    assert by_average(near._replace(uses={"a": 45, "b": 45}), 50).replicas == 7
    assert by_average(near._replace(uses={"a": 44, "b": 44}), 50).replicas == 2


def test_pods_that_say_little_are_sorted_out() -> None:
    """Going and failed ones, those that wait, those that just start or became ready, and those of which nothing is known."""
    uses = dict.fromkeys(("going", "failed", "new", "fresh", "never", "was", "none", "ok"), 1)
    found = grouped(
        [
            pod("going", going=True), pod("failed", phase="Failed"), pod("waiting", phase="Pending"),
            pod("new", started=800_000, ready="False"), pod("fresh", started=800_000, changed=990_000),
            pod("never", ready="False", changed=10_000), pod("was", ready="False", changed=700_000),
            pod("none", ready=""), pod("unknown"), pod("ok", started=800_000, changed=900_000),
        ],
        uses, "cpu", CLOCK,
    )  # fmt: skip
    assert found.ignored == {"going", "failed"}
    assert found.unready == {"waiting", "new", "fresh", "never", "none"}
    assert found.missing == {"unknown"}
    assert found.ready == 2
    assert grouped([pod("new", started=800_000, ready="False")], uses, "memory", CLOCK).ready == 1


def test_pods_of_which_nothing_is_known_slow_a_change_down() -> None:
    """They count in full when the others use little, and not at all when these use much; nor do those that start."""
    two = (pod("a"), pod("b"))
    assert by_utilization(question({"a": 10}, *two), 50, "").replicas == 2
    assert by_utilization(question({"a": 10}, *two, pod("c"), pod("d")), 50, "").replicas == 4
    assert by_utilization(question({"a": 300}, *two), 50, "").replicas == 6
    assert by_utilization(question({"a": 300}, pod("a"), pod("b", phase="Pending")), 50, "").replicas == 6
    assert by_average(question({"a": 300}, *two), 50).replicas == 6
    assert by_average(question({"a": 10}, *two), 100).replicas == 2
    assert by_average(question({"a": 10, "b": 10}, *two, pod("c", phase="Pending")), 100).replicas == 1


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (question({}), "no pods returned by selector while calculating replica count"),
        (
            question({"a": 5}, pod("a", phase="Pending")),
            "did not receive metrics for targeted pods (pods might be unready)",
        ),
        (question({"a": 5}, pod("a", "")), "missing request for cpu in container c of Pod a"),
        (question({"b": 5}, pod("a")), "no metrics returned matched known pods"),
    ],
)
def test_what_cannot_be_computed(asked: Question, why: str) -> None:
    """It is said in the real controller's words."""
    with pytest.raises(CannotCompute) as raised:
        by_utilization(asked, 50, "")
    assert str(raised.value) == why


def test_what_a_pod_requests() -> None:
    """Its containers and sidecars together, one of them, or what the pod itself says."""
    found = pod("a")
    sidecar = Container(
        name="s", restartPolicy="Always", resources=ResourceRequirements(requests={"cpu": parse("300m")})
    )
    both = replace(found, spec=replace(found.spec, initContainers=(sidecar, Container(name="first"))))
    assert by_utilization(question({"a": 200}, both), 50, "").utilization == 50
    assert by_utilization(question({"a": 60}, both), 50, "s").utilization == 20
    whole = replace(both, spec=replace(both.spec, resources=ResourceRequirements(requests={"cpu": parse("1")})))
    assert by_utilization(question({"a": 200}, whole), 50, "").utilization == 20
