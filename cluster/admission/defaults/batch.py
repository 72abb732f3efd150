"""Defaults of Jobs and CronJobs.

On the data's way between decoding and admission. Mirrors pkg/apis/batch/v1/defaults.go. Invariant:
the Jobs of a CronJob are defaulted when they are made, so that its template keeps what was written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission.defaults.pods import template
from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.batch import (
    CronJob,
    Job,
    JobSpec,
    PodFailurePolicy,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
)
from cluster.api.kinds import Kind

BACKOFF_LIMIT = 6
NO_LIMIT = 2**31 - 1
SUCCESSFUL_HISTORY, FAILED_HISTORY = 3, 1


def job(value: Job) -> Job:
    """The Job with one pod to complete, six tries, and its template's labels as its own where it has none."""
    spec = _failure_policy(value.spec)
    endless = spec.backoffLimitPerIndex is not None
    one = spec.completions is None and spec.parallelism is None
    spec = changed(
        spec,
        template=template(spec.template),
        completions=1 if one else spec.completions,
        parallelism=1 if spec.parallelism is None else spec.parallelism,
        backoffLimit=(NO_LIMIT if endless else BACKOFF_LIMIT) if spec.backoffLimit is None else spec.backoffLimit,
        completionMode=spec.completionMode or "NonIndexed",
        suspend=False if spec.suspend is None else spec.suspend,
        manualSelector=False if spec.manualSelector is None else spec.manualSelector,
        podReplacementPolicy=spec.podReplacementPolicy or _replacement(spec),
    )
    metadata = changed(value.metadata, labels=value.metadata.labels or spec.template.metadata.labels)
    return changed(value, metadata=metadata, spec=spec)


def cron_job(value: CronJob) -> CronJob:
    """The CronJob that runs beside its earlier runs and keeps three that succeeded and one that failed."""
    spec = value.spec
    good, bad = spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit
    jobs = _failure_policy(spec.jobTemplate.spec)
    jobs = changed(jobs, template=template(jobs.template))
    spec = changed(
        spec,
        concurrencyPolicy=spec.concurrencyPolicy or "Allow",
        suspend=False if spec.suspend is None else spec.suspend,
        successfulJobsHistoryLimit=SUCCESSFUL_HISTORY if good is None else good,
        failedJobsHistoryLimit=FAILED_HISTORY if bad is None else bad,
        jobTemplate=changed(spec.jobTemplate, spec=jobs),
    )
    return changed(value, spec=spec)


def _replacement(spec: JobSpec) -> str:
    return "TerminatingOrFailed" if spec.podFailurePolicy is None else "Failed"


def _failure_policy(spec: JobSpec) -> JobSpec:
    policy: PodFailurePolicy | None = spec.podFailurePolicy
    if policy is None:
        return spec
    return changed(spec, podFailurePolicy=changed(policy, rules=each(policy.rules, _rule)))


def _rule(value: PodFailurePolicyRule) -> PodFailurePolicyRule:
    return changed(value, onPodConditions=each(value.onPodConditions, _pattern))


def _pattern(value: PodFailurePolicyOnPodConditionsPattern) -> PodFailurePolicyOnPodConditionsPattern:
    return value if value.status else changed(value, status="True")


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {kinds.JOBS: job, kinds.CRON_JOBS: cron_job}
