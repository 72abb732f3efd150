"""Stopping one container while its pod lives on: failed probes and hooks, changed definitions.

On the data's way between the reason to stop a process and its exit. Mirrors kuberuntime's killContainer: a preStop hook
first, then SIGTERM, and SIGKILL after what is left of the grace period. Invariant: a stop under way is remembered, so
that it ends when it should whoever looks after the node by then.
"""

from typing import NamedTuple

from msgspec.structs import replace

from cluster.api.core import Probe
from cluster.api.kinds import key
from cluster.kubelet import status
from cluster.kubelet.desk import Case, Desk
from cluster.kubelet.hooks import DONE, HookRun, run_hook
from cluster.kubelet.lifecycle import Input
from cluster.kubelet.memory import Kill
from cluster.kubelet.probes.plans import LIVENESS, STARTUP
from cluster.kubelet.runtime import commands
from cluster.kubelet.runtime.contents import keep_written

LEAST = 2000
"""What a process has at least to end by itself (ms), however long its hook took."""
REPLACED, RESIZED = "Replaced", "Resized"


class Stop(NamedTuple):
    """How the stop of a container goes: its hook, and when its process ends (ms from the beginning), with which code.

    `told` is when it gets SIGTERM.
    """

    hook: HookRun
    takes: int
    code: int
    told: int = 0


def stop(desk: Desk, case: Case, grace: int, begun: int, waits: int = 0) -> Stop:
    """The stop of a running container that begins at `begun` (ms), with a grace period of `grace` ms.

    `waits` is how long it is not told to end, counted from the beginning, because others end before it.
    """
    told, hook = case.container.behaviour, DONE
    lifecycle = case.container.container.lifecycle
    if lifecycle is not None and lifecycle.preStop is not None and grace > 0:
        hook = _pre_stop(desk, case, begun)
    before = min(max(hook.takes, waits), grace)
    left = max(grace - before // 1000 * 1000, LEAST) if before else grace
    after, code = told.stop_after, told.stop_code
    running = case.status.state.running
    if told.traps and running is not None:
        age = begun + before - desk.clock.milliseconds(running.startedAt)
        found = commands.stopped(desk.store, case.pod, case.container.container, running.startedAt, age, left)
        after, code = found or (after, code)
    return Stop(hook, before + min(after, left), status.KILLED if after > left else code, before)


def _pre_stop(desk: Desk, case: Case, begun: int) -> HookRun:
    container, running = case.container.container, case.status.state.running
    handler = container.lifecycle.preStop if container.lifecycle is not None else None
    if handler is None or running is None:
        return DONE
    age = begun - desk.clock.milliseconds(running.startedAt)
    return run_hook(
        desk.store, case.pod, container, handler, running.startedAt, age, desk.clock.timestamp(begun),
        processes=case.container.processes,
    )  # fmt: skip


def keep_hook(desk: Desk, case: Case, stopped: Stop) -> None:
    """Keep what the hook of a container that has ended wrote into its volumes."""
    if stopped.hook.files is not None:
        keep_written(desk.store, stopped.hook.files, key(case.pod), but="root/")


class Killing:
    """The stops that are under way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def kill(self, case: Case, why: str, message: str) -> None:
        """Begin to stop a running container; `message` is told."""
        desk = self._desk
        memory = desk.memory.of(case.pod, case.container.name, case.status.restartCount)
        if memory.kill is not None:
            return
        desk.tell(case.pod, case.agent, "Killing", message, container=case.container)
        kill = Kill(why, desk.clock.now)
        desk.memory.keep(case.pod, case.container.name, replace(memory, kill=kill))
        self._go_on(case, kill)

    def resume(self, case: Case) -> None:
        """Set again the timer of a container whose stop is under way."""
        kill = self._desk.memory.of(case.pod, case.container.name, case.status.restartCount).kill
        if kill is not None:
            self._go_on(case, kill)

    def _go_on(self, case: Case, kill: Kill) -> None:
        stopped = self._stop(case, kill)
        self._desk.later(max(kill.at + stopped.takes - self._desk.clock.now, 0), Input.KILLED, case)

    def _stop(self, case: Case, kill: Kill) -> Stop:
        return stop(self._desk, case, _grace(case, kill.why), kill.at)

    def finish(self, case: Case) -> tuple[Case, str] | None:
        """The process has ended: store that; the case as it has become, and why it was killed (None: it was not)."""
        desk = self._desk
        memory = desk.memory.of(case.pod, case.container.name, case.status.restartCount)
        if memory.kill is None:
            return None
        stopped = self._stop(case, memory.kill)
        if stopped.hook.error:
            desk.tell(
                case.pod, case.agent, "FailedPreStopHook", "PreStopHook failed", container=case.container, warn=True
            )
        desk.memory.keep(case.pod, case.container.name, replace(memory, kill=None, streaks={}))
        ended = desk.ended(case, stopped.code, told=memory.kill.at + stopped.told)
        keep_hook(desk, case, stopped)
        return desk.again(case, desk.write(case, ended)), memory.kill.why


def _grace(case: Case, why: str) -> int:
    """How long a process has for its end (ms): what its probe says, or the pod."""
    container = case.container.container
    own: Probe | None = {LIVENESS: container.livenessProbe, STARTUP: container.startupProbe}.get(why)
    seconds = own.terminationGracePeriodSeconds if own is not None else None
    if seconds is None:
        seconds = case.pod.spec.terminationGracePeriodSeconds
    return (0 if seconds is None else seconds) * 1000
