"""The Jobs of a CronJob: how one is made, which is which, and which old ones go.

Pure. Mirrors getJobFromTemplate2 and cleanupFinishedJobs (pkg/controller/cronjob). Invariant: the time a
Job is for decides its name, so none is made twice.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from cluster.api.batch import CronJob, Job
from cluster.api.core import ObjectReference
from cluster.api.kinds import CRON_JOBS, JOBS
from cluster.api.meta import ObjectMeta
from cluster.controllers.ownership import controller_reference

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def name_of(owner: CronJob, time: datetime) -> str:
    """The name of the Job for a time: minutes since 1970."""
    return f"{owner.metadata.name}-{int(time.timestamp()) // 60}"


def new_job(owner: CronJob, time: datetime, zone: tzinfo) -> Job:
    """The Job for a time."""
    template = owner.spec.jobTemplate
    told = time.astimezone(zone).isoformat().replace("+00:00", "Z")
    return Job(
        metadata=ObjectMeta(
            name=name_of(owner, time), namespace=owner.metadata.namespace, labels=template.metadata.labels,
            annotations={**template.metadata.annotations, SCHEDULED: told},
            ownerReferences=(controller_reference(CRON_JOBS, owner),),
        ),
        spec=template.spec,
    )  # fmt: skip


def reference(job: Job, revision: int) -> ObjectReference:
    """How the status names a Job that is at work."""
    meta = job.metadata
    return ObjectReference(
        apiVersion=JOBS.api_version, kind=JOBS.kind, name=meta.name, namespace=meta.namespace, uid=meta.uid,
        resourceVersion=str(revision),
    )  # fmt: skip


def end_of(job: Job) -> str:
    """The type of the condition with which the Job has ended; "" if it has not."""
    return next(
        (each.type for each in job.status.conditions if each.type in {"Complete", "Failed"} and each.status == "True"),
        "",
    )


def surplus(owner: CronJob, jobs: Sequence[Job]) -> list[Job]:
    """The finished Jobs beyond the history limits, oldest first."""
    gone: list[Job] = []
    for end, limit in (
        ("Complete", owner.spec.successfulJobsHistoryLimit),
        ("Failed", owner.spec.failedJobsHistoryLimit),
    ):
        if limit is None:
            continue
        ended = sorted(
            (job for job in jobs if end_of(job) == end), key=lambda job: (job.status.startTime, job.metadata.name)
        )
        gone += ended[: max(len(ended) - limit, 0)]
    return gone
