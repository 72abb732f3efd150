"""What a failed pod means for its Job: how it is counted, and how long its replacement waits.

Pure. Mirrors pkg/controller/job/{pod_failure_policy,backoff_utils}.go. Invariant: the answers follow
from the pods there are and the time.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cluster.api.batch import Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule
from cluster.api.core import ContainerStatus, Pod
from cluster.api.kinds import key
from cluster.clock import Clock
from cluster.controllers.pod_states import ENDED

FIRST_DELAY = 10_000
LAST_DELAY = 600_000
FAIL_JOB, FAIL_INDEX, IGNORE = "FailJob", "FailIndex", "Ignore"


class Judgement(Struct, frozen=True):
    """What the Job's podFailurePolicy says of a failed pod: an action ("" for none) and why."""

    action: str = ""
    why: str = ""


def is_failed(job: Job, pod: Pod) -> bool:
    """Whether the pod counts as failed (`isPodFailed`): for most Jobs already when it is being deleted."""
    if pod.status.phase == "Failed":
        return True
    if job.spec.podReplacementPolicy == "Failed":
        return False
    return bool(pod.metadata.deletionTimestamp) and pod.status.phase != "Succeeded"


def is_terminating(pod: Pod) -> bool:
    """Whether the pod is on its way out and has not ended."""
    return bool(pod.metadata.deletionTimestamp) and pod.status.phase not in ENDED


def judged(job: Job, pod: Pod) -> Judgement:
    """The first rule of the Job's podFailurePolicy that the pod meets (`matchPodFailurePolicy`)."""
    policy = job.spec.podFailurePolicy
    for index, rule in enumerate(policy.rules if policy is not None else ()):
        why = _met(rule, pod)
        if why:
            return Judgement(rule.action, f"{why} matching {rule.action} rule at index {index}")
    return Judgement()


def _met(rule: PodFailurePolicyRule, pod: Pod) -> str:
    place = key(pod)
    if rule.onExitCodes is not None:
        for status in (*pod.status.containerStatuses, *pod.status.initContainerStatuses):
            code = _exit_code(status)
            if code and _covers(rule.onExitCodes, status.name, code):
                return f"Container {status.name} for pod {place} failed with exit code {code}"
    for condition in pod.status.conditions:
        for pattern in rule.onPodConditions:
            if condition.type == pattern.type and condition.status == (pattern.status or "True"):
                return f"Pod {place} has condition {condition.type}"
    return ""


def _exit_code(status: ContainerStatus) -> int:
    return status.state.terminated.exitCode if status.state.terminated is not None else 0


def _covers(requirement: PodFailurePolicyOnExitCodesRequirement, container: str, code: int) -> bool:
    if requirement.containerName not in {"", container}:
        return False
    return (code in requirement.values) is (requirement.operator == "In")


def restarts(pods: Iterable[Pod]) -> int:
    """How often the containers of pods that have not ended were started again."""
    return sum(
        status.restartCount
        for pod in pods
        if pod.status.phase in {"Running", "Pending"}
        for status in (*pod.status.initContainerStatuses, *pod.status.containerStatuses)
    )


def ended_at(pod: Pod, clock: Clock) -> int:
    """When the pod ended, as well as can be told (`getFinishedTime`), in ms."""
    ends = [each.state.terminated.finishedAt if each.state.terminated else "" for each in pod.status.containerStatuses]
    if ends and all(ends):
        return max(map(clock.milliseconds, ends))
    for condition in pod.status.conditions:
        if condition.type == "Ready" and condition.status == "False" and condition.lastTransitionTime:
            return clock.milliseconds(condition.lastTransitionTime)
    if pod.metadata.deletionTimestamp:
        grace = pod.metadata.deletionGracePeriodSeconds or 0
        return clock.milliseconds(pod.metadata.deletionTimestamp) - 1000 * grace
    return clock.milliseconds(pod.metadata.creationTimestamp)


class Record(Struct, frozen=True):
    """How many pods have failed since one succeeded, and when the last did (ms)."""

    failures: int = 0
    last: int = 0


def recorded(record: Record, succeeded: Sequence[Pod], failed: Sequence[Pod], clock: Clock) -> Record:
    """The record with the pods that have ended since (`newBackoffRecord`)."""
    if succeeded:
        latest = max(ended_at(pod, clock) for pod in succeeded)
        failed, record = [pod for pod in failed if ended_at(pod, clock) > latest], Record()
    if not failed:
        return record
    return Record(record.failures + len(failed), max(ended_at(pod, clock) for pod in failed))


def wait_after(failures: int, last: int, clock: Clock) -> int:
    """In how many ms a pod may be made after so many failures in a row, the last at time `last` (ms)."""
    if not failures:
        return 0
    delay = min(FIRST_DELAY << min(failures - 1, 20), LAST_DELAY)
    return max(last + delay - clock.now, 0)
