"""The time that a write of endpoints answers to, look by look, as the real tracker computes it."""

from cluster.api.core import Pod, PodCondition, PodStatus, Service
from cluster.api.meta import ObjectMeta
from cluster.controllers.trigger_times import TriggerTimes

SERVICE = Service(metadata=ObjectMeta(name="web", creationTimestamp="2026-01-01T00:00:00Z"))


def pod(since: str = "", status: str = "False") -> Pod:
    """A pod whose Ready condition changed then, or that has none yet."""
    conditions = (PodCondition(type="Ready", status=status, lastTransitionTime=since),) if since else ()
    return Pod(status=PodStatus(conditions=conditions))


def test_first_it_is_the_services_own_time() -> None:
    """Whatever its pods say, the first write answers to the Service."""
    times = TriggerTimes()
    times.look("a", pod("2026-01-01T00:00:09Z"))
    assert times.take(SERVICE) == "2026-01-01T00:00:00Z"
    assert times.take(SERVICE) == ""


def test_then_the_earliest_change_since() -> None:
    """Of the pods that changed since the last look the earliest counts; one that says nothing new does not."""
    times = TriggerTimes()
    times.take(SERVICE)
    times.look("a", pod("2026-01-01T00:00:05Z"))
    times.look("b", pod("2026-01-01T00:00:04Z"))
    assert times.take(SERVICE) == "2026-01-01T00:00:04Z"
    times.look("a", pod("2026-01-01T00:00:06Z", "True"))
    times.look("b", pod("2026-01-01T00:00:04Z"))
    assert times.take(SERVICE) == "2026-01-01T00:00:06Z"


def test_a_change_within_a_second_has_no_time_of_its_own() -> None:
    """A pod that is ready in the second in which it was first seen changes nothing: the annotation goes."""
    times = TriggerTimes()
    times.take(SERVICE)
    times.look("a", pod("2026-01-01T00:00:05Z"))
    times.take(SERVICE)
    times.look("a", pod("2026-01-01T00:00:05Z", "True"))
    assert times.take(SERVICE) == ""


def test_a_pod_that_went_is_forgotten() -> None:
    """Another pod of the same name is told of as new."""
    times = TriggerTimes()
    times.take(SERVICE)
    times.look("a", pod("2026-01-01T00:00:05Z"))
    times.look("a", None)
    times.take(SERVICE)
    times.look("a", pod("2026-01-01T00:00:05Z"))
    assert times.take(SERVICE) == "2026-01-01T00:00:05Z"
