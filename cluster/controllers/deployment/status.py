"""A Deployment's status: the counts of its ReplicaSets, and whether the rollout gets on.

Asked by `rollout.py` at the end of a sync; pure. Mirrors calculateStatus and progress.go. Invariant:
the status follows from the Deployment, its ReplicaSets and the time.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.api.apps import Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet
from cluster.controllers.deployment import conditions, sizes
from cluster.controllers.deployment.conditions import AVAILABLE, NEW_AVAILABLE, PROGRESSING, REPLICA_FAILURE, TIMED_OUT

NO_LIMIT = 2**31 - 1
"""The number by which a user says that a deadline or a history has no end."""


def deadline(deployment: Deployment) -> int | None:
    """`progressDeadlineSeconds`; None if there is no deadline."""
    seconds = deployment.spec.progressDeadlineSeconds
    return None if seconds == NO_LIMIT else seconds


def calculated(
    deployment: Deployment, new: ReplicaSet | None, olds: Sequence[ReplicaSet], time: str
) -> DeploymentStatus:
    """The counts, and the Available condition (`calculateStatus`)."""
    replica_sets = [*olds, new] if new is not None else [*olds]
    statuses = [found.status for found in replica_sets]
    available = sum(status.availableReplicas for status in statuses)
    counted = replace(
        deployment.status,
        observedGeneration=deployment.metadata.generation,
        replicas=sum(status.replicas for status in statuses),
        updatedReplicas=0 if new is None else new.status.replicas,
        readyReplicas=sum(status.readyReplicas for status in statuses),
        availableReplicas=available,
        unavailableReplicas=max(sizes.total(replica_sets) - available, 0),
        terminatingReplicas=_terminating(replica_sets),
    )
    if available >= sizes.replicas(deployment) - sizes.limits(deployment)[1]:
        outcome = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        outcome = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    return conditions.put(counted, conditions.made(AVAILABLE, *outcome, time))


def rolled_out(
    deployment: Deployment, new: ReplicaSet | None, olds: Sequence[ReplicaSet], time: str, *, late: bool
) -> DeploymentStatus:
    """The status of a Deployment that is not paused: progress and failures too (`syncRolloutStatus`).

    `late` says whether the deadline for progress has passed.
    """
    status = calculated(deployment, new, olds, time)
    current = conditions.find(deployment.status, PROGRESSING)
    finished = status.replicas == status.updatedReplicas and current is not None and current.reason == NEW_AVAILABLE
    if deadline(deployment) is None:
        status = conditions.drop(status, PROGRESSING)
    elif not finished:
        status = _with_progress(deployment, status, new, time, late=late)
    failures = _failures(new, olds)
    return conditions.put(status, failures[0]) if failures else conditions.drop(status, REPLICA_FAILURE)


def complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Whether every replica is of the new template and available (`DeploymentComplete`)."""
    wanted = sizes.replicas(deployment)
    return (
        status.updatedReplicas == wanted
        and status.replicas == wanted
        and status.availableReplicas == wanted
        and status.observedGeneration >= deployment.metadata.generation
    )


def _with_progress(
    deployment: Deployment, status: DeploymentStatus, new: ReplicaSet | None, time: str, *, late: bool
) -> DeploymentStatus:
    subject = f'Deployment "{deployment.metadata.name}"' if new is None else f'ReplicaSet "{new.metadata.name}"'
    current = conditions.find(status, PROGRESSING)
    if complete(deployment, status):
        words = f"{subject} has successfully progressed."
        return conditions.put(status, conditions.made(PROGRESSING, "True", NEW_AVAILABLE, words, time))
    if _progressing(deployment.status, status):
        moved = conditions.made(PROGRESSING, "True", "ReplicaSetUpdated", f"{subject} is progressing.", time)
        if current is not None and current.status == "True":
            moved = replace(moved, lastTransitionTime=current.lastTransitionTime)
        # Dropped first: progress restarts the deadline even where the words stay the same.
        return conditions.put(conditions.drop(status, PROGRESSING), moved)
    if late and current is not None and current.reason != NEW_AVAILABLE:
        words = f"{subject} has timed out progressing."
        return conditions.put(status, conditions.made(PROGRESSING, "False", TIMED_OUT, words, time))
    return status


def _progressing(before: DeploymentStatus, after: DeploymentStatus) -> bool:
    """Whether more is updated, ready or available, or less is old (`DeploymentProgressing`)."""
    return (
        after.updatedReplicas > before.updatedReplicas
        or after.replicas - after.updatedReplicas < before.replicas - before.updatedReplicas
        or after.readyReplicas > before.readyReplicas
        or after.availableReplicas > before.availableReplicas
    )


def _terminating(replica_sets: list[ReplicaSet]) -> int | None:
    """The terminating pods; None if a ReplicaSet that was observed does not count them."""
    count = 0
    for found in replica_sets:
        terminating = found.status.terminatingReplicas
        if terminating is None and found.status.observedGeneration:
            return None
        count += terminating or 0
    return count


def _failures(new: ReplicaSet | None, olds: Sequence[ReplicaSet]) -> list[DeploymentCondition]:
    """The ReplicaFailure conditions of the new ReplicaSet, or else of any."""
    newest = _failures_of(new) if new is not None else []
    return newest or [failure for found in olds for failure in _failures_of(found)]


def _failures_of(replica_set: ReplicaSet) -> list[DeploymentCondition]:
    return [
        DeploymentCondition(
            type=found.type, status=found.status, reason=found.reason, message=found.message,
            lastUpdateTime=found.lastTransitionTime, lastTransitionTime=found.lastTransitionTime,
        )
        for found in replica_set.status.conditions
        if found.type == REPLICA_FAILURE
    ]  # fmt: skip
