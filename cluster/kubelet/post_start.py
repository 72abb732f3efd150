"""postStart hooks: a container is shown running once its hook is done, and stopped if the hook fails.

On the data's way between a container's process and its status. Mirrors the end of kuberuntime's startContainer.
Invariant: while a hook runs, the store remembers since when the process runs, and the status says nothing of it.
"""

from collections.abc import Callable

from msgspec.structs import replace

from cluster.api.kinds import key
from cluster.kubelet import lifecycle, status
from cluster.kubelet.desk import RELIST, Case, Desk
from cluster.kubelet.hooks import DONE, HookRun, run_hook
from cluster.kubelet.killing import stop
from cluster.kubelet.lifecycle import Input
from cluster.kubelet.memory import ContainerMemory, Kill
from cluster.kubelet.runtime.contents import keep_written
from cluster.kubelet.starting import Starting

FAILED = "FailedPostStartHook"


class PostStart:
    """The steps of a postStart hook; `ended` goes on with a container that is not started again."""

    def __init__(self, desk: Desk, starting: Starting, ended: Callable[[Case], None]) -> None:
        self._desk, self._starting, self._ended = desk, starting, ended
        desk.on(Input.HOOKED, self._hooked)

    def _hooked(self, case: Case, _: str) -> None:
        """Look how far the hook, or the stop that follows a failed one, has come."""
        desk = self._desk
        memory = desk.memory.of(case.pod, case.container.name, case.status.restartCount)
        if memory.started is None:
            return
        timestamp = desk.clock.timestamp(memory.started)
        new = self._starting.process(case, timestamp)
        running = Case(case.pod, case.plan, case.agent, case.container, new)
        if memory.kill is not None:
            self._stopping(case, running, memory.kill)
            return
        hook = self._run(running, timestamp)
        if not self._later(case, memory.started + hook.takes):
            if hook.files is not None:
                keep_written(desk.store, hook.files, key(case.pod))
            if hook.error:
                self._fail(case, running, memory)
            else:
                self._forget(case, memory)
                self._starting.run(case, new)

    def _later(self, case: Case, due: int) -> bool:
        """Look again when it is time; whether it is not yet."""
        now = self._desk.clock.now
        if due > now:
            self._desk.later(due - now, Input.HOOKED, case)
        return due > now

    def _run(self, running: Case, timestamp: str) -> HookRun:
        container = running.container.container
        handler = container.lifecycle.postStart if container.lifecycle is not None else None
        if handler is None:
            return DONE
        return run_hook(
            self._desk.store, running.pod, container, handler, timestamp, 0, timestamp,
            processes=running.container.processes,
        )  # fmt: skip

    def _fail(self, case: Case, running: Case, memory: ContainerMemory) -> None:
        desk, container = self._desk, case.container
        desk.tell(case.pod, case.agent, FAILED, "PostStartHook failed", container=container, warn=True)
        desk.tell(case.pod, case.agent, "Killing", FAILED, container=container)
        kill = Kill(FAILED, desk.clock.now)
        desk.memory.keep(case.pod, container.name, replace(memory, kill=kill))
        self._stopping(case, running, kill)

    def _stopping(self, case: Case, running: Case, kill: Kill) -> None:
        desk, container = self._desk, case.container
        stopped = stop(desk, running, (case.pod.spec.terminationGracePeriodSeconds or 0) * 1000, kill.at)
        if self._later(case, kill.at + stopped.takes):
            return
        self._forget(case, desk.memory.of(case.pod, container.name, case.status.restartCount))
        ended = status.exited(running.status, desk.clock.timestamp(), stopped.code)
        if not container.restarts(stopped.code):
            self._ended(desk.again(case, desk.write(case, ended)))
            return
        started = running.status.state.running
        why = self._run(running, started.startedAt).error if started is not None else ""
        waiting = status.waiting(container, ended, lifecycle.State.HOOK_FAILED, why)
        pod = desk.write(case, waiting)
        desk.later(RELIST, Input.HOLD_START, desk.again(case, pod))
        self._starting.begin_next(pod, case.plan, case.agent, container)

    def _forget(self, case: Case, memory: ContainerMemory) -> None:
        self._desk.memory.keep(case.pod, case.container.name, replace(memory, started=None, kill=None))
