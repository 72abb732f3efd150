"""The recorder: how reports become events, and repeats become counts."""

import pytest

from cluster.api import kinds
from cluster.api.core import Event, Pod
from cluster.apiserver.events import BURST, COMBINED, REFILL, REMEMBERED
from tests.cluster.apiserver.server import Server, pod, started


def reported(
    server: Server, about: Pod, *messages: str, component: str = "kubelet", reason: str = "Pulled"
) -> list[Event]:
    """The events there are after some reports about a pod."""
    for message in messages:
        server.api.events.record(kinds.PODS, about, "Normal", reason, message, component=component, host="node-1")
    return server.api.list(kinds.EVENTS)


def test_an_event_says_what_happened_to_what_and_who_says_so() -> None:
    """An event names its object, its source and its time."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    (event,) = reported(server, about, "hello")
    assert (event.involvedObject.kind, event.involvedObject.name, event.involvedObject.uid) == (
        "Pod",
        "a",
        about.metadata.uid,
    )
    assert (event.source.component, event.source.host, event.reportingComponent) == ("kubelet", "node-1", "kubelet")
    assert (event.type, event.reason, event.message, event.count) == ("Normal", "Pulled", "hello", 1)
    assert event.metadata.name.startswith("a.1")
    assert len(event.metadata.name) == len("a.") + 16


def test_the_same_report_again_raises_the_count() -> None:
    """A repeat is the same event with a higher count and a later last time."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    reported(server, about, "hello")
    server.clock.run_until(60_000)
    (event,) = reported(server, about, "hello", "hello")
    assert (event.count, event.firstTimestamp, event.lastTimestamp) == (
        3,
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:01:00Z",
    )


def test_the_tenth_similar_report_is_combined() -> None:
    """From the tenth distinct message on, similar events are one, which shows the newest message."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    events = reported(server, about, *(f"message {number}" for number in range(12)))
    assert [event.message for event in events] == [
        *(f"message {number}" for number in range(9)), f"{COMBINED}message 11",
    ]  # fmt: skip
    assert events[-1].count == 3


def test_one_object_cannot_flood_the_log() -> None:
    """A source may make 25 events about an object at once, and then one in five minutes."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    for number in range(BURST + 5):
        reported(server, about, "x", reason=f"Reason{number}")
    assert len(server.api.list(kinds.EVENTS)) == BURST
    server.clock.run_until(REFILL)
    assert len(reported(server, about, "y", "z", reason="Late")) == BURST + 1


def test_counting_is_held_back_as_well() -> None:
    """What goes beyond the burst is counted in silence, and shows with the next event let through."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    (event,) = reported(server, about, *["again"] * 40)
    assert event.count == BURST
    server.clock.run_until(REFILL)
    (event,) = reported(server, about, "again")
    assert (event.count, event.firstTimestamp, event.lastTimestamp) == (
        41,
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:05:00Z",
    )


@pytest.mark.parametrize(("others", "expected"), [(REMEMBERED - 1, [2]), (REMEMBERED, [1, 1])])
def test_only_the_last_objects_are_remembered(others: int, expected: list[int]) -> None:
    """However many objects were reported on, as many as client-go's cache holds are remembered, the latest."""
    server = started()
    pods = [server.api.create(kinds.PODS, pod(f"p-{number}"), actor="user") for number in range(3)]
    server.api.events.record(kinds.PODS, pods[0], "Normal", "Pulled", "hello", component="kubelet")
    for number in range(others):
        server.api.events.record(
            kinds.PODS, pods[1], "Normal", "Pulled", "hello", component="kubelet", host=f"n{number}"
        )
    server.api.events.record(kinds.PODS, pods[0], "Normal", "Pulled", "hello", component="kubelet")
    counts = [event.count for event in server.api.list(kinds.EVENTS) if event.involvedObject.name == "p-0"]
    assert counts == expected
