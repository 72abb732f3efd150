"""How long a kubelet waits before it tries again, read off what the store remembers of the container.

Mirrors client-go's flowcontrol.Backoff as the kubelet uses it: 10 s, doubled each time up to 5 min,
forgotten after 10 min of running. Invariant: no counter is kept; the pod's history is the counter.
"""

from collections.abc import Iterable
from functools import lru_cache

from cluster.api.core import ContainerStatus, Pod
from cluster.clock import Clock

FIRST = 10_000
LAST = 300_000
FORGET = 600_000
_PULLING = ("ErrImagePull", "ImagePullBackOff")
STEPS = 5  # after as many doublings the delay is LAST


def delay(tries: int) -> int:
    """The wait (ms) before the next try after `tries` that failed in a row; none after no try."""
    return min(FIRST << min(tries - 1, STEPS), LAST) if tries > 0 else 0


def ran_for(status: ContainerStatus, clock: Clock) -> int:
    """How long the container's finished run lasted (ms)."""
    ended = status.state.terminated
    if ended is None or not ended.startedAt:
        return 0
    return clock.milliseconds(ended.finishedAt) - clock.milliseconds(ended.startedAt)


def restarts_in_a_row(versions: Iterable[Pod], name: str, count: int, clock: Clock) -> int:
    """How many of a container's `count` restarts came since it last ran long enough to be forgiven.

    `versions` are the pod's, newest first; only as many are looked at as make a difference. Where
    history ends early, every restart counts.
    """
    for version in versions:
        status = container_status(version, name)
        if status is None or count - status.restartCount > STEPS + 1:
            break
        if status.restartCount < count and ran_for(status, clock) > FORGET:
            return count - status.restartCount
    return count


def failed_pulls(versions: Iterable[Pod], name: str) -> int:
    """How many pulls failed in a row, up to the present; `versions` are the pod's, newest first."""
    pulls, image, newer = 0, "", ""
    for version in versions:
        status = container_status(version, name)
        waiting = status.state.waiting if status is not None else None
        if status is None or waiting is None or waiting.reason not in _PULLING or image not in {"", status.image}:
            break
        image = status.image
        pulls += waiting.reason == "ErrImagePull" != newer
        newer = waiting.reason
        if pulls > STEPS:
            break
    return pulls


def container_status(pod: Pod, name: str) -> ContainerStatus | None:
    """The status of a pod's container, if it has one."""
    for status in (*pod.status.containerStatuses, *pod.status.initContainerStatuses):
        if status.name == name:
            return status
    return None


@lru_cache(maxsize=1024)
def duration_text(ms: int) -> str:
    """A duration as Go prints it: `10s`, `1m20s`, `1.5s`, `350ms`, `0s`."""
    if ms < 1000:
        return f"{ms}ms" if ms else "0s"
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds
