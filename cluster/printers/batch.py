"""Jobs and CronJobs as rows: how far a job has come, and when the next one last began.

Invariant: a Job's word is that of its conditions, a finished state before any other; nothing is counted here.
"""

from cluster.api.batch import CronJob, Job
from cluster.printers.column import AGE, NAME, Printer, booleans, numbers, texts
from cluster.printers.now import Now
from cluster.printers.selectors import selector_text
from cluster.printers.workloads import DETAILS, containers


def status(job: Job) -> str:
    """A Job's state in one word: `Complete`, `Failed`, `Terminating`, `Suspended` … or `Running`."""
    true = {item.type for item in job.status.conditions if item.status == "True"}
    if "Complete" in true:
        return "Complete"
    if "Failed" in true:
        return "Failed"
    if job.metadata.deletionTimestamp:
        return "Terminating"
    return next((word for word in ("Suspended", "FailureTarget", "SuccessCriteriaMet") if word in true), "Running")


def completions(job: Job) -> str:
    """Succeeded pods of those wanted: `1/3`, or `0/1 of 4` when any one of several is enough."""
    spec, done = job.spec, job.status.succeeded
    if spec.completions is not None:
        return f"{done}/{spec.completions}"
    parallelism = spec.parallelism or 0
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def _job(job: Job, now: Now) -> tuple[str, ...]:
    start = job.status.startTime
    return (
        job.metadata.name,
        status(job),
        completions(job),
        now.between(start, job.status.completionTime) if start else "",
        now.since(job.metadata.creationTimestamp),
        *containers(job.spec.template),
        selector_text(job.spec.selector),
    )


def _cron_job(value: CronJob, now: Now) -> tuple[str, ...]:
    spec, last = value.spec, value.status.lastScheduleTime
    return (
        value.metadata.name,
        spec.schedule,
        spec.timeZone or "<none>",
        "<unset>" if spec.suspend is None else str(spec.suspend),
        str(len(value.status.active)),
        now.since(last) if last else "<none>",
        now.since(value.metadata.creationTimestamp),
        *containers(spec.jobTemplate.spec.template),
        selector_text(spec.jobTemplate.spec.selector),
    )


JOB = Printer((NAME, *texts("Status", "Completions", "Duration"), AGE, *DETAILS), _job)
CRON_JOB = Printer(
    (
        NAME, *texts("Schedule", "Timezone"), *booleans("Suspend"), *numbers("Active"), *texts("Last Schedule"), AGE,
        *DETAILS,
    ),
    _cron_job,
)  # fmt: skip
