"""Which container of a pod a request means, and whether there is a process to speak with.

Beside `logs` and `sessions`. Mirrors validateContainer of the pod registry and the kubelet's refusals.
Invariant: what cannot be meant is refused in Kubernetes' words before anything starts.
"""

from cluster.api.core import Container, ContainerStatus, Pod
from cluster.api.ephemeral import ephemeral_containers
from cluster.api.errors import BadRequest, NotFound
from cluster.api.meta import StatusDetails


def meant(pod: Pod, name: str) -> Container:
    """The container of this name, or the only one. BadRequest if there is none, or too many to choose."""
    spec = pod.spec
    if not name:
        if len(spec.containers) == 1:
            return spec.containers[0]
        raise BadRequest(_unnamed(pod))
    known = (*spec.containers, *spec.initContainers, *ephemeral_containers(spec))
    found = next((each for each in known if each.name == name), None)
    if found is None:
        raise BadRequest(f"container {name} is not valid for pod {pod.metadata.name}")
    return found


def _unnamed(pod: Pod) -> str:
    names = " ".join(each.name for each in pod.spec.containers)
    message = f"a container name must be specified for pod {pod.metadata.name}, choose one of: [{names}]"
    initial = " ".join(each.name for each in pod.spec.initContainers)
    return f"{message} or one of the init containers: [{initial}]" if initial else message


def status_of(pod: Pod, name: str) -> ContainerStatus | None:
    """The status of a container of any sort, or None while there is none."""
    status = pod.status
    known = (*status.containerStatuses, *status.initContainerStatuses, *status.ephemeralContainerStatuses)
    return next((each for each in known if each.name == name), None)


def running(pod: Pod, name: str) -> str:
    """When the container's process started (RFC 3339). BadRequest or NotFound if there is none."""
    if not pod.spec.nodeName:
        raise BadRequest(f"pod {pod.metadata.name} does not have a host assigned")
    status = status_of(pod, name)
    if status is None or status.state.running is None:
        raise NotFound(f'container not found ("{name}")', StatusDetails())
    return status.state.running.startedAt


def log_start(pod: Pod, name: str, *, previous: bool) -> str:
    """When the process whose log is asked for started (RFC 3339). BadRequest if there is no such log (yet)."""
    status = status_of(pod, name)
    about = f'container "{name}" in pod "{pod.metadata.name}"'
    if status is None:
        raise BadRequest(f"{about} is not available")
    state, last = status.state, status.lastState.terminated
    if previous:
        if last is None or not last.containerID:
            raise BadRequest(f"previous terminated {about} not found")
        return last.startedAt
    if state.running is not None:
        return state.running.startedAt
    ended = state.terminated if state.terminated is not None and state.terminated.containerID else last
    if ended is not None and ended.containerID:
        return ended.startedAt
    if state.terminated is not None or last is not None:
        raise BadRequest(f"{about} is terminated")
    raise BadRequest(f"{about} is waiting to start{_waiting(status)}")


def _waiting(status: ContainerStatus) -> str:
    waiting = status.state.waiting
    if waiting is None:
        return " - no logs yet"
    known = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}
    return f": {known.get(waiting.reason, waiting.reason)}"
