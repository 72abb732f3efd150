"""The batch group (batch/v1): Jobs and CronJobs.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from typing import Annotated

from msgspec import field

from cluster.api.core import ObjectReference, PodTemplateSpec
from cluster.api.meta import LabelSelector, ObjectMeta, Resource
from cluster.api.object import ListType, Object


class PodFailurePolicyOnExitCodesRequirement(Object, frozen=True, kw_only=True):
    containerName: str = ""
    operator: str = field(default_factory=str)
    values: Annotated[tuple[int, ...], ListType("set", (), "", "")] = ()


class PodFailurePolicyOnPodConditionsPattern(Object, frozen=True, kw_only=True):
    status: str = ""
    type: str = field(default_factory=str)


class PodFailurePolicyRule(Object, frozen=True, kw_only=True):
    action: str = field(default_factory=str)
    onExitCodes: PodFailurePolicyOnExitCodesRequirement | None = None
    onPodConditions: tuple[PodFailurePolicyOnPodConditionsPattern, ...] = ()


class PodFailurePolicy(Object, frozen=True, kw_only=True):
    rules: tuple[PodFailurePolicyRule, ...] = ()


class SuccessPolicyRule(Object, frozen=True, kw_only=True):
    succeededCount: int | None = None
    succeededIndexes: str = ""


class SuccessPolicy(Object, frozen=True, kw_only=True):
    rules: tuple[SuccessPolicyRule, ...] = ()


class JobSpec(Object, frozen=True, kw_only=True):
    activeDeadlineSeconds: int | None = None
    backoffLimit: int | None = None
    backoffLimitPerIndex: int | None = None
    completionMode: str = ""
    completions: int | None = None
    managedBy: str = ""
    manualSelector: bool | None = None
    maxFailedIndexes: int | None = None
    parallelism: int | None = None
    podFailurePolicy: PodFailurePolicy | None = None
    podReplacementPolicy: str = ""
    selector: LabelSelector | None = None
    successPolicy: SuccessPolicy | None = None
    suspend: bool | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    ttlSecondsAfterFinished: int | None = None


class JobTemplateSpec(Object, frozen=True, kw_only=True):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: JobSpec = field(default_factory=lambda: JobSpec())


class CronJobSpec(Object, frozen=True, kw_only=True):
    concurrencyPolicy: str = ""
    failedJobsHistoryLimit: int | None = None
    jobTemplate: JobTemplateSpec = field(default_factory=lambda: JobTemplateSpec())
    schedule: str = field(default_factory=str)
    startingDeadlineSeconds: int | None = None
    successfulJobsHistoryLimit: int | None = None
    suspend: bool | None = None
    timeZone: str = ""


class CronJobStatus(Object, frozen=True, kw_only=True):
    active: tuple[ObjectReference, ...] = ()
    lastScheduleTime: str = ""
    lastSuccessfulTime: str = ""


class CronJob(Resource, frozen=True, kw_only=True):
    spec: CronJobSpec = field(default_factory=lambda: CronJobSpec())
    status: CronJobStatus = field(default_factory=lambda: CronJobStatus())


class JobCondition(Object, frozen=True, kw_only=True):
    lastProbeTime: str = ""
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class UncountedTerminatedPods(Object, frozen=True, kw_only=True):
    failed: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()
    succeeded: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()


class JobStatus(Object, frozen=True, kw_only=True):
    active: int = 0
    completedIndexes: str = ""
    completionTime: str = ""
    conditions: Annotated[tuple[JobCondition, ...], ListType("atomic", (), "merge", "type")] = ()
    failed: int = 0
    failedIndexes: str | None = None
    ready: int | None = None
    startTime: str = ""
    succeeded: int = 0
    terminating: int | None = None
    uncountedTerminatedPods: UncountedTerminatedPods | None = None


class Job(Resource, frozen=True, kw_only=True):
    spec: JobSpec = field(default_factory=lambda: JobSpec())
    status: JobStatus = field(default_factory=lambda: JobStatus())
