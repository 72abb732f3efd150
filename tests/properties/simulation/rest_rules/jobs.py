"""Jobs and CronJobs: a Job that is not over waits for room; one that is over has let go of its pods."""

from collections.abc import Iterator

from cluster.api import kinds
from cluster.api.batch import Job
from tests.properties.simulation.rest_rules.rest import Rest, is_controlled_by, name

TRACKING = "batch.kubernetes.io/job-tracking"


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for job in rest.all(kinds.JOBS):
        yield from _job(rest, job)
    for pod in rest.all(kinds.PODS):
        if TRACKING in pod.metadata.finalizers and (pod.status.phase in ("Succeeded", "Failed")):
            yield f"{name(kinds.PODS, pod)} has ended and is not counted"
    for cron in rest.all(kinds.CRON_JOBS):
        mine = [job for job in rest.all(kinds.JOBS) if is_controlled_by(job, cron)]
        listed = sorted(reference.name for reference in cron.status.active)
        going = sorted(job.metadata.name for job in mine if not is_over(job))
        if not set(listed) <= set(going):
            yield f"{name(kinds.CRON_JOBS, cron)} lists {listed} as active, {going} are"
        for limit, ends in (
            (cron.spec.successfulJobsHistoryLimit, "Complete"),
            (cron.spec.failedJobsHistoryLimit, "Failed"),
        ):
            kept = sum(is_over(job, ends) for job in mine)
            if limit is not None and kept > limit:
                yield f"{name(kinds.CRON_JOBS, cron)} keeps {kept} Jobs that are {ends}, of {limit}"


def _job(rest: Rest, job: Job) -> Iterator[str]:
    words, mine, spec = name(kinds.JOBS, job), rest.pods_of(job), job.spec
    if job.status.active != len(mine):
        yield f"{words} tells of {job.status.active} pods, {len(mine)} are active"
    if job.status.uncountedTerminatedPods is not None and (
        job.status.uncountedTerminatedPods.succeeded or job.status.uncountedTerminatedPods.failed
    ):
        yield f"{words} has pods left to count"
    if is_over(job):
        if mine:
            yield f"{words} is over, and has {len(mine)} pods at work"
        if spec.ttlSecondsAfterFinished is not None:
            yield f"{words} is over, and its time is up"
    elif not mine and not rest.is_refused(job.metadata.namespace, spec.template):
        yield f"{words} is not over, and has no pods"


def is_over(job: Job, *ends: str) -> bool:
    """Whether a Job has ended, in one of the given ways or in any."""
    wanted = ends or ("Complete", "Failed")
    return any(one.type in wanted and one.status == "True" for one in job.status.conditions)
