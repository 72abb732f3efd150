"""What controllers ask of a pod's status: does it count, is it ready, since when, is it available.

Pure; read by every controller that keeps pods. Mirrors IsPodActive (pkg/controller) and
IsPodReady, IsPodAvailable (pkg/api/v1/pod). Invariant: the answers follow from the pod and the time.
"""

from cluster.api.core import Pod
from cluster.clock import Clock

ENDED = ("Succeeded", "Failed")


def is_active(pod: Pod) -> bool:
    """Whether the pod counts as a replica (`IsPodActive`)."""
    return not pod.metadata.deletionTimestamp and pod.status.phase not in ENDED


def ready_since(pod: Pod) -> str | None:
    """Since when the pod is ready, as a timestamp; None if it is not."""
    for condition in pod.status.conditions:
        if condition.type == "Ready":
            return condition.lastTransitionTime if condition.status == "True" else None
    return None


def available_in(pod: Pod, min_ready_seconds: int, clock: Clock) -> int | None:
    """In how many ms the pod has been ready for long enough, 0 if it has; None if it is not ready."""
    since = ready_since(pod)
    if since is None:
        return None
    if not min_ready_seconds:
        return 0
    return max(clock.milliseconds(since) + 1000 * min_ready_seconds - clock.now, 0)


def is_available(pod: Pod, min_ready_seconds: int, clock: Clock) -> bool:
    """Whether the pod has been ready for `min_ready_seconds`."""
    return available_in(pod, min_ready_seconds, clock) == 0
