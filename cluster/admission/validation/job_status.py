"""The status of Jobs: what counts, conditions and times can be true together, and how they may go on.

Part of a Job's validation. Mirrors validateJobStatus and ValidateJobStatusUpdate. Invariant: a Job
that has ended stays so.
"""

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import IMMUTABLE, Causes, nonnegative
from cluster.admission.validation.job_policies import count_indexes
from cluster.api.batch import Job, JobStatus
from cluster.api.meta import StatusCause

_CONDITIONS = "status.conditions"
_LASTING = ("Failed", "Complete", "FailureTarget")


def status_update(new: Job, old: Job) -> list[StatusCause]:
    """What is wrong with a changed status of a Job."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.status == old.status:
        return causes
    causes += _counts(new.status)
    causes += _times(new)
    causes += _ended(new)
    causes += _indexes(new)
    causes += _conditions(new)
    return causes + list(_progress(new, old))


def is_true(status: JobStatus, condition: str) -> bool:
    """Whether a condition holds."""
    return any(item.type == condition and item.status == "True" for item in status.conditions)


def _finished(status: JobStatus) -> bool:
    return is_true(status, "Complete") or is_true(status, "Failed")


def _counts(status: JobStatus) -> Causes:
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        value = getattr(status, name)
        if value is not None:
            yield from nonnegative(f"status.{name}", value)
    uncounted, seen = status.uncountedTerminatedPods, set[str]()
    for name in ("succeeded", "failed") if uncounted is not None else ():
        for index, uid in enumerate(getattr(uncounted, name)):
            here = f"status.uncountedTerminatedPods.{name}[{index}]"
            if not uid:
                yield error.invalid(here, uid, "must not be empty")
            elif uid in seen:
                yield error.duplicate(here, uid)
            seen.add(uid)


def _times(job: Job) -> Causes:
    status, field = job.status, "status.completionTime"
    complete = is_true(status, "Complete")
    for other, said in (("Failed", "Failed"), ("FailureTarget", "FailureTarget")):
        if complete and is_true(status, other):
            yield error.unshown(_CONDITIONS, f"cannot set Complete=True and {said}=true conditions")
    if status.completionTime and not complete:
        why = "cannot set completionTime when there is no Complete=True condition"
        yield error.invalid(field, status.completionTime, why)
    if complete and not status.completionTime:
        yield error.required(field, "completionTime is required for Complete jobs")
    if status.startTime and status.completionTime and status.completionTime < status.startTime:
        yield error.invalid(field, status.completionTime, "must be equal to or after `startTime`")


def _ended(job: Job) -> Causes:
    status = job.status
    if is_true(status, "Failed") and not is_true(status, "FailureTarget"):
        yield error.unshown(_CONDITIONS, "cannot set Failed=True condition without the FailureTarget=true condition")
    if is_true(status, "Complete") and not is_true(status, "SuccessCriteriaMet"):
        why = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        yield error.unshown(_CONDITIONS, why)
    if not _finished(status):
        return
    if status.active > 0:
        yield error.invalid("status.active", status.active, "active>0 is invalid for finished job")
    if not status.startTime:
        yield error.required("status.startTime", "startTime is required for finished job")
    uncounted = status.uncountedTerminatedPods
    if uncounted is not None and (uncounted.failed or uncounted.succeeded):
        shown = error.Fields(Succeeded=uncounted.succeeded or None, Failed=uncounted.failed or None)
        yield error.invalid("status.uncountedTerminatedPods", shown, "must be empty for finished job")


def _indexes(job: Job) -> Causes:
    spec, status = job.spec, job.status
    for name in ("completedIndexes", "failedIndexes"):
        text = getattr(status, name)
        if spec.completions is None or not text or (name == "failedIndexes" and spec.backoffLimitPerIndex is None):
            continue
        try:
            count_indexes(text, spec.completions)
        except ValueError as wrong:
            yield error.invalid(f"status.{name}", text, f"error parsing {name}: {wrong}")
    if status.completedIndexes and spec.completionMode != "Indexed":
        why = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield error.invalid("status.completedIndexes", status.completedIndexes, why)
    if status.failedIndexes is not None and spec.backoffLimitPerIndex is None:
        why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield error.invalid("status.failedIndexes", status.failedIndexes, why)
    both = _named(status.completedIndexes) & _named(status.failedIndexes or "")
    if both:
        why = f"failedIndexes and completedIndexes overlap at index: {min(both)}"
        yield error.invalid("status.failedIndexes", status.failedIndexes, why)


def _named(text: str) -> set[int]:
    """The indexes that a text names, as far as it can be read."""
    found: set[int] = set()
    for interval in text.split(","):
        parts = interval.split("-")
        if len(parts) <= 2 and all(part.isdecimal() for part in parts):
            found.update(range(int(parts[0]), int(parts[-1]) + 1))
    return found


def _conditions(job: Job) -> Causes:
    status = job.status
    if status.terminating and _finished(status):
        yield error.invalid("status.terminating", status.terminating, "terminating>0 is invalid for finished job")
    if status.ready is not None and status.ready > status.active:
        yield error.invalid("status.ready", status.ready, "cannot set more ready pods than active")
    if is_true(status, "SuccessCriteriaMet"):
        for other, said in (("Failed", "Failed"), ("FailureTarget", "FailureTarget")):
            if is_true(status, other):
                yield error.unshown(_CONDITIONS, f"cannot set SuccessCriteriaMet=True and {said}=true conditions")


def _progress(new: Job, old: Job) -> Causes:
    status, before = new.status, old.status
    for condition in _LASTING:
        if is_true(before, condition) and not is_true(status, condition):
            yield error.unshown(_CONDITIONS, f"cannot disable the terminal {condition}=True condition")
    for name in ("failed", "succeeded"):
        count = getattr(status, name)
        if count < getattr(before, name):
            yield error.invalid(f"status.{name}", count, f"cannot decrease the {name} counter")
    if status.completionTime and before.completionTime and status.completionTime != before.completionTime:
        yield error.invalid("status.completionTime", status.completionTime, IMMUTABLE)
    if before.startTime and before.startTime != status.startTime and not new.spec.suspend:
        yield error.required("status.startTime", "startTime cannot be removed for unsuspended job")
    if is_true(before, "SuccessCriteriaMet") and not is_true(status, "SuccessCriteriaMet"):
        yield error.unshown(_CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition")
