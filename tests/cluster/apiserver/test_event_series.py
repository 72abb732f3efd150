"""The scheduler's recorder: repeats are written once, then counted in memory and told every half hour."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import Event, EventSource, Pod
from tests.cluster.apiserver.server import Server, pod, started

FIVE_MINUTES = 300_000


def failed(server: Server, about: Pod, message: str = "no room") -> list[Event]:
    """The events there are when the scheduler has failed with a pod once more."""
    server.api.events.record(kinds.PODS, about, "Warning", "FailedScheduling", message, component="default-scheduler")
    return server.api.list(kinds.EVENTS)


def counts(events: list[Event]) -> list[int]:
    """How often each event is said to have been seen."""
    return [event.series.count if event.series else 1 for event in events]


def failing(server: Server, about: Pod, times: int) -> None:
    """Let the scheduler fail with a pod so often, every five minutes."""
    for _ in range(times):
        failed(server, about)
        server.clock.run_until(server.clock.now + FIVE_MINUTES)


def test_a_repeat_makes_a_series() -> None:
    """The newer recorder has no count: the first repeat makes a series, at once."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    failed(server, about)
    server.clock.run_until(2_500)
    (event,) = failed(server, about)
    assert event.series is not None
    assert (event.series.count, event.series.lastObservedTime) == (2, "2026-01-01T00:00:02.500000Z")
    assert (event.count, event.source, event.action) == (0, EventSource(), "Scheduling")
    assert event.eventTime == "2026-01-01T00:00:00.000000Z"


def test_another_version_of_the_object_is_another_event() -> None:
    """Events are alike if they are about the same version of an object, whatever they say."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    assert counts(failed(server, about)) == [1]
    about = server.api.update_status(kinds.PODS, replace(about, status=replace(about.status, message="x")), actor="s")
    assert counts(failed(server, about)) == [1, 1]
    first, second = failed(server, about, "no ports")
    assert counts([first, second]) == [1, 2]
    assert second.message == "no room"


def test_further_repeats_are_told_every_half_hour() -> None:
    """A series that goes on costs one write in half an hour, which says how often and when last."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    failing(server, about, 2)
    revision = server.store.revision
    failing(server, about, 3)
    assert (counts(server.api.list(kinds.EVENTS)), server.store.revision) == ([2], revision)
    failing(server, about, 1)
    (event,) = server.api.list(kinds.EVENTS)
    assert event.series is not None
    assert (event.series.count, event.series.lastObservedTime) == (6, "2026-01-01T00:25:00.000000Z")
    failing(server, about, 6)
    assert (counts(server.api.list(kinds.EVENTS)), server.store.revision) == ([12], revision + 2)


def test_a_series_that_ends_is_told_to_its_end() -> None:
    """When nothing more came for six minutes the count is written, and nothing is due any more; what follows is new."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    failing(server, about, 3)
    assert server.clock.next_time() == 1_080_000
    server.clock.run_until(1_080_000)
    assert (counts(server.api.list(kinds.EVENTS)), server.clock.next_time()) == ([3], None)
    assert counts(failed(server, about)) == [3, 1]


def test_a_single_event_is_forgotten_in_the_same_time() -> None:
    """At the looks every six minutes an event that is older than that is no longer one to repeat."""
    server = started()
    about = server.api.create(kinds.PODS, pod("a"), actor="user")
    server.clock.run_until(1)
    failed(server, about)
    server.clock.run_until(719_999)
    assert counts(failed(server, about)) == [2]
    other = server.api.create(kinds.PODS, pod("b"), actor="user")
    failed(server, other)
    server.clock.run_until(1_440_000)
    assert counts(failed(server, other)) == [2, 1, 1]
