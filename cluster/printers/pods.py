"""Pods as rows: how far a pod has come, told in one word.

Invariant: the word is found from the pod alone, in the API server's order of precedence: the pod's
own phase and reason, then its init containers, then its containers, then its deletion.
"""

from collections.abc import Iterable
from itertools import chain

from msgspec import Struct

from cluster.api.core import ContainerStateTerminated, ContainerStatus, Pod
from cluster.printers.column import AGE, NAME, Printer, texts, wide
from cluster.printers.now import Now


class Summary(Struct, frozen=True):
    """What a table says of a pod's containers; `restarted` is when the last one ended, or empty."""

    reason: str
    ready: int
    total: int
    restarts: int
    restarted: str


def summary(pod: Pod) -> Summary:
    """A pod's status word (`Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating` …) and its counts."""
    status, spec = pod.status, pod.spec
    reason = status.reason or status.phase
    if any(item.type == "PodScheduled" and item.reason == "SchedulingGated" for item in status.conditions):
        reason = "SchedulingGated"
    sidecars = {container.name for container in spec.initContainers if container.restartPolicy == "Always"}
    init_reason, ready, begun = _initialization(pod, sidecars)
    counted: Iterable[ContainerStatus] = begun
    if not init_reason or _is_true(pod, "Initialized"):
        reason = _running_reason(pod, init_reason or reason)
        ready += sum(_is_up(container) for container in status.containerStatuses)
        counted = [*(container for container in begun if container.name in sidecars), *status.containerStatuses]
    else:
        reason = init_reason
    return Summary(
        reason=_deletion_reason(pod) or reason,
        ready=ready,
        total=len(spec.containers) + len(sidecars),
        restarts=sum(container.restartCount for container in counted),
        restarted=max(
            (item.lastState.terminated.finishedAt for item in counted if item.lastState.terminated), default=""
        ),
    )


def _initialization(pod: Pod, sidecars: set[str]) -> tuple[str, int, list[ContainerStatus]]:
    """Why the pod is still initializing (or empty), its ready sidecars, and the init containers looked at."""
    ready, begun = 0, []
    for index, container in enumerate(pod.status.initContainerStatuses):
        begun.append(container)
        ended, waiting = container.state.terminated, container.state.waiting
        if ended is not None and ended.exitCode == 0:
            continue
        if container.name in sidecars and container.started:
            ready += container.ready
            continue
        if ended is not None:
            return f"Init:{_exit_reason(ended)}", ready, begun
        if waiting is not None and waiting.reason not in {"", "PodInitializing"}:
            return f"Init:{waiting.reason}", ready, begun
        return f"Init:{index}/{len(pod.spec.initContainers)}", ready, begun
    return "", ready, begun


def _running_reason(pod: Pod, reason: str) -> str:
    """The status word after initialization: the first container with something to say has the last word."""
    error = ""
    for container in reversed(pod.status.containerStatuses):
        waiting, ended = container.state.waiting, container.state.terminated
        if waiting is not None and waiting.reason:
            reason = waiting.reason
        elif ended is not None:
            reason = _exit_reason(ended)
            error = reason if ended.exitCode else error
    if reason != "Completed":
        return reason
    running = any(_is_up(container) for container in pod.status.containerStatuses)
    if running and _is_true(pod, "Ready"):
        return "Running"
    return error or ("NotReady" if running else reason)


def _is_up(container: ContainerStatus) -> bool:
    state = container.state
    busy = state.terminated is not None or (state.waiting is not None and bool(state.waiting.reason))
    return container.ready and state.running is not None and not busy


def _deletion_reason(pod: Pod) -> str:
    if not pod.metadata.deletionTimestamp:
        return ""
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return "" if pod.status.phase in {"Succeeded", "Failed"} else "Terminating"


def _exit_reason(ended: ContainerStateTerminated) -> str:
    return ended.reason or (f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exitCode}")


def _is_true(pod: Pod, condition: str) -> bool:
    return any(item.type == condition and item.status == "True" for item in pod.status.conditions)


def _readiness_gates(pod: Pod) -> str:
    gates = pod.spec.readinessGates
    return f"{sum(_is_true(pod, gate.conditionType) for gate in gates)}/{len(gates)}" if gates else "<none>"


def _cells(pod: Pod, now: Now) -> tuple[str, ...]:
    told = summary(pod)
    restarts = str(told.restarts)
    if told.restarts and told.restarted:
        restarts = f"{told.restarts} ({now.since(told.restarted)} ago)"
    addresses = chain((address.ip for address in pod.status.podIPs), ("<none>",))
    return (
        pod.metadata.name,
        f"{told.ready}/{told.total}",
        told.reason,
        restarts,
        now.since(pod.metadata.creationTimestamp),
        next(addresses),
        pod.spec.nodeName or "<none>",
        pod.status.nominatedNodeName or "<none>",
        _readiness_gates(pod),
    )


POD = Printer(
    (NAME, *texts("Ready", "Status", "Restarts"), AGE, *wide("IP", "Node", "Nominated Node", "Readiness Gates")), _cells
)
