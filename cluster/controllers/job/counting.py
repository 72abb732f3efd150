"""What a Job's pods come to: those in its status already, and those that have ended since.

Pure. Mirrors getNewFinishedPods, calculateSucceededIndexes, calculateFailedIndexes and
getPodsWithDelayedDeletionPerIndex (pkg/controller/job). Invariant: a pod that has the tracking finalizer
and is not named in the status is not counted yet, any other is.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cluster.api.batch import Job, UncountedTerminatedPods
from cluster.api.core import Pod
from cluster.clock import Clock
from cluster.controllers.job.failures import FAIL_INDEX, IGNORE, Record, ended_at, is_failed, judged, recorded
from cluster.controllers.job.indexes import failures_of, ignored_of, index_of, is_indexed, parsed
from cluster.controllers.job.pods import FINALIZER
from cluster.controllers.job.verdict import Tally
from cluster.controllers.pod_states import is_active


def is_tracked(pod: Pod) -> bool:
    """Whether the pod is still to be counted, or to be let go."""
    return FINALIZER in pod.metadata.finalizers


def has_place(job: Job, pod: Pod) -> bool:
    """Whether the Job is Indexed and the pod has one of its numbers, or it is not Indexed."""
    return not is_indexed(job) or index_of(pod) in range(job.spec.completions or 0)


def counts_as_failure(job: Job, pod: Pod) -> bool:
    """Whether a failed pod is held against the Job."""
    return has_place(job, pod) and judged(job, pod).action != IGNORE


class Ended(NamedTuple):
    """The pods that have ended and are not in the status."""

    succeeded: tuple[Pod, ...]
    failed: tuple[Pod, ...]


def newly_ended(job: Job, pods: Iterable[Pod]) -> Ended:
    """The pods that are to be counted from now on (`getNewFinishedPods`)."""
    held = job.status.uncountedTerminatedPods or UncountedTerminatedPods()
    new = [pod for pod in pods if is_tracked(pod) and has_place(job, pod)]
    return Ended(
        tuple(pod for pod in new if pod.status.phase == "Succeeded" and pod.metadata.uid not in held.succeeded),
        tuple(pod for pod in new if is_failed(job, pod) and pod.metadata.uid not in held.failed),
    )


def tallied(job: Job, pods: Sequence[Pod], ended: Ended) -> Tally:
    """The Job's pods in numbers, those included that have ended and are not in the status."""
    status = job.status
    held = status.uncountedTerminatedPods or UncountedTerminatedPods()
    failed = sum(counts_as_failure(job, pod) for pod in ended.failed)
    active, lost = sum(map(is_active, pods)), status.failed + len(held.failed) + failed
    if not is_indexed(job):
        return Tally(active, status.succeeded + len(held.succeeded) + len(ended.succeeded), lost)
    wanted = range(job.spec.completions or 0)
    completed = parsed(status.completedIndexes) | {index_of(pod) for pod in ended.succeeded}
    completed = {index for index in completed if index in wanted}
    broken = _broken(job, [pod for pod in pods if is_tracked(pod)])
    return Tally(active, len(completed), lost, frozenset(completed), broken)


def _broken(job: Job, pods: Iterable[Pod]) -> frozenset[int]:
    limit = job.spec.backoffLimitPerIndex
    if limit is None:
        return frozenset()
    wanted = range(job.spec.completions or 0)
    found = parsed(job.status.failedIndexes or "") | {
        index_of(pod)
        for pod in pods
        if is_failed(job, pod) and (judged(job, pod).action == FAIL_INDEX or failures_of(pod) >= limit)
    }
    return frozenset(index for index in found if index in wanted)


def replaced_next(job: Job, pods: Sequence[Pod], tally: Tally, clock: Clock) -> dict[int, Pod]:
    """Of each number that is to be tried again its last failed pod, which is not let go before there is another."""
    if job.spec.backoffLimitPerIndex is None or not is_indexed(job):
        return {}
    found: dict[int, Pod] = {}
    taken = {index_of(pod) for pod in pods if is_active(pod)} | tally.completed | tally.broken
    for pod in pods:
        index = index_of(pod)
        if is_tracked(pod) and is_failed(job, pod) and has_place(job, pod) and index not in taken:
            last = found.get(index)
            if last is None or (_failures(last), ended_at(last, clock)) <= (_failures(pod), ended_at(pod, clock)):
                found[index] = pod
    return found


def _failures(pod: Pod) -> int:
    return failures_of(pod) + ignored_of(pod)


def failures_with(pod: Pod) -> int:
    """How often the number of a failed pod has failed, this time included (`getIndexAbsoluteFailureCount`)."""
    return _failures(pod) + 1


def first_record(job: Job, pods: Iterable[Pod], clock: Clock) -> Record:
    """What the pods that are counted and still there tell of failures, when nothing is remembered of them."""
    counted = [pod for pod in pods if not is_tracked(pod)]
    succeeded = [pod for pod in counted if pod.status.phase == "Succeeded"]
    return recorded(Record(), succeeded, [pod for pod in counted if is_failed(job, pod)], clock)
