"""How a pod's containers end, and what follows: restarts after a back-off, replacement, the end of the pod.

Mirrors kuberuntime's restart decisions. Invariant: a container is started again only after its process has ended.
"""

from cluster.api.core import Pod
from cluster.kubelet import backoff, lifecycle, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import RELIST, Case, Desk
from cluster.kubelet.killing import REPLACED, RESIZED, Killing
from cluster.kubelet.lifecycle import Input, State
from cluster.kubelet.plan import Plan
from cluster.kubelet.post_start import PostStart
from cluster.kubelet.runtime.process import Ending
from cluster.kubelet.starting import Starting


class Stopping:
    """The steps after a container's process has ended."""

    def __init__(self, desk: Desk, starting: Starting, killing: Killing) -> None:
        self._desk, self._starting, self._killing = desk, starting, killing
        self._post_start = PostStart(desk, starting, self._went)
        desk.on(Input.EXIT, self._exit)
        desk.on(Input.KILLED, self._killed)
        desk.on(Input.HOLD_START, self._hold_start)

    def replace(self, case: Case) -> None:
        """Stop a container whose definition has changed, and start the new one."""
        words = f"Container {case.container.name} definition changed, will be restarted"
        self._killing.kill(case, REPLACED, words)

    def resume(self, case: Case) -> None:
        """Set again the timer of a container that has exited or waits for its restart."""
        stands = case.status
        if stands.state.terminated is not None or lifecycle.state_of(stands) is State.HOOK_FAILED:
            if stands.state.terminated is None or case.container.restarts(stands.state.terminated.exitCode):
                self._desk.later(RELIST, Input.HOLD_START, case)
            return
        ended = stands.lastState.terminated
        if ended is not None:
            due = self._desk.clock.milliseconds(ended.finishedAt) + self._level(case)
            self._desk.later(max(due - self._desk.clock.now, 0), Input.BEGIN, case)

    def _exit(self, case: Case, _: str) -> None:
        """See whether the process has ended; it may do so later than it seemed once, or sooner."""
        ending, age = self._desk.ending(case), self._desk.age(case.status)
        if ending is not None and age >= ending.after:
            self._ended(case, ending)
        elif ending is not None:
            self._desk.later(ending.after - age, Input.EXIT, case)

    def _ended(self, case: Case, ending: Ending) -> None:
        new = self._desk.ended(case, ending.code, ending.reason)
        self._went(self._desk.again(case, self._desk.write(case, new)))

    def _went(self, case: Case) -> None:
        """A container has ended, as its status says: go on with it, with the next one, or with the pod's end."""
        ended = case.status.state.terminated
        if ended is None:
            return
        if case.pod.status.phase in lifecycle.TERMINAL:
            self._stop_sidecars(case.pod, case.plan, case.agent)
        elif case.container.restarts(ended.exitCode):
            self._desk.later(RELIST, Input.HOLD_START, case)
        elif case.container.init:
            self._starting.begin_next(case.pod, case.plan, case.agent, None)

    def _killed(self, case: Case, _: str) -> None:
        """A stopped container's process has ended: start it again, as its policy says or because it is a new one."""
        done = self._killing.finish(case)
        if done is None:
            return
        case, why = done
        ended = case.status.state.terminated
        if why in {REPLACED, RESIZED}:
            self._starting.begin(case)
        elif ended is not None and case.container.restarts(ended.exitCode):
            self._hold_start(case, "")
        else:
            self._went(case)

    def _stop_sidecars(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """The main containers are done: what ran beside them is stopped."""
        held = pod.status
        init, ephemeral = list(held.initContainerStatuses), list(held.ephemeralContainerStatuses)
        for container in (*reversed(plan.ephemeral), *reversed(plan.init)):
            stands = ephemeral if container.ephemeral else init
            if stands[container.position].state.running is not None:
                words = f"Stopping container {container.name}"
                case = Case(pod, plan, agent, container, stands[container.position])
                self._desk.tell(pod, agent, "Killing", words, container=container)
                code = container.behaviour.stop_code if container.ephemeral else 0
                stands[container.position] = self._desk.ended(case, code)
        if (tuple(init), tuple(ephemeral)) != (held.initContainerStatuses, held.ephemeralContainerStatuses):
            self._desk.write_all(pod, plan, agent, tuple(init), held.containerStatuses, tuple(ephemeral))

    def _hold_start(self, case: Case, _: str) -> None:
        """Start an exited container again, at once or after its back-off."""
        desk, ended = self._desk, case.status.state.terminated or case.status.lastState.terminated
        level = self._level(case)
        if ended is None or not level:
            self._starting.begin(case)
            return
        remaining = desk.clock.milliseconds(ended.finishedAt) + level - desk.clock.now
        if remaining <= 0:
            self._starting.begin(case)
            return
        meta, container = case.pod.metadata, case.container
        who = f"{meta.name}_{meta.namespace}({meta.uid})"
        words = f"Back-off restarting failed container {container.name} in pod {who}"
        desk.tell(case.pod, case.agent, "BackOff", words, container=container, warn=True)
        words = f"back-off {backoff.duration_text(level)} restarting failed container={container.name} pod={who}"
        pod = desk.write(case, status.waiting(container, case.status, "CrashLoopBackOff", words))
        desk.later(remaining, Input.BEGIN, desk.again(case, pod))

    def _level(self, case: Case) -> int:
        """The container's back-off (ms): none before its first restart, or after it ran long enough."""
        desk, stands = self._desk, case.status
        if backoff.ran_for(stands, desk.clock) > backoff.FORGET:
            return 0
        tries = backoff.restarts_in_a_row(desk.versions(case.pod), case.container.name, stands.restartCount, desk.clock)
        return backoff.delay(tries)
