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
from cluster.controllers.job.failures import FAIL_INDEX, IGNORE, is_failed, is_terminating, judged, replacement_wait
from cluster.controllers.job.indexes import failures_of, index_of, is_indexed, parsed, text_of
from cluster.controllers.job.pods import FINALIZER, failures_before, new_pod, next_indexes, removal_order, wanted_active
from cluster.controllers.job.verdict import COMPLETE, SUSPENDED, Tally, Verdict
from cluster.controllers.pod_states import is_active, ready_since

ACTOR = "job-controller"
BURST = 500
"""How many pods one sync creates at most."""


class Sync:
    """The Job and its pods as a sync finds and leaves them."""

    def __init__(self, api: ApiServer, job: Job, pods: Sequence[Pod], note: Callable[[Pod], None]) -> None:
        self._api, self._job, self._pods, self._note = api, job, list(pods), note
        self._status = job.status
        self._failure: ApiError | None = None

    def run(self) -> int | None:
        """Do what is to be done now; in how many ms to look again, if nothing changes before."""
        job = self._job
        waiting = self._tracked()
        failed = [pod for pod in waiting if is_failed(job, pod)]
        self._change(startTime=job.status.startTime or ("" if job.spec.suspend else self._now()))
        found = verdicts.written(job) or verdicts.by_policy(job, failed)
        self._count(waiting, found)
        tally = self._tally()
        found = found or verdicts.failure(job, tally, self._pods, overdue=self._left() == 0)
        found = found or verdicts.success(job, tally)
        again = None
        if found is not None:
            self._conclude(found)
        elif not job.metadata.deletionTimestamp:
            again = self._manage(tally, self._left())
        self._report()
        if self._failure is not None:
            raise self._failure
        return again

    # Counting

    def _tracked(self) -> list[Pod]:
        """Pods that have ended and whose finalizer says they are not counted yet."""
        return [
            pod
            for pod in self._pods
            if FINALIZER in pod.metadata.finalizers and (pod.status.phase == "Succeeded" or is_failed(self._job, pod))
        ]

    def _count(self, ended: Iterable[Pod], found: Verdict | None) -> None:
        """Name the ended pods in the status, remove their finalizers, then count them."""
        held = self._status.uncountedTerminatedPods or UncountedTerminatedPods()
        ended, job = list(ended), self._job
        succeeded = [pod for pod in ended if pod.status.phase == "Succeeded"]
        failed = [pod for pod in ended if pod.status.phase != "Succeeded" and judged(job, pod).action != IGNORE]
        if is_indexed(job):
            self._complete_indexes(succeeded, failed)
            succeeded = []
        pending = UncountedTerminatedPods(
            succeeded=_merged(held.succeeded, succeeded), failed=_merged(held.failed, failed)
        )
        self._change(uncountedTerminatedPods=pending)
        if found is not None:
            self._condition(found.interim, "True", found.reason, found.message)
        if ended:
            self._write()
            self._pods = [self._released(pod) if pod in ended else pod for pod in self._pods]
        if pending != UncountedTerminatedPods():
            status = self._status
            self._change(
                succeeded=status.succeeded + len(pending.succeeded), failed=status.failed + len(pending.failed),
                uncountedTerminatedPods=UncountedTerminatedPods(),
            )  # fmt: skip

    def _complete_indexes(self, succeeded: Iterable[Pod], failed: Iterable[Pod]) -> None:
        job = self._job
        limit, wanted = job.spec.backoffLimitPerIndex, range(job.spec.completions or 0)
        done = parsed(self._status.completedIndexes) | {index_of(pod) for pod in succeeded}
        done = {index for index in done if index in wanted}
        self._change(completedIndexes=text_of(done), succeeded=len(done))
        if limit is not None:
            broken = {
                index_of(pod) for pod in failed if failures_of(pod) >= limit or judged(job, pod).action == FAIL_INDEX
            }
            kept = {index for index in parsed(self._status.failedIndexes) | broken if index in wanted}
            self._change(failedIndexes=text_of(kept - done))

    def _tally(self) -> Tally:
        status = self._status
        return Tally(
            sum(map(is_active, self._pods)), status.succeeded, status.failed,
            frozenset(parsed(status.completedIndexes)), frozenset(parsed(status.failedIndexes)),
        )  # fmt: skip

    def _left(self) -> int | None:
        """In how many ms activeDeadlineSeconds have passed; None if there is no such time."""
        limit, start = self._job.spec.activeDeadlineSeconds, self._status.startTime
        if limit is None or not start or self._job.spec.suspend:
            return None
        return max(self._api.clock.milliseconds(start) + 1000 * limit - self._api.clock.now, 0)

    # Acting

    def _conclude(self, found: Verdict) -> None:
        """End what still runs; when all has ended, say so (`enactJobFinished`)."""
        self._condition(found.interim, "True", found.reason, found.message)
        for pod in self._pods:
            if is_active(pod):
                self._delete(pod)
        if any(not _is_over(pod) for pod in self._pods):
            return
        self._condition(found.type, "True", found.reason, found.message)
        if found.type == COMPLETE:
            self._change(completionTime=self._now())
            self._event("Normal", "Completed", "Job completed")
        else:
            self._event("Warning", found.reason, found.message)

    def _manage(self, tally: Tally, left: int | None) -> int | None:
        """Make the number of active pods right, or have none while suspended (`manageJob`)."""
        if self._job.spec.suspend:
            for pod in self._pods:
                if is_active(pod):
                    self._delete(self._released(pod))
            if self._condition(SUSPENDED, "True", "JobSuspended", "Job suspended"):
                self._event("Normal", "Suspended", "Job suspended")
            self._change(startTime="")
            return None
        if verdicts.condition_of(self._job, SUSPENDED) is not None:
            self._condition(SUSPENDED, "False", "JobResumed", "Job resumed")
            self._event("Normal", "Resumed", "Job resumed")
            self._change(startTime=self._now())
            left = self._left()
        wanted = wanted_active(self._job, tally)
        if tally.active > wanted:
            for pod in removal_order([pod for pod in self._pods if is_active(pod)])[: tally.active - wanted]:
                self._delete(self._released(pod))
            return left
        missing = wanted - tally.active
        if self._job.spec.podReplacementPolicy == "Failed":
            missing -= sum(map(is_terminating, self._pods))
        return _sooner(left, self._create(tally, min(missing, BURST)) if missing > 0 else None)

    def _create(self, tally: Tally, count: int) -> int | None:
        """Make so many pods, unless they have to wait; in how many ms to try again."""
        job, clock, waits = self._job, self._api.clock, None
        per_index = job.spec.backoffLimitPerIndex is not None
        if not per_index:
            wait = replacement_wait(job, self._pods, clock)
            if wait:
                return wait
        indexes: Sequence[int | None] = [None] * count
        if is_indexed(job):
            indexes = next_indexes(job, self._pods, tally, count)
        for index in indexes:
            failures = 0 if index is None or not per_index else failures_before(job, self._pods, index)
            wait = replacement_wait(job, self._pods, clock, index) if failures else 0
            if wait:
                waits = _sooner(waits, wait)
            elif not self._made(new_pod(job, index, failures)):
                return waits
        return waits

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


def _is_over(pod: Pod) -> bool:
    return pod.status.phase in {"Succeeded", "Failed"}


def _sooner(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
