"""The statuses a kubelet writes: container states, conditions and the pod's status as a whole.

On the data's way the last step before the API server. What many pods have in common within one
second (states, conditions, address lists) is made once. Mirrors `convertToAPIContainerStatuses` and
pkg/kubelet/status/generate.go. Invariant: a condition's transition time changes only with its status.
"""

from functools import lru_cache
from hashlib import blake2b

from msgspec.structs import replace

from cluster.api.core import (
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    HostIP,
    Pod,
    PodCondition,
    PodIP,
    PodStatus,
)
from cluster.kubelet import lifecycle
from cluster.kubelet.plan import ContainerPlan, Plan, creating
from cluster.kubelet.runtime import images

NO_STATE = ContainerState()
RESIZES = ("PodResizePending", "PodResizeInProgress")
OURS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
KILLED = 137
Statuses = tuple[ContainerStatus, ...]


def running(plan: ContainerPlan, pod: Pod, timestamp: str, before: ContainerStatus, *, count: int) -> ContainerStatus:
    """The status of a container started now; `before` is how it stood, `count` its restarts."""
    told = plan.behaviour
    ended = before.state.terminated
    image = plan.container.image
    return ContainerStatus(
        name=plan.name,
        state=_running(timestamp),
        lastState=ContainerState(terminated=ended) if ended is not None else before.lastState,
        ready=told.ready_after == 0 and (not plan.probes or _unprobed(plan)) and not plan.ephemeral,
        started=None if plan.ephemeral else not plan.probes or plan.container.startupProbe is None,
        restartCount=count,
        image=images.full_name(image),
        imageID=images.image_id(image),
        containerID=container_id(pod.metadata.uid, plan.name, count),
        resources=plan.resources,
        allocatedResources=plan.allocated,
        volumeMounts=plan.mounts,
    )


def _unprobed(plan: ContainerPlan) -> bool:
    """Whether no probe has to succeed before the container is ready."""
    return plan.container.startupProbe is None and plan.container.readinessProbe is None


def waiting(plan: ContainerPlan, before: ContainerStatus, reason: str, message: str) -> ContainerStatus:
    """The status of a container that is not started, and why."""
    ended = before.state.terminated
    ran = ended is not None or before.lastState.terminated is not None
    return ContainerStatus(
        name=plan.name,
        state=ContainerState(waiting=ContainerStateWaiting(reason=reason, message=message)),
        lastState=ContainerState(terminated=ended) if ended is not None else before.lastState,
        started=False,
        restartCount=before.restartCount,
        image=before.image if ran else plan.container.image,
        imageID=before.imageID,
        containerID=before.containerID,
        resources=plan.resources if ran else None,
        allocatedResources=plan.allocated if ran else {},
        volumeMounts=plan.mounts,
    )


def exited(
    before: ContainerStatus, timestamp: str, exit_code: int, reason: str = "", message: str = ""
) -> ContainerStatus:
    """The status of a running container whose process ended now; `reason` if it did not end by itself."""
    started = before.state.running.startedAt if before.state.running is not None else timestamp
    ended = ContainerStateTerminated(
        exitCode=exit_code, reason=reason or ("Error" if exit_code else "Completed"), startedAt=started, finishedAt=timestamp,
        containerID=before.containerID, message=message,
    )  # fmt: skip
    return _stopped(before, ended)


def lost(before: ContainerStatus) -> ContainerStatus:
    """The status of a container that was never started when its pod was stopped."""
    message = "The container could not be located when the pod was terminated"
    return _stopped(before, ContainerStateTerminated(exitCode=KILLED, reason="ContainerStatusUnknown", message=message))


def _stopped(before: ContainerStatus, ended: ContainerStateTerminated) -> ContainerStatus:
    return ContainerStatus(
        name=before.name, state=ContainerState(terminated=ended), lastState=before.lastState, started=False,
        restartCount=before.restartCount, image=before.image, imageID=before.imageID, containerID=before.containerID,
        resources=before.resources, allocatedResources=before.allocatedResources, volumeMounts=before.volumeMounts,
    )  # fmt: skip


def refreshed(pod: Pod, plan: Plan) -> tuple[Statuses, Statuses, Statuses]:
    """The statuses of a pod's containers with what a changed spec says of them, those of new ephemeral ones too."""
    init = zip(plan.init, pod.status.initContainerStatuses, strict=True)
    main = zip(plan.main, pod.status.containerStatuses, strict=True)
    return (
        tuple(_refreshed(*pair) for pair in init), tuple(_refreshed(*pair) for pair in main), ephemeral(pod, plan),
    )  # fmt: skip


def ephemeral(pod: Pod, plan: Plan) -> Statuses:
    """The statuses of the ephemeral containers, of those too that were just added."""
    known = pod.status.ephemeralContainerStatuses
    if len(known) == len(plan.ephemeral):
        return known
    return (*known, *(creating(one, "ContainerCreating") for one in plan.ephemeral[len(known) :]))


def _refreshed(plan: ContainerPlan, before: ContainerStatus) -> ContainerStatus:
    if before.state.running is not None:
        return replace(before, allocatedResources=plan.allocated)
    if before.state.waiting is not None and not before.containerID:
        return replace(before, image=plan.container.image)
    return before


def container_id(uid: str, name: str, count: int) -> str:
    """The runtime's name for one run of a container."""
    return f"containerd://{blake2b(f'{uid}/{name}/{count}'.encode(), digest_size=32).hexdigest()}"


