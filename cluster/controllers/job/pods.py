"""What a Job's pods are made from, which to make next, and which to delete first.

Pure. Mirrors manageJob, getPodCreationInfo and activePodsForRemoval (pkg/controller/job). Invariant:
a pod is made with the tracking finalizer, so that its end is counted before it can vanish.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec.structs import replace

from cluster.api.batch import Job
from cluster.api.core import Container, EnvVar, EnvVarSource, ObjectFieldSelector, Pod
from cluster.api.kinds import JOBS
from cluster.api.meta import ObjectMeta
from cluster.controllers.job.failures import IGNORE, is_terminating, judged
from cluster.controllers.job.indexes import FAILURES, IGNORED, INDEX, failures_of, ignored_of, index_of, is_indexed
from cluster.controllers.job.verdict import Tally
from cluster.controllers.ownership import controller_reference
from cluster.controllers.pod_states import is_active, ready_since

FINALIZER = "batch.kubernetes.io/job-tracking"
VARIABLE = "JOB_COMPLETION_INDEX"
LONGEST_PREFIX = 57


def wanted_active(job: Job, tally: Tally) -> int:
    """How many pods should be at work."""
    parallelism = 1 if job.spec.parallelism is None else job.spec.parallelism
    if job.spec.completions is None:
        return min(tally.active, parallelism) if tally.succeeded else parallelism
    left = job.spec.completions - tally.succeeded
    if job.spec.backoffLimitPerIndex is not None:
        left -= len(tally.broken)
    return min(max(left, 0), parallelism)


def next_indexes(job: Job, pods: Iterable[Pod], tally: Tally, count: int) -> list[int]:
    """The lowest numbers that are neither done, broken nor at work (`firstPendingIndexes`)."""
    waits = job.spec.podReplacementPolicy == "Failed"
    taken = {index_of(pod) for pod in pods if is_active(pod) or (waits and is_terminating(pod))}
    taken |= tally.completed | tally.broken
    return list(islice((index for index in range(job.spec.completions or 0) if index not in taken), count))


def new_pod(job: Job, index: int | None = None, last: Pod | None = None) -> Pod:
    """A pod of the Job; `index` is its number if the Job is Indexed, `last` the pod of that number that failed."""
    meta, template = job.metadata, job.spec.template
    labels, annotations = template.metadata.labels, template.metadata.annotations
    spec, prefix = template.spec, f"{meta.name}-"
    if index is not None and is_indexed(job):
        labels, annotations = {**labels, INDEX: str(index)}, {**annotations, INDEX: str(index)}
        if job.spec.backoffLimitPerIndex is not None:
            annotations = {**annotations, **_failures_with(job, last)}
        prefix = f"{meta.name[: LONGEST_PREFIX - len(str(index))]}-{index}-"
        spec = replace(
            spec, hostname=f"{meta.name}-{index}", containers=tuple(map(_with_index, spec.containers)),
            initContainers=tuple(map(_with_index, spec.initContainers)),
        )  # fmt: skip
    return Pod(
        metadata=ObjectMeta(
            generateName=prefix, namespace=meta.namespace, labels=labels, annotations=annotations,
            finalizers=(*template.metadata.finalizers, FINALIZER), ownerReferences=(controller_reference(JOBS, job),),
        ),
        spec=spec,
    )  # fmt: skip


def _failures_with(job: Job, last: Pod | None) -> dict[str, str]:
    """What a pod is told of its number's failures (`getNewIndexFailureCounts`)."""
    if last is None:
        return {FAILURES: "0"}
    is_ignored = judged(job, last).action == IGNORE
    ignored = ignored_of(last) + is_ignored
    counted = {FAILURES: str(failures_of(last) + (not is_ignored))}
    return {**counted, IGNORED: str(ignored)} if ignored else counted


def _with_index(container: Container) -> Container:
    if any(variable.name == VARIABLE for variable in container.env):
        return container
    source = EnvVarSource(fieldRef=ObjectFieldSelector(fieldPath=f"metadata.labels['{INDEX}']"))
    return replace(container, env=(*container.env, EnvVar(name=VARIABLE, valueFrom=source)))


def surplus(job: Job, pods: Iterable[Pod], count: int) -> list[Pod]:
    """The active pods to remove so that there are `count` fewer: first those whose number is wrong or has another pod."""
    extra, kept, rest = list[Pod](), dict[int, Pod](), list[Pod]()
    for pod in reversed(removal_order([pod for pod in pods if is_active(pod)])):
        index = index_of(pod)
        if not is_indexed(job):
            rest.append(pod)
        elif index in kept or index not in range(job.spec.completions or 0):
            extra.append(pod)
        else:
            kept[index] = pod
    left = removal_order([*rest, *kept.values()])
    return [*extra, *left[: max(count - len(extra), 0)]]


def removal_order(pods: Sequence[Pod]) -> list[Pod]:
    """Active pods, the ones least missed first (`ActivePods`): not bound, not running, not ready, youngest."""
    return sorted(
        pods,
        key=lambda pod: (
            bool(pod.spec.nodeName), pod.status.phase == "Running", ready_since(pod) is not None,
            [-ord(character) for character in pod.metadata.creationTimestamp],
        ),
    )  # fmt: skip
