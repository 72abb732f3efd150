"""Jobs and CronJobs: what they run, how often, and how far they have come.

Invariant: a Job's numbers are those of its status; the pods themselves are not counted.
"""

from cluster.api.batch import CronJob, Job, JobTemplateSpec
from cluster.api.errors import BadRequest
from cluster.api.labels import from_label_selector
from cluster.api.meta import LabelSelector
from ktui.model.describe.pods import controller_text, write_template
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date

_LONGEST_INDEXES = 50


def write_job(sheet: Sheet, value: Job, related: Related) -> None:
    """Everything about a Job but its events."""
    meta, spec = value.metadata, value.spec
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("Selector", _selector(spec.selector))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    if controller := controller_text(meta):
        sheet.field("Controlled By", controller)
    suspended = None if spec.suspend is None else str(spec.suspend).lower()
    for name, text in (
        ("Parallelism", spec.parallelism),
        ("Completions", "<unset>" if spec.completions is None else spec.completions),
        ("Completion Mode", spec.completionMode or None),
        ("Suspend", suspended),
        ("Backoff Limit", spec.backoffLimit),
        ("TTL Seconds After Finished", spec.ttlSecondsAfterFinished),
    ):
        if text is not None:
            sheet.field(name, text)
    _write_progress(sheet, value, related)
    write_template(sheet, spec.template)


def _write_progress(sheet: Sheet, value: Job, related: Related) -> None:
    spec, status = value.spec, value.status
    if status.startTime:
        sheet.field("Start Time", date(status.startTime))
    if status.completionTime:
        sheet.field("Completed At", date(status.completionTime))
    if status.startTime and status.completionTime:
        sheet.field("Duration", related.now.between(status.startTime, status.completionTime))
    if spec.activeDeadlineSeconds is not None:
        sheet.field("Active Deadline Seconds", f"{spec.activeDeadlineSeconds}s")
    ready = "" if status.ready is None else f" ({status.ready} Ready)"
    counts = f"{status.active} Active{ready} / {status.succeeded} Succeeded / {status.failed} Failed"
    sheet.field("Pods Statuses", counts)
    if spec.completionMode == "Indexed":
        sheet.field("Completed Indexes", _indexes(status.completedIndexes))


def _indexes(text: str) -> str:
    """Indexes, cut at the first comma from the 50th letter on."""
    end = text.find(",", _LONGEST_INDEXES)
    return f"{text[: end + 1]}..." if end >= 0 else text or "<none>"


def _selector(selector: LabelSelector | None) -> str:
    try:
        return str(from_label_selector(selector))
    except BadRequest as error:
        return f"Failed to get selector: {error.message}"


def write_cron_job(sheet: Sheet, value: CronJob, _related: Related) -> None:
    """Everything about a CronJob but its events."""
    spec, status = value.spec, value.status
    sheet.head(value.metadata)
    deadline = spec.startingDeadlineSeconds
    for name, text in (
        ("Schedule", spec.schedule),
        ("Concurrency Policy", spec.concurrencyPolicy),
        ("Suspend", spec.suspend),
        ("Time Zone", spec.timeZone or None),
        ("Successful Job History Limit", spec.successfulJobsHistoryLimit),
        ("Failed Job History Limit", spec.failedJobsHistoryLimit),
        ("Starting Deadline Seconds", None if deadline is None else f"{deadline}s"),
    ):
        sheet.field(name, "<unset>" if text is None else text)
    _write_job_template(sheet, spec.jobTemplate)
    sheet.field("Last Schedule Time", date(status.lastScheduleTime) if status.lastScheduleTime else "<unset>")
    sheet.field("Active Jobs", ", ".join(job.name for job in status.active) or "<none>")


def _write_job_template(sheet: Sheet, template: JobTemplateSpec) -> None:
    spec = template.spec
    sheet.field("Selector", "<unset>" if spec.selector is None else _selector(spec.selector))
    sheet.field("Parallelism", "<unset>" if spec.parallelism is None else spec.parallelism)
    sheet.field("Completions", "<unset>" if spec.completions is None else spec.completions)
    if spec.activeDeadlineSeconds is not None:
        sheet.field("Active Deadline Seconds", f"{spec.activeDeadlineSeconds}s")
    write_template(sheet, spec.template)