def pod_status(
    pod: Pod, plan: Plan, init: Statuses, main: Statuses, ephemeral: Statuses | None = None, *, timestamp: str,
    host_ip: str, pod_ip: str,
) -> PodStatus:  # fmt: skip
    """The pod's status with its containers standing as given, the ephemeral ones as they stood if not given."""
    old = pod.status
    phase = old.phase
    if phase not in lifecycle.TERMINAL:
        phase = lifecycle.phase(plan.policy, init, plan.sidecars, main, plan.own)
    has_sandbox = bool(pod_ip) and phase not in lifecycle.TERMINAL
    return PodStatus(
        phase=phase,
        conditions=_conditions(pod, plan, phase, init, main, timestamp, has_sandbox=has_sandbox),
        containerStatuses=main,
        initContainerStatuses=init,
        ephemeralContainerStatuses=old.ephemeralContainerStatuses if ephemeral is None else ephemeral,
        hostIP=host_ip,
        hostIPs=_host_ips(host_ip),
        podIP=pod_ip,
        podIPs=(PodIP(ip=pod_ip),) if pod_ip else (),
        startTime=old.startTime or timestamp,
        qosClass=old.qosClass,
        observedGeneration=pod.metadata.generation,
        resources=plan.resources,
        allocatedResources=plan.allocated,
        reason=old.reason,
        message=old.message,
    )


def rejected(pod: Pod, reason: str, message: str, timestamp: str) -> PodStatus:
    """The status of a pod that its node does not take (`rejectPod`)."""
    old = pod.status
    return PodStatus(
        phase="Failed", reason=reason, message=f"Pod was rejected: {message}", qosClass=old.qosClass,
        startTime=old.startTime or timestamp, observedGeneration=pod.metadata.generation,
        conditions=tuple(one for one in old.conditions if one.type not in OURS),
    )  # fmt: skip


Row = tuple[str, str, str]
_TRUE: Row = ("True", "", "")
_FALSE: Row = ("False", "", "")
_REMEMBERED = 8192
_conditions_known: dict[object, tuple[tuple[PodCondition, ...], tuple[PodCondition, ...]]] = {}


def _conditions(
    pod: Pod, plan: Plan, phase: str, init: Statuses, main: Statuses, timestamp: str, *, has_sandbox: bool
) -> tuple[PodCondition, ...]:
    """The pod's conditions; pods that come to the same ones in the same second share them."""
    old, generation = pod.status.conditions, pod.metadata.generation
    ready = containers_ready = _readiness(plan, phase, init, main)
    if pod.spec.readinessGates and ready is _TRUE:
        ready = _gated(pod, {one.type: one for one in old})
    sandbox = _TRUE if has_sandbox else _FALSE
    rows = (sandbox, _initialised(plan, phase, init), ready, containers_ready, _TRUE)
    key = (id(old), rows, timestamp, generation)
    known = _conditions_known.get(key)
    if known is not None and known[0] is old:
        return known[1]
    if len(_conditions_known) >= _REMEMBERED:
        _conditions_known.clear()
    made = _made_conditions(old, rows, timestamp, generation)
    _conditions_known[key] = (old, made)
    return made


def _made_conditions(
    old: tuple[PodCondition, ...], rows: tuple[Row, ...], timestamp: str, generation: int
) -> tuple[PodCondition, ...]:
    known = {one.type: one for one in old}
    made = []
    for kind, (status, reason, message) in zip(OURS, rows, strict=True):
        before = known.pop(kind, None)
        since = timestamp if before is None or before.status != status else before.lastTransitionTime
        made.append(
            PodCondition(
                type=kind, status=status, reason=reason, message=message, lastTransitionTime=since,
                observedGeneration=generation,
            )
        )  # fmt: skip
    resizes = [known.pop(kind) for kind in RESIZES if kind in known]
    return (*resizes, *made, *known.values())


def _readiness(plan: Plan, phase: str, init: Statuses, main: Statuses) -> Row:
    if phase == "Succeeded":
        return "False", "PodCompleted", ""
    if phase == "Failed":
        return "False", "PodFailed", ""
    unready = [one.name for one in main if not one.ready]
    if plan.init:
        pairs = zip(init, plan.sidecars, strict=True)
        unready[:0] = [one.name for one, sidecar in pairs if sidecar and not one.ready]
    if unready:
        return "False", "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]"
    return _TRUE


def _initialised(plan: Plan, phase: str, init: Statuses) -> Row:
    if phase == "Succeeded":
        return "True", "PodCompleted", ""
    if plan.init:
        pairs = zip(init, plan.sidecars, strict=True)
        late = [one.name for one, sidecar in pairs if not lifecycle.initialised(one, sidecar=sidecar)]
        if late:
            return "False", "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(late)}]"
    return _TRUE


def _gated(pod: Pod, known: dict[str, PodCondition]) -> Row:
    """Readiness as the pod's readiness gates leave it."""
    closed = []
    for gate in pod.spec.readinessGates:
        found = known.get(gate.conditionType)
        if found is None:
            closed.append(f'corresponding condition of pod readiness gate "{gate.conditionType}" does not exist.')
        elif found.status != "True":
            closed.append(f'the status of pod readiness gate "{gate.conditionType}" is not "True", but {found.status}')
    return ("False", "ReadinessGatesNotReady", ", ".join(closed)) if closed else _TRUE


@lru_cache(maxsize=1024)
def _running(timestamp: str) -> ContainerState:
    return ContainerState(running=ContainerStateRunning(startedAt=timestamp))


@lru_cache(maxsize=8192)
def _host_ips(address: str) -> tuple[HostIP, ...]:
    return (HostIP(ip=address),) if address else ()
