"""What a Job's pods are made from, which to make next, and which to delete first.

Pure. Mirrors manageJob, getPodCreationInfo and activePodsForRemoval (pkg/controller/job). Invariant:
a pod is made with the tracking finalizer, so that its end is counted before it can vanish.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from cluster.api.batch import Job
from cluster.api.core import Container, EnvVar, EnvVarSource, ObjectFieldSelector, Pod
from cluster.api.kinds import JOBS
from cluster.api.meta import ObjectMeta
from cluster.controllers.job.failures import is_failed
from cluster.controllers.job.indexes import FAILURES, INDEX, failures_of, index_of, is_indexed
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
    taken = {index_of(pod) for pod in pods if is_active(pod)} | tally.completed | tally.broken
    found: list[int] = []
    for index in range(job.spec.completions or 0):
        if len(found) == count:
            break
        if index not in taken:
            found.append(index)
    return found


def failures_before(job: Job, pods: Iterable[Pod], index: int) -> int:
    """How often this index has failed, by the pods there are."""
    return max((failures_of(pod) + 1 for pod in pods if index_of(pod) == index and is_failed(job, pod)), default=0)


def new_pod(job: Job, index: int | None = None, failures: int = 0) -> Pod:
    """A pod of the Job; `index` is its number if the Job is Indexed."""
    meta, template = job.metadata, job.spec.template
    labels, annotations = template.metadata.labels, template.metadata.annotations
    spec, prefix = template.spec, f"{meta.name}-"
    if index is not None and is_indexed(job):
        labels, annotations = {**labels, INDEX: str(index)}, {**annotations, INDEX: str(index)}
        if job.spec.backoffLimitPerIndex is not None:
            annotations = {**annotations, FAILURES: str(failures)}
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


def _with_index(container: Container) -> Container:
    if any(variable.name == VARIABLE for variable in container.env):
        return container
    source = EnvVarSource(fieldRef=ObjectFieldSelector(fieldPath=f"metadata.labels['{INDEX}']"))
    return replace(container, env=(*container.env, EnvVar(name=VARIABLE, valueFrom=source)))


def removal_order(pods: Sequence[Pod]) -> list[Pod]:
    """Active pods, the ones least missed first (`ActivePods`): not bound, not running, not ready, youngest."""
    return sorted(
        pods,
        key=lambda pod: (
            bool(pod.spec.nodeName), pod.status.phase == "Running", ready_since(pod) is not None,
            [-ord(character) for character in pod.metadata.creationTimestamp],
        ),
    )  # fmt: skip
