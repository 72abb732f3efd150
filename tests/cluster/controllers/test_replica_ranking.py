"""Which pods go first when there are too many."""

import pytest
from msgspec.structs import replace

from cluster.api.core import ContainerStatus, Pod, PodCondition, PodSpec, PodStatus
from cluster.api.meta import ObjectMeta
from cluster.clock import Clock
from cluster.controllers.replicas.availability import Availability
from cluster.controllers.replicas.ranking import DELETION_COST, deletion_cost, victims

CLOCK = Clock()
NOW = 10_000_000


def age(timestamp: str) -> int:
    """The ns since a timestamp."""
    return (NOW - CLOCK.milliseconds(timestamp)) * 1_000_000


def pod(
    *,
    node: str = "n1",
    phase: str = "Running",
    ready: int | None = 0,
    cost: str = "",
    restarts: int = 0,
    created: int = 0,
) -> Pod:
    """A pod; `ready` is since when it is ready, in ms, None if it is not."""
    conditions = (PodCondition(type="Ready", status="True", lastTransitionTime=CLOCK.timestamp(ready)),)
    annotations = {DELETION_COST: cost} if cost else {}
    return Pod(
        metadata=ObjectMeta(annotations=annotations, creationTimestamp=CLOCK.timestamp(created)),
        spec=PodSpec(nodeName=node),
        status=PodStatus(
            phase=phase, conditions=conditions if ready is not None else (),
            containerStatuses=(ContainerStatus(restartCount=restarts), ContainerStatus()),
        ),
    )  # fmt: skip


def first(*pods: Pod, related: tuple[Pod, ...] = ()) -> str:
    """The letter of the pod that goes first."""
    named = list(zip("abcdefgh", pods, strict=False))
    return victims(named, [*pods, *related], 1, age)[0]


@pytest.mark.parametrize(
    ("kept", "gone"),
    [
        (pod(phase="Pending", ready=None), pod(node="", phase="Pending", ready=None)),
        (pod(phase="Unknown", ready=None), pod(phase="Pending", ready=None)),
        (pod(ready=None), pod(phase="Unknown", ready=None)),
        (pod(), pod(ready=None)),
        (pod(cost="1"), pod()),
        (pod(), pod(cost="-5")),
        (pod(ready=1_000), pod(ready=9_990_000)),
        (pod(), pod(restarts=3)),
        (pod(created=1_000), pod(created=9_990_000)),
    ],
)
def test_each_rule_decides_where_those_before_it_do_not(kept: Pod, gone: Pod) -> None:
    """Unassigned, Pending, Unknown, not ready, cheap, lately ready, often restarted and new pods go first."""
    assert first(kept, gone) == "b"
    assert first(gone, kept) == "a"


def test_an_earlier_rule_beats_a_later_one() -> None:
    """Readiness counts before cost, and cost before anything about age."""
    assert first(pod(cost="-100"), pod(ready=None, cost="100")) == "b"
    assert first(pod(cost="10", ready=9_990_000), pod(cost="5")) == "b"


def test_crowded_nodes_give_first() -> None:
    """The pod with more pods of the same controller on its node goes, those of sibling owners included."""
    assert first(pod(node="n1"), pod(node="n2"), pod(node="n2")) in "bc"
    assert first(pod(node="n1"), pod(node="n2"), related=(pod(node="n1"),)) == "a"


def test_ages_count_in_doubling_steps() -> None:
    """Pods whose ages are of one magnitude are alike: the newest in the order of creation goes."""
    old, older = pod(ready=2_000_000, created=2_000_000), pod(ready=2_500_000, created=2_500_000)
    assert first(older, old) == "b"
    assert first(old, older) == "b"


def test_all_go_when_all_are_too_many() -> None:
    """There is nothing to choose when every pod goes."""
    assert victims([("a", pod()), ("b", pod(ready=None))], [], 5, age) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "cost"),
    [("0", 0), ("-1", -1), ("2147483647", 2147483647), ("2147483648", 0), ("+1", 0), ("01", 0), ("x", 0)],
)
def test_a_deletion_cost_is_an_int32_or_nothing(text: str, cost: int) -> None:
    """What is no plain 32-bit number counts as 0."""
    assert deletion_cost(pod(cost=text)) == cost


def test_restarts_of_the_worst_container_count() -> None:
    """A pod without container statuses has none."""
    quiet = pod()
    empty = replace(quiet, status=replace(quiet.status, containerStatuses=()))
    assert first(pod(restarts=1), empty) == "a"


def test_availability_counts_and_forgets() -> None:
    """A pod counts from its due time until it stops; the next due time passes over those that stopped."""
    waiting = Availability()
    waiting.started("a", 10)
    waiting.started("b", 20)
    waiting.started("c", 30)
    assert (waiting.count(9), waiting.next_due()) == (0, 10)
    waiting.stopped("b")
    assert (waiting.count(10), waiting.next_due()) == (1, 30)
    waiting.started("a", 10)
    waiting.started("a", 40)
    assert (waiting.count(30), waiting.next_due()) == (1, 40)
    waiting.stopped("c")
    assert (waiting.count(40), waiting.next_due()) == (1, None)
