"""A Deployment's conditions, set as the controller sets them.

Used by the status modules; pure. Mirrors deployment/util. Invariant: a condition set last stands last,
and its transition time moves only with its status.
"""

from msgspec.structs import replace

from cluster.api.apps import DeploymentCondition, DeploymentStatus

AVAILABLE = "Available"
PROGRESSING = "Progressing"
REPLICA_FAILURE = "ReplicaFailure"
NEW_AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"


def find(status: DeploymentStatus, kind: str) -> DeploymentCondition | None:
    """The condition of this type, if there is one."""
    for condition in status.conditions:
        if condition.type == kind:
            return condition
    return None


def made(kind: str, status: str, reason: str, message: str, time: str) -> DeploymentCondition:
    """A condition that came to be at `time`."""
    return DeploymentCondition(
        type=kind, status=status, reason=reason, message=message, lastUpdateTime=time, lastTransitionTime=time
    )


def put(status: DeploymentStatus, condition: DeploymentCondition) -> DeploymentStatus:
    """The status with the condition; as it is if one with this status and reason is there."""
    present = find(status, condition.type)
    if present is not None and present.status == condition.status:
        if present.reason == condition.reason:
            return status
        condition = replace(condition, lastTransitionTime=present.lastTransitionTime)
    status = drop(status, condition.type)
    return replace(status, conditions=(*status.conditions, condition))


def drop(status: DeploymentStatus, kind: str) -> DeploymentStatus:
    """The status without the condition of this type."""
    if find(status, kind) is None:
        return status
    return replace(status, conditions=tuple(found for found in status.conditions if found.type != kind))
