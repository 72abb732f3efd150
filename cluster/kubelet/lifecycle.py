"""The life cycle of a container and its pod, as a table and pure rules.

Whatever a timer or a change brings is an `Input`; it counts only if the table has a row for it in
the state that the container's stored status shows. So a timer that comes too late does nothing, and
a kubelet that forgot everything reads on from the store. Mirrors pkg/kubelet's `getPhase` and
kuberuntime's restart rules. Invariant: nothing here knows the time or writes.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from cluster.api.core import Container, ContainerRestartRule, ContainerStatus


class State(StrEnum):
    """Where a container stands, as its status tells."""

    CREATING = "Creating"
    MISCONFIGURED = "CreateContainerConfigError"
    PULL_FAILED = "ErrImagePull"
    PULL_BACKOFF = "ImagePullBackOff"
    RUNNING = "Running"
    EXITED = "Exited"
    CRASH_BACKOFF = "CrashLoopBackOff"
    INVALID_IMAGE = "InvalidImageName"
    HOOK_FAILED = "PostStartHookError"

    __hash__ = str.__hash__  # Enum's own is slow, and a table is asked at every step


class Input(StrEnum):
    """What can happen to a container."""

    BEGIN = "Begin"  # it is its turn: look for its image, and pull it if need be
    IMAGE_READY = "ImageReady"  # its image is on the node: make and start it
    IMAGE_FAILED = "ImageFailed"
    HOLD_PULL = "HoldPull"  # the pull failed: say when it will be tried again
    HOOKED = "Hooked"  # its process runs, and its postStart hook has come further
    PROBED = "Probed"  # a probe has its turn, or its readiness may have changed
    EXIT = "Exit"  # its process ends by itself
    KILLED = "Killed"  # its process has been stopped: a probe failed, or its definition changed
    HOLD_START = "HoldStart"  # it exited: start it again, now or after a back-off

    __hash__ = str.__hash__


_START = {
    Input.BEGIN: (State.CREATING, State.EXITED, State.CRASH_BACKOFF, State.PULL_BACKOFF, State.INVALID_IMAGE),
    Input.IMAGE_READY: (State.RUNNING, State.MISCONFIGURED),
    Input.HOOKED: (State.RUNNING, State.HOOK_FAILED, State.EXITED),
    Input.IMAGE_FAILED: (State.PULL_FAILED,),
}
_HOLD = {Input.HOLD_START: (State.EXITED, State.CRASH_BACKOFF)}

TABLE: dict[State, dict[Input, tuple[State, ...]]] = {
    State.CREATING: _START,
    State.MISCONFIGURED: _START,
    State.PULL_FAILED: {Input.HOLD_PULL: (State.PULL_BACKOFF,), **_START},
    State.PULL_BACKOFF: _START,
    State.RUNNING: {
        Input.PROBED: (State.RUNNING,),
        Input.EXIT: (State.EXITED,),
        Input.KILLED: (State.EXITED,),
    },
    State.EXITED: {**_HOLD, **_START},
    State.CRASH_BACKOFF: _START,
    State.INVALID_IMAGE: _START,
    State.HOOK_FAILED: {**_HOLD, **_START},
}
"""state -> input -> the states it may lead to."""

_WAITING = {
    "CreateContainerConfigError": State.MISCONFIGURED,
    "ErrImagePull": State.PULL_FAILED,
    "ErrImageNeverPull": State.PULL_FAILED,
    "ImagePullBackOff": State.PULL_BACKOFF,
    "CrashLoopBackOff": State.CRASH_BACKOFF,
    "InvalidImageName": State.INVALID_IMAGE,
    "PostStartHookError": State.HOOK_FAILED,
}
TERMINAL = ("Succeeded", "Failed")


def state_of(status: ContainerStatus) -> State:
    """Where a container stands."""
    state = status.state
    if state.running is not None:
        return State.RUNNING
    if state.terminated is not None:
        return State.EXITED
    return _WAITING.get(state.waiting.reason, State.CREATING) if state.waiting is not None else State.CREATING


def accepts(status: ContainerStatus, happened: Input) -> bool:
    """Whether the input means anything to a container that stands so."""
    return happened in TABLE[state_of(status)]


def is_sidecar(container: Container) -> bool:
    """An init container that runs on beside the main ones."""
    return container.restartPolicy == "Always"


def restarts(policy: str, exit_code: int, rules: Sequence[ContainerRestartRule] = ()) -> bool:
    """Whether a container that ended so is started again: by the first rule that fits, or else its policy."""
    if any(_fits(rule, exit_code) for rule in rules):
        return True
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def _fits(rule: ContainerRestartRule, exit_code: int) -> bool:
    codes = rule.exitCodes
    return codes is not None and (exit_code in codes.values) is (codes.operator == "In")


class Restarts(Protocol):
    """A container that has a say of its own in whether it is started again."""

    def restarts(self, exit_code: int) -> bool:
        """Whether it is started again after this exit code."""


def initialised(status: ContainerStatus, *, sidecar: bool) -> bool:
    """Whether an init container lets the next one start."""
    if sidecar:
        return bool(status.started) or status.state.terminated is not None
    ended = status.state.terminated
    return ended is not None and ended.exitCode == 0


def phase(
    policy: str,
    init: Sequence[ContainerStatus],
    sidecars: Sequence[bool],
    main: Sequence[ContainerStatus],
    own: tuple[Sequence[Restarts], Sequence[Restarts]] = ((), ()),
) -> str:
    """A pod's phase, from its restart policy and its containers (`getPhase`).

    `own` are its init and its main containers, where some of them have a restart policy of their own.
    """
    held = _init_phase(policy, init, sidecars, own[0]) if init else ""
    if held:
        return held
    waiting = running = failed = 0
    for status in main:
        state = status.state
        if state.running is not None:
            running += 1
        elif state.terminated is not None:
            failed += state.terminated.exitCode != 0
        elif status.lastState.terminated is not None:
            failed += status.lastState.terminated.exitCode != 0
        else:
            waiting += 1
    if waiting:
        return "Pending"
    if running:
        return "Running"
    if own[1]:
        return _own_phase(main, own[1], failed)
    if policy == "Always":
        return "Running"
    if not failed:
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _init_phase(policy: str, init: Sequence[ContainerStatus], sidecars: Sequence[bool], own: Sequence[Restarts]) -> str:
    """The phase of a pod that is not initialised; nothing if it is."""
    for position, (status, sidecar) in enumerate(zip(init, sidecars, strict=True)):
        if initialised(status, sidecar=sidecar):
            continue
        ended = status.state.terminated
        if ended is None or sidecar:
            return "Pending"
        again = own[position].restarts(ended.exitCode) if own else policy != "Never"
        return "Pending" if again else "Failed"
    return ""


def _own_phase(main: Sequence[ContainerStatus], own: Sequence[Restarts], failed: int) -> str:
    """The phase of a pod whose main containers have all ended and decide for themselves what follows."""
    for status, container in zip(main, own, strict=True):
        ended = status.state.terminated or status.lastState.terminated
        if ended is not None and container.restarts(ended.exitCode):
            return "Running"
    return "Failed" if failed else "Succeeded"
