"""What is unwise in pods and in the objects that make pods.

On the data's way one part of the advice. Mirrors the WarningsOnCreate and WarningsOnUpdate of pods
and of the workloads. Invariant: a change that leaves the spec as it is is not commented on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.admission.advice import Advice, storage
from cluster.admission.advice.pods import pod_advice
from cluster.api import kinds, names
from cluster.api.batch import CronJob, Job, JobSpec
from cluster.api.core import Pod, PodTemplate, PodTemplateSpec
from cluster.api.kinds import Kind

MANY_COMPLETIONS, MANY_PARALLEL = 100_000, 10_000
_MANY = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
    "Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
)
_SURPRISING = "which can result in surprising behavior; a DNS label is recommended"


def pod(new: Pod, old: Pod | None) -> tuple[str, ...]:
    """What is unwise in a new pod; people do not change pods themselves."""
    if old is not None:
        return ()
    advice = tuple(pod_advice("", new.spec, new.metadata.annotations))
    return (*_name(new, "the Pod's hostname"), *advice)


def replicas(new: Any, old: Any) -> tuple[str, ...]:
    """What is unwise in a ReplicationController, ReplicaSet or Deployment."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    named = _name(new, "Pod names and hostnames") if old is None else ()
    return (*named, *_template("spec.template.", new.spec.template))


def daemon_set(new: Any, old: Any) -> tuple[str, ...]:
    """What is unwise in a DaemonSet."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    return tuple(_template("spec.template.", new.spec.template))


def stateful_set(new: Any, old: Any) -> tuple[str, ...]:
    """What is unwise in a StatefulSet."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    found = [*_template("spec.template.", new.spec.template)]
    for index, claim in enumerate(new.spec.volumeClaimTemplates):
        found += storage.claim_spec(f"spec.volumeClaimTemplates[{index}]", claim.spec)
    if new.spec.revisionHistoryLimit is not None and new.spec.revisionHistoryLimit < 0:
        why = "a negative value retains all historical revisions; a value >= 0 is recommended"
        found.append(f"spec.revisionHistoryLimit: {why}")
    return tuple(found)


def job(new: Job, old: Job | None) -> tuple[str, ...]:
    """What is unwise in a Job."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    named = _name(new, "Pod names and hostnames") if old is None else ()
    return (*named, *_job_spec("spec", new.spec))


def cron_job(new: CronJob, old: CronJob | None) -> tuple[str, ...]:
    """What is unwise in a CronJob."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    named = _name(new, "Pod names and hostnames") if old is None else ()
    return (*named, *_job_spec("spec.jobTemplate.spec", new.spec.jobTemplate.spec))


def pod_template(new: PodTemplate, old: PodTemplate | None) -> tuple[str, ...]:
    """What is unwise in a PodTemplate."""
    if old is not None and new.metadata.generation == old.metadata.generation:
        return ()
    return tuple(_template("template.", new.template))


def _name(value: Any, used_in: str) -> tuple[str, ...]:
    wrong = names.is_dns1123_label(value.metadata.name)
    return (f"metadata.name: this is used in {used_in}, {_SURPRISING}: [{' '.join(wrong)}]",) if wrong else ()


def _template(at: str, template: PodTemplateSpec | None) -> Iterator[str]:
    if template is not None:
        yield from pod_advice(at, template.spec, template.metadata.annotations)


def _job_spec(field: str, spec: JobSpec) -> Iterator[str]:
    many = (spec.completions or 0) > MANY_COMPLETIONS and (spec.parallelism or 0) > MANY_PARALLEL
    if spec.completionMode == "Indexed" and many:
        yield f"{field}: {_MANY}"
    yield from _template(f"{field}.template.", spec.template)


ADVICE: Mapping[Kind[Any], Advice] = {
    kinds.PODS: pod,
    kinds.REPLICATION_CONTROLLERS: replicas,
    kinds.REPLICA_SETS: replicas,
    kinds.DEPLOYMENTS: replicas,
    kinds.STATEFUL_SETS: stateful_set,
    kinds.DAEMON_SETS: daemon_set,
    kinds.JOBS: job,
    kinds.CRON_JOBS: cron_job,
    kinds.POD_TEMPLATES: pod_template,
}
