"""Whether a Job is over, and why: it failed for good, or met what counts as success.

Pure decisions on counts that are already made. Mirrors syncJob's order of reasons (pkg/controller/job)
and its success policy. Invariant: a verdict once written (FailureTarget, SuccessCriteriaMet) stands.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cluster.api.batch import Job, JobCondition, SuccessPolicyRule
from cluster.api.core import Pod
from cluster.controllers.job.failures import FAIL_JOB, judged, restarts
from cluster.controllers.job.indexes import is_indexed, parsed

COMPLETE, FAILED = "Complete", "Failed"
SUCCESS_CRITERIA_MET, FAILURE_TARGET = "SuccessCriteriaMet", "FailureTarget"
SUSPENDED = "Suspended"
REACHED = "Reached expected number of succeeded pods"
BACKOFF = "Job has reached the specified backoff limit"
DEADLINE = "Job was active longer than specified deadline"
FAILED_INDEXES = "Job has failed indexes"
TOO_MANY_INDEXES = "Job has exceeded the specified maximal number of failed indexes"


class Verdict(Struct, frozen=True):
    """How the Job ends: the final condition's type, and its reason and message."""

    type: str
    reason: str
    message: str

    @property
    def interim(self) -> str:
        """The condition that is set before every pod has ended."""
        return SUCCESS_CRITERIA_MET if self.type == COMPLETE else FAILURE_TARGET


class Tally(Struct, frozen=True):
    """The Job's pods in numbers; `completed` and `broken` are indexes."""

    active: int
    succeeded: int
    failed: int
    completed: frozenset[int] = frozenset()
    broken: frozenset[int] = frozenset()


def condition_of(job: Job, kind: str) -> JobCondition | None:
    """The condition of this type that is True."""
    return next((each for each in job.status.conditions if each.type == kind and each.status == "True"), None)


def is_finished(job: Job) -> bool:
    """Whether the Job is complete or failed (`IsJobFinished`)."""
    return condition_of(job, COMPLETE) is not None or condition_of(job, FAILED) is not None


def written(job: Job) -> Verdict | None:
    """The verdict that the status already tells."""
    for kind, interim in ((FAILED, FAILURE_TARGET), (COMPLETE, SUCCESS_CRITERIA_MET)):
        found = condition_of(job, interim)
        if found is not None:
            return Verdict(kind, found.reason, found.message)
    return None


def by_policy(job: Job, failed: Iterable[Pod]) -> Verdict | None:
    """The end that a pod's failure brings by the Job's podFailurePolicy."""
    for pod in failed:
        found = judged(job, pod)
        if found.action == FAIL_JOB:
            return Verdict(FAILED, "PodFailurePolicy", found.why)
    return None


def failure(job: Job, tally: Tally, pods: Sequence[Pod], *, overdue: bool) -> Verdict | None:
    """The Job's failure by its limits; `overdue` says that activeDeadlineSeconds have passed."""
    limit = 6 if job.spec.backoffLimit is None else job.spec.backoffLimit
    if tally.failed > limit or _restarted_too_often(job, pods, limit):
        return Verdict(FAILED, "BackoffLimitExceeded", BACKOFF)
    if overdue:
        return Verdict(FAILED, "DeadlineExceeded", DEADLINE)
    if job.spec.backoffLimitPerIndex is not None and tally.broken:
        most = job.spec.maxFailedIndexes
        if most is not None and len(tally.broken) > most:
            return Verdict(FAILED, "MaxFailedIndexesExceeded", TOO_MANY_INDEXES)
        if len(tally.broken) + len(tally.completed) >= (job.spec.completions or 0):
            return Verdict(FAILED, "FailedIndexes", FAILED_INDEXES)
    return None


def _restarted_too_often(job: Job, pods: Sequence[Pod], limit: int) -> bool:
    if job.spec.template.spec.restartPolicy != "OnFailure":
        return False
    count = restarts(pods)
    return count > 0 if limit == 0 else count >= limit


def by_success_policy(job: Job, tally: Tally) -> Verdict | None:
    """The Job's success by the rules of its successPolicy."""
    policy = job.spec.successPolicy
    for index, rule in enumerate(policy.rules if policy is not None and is_indexed(job) else ()):
        if _meets(rule, tally.completed):
            return Verdict(COMPLETE, "SuccessPolicy", f"Matched rules at index {index}")
    return None


def completion(job: Job, tally: Tally) -> Verdict | None:
    """The Job's success by the number of completions, when nothing is at work any more."""
    if tally.active:
        return None
    wanted = 1 if job.spec.completions is None else job.spec.completions
    return Verdict(COMPLETE, "CompletionsReached", REACHED) if tally.succeeded >= wanted else None


def _meets(rule: SuccessPolicyRule, completed: frozenset[int]) -> bool:
    if not rule.succeededIndexes:
        return rule.succeededCount is not None and len(completed) >= rule.succeededCount
    wanted = parsed(rule.succeededIndexes)
    return len(wanted & completed) >= (len(wanted) if rule.succeededCount is None else rule.succeededCount)
