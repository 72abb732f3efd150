"""The CronJob controller: makes the Job that is due, follows those at work, and clears old ones away.

On the data's way between CronJobs and Jobs in the store. Mirrors pkg/controller/cronjob
(cronjob_controllerv2.go). Invariant: what is due follows from the CronJob's status and the time, so a
controller built anew makes no Job twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.batch import CronJob, CronJobStatus, Job
from cluster.api.cluster import Cluster
from cluster.api.core import ObjectReference
from cluster.api.errors import AlreadyExists, ApiError, NotFound
from cluster.api.kinds import CRON_JOBS, JOBS
from cluster.apiserver import ApiServer
from cluster.controllers.cron_job import jobs, schedule
from cluster.controllers.dependents import Dependents
from cluster.reconcile import Reader, WorkQueue

ACTOR = "cronjob-controller"
LATE = 100
"""How long after its time (ms) a Job is made, so that the time has surely come."""
FORBIDDEN = "Not starting job because prior execution is running and concurrency policy is Forbid"
TOO_MANY = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"


class CronJobController:
    """Makes Jobs by the clock."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._table = api, api.store.table(CRON_JOBS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, 0)
        self._jobs = Dependents(api, JOBS, CRON_JOBS, self._queue.add, ACTOR)
        Reader(api.store, api.clock, CRON_JOBS, self._on_cron_job)

    def _on_cron_job(self, key: str, old: CronJob | None, new: CronJob | None) -> None:
        if new is None:
            self._jobs.drop(key)
            return
        if old is None:
            self._jobs.define(new, None)
        self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        owner = self._table.get(key)
        if owner is None:
            return None
        found = self._jobs.of(owner)
        status = self._followed(owner, found)
        self._clear(owner, found)
        if owner.metadata.deletionTimestamp or owner.spec.suspend:
            self._write(owner, status)
            return None
        try:
            zone = schedule.zone_of(owner.spec.schedule, owner.spec.timeZone)
        except ValueError as error:
            self._event(owner, "Warning", "UnknownTimeZone", f'invalid timeZone: "{owner.spec.timeZone}": {error}')
            self._write(owner, status)
            return None
        try:
            wait = self._due(owner, status, zone)
        except ValueError as error:
            words = f'unparseable schedule: "{owner.spec.schedule}" : {error}'
            self._event(owner, "Warning", "UnparseableCronJobSchedule", words)
            self._write(owner, status)
            return None
        return wait

    # Jobs there are

    def _followed(self, owner: CronJob, found: Sequence[Job]) -> CronJobStatus:
        """The status without the Jobs that have ended or are gone; told of in events (`syncCronJob`)."""
        active, known = {each.uid: each for each in owner.status.active}, {job.metadata.uid for job in found}
        latest = owner.status.lastSuccessfulTime
        for job in found:
            end, name = jobs.end_of(job), job.metadata.name
            if not end and job.metadata.uid not in active:
                words = f"Saw a job that the controller did not create or forgot: {name}"
                self._event(owner, "Warning", "UnexpectedJob", words)
            elif end and active.pop(job.metadata.uid, None) is not None:
                self._event(owner, "Normal", "SawCompletedJob", f"Saw completed job: {name}, condition: {end}")
            if end == "Complete":
                latest = max(latest, job.status.completionTime)
        for uid, each in list(active.items()):
            if uid not in known:
                del active[uid]
                self._event(owner, "Warning", "MissingJob", f"Active job went missing: {each.name}")
        return replace(owner.status, active=tuple(active.values()), lastSuccessfulTime=latest)

    def _clear(self, owner: CronJob, found: Sequence[Job]) -> None:
        for job in jobs.surplus(owner, found):
            self._delete(owner, job.metadata.name)

    def _delete(self, owner: CronJob, name: str) -> None:
        try:
            self._api.delete(JOBS, kinds.key_of(owner.metadata.namespace, name), actor=ACTOR, propagation="Background")
        except NotFound:
            return
        self._event(owner, "Normal", "SuccessfulDelete", f"Deleted job {name}")

    # The Job that is due

    def _due(self, owner: CronJob, status: CronJobStatus, zone: tzinfo) -> int | None:
        """Make the Job that is due, if one is; in how many ms the next will be. ValueError if there is no schedule."""
        now = self._moment(self._api.clock.timestamp())
        found = schedule.missed(owner.spec.schedule, zone, self._since(owner, now), now)
        if found.times > schedule.MANY:
            self._event(owner, "Warning", "TooManyMissedTimes", TOO_MANY)
        if found.time is not None and found.time != self._moment(status.lastScheduleTime):
            status = self._made(owner, status, found.time, zone, now)
        self._write(owner, status)
        following = schedule.next_time(owner.spec.schedule, zone, now)
        if following is None:
            return None
        due = self._api.clock.milliseconds(_timestamp(following)) + LATE
        return max(due - self._api.clock.now, 1)

    def _since(self, owner: CronJob, now: datetime) -> datetime:
        """Times after this one count as missed."""
        since = self._moment(owner.status.lastScheduleTime or owner.metadata.creationTimestamp)
        deadline = owner.spec.startingDeadlineSeconds
        return since if deadline is None else max(since, now - timedelta(seconds=deadline))

    def _made(
        self, owner: CronJob, status: CronJobStatus, time: datetime, zone: tzinfo, now: datetime
    ) -> CronJobStatus:
        """The status after the Job for this time was made, if it may be."""
        deadline = owner.spec.startingDeadlineSeconds
        if deadline is not None and time + timedelta(seconds=deadline) < now:
            words = f"Missed scheduled time to start a job: {format_datetime(time)}"
            self._event(owner, "Warning", "MissSchedule", words)
            return status
        name = jobs.name_of(owner, time)
        if any(each.name == name for each in status.active):
            return status
        if owner.spec.concurrencyPolicy == "Forbid" and status.active:
            self._event(owner, "Normal", "JobAlreadyActive", FORBIDDEN)
            return status
        if owner.spec.concurrencyPolicy == "Replace":
            for each in status.active:
                self._delete(owner, each.name)
            status = replace(status, active=())
        return self._created(owner, status, jobs.new_job(owner, time, zone), _timestamp(time))

    def _created(self, owner: CronJob, status: CronJobStatus, wanted: Job, time: str) -> CronJobStatus:
        try:
            made = self._api.create(JOBS, wanted, actor=ACTOR)
        except AlreadyExists:
            return replace(status, lastScheduleTime=time)
        except ApiError as error:
            self._event(owner, "Warning", "FailedCreate", f"Error creating job: {error}")
            raise
        self._jobs.note(made)
        self._event(owner, "Normal", "SuccessfulCreate", f"Created job {made.metadata.name}")
        return replace(status, active=(*status.active, self._reference(made)), lastScheduleTime=time)

    def _reference(self, job: Job) -> ObjectReference:
        return jobs.reference(job, self._api.store.table(JOBS).revision(kinds.key(job)))

    def _write(self, owner: CronJob, status: CronJobStatus) -> None:
        if status != owner.status:
            self._api.update_status(CRON_JOBS, replace(owner, status=status), actor=ACTOR, previous=owner)

    def _event(self, owner: CronJob, severity: str, reason: str, message: str) -> None:
        self._api.events.record(CRON_JOBS, owner, severity, reason, message, component=ACTOR)

    @staticmethod
    def _moment(timestamp: str) -> datetime:
        """The time that a timestamp tells; the beginning of all time if there is none."""
        return datetime.fromisoformat(timestamp) if timestamp else datetime.min.replace(tzinfo=UTC)


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
