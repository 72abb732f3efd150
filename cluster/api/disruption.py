"""The condition that says why a controller takes a pod away, shared by those that do.

Invariant: a pod has at most one DisruptionTarget condition.
"""

from cluster.api.core import Pod, PodCondition


def with_disruption(pod: Pod, reason: str, message: str, timestamp: str) -> tuple[PodCondition, ...]:
    """The pod's conditions with DisruptionTarget, which says why it is going."""
    found = next((condition for condition in pod.status.conditions if condition.type == "DisruptionTarget"), None)
    since = timestamp if found is None or found.status != "True" else found.lastTransitionTime
    made = PodCondition(
        type="DisruptionTarget", status="True", reason=reason, message=message, lastTransitionTime=since,
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip
    if found is None:
        return (*pod.status.conditions, made)
    return tuple(made if condition is found else condition for condition in pod.status.conditions)
