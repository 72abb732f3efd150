"""One sync of one Job: count what ended, judge, make or delete pods, report.

Between the controller's queue and the API server. Mirrors syncJob and trackJobStatusAndRemoveFinalizers
(pkg/controller/job). Invariant: a pod is counted in the status before its finalizer is removed, and
named as uncounted until it is, so that a sync cut anywhere counts every pod once.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.batch import Job, JobCondition, UncountedTerminatedPods
from cluster.api.core import Pod
from cluster.api.errors import ApiError, NotFound
from cluster.api.kinds import JOBS, PODS
from cluster.apiserver import ApiServer
from cluster.controllers.job import verdict as verdicts
from cluster.controllers.job.counting import (
    counts_as_failure,
    failures_with,
    is_tracked,
    newly_ended,
    replaced_next,
    tallied,
)
from cluster.controllers.job.failures import Record, ended_at, is_failed, is_terminating, recorded, wait_after
from cluster.controllers.job.indexes import index_of, is_indexed, text_of
from cluster.controllers.job.pods import FINALIZER, new_pod, next_indexes, surplus, wanted_active
from cluster.controllers.job.verdict import COMPLETE, FAILED, SUSPENDED, Tally, Verdict
from cluster.controllers.pod_states import is_active, ready_since

ACTOR = "job-controller"
BURST = 500
"""How many pods one sync creates at most."""
TOO_MANY = "Too many succeeded pods running after completion count reached"


class Sync:
    """The Job and its pods as a sync finds and leaves them."""

    def __init__(
        self, api: ApiServer, job: Job, pods: Sequence[Pod], note: Callable[[Pod], None], record: Record
    ) -> None:
        self._api, self._job, self._pods, self._note = api, job, list(pods), note
        self.record = record
        """What is remembered of failures: with the new ones as soon as the status names them."""
        self._status = job.status
        self._new_record = record
        self._failure: ApiError | None = None
        self._lost: set[str] = set()
        """The uids of the pods that had failed when the sync began."""
        self._held: dict[int, Pod] = {}

    def run(self) -> int | None:
        """Do what is to be done now; in how many ms to look again, if nothing changes before."""
        job, again = self._job, None
        self._change(startTime=job.status.startTime or ("" if job.spec.suspend else self._now()))
        ended = newly_ended(job, self._pods)
        tally, self._new_record = tallied(job, self._pods, ended), recorded(self.record, *ended, self._api.clock)
        self._lost = {pod.metadata.uid for pod in self._pods if is_failed(job, pod)}
        self._held = replaced_next(job, self._pods, tally, self._api.clock)
        found = self._verdict(tally)
        if found is not None:
            for pod in [pod for pod in self._pods if is_active(pod)]:
                self._delete(pod)
        else:
            is_managed = not job.metadata.deletionTimestamp
            again = self._manage(tally) if is_managed else None
            found = verdicts.completion(job, replace(tally, active=sum(map(is_active, self._pods))))
            if found is None and is_managed:
                self._tell_suspension()
        self._track(tally, found)
        if self._failure is not None:
            raise self._failure
        return again if found is not None else _sooner(again, self._left())

    def _verdict(self, tally: Tally) -> Verdict | None:
        """How the Job ends, if that is settled before its pods are looked after."""
        job = self._job
        return (
            verdicts.written(job)
            or verdicts.by_policy(job, [pod for pod in self._pods if pod.metadata.uid in self._lost])
            or verdicts.failure(job, tally, self._pods, overdue=self._left() == 0)
            or verdicts.by_success_policy(job, tally)
        )

    # Counting

    def _track(self, tally: Tally, found: Verdict | None) -> None:
        """Name the ended pods in the status, remove their finalizers, then count them, and end the Job if it ends."""
        over = [pod for pod in self._pods if is_tracked(pod) and self._is_over(pod, found)]
        self._name(over, tally, found)
        if found is not None:
            self._condition(found.interim, "True", found.reason, found.message)
        self._report()
        self.record = self._new_record
        going = {pod.metadata.uid for pod in over}
        self._pods = [self._released(pod) if pod.metadata.uid in going else pod for pod in self._pods]
        status, pending = self._status, self._status.uncountedTerminatedPods or UncountedTerminatedPods()
        if pending != UncountedTerminatedPods():
            self._change(
                succeeded=status.succeeded + len(pending.succeeded), failed=status.failed + len(pending.failed),
                uncountedTerminatedPods=UncountedTerminatedPods(),
            )  # fmt: skip
        if found is not None and not self._status.terminating:
            self._finish(found)
        self._write()

    def _is_over(self, pod: Pod, found: Verdict | None) -> bool:
        """Whether a pod is to be let go (`canRemoveFinalizer`)."""
        if self._job.metadata.deletionTimestamp or found is not None or pod.status.phase == "Succeeded":
            return True
        held = self._held.get(index_of(pod))
        return pod.metadata.uid in self._lost and (held is None or held.metadata.uid != pod.metadata.uid)

    def _name(self, over: Iterable[Pod], tally: Tally, found: Verdict | None) -> None:
        """Note who is to be counted: the pods that have ended, and all others too when the Job has failed."""
        job, is_lost = self._job, found is not None and found.type == FAILED
        held = self._status.uncountedTerminatedPods or UncountedTerminatedPods()
        others = [pod for pod in over if pod.metadata.uid not in held.failed]
        succeeded = [pod for pod in others if pod.status.phase == "Succeeded"]
        failed = [
            pod
            for pod in others
            if pod.status.phase != "Succeeded"
            and (is_lost or pod.metadata.uid in self._lost)
            and counts_as_failure(job, pod)
        ]
        if is_indexed(job):
            succeeded = []
            self._change(completedIndexes=text_of(tally.completed), succeeded=len(tally.completed))
            if job.spec.backoffLimitPerIndex is not None:
                self._change(failedIndexes=text_of(tally.broken))
        self._change(
            uncountedTerminatedPods=UncountedTerminatedPods(
                succeeded=_merged(held.succeeded, succeeded), failed=_merged(held.failed, failed)
            )
        )

    def _left(self) -> int | None:
        """In how many ms activeDeadlineSeconds have passed; None if there is no such time."""
        limit, start = self._job.spec.activeDeadlineSeconds, self._status.startTime
        if limit is None or not start or self._job.spec.suspend:
            return None
        return max(self._api.clock.milliseconds(start) + 1000 * limit - self._api.clock.now, 0)

    # Acting

    def _manage(self, tally: Tally) -> int | None:
        """Make the number of active pods right, or have none while suspended (`manageJob`)."""
        job = self._job
        wanted = 0 if job.spec.suspend else wanted_active(job, tally)
        extra = surplus(job, self._pods, max(tally.active - wanted, 0))
        for pod in extra:
            self._delete(self._released(pod))
        missing = wanted - tally.active
        if job.spec.podReplacementPolicy == "Failed":
            missing -= sum(map(is_terminating, self._pods))
        return self._create(tally, min(missing, BURST)) if missing > 0 and not extra else None

    def _create(self, tally: Tally, count: int) -> int | None:
        """Make so many pods, unless they have to wait; in how many ms to try again."""
        job, clock, waits = self._job, self._api.clock, None
        if job.spec.backoffLimitPerIndex is None:
            wait = wait_after(self._new_record.failures, self._new_record.last, clock)
            if wait:
                return wait
        indexes: Sequence[int | None] = [None] * count
        if is_indexed(job):
            indexes = next_indexes(job, self._pods, tally, count)
        for index in indexes:
            last = None if index is None else self._held.get(index)
            wait = 0 if last is None else wait_after(failures_with(last), ended_at(last, clock), clock)
            if wait:
                waits = _sooner(waits, wait)
            elif not self._made(new_pod(job, index, last)):
                return waits
        return waits

    def _tell_suspension(self) -> None:
        """Say that the Job is suspended, or is so no more; its time begins anew when it goes on."""
        if self._job.spec.suspend:
            if self._condition(SUSPENDED, "True", "JobSuspended", "Job suspended"):
                self._event("Normal", "Suspended", "Job suspended")
            self._change(startTime="")
        elif self._condition(SUSPENDED, "False", "JobResumed", "Job resumed"):
            self._event("Normal", "Resumed", "Job resumed")
            self._change(startTime=self._now())

    def _finish(self, found: Verdict) -> None:
        """Every pod has ended: say so (`enactJobFinished`)."""
        self._condition(found.type, "True", found.reason, found.message)
        if found.type != COMPLETE:
            self._event("Warning", found.reason, found.message)
            return
        self._change(completionTime=self._now())
        wanted = self._job.spec.completions
        if wanted is not None and self._status.succeeded > wanted:
            self._event("Warning", "TooManySucceededPods", TOO_MANY)
        self._event("Normal", "Completed", "Job completed")

    def _made(self, pod: Pod) -> bool:
        try:
            made = self._api.create(PODS, pod, actor=ACTOR)
        except ApiError as error:
            self._failure = error
            self._event("Warning", "FailedCreate", f"Error creating: {error}")
            return False
        self._note(made)
        self._pods.append(made)
        self._event("Normal", "SuccessfulCreate", f"Created pod: {made.metadata.name}")
        return True

    def _delete(self, pod: Pod) -> None:
        key = kinds.key(pod)
        try:
            self._api.delete(PODS, key, actor=ACTOR)
        except NotFound:
            return
        self._event("Normal", "SuccessfulDelete", f"Deleted pod: {pod.metadata.name}")
        found = self._api.find(PODS, key)
        self._pods = [each for each in self._pods if kinds.key(each) != key] + ([found] if found is not None else [])

    def _released(self, pod: Pod) -> Pod:
        """The pod without the finalizer that has it counted."""
        return released(self._api, pod)

    # Reporting

    def _report(self) -> None:
        active = [pod for pod in self._pods if is_active(pod)]
        self._change(
            active=len(active), ready=sum(ready_since(pod) is not None for pod in active),
            terminating=sum(map(is_terminating, self._pods)),
        )  # fmt: skip
        self._write()

    def _write(self) -> None:
        if self._status != self._job.status:
            self._job = self._api.update_status(
                JOBS, replace(self._job, status=self._status), actor=ACTOR, previous=self._job
            )

    def _change(self, **fields: object) -> None:
        self._status = replace(self._status, **fields)

    def _condition(self, kind: str, status: str, reason: str, message: str) -> bool:
        """Set a condition; whether it was not so before."""
        held = next((each for each in self._status.conditions if each.type == kind), None)
        if held is not None and held.status == status:
            return False
        if held is None and status == "False":
            return False
        now = self._now()
        made = JobCondition(
            type=kind, status=status, reason=reason, message=message, lastProbeTime=now, lastTransitionTime=now
        )
        others = [each for each in self._status.conditions if each.type != kind]
        self._change(conditions=(*others, made))
        return True

    def _event(self, severity: str, reason: str, message: str) -> None:
        self._api.events.record(JOBS, self._job, severity, reason, message, component=ACTOR)

    def _now(self) -> str:
        return self._api.clock.timestamp()


def released(api: ApiServer, pod: Pod) -> Pod:
    """The pod without the tracking finalizer, written if it had it; the last version if it is gone."""
    if FINALIZER not in pod.metadata.finalizers:
        return pod
    kept = tuple(each for each in pod.metadata.finalizers if each != FINALIZER)
    current = api.find(PODS, kinds.key(pod))
    if current is None or current.metadata.uid != pod.metadata.uid:
        return pod
    return api.update(PODS, replace(current, metadata=replace(current.metadata, finalizers=kept)), actor=ACTOR)


def _merged(uids: Sequence[str], pods: Iterable[Pod]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*uids, *(pod.metadata.uid for pod in pods)]))


def _sooner(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
