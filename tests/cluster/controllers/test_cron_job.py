"""CronJobs: when a Job is due, and what becomes of those there are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.batch import CronJob, CronJobSpec, Job, JobCondition, JobSpec, JobTemplateSpec
from cluster.api.kinds import CRON_JOBS, JOBS
from cluster.api.meta import ObjectMeta
from cluster.controllers.cron_job import CronJobController, schedule
from cluster.controllers.ownership import controller_reference
from tests.cluster.controllers.workloads import USER, World, key, template

KEY = key("tick")
MINUTE = 60_000


@pytest.fixture
def world() -> World:
    """A cluster with the CronJob controller alone; it is 2026-01-01, midnight."""
    return World(CronJobController)


def cron_job(world: World, text: str = "*/5 * * * *", **spec: Any) -> CronJob:
    """Make a CronJob."""
    made = template()
    job = JobSpec(
        template=replace(made, spec=replace(made.spec, restartPolicy="Never")), completions=1, parallelism=1,
        backoffLimit=1,
    )  # fmt: skip
    given_spec = {"concurrencyPolicy": "Allow", "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1, **spec}
    value = CronJob(
        metadata=ObjectMeta(name="tick", namespace=KEY.partition("/")[0]),
        spec=CronJobSpec(schedule=text, jobTemplate=JobTemplateSpec(spec=job), **given_spec),
    )
    return world.api.create(CRON_JOBS, value, actor=USER)


def current(world: World) -> CronJob:
    """The CronJob as it is now."""
    return world.api.get(CRON_JOBS, KEY)


def jobs(world: World) -> list[Job]:
    """The Jobs there are, oldest first."""
    return list(world.store.table(JOBS).values())


def names(world: World) -> list[str]:
    """The numbers of the Jobs: minutes since the year began."""
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) // 60
    return [str(int(job.metadata.name.removeprefix("tick-")) - first) for job in jobs(world)]


def end(world: World, job: Job, kind: str = "Complete") -> None:
    """End a Job as its controller would."""
    now = world.clock.timestamp()
    status = replace(
        job.status, completionTime=now if kind == "Complete" else "", startTime=job.metadata.creationTimestamp,
        conditions=(JobCondition(type=kind, status="True", lastTransitionTime=now),),
    )  # fmt: skip
    world.api.update_status(JOBS, replace(job, status=status), actor=USER)
    world.run()


def test_jobs_are_made_when_they_are_due(world: World) -> None:
    """At every time of the schedule, named after it; the status says which are at work and when the last was made."""
    cron_job(world)
    world.run(4 * MINUTE)
    assert jobs(world) == []
    world.run(12 * MINUTE)
    assert names(world) == ["5", "10", "15"]
    [first, *_] = jobs(world)
    assert first.metadata.annotations == {
        "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T00:05:00Z"
    }  # fmt: skip
    assert [reference.kind for reference in first.metadata.ownerReferences] == ["CronJob"]
    status = current(world).status
    assert [each.name for each in status.active] == [job.metadata.name for job in jobs(world)]
    assert status.lastScheduleTime == "2026-01-01T00:15:00Z"
    assert world.messages("SuccessfulCreate") == [f"Created job {job.metadata.name}" for job in jobs(world)]


def test_what_has_ended_is_not_at_work(world: World) -> None:
    """It leaves the list of active Jobs with an event; the time of the last success is kept."""
    cron_job(world)
    world.run(6 * MINUTE)
    [job] = jobs(world)
    end(world, job)
    assert current(world).status.active == ()
    assert current(world).status.lastSuccessfulTime == "2026-01-01T00:06:00Z"
    assert world.messages("SawCompletedJob") == [f"Saw completed job: {job.metadata.name}, condition: Complete"]


def test_old_jobs_go(world: World) -> None:
    """As many finished ones are kept as the limits say, of each kind."""
    cron_job(world, successfulJobsHistoryLimit=1, failedJobsHistoryLimit=1)
    for kind in ("Complete", "Failed", "Complete", "Failed"):
        world.run(5 * MINUTE + 200)
        end(world, jobs(world)[-1], kind)
    assert names(world) == ["15", "20"]
    assert len(world.messages("SuccessfulDelete")) == 2


def test_forbid_lets_one_end_first(world: World) -> None:
    """While a Job is at work no other is made, and an event says so."""
    cron_job(world, concurrencyPolicy="Forbid")
    world.run(11 * MINUTE)
    assert names(world) == ["5"]
    assert "concurrency policy is Forbid" in world.messages("JobAlreadyActive")[0]
    end(world, jobs(world)[0])
    assert names(world) == ["5", "10"]


def test_replace_takes_its_place(world: World) -> None:
    """The Job at work is deleted, then the new one is made."""
    cron_job(world, concurrencyPolicy="Replace")
    world.run(11 * MINUTE)
    assert [job.metadata.name for job in jobs(world) if not job.metadata.deletionTimestamp] == [
        each.name for each in current(world).status.active
    ]
    assert names(world)[-1] == "10"


@pytest.mark.parametrize(("deadline", "made"), [(None, ["60"]), (30, [])])
def test_suspended_it_makes_nothing_and_resumed_the_last_one_missed(
    world: World, deadline: int | None, made: list[str]
) -> None:
    """One Job for all the times missed, the latest; none if that is too long ago."""
    cron_job(world, suspend=True, startingDeadlineSeconds=deadline)
    world.run(64 * MINUTE)
    assert jobs(world) == []
    owner = current(world)
    world.api.update(CRON_JOBS, replace(owner, spec=replace(owner.spec, suspend=False)), actor=USER)
    world.run(1_000)
    assert names(world) == made


def test_too_many_missed_times_are_told(world: World) -> None:
    """More than a hundred: an event, and still the latest is made."""
    cron_job(world, "* * * * *", suspend=True)
    world.run(150 * MINUTE)
    owner = current(world)
    world.api.update(CRON_JOBS, replace(owner, spec=replace(owner.spec, suspend=False)), actor=USER)
    world.run(1_000)
    assert names(world) == ["150"]
    words = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
    assert world.messages("TooManyMissedTimes") == [words]


def test_jobs_made_by_hand_are_noticed(world: World) -> None:
    """A Job that it owns and did not make is told of, and is not counted as at work."""
    owner = cron_job(world, suspend=True)
    world.run()
    made = jobs_of(owner)
    world.api.create(JOBS, made, actor=USER)
    world.run()
    assert world.messages("UnexpectedJob") == ["Saw a job that the controller did not create or forgot: by-hand"]
    assert current(world).status.active == ()


def jobs_of(owner: CronJob) -> Job:
    """A Job that names the CronJob as its controller."""
    meta = ObjectMeta(
        name="by-hand", namespace=owner.metadata.namespace, ownerReferences=(controller_reference(CRON_JOBS, owner),)
    )
    return Job(metadata=meta, spec=owner.spec.jobTemplate.spec)


def test_a_job_that_vanishes_is_told_of(world: World) -> None:
    """It leaves the list of active Jobs."""
    cron_job(world)
    world.run(6 * MINUTE)
    name = jobs(world)[0].metadata.name
    world.api.delete(JOBS, key(name), actor=USER, propagation="Background")
    world.run()
    assert (world.messages("MissingJob"), current(world).status.active) == ([f"Active job went missing: {name}"], ())


def test_a_new_controller_makes_no_job_twice(world: World) -> None:
    """What it has made follows from the status."""
    cron_job(world)
    world.run(6 * MINUTE)
    later = world.restarted()
    later.run(5 * MINUTE)
    assert names(later) == ["5", "10"]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("30 2 * * *", "UTC", "2026-03-08T02:30"),
        ("30 2 * * *", "America/New_York", "2026-03-09T06:30"),  # clocks skip half past two on the 8th
        ("0 0 29 2 *", "UTC", "2028-02-29T00:00"),
        ("0 0 13 * 5", "UTC", "2026-03-13T00:00"),
        ("0 12 * * 1", "UTC", "2026-03-09T12:00"),
        ("0 12 1 * *", "UTC", "2026-04-01T12:00"),
        ("@hourly", "Asia/Kolkata", "2026-03-07T12:30"),
        ("@every 90s", "UTC", "2026-03-07T12:01:30"),
        ("0 0 30 2 *", "UTC", None),
    ],
)
def test_the_next_time(text: str, zone: str, expected: str | None) -> None:
    """By the calendar of the zone; a day of month or of week is enough where both are given."""
    after = datetime(2026, 3, 7, 12, tzinfo=UTC)
    found = schedule.next_time(text, schedule.zone_of("", zone), after)
    assert (found and found.isoformat()[: len(expected or "")]) == expected


@given(st.integers(0, 60 * 24 * 400), st.sampled_from(["*/7 3 * * *", "0 0 1 * *", "15 10 * 2,7 1-5", "@every 61s"]))
def test_times_follow_each_other(minute: int, text: str) -> None:
    """The next time is later than the moment asked about, and the same for any moment before it."""
    moment = datetime.fromtimestamp(1_767_225_600 + minute * 60, UTC)
    found = schedule.next_time(text, UTC, moment)
    assert found is not None
    assert found > moment
    if not text.startswith("@every"):
        assert schedule.next_time(text, UTC, moment + (found - moment) / 2) == found


def test_zones() -> None:
    """A zone may stand in the schedule; one that nobody knows is an error."""
    assert str(schedule.zone_of("TZ=Europe/Berlin 0 0 * * *", "")) == "Europe/Berlin"
    with pytest.raises(ValueError, match="unknown time zone Nowhere/Land"):
        schedule.zone_of("", "Nowhere/Land")
