"""How a pod's containers end: exits and what follows, restarts after a back-off, replacement, deletion.

Mirrors kuberuntime's restart decisions and the kubelet's pod termination. Invariant: a pod marked
for deletion is gone from the API only after its processes have ended.
"""

from msgspec.structs import replace

from cluster.api.core import Pod
from cluster.api.kinds import PODS, key
from cluster.kubelet import backoff, lifecycle, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import ACTOR, RELIST, Case, Desk
from cluster.kubelet.lifecycle import Input, State
from cluster.kubelet.plan import Plan
from cluster.kubelet.runtime.process import Ending
from cluster.kubelet.starting import Starting

DEADLINE = "Pod was active on the node longer than the specified deadline"


class Stopping:
    """The steps after a container's process has ended or has to end."""

    def __init__(self, desk: Desk, starting: Starting) -> None:
        self._desk, self._starting = desk, starting
        desk.on(Input.EXIT, self._exit)
        desk.on(Input.REPLACE, self._replace)
        desk.on(Input.HOLD_START, self._hold_start)

    def terminate(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Stop a pod that is marked for deletion, within its grace period, and then delete it."""
        desk = self._desk
        if pod.status.phase in lifecycle.TERMINAL:
            self._delete(pod)
            return
        running = [case for case in desk.cases(pod, plan, agent) if lifecycle.state_of(case.status) is State.RUNNING]
        for case in running:
            desk.tell(pod, agent, "Killing", f"Stopping container {case.container.name}", container=case.container)
        grace = self._grace(pod)
        takes = max((min(case.container.behaviour.stop_after, grace) for case in running), default=0)
        desk.clock.after(takes, self._stopped, (key(pod), pod.metadata.uid))

    def replace(self, case: Case) -> None:
        """Stop a container whose definition has changed, and start the new one."""
        words = f"Container {case.container.name} definition changed, will be restarted"
        self._desk.tell(case.pod, case.agent, "Killing", words, container=case.container)
        grace = (case.pod.spec.terminationGracePeriodSeconds or 0) * 1000
        self._desk.later(min(case.container.behaviour.stop_after, grace), Input.REPLACE, case)

    def killed_by_force(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Tell that the containers of a pod that is gone from the API are stopped."""
        for case in self._desk.cases(pod, plan, agent):
            if case.status.state.running is not None:
                words = f"Stopping container {case.container.name}"
                self._desk.tell(pod, agent, "Killing", words, container=case.container)

    def watch_deadline(self, pod: Pod) -> None:
        """Fail the pod when it has been active for longer than it may."""
        seconds = pod.spec.activeDeadlineSeconds
        if seconds is not None and pod.status.startTime:
            due = self._desk.clock.milliseconds(pod.status.startTime) + seconds * 1000
            self._desk.clock.at(due, self._deadline, (key(pod), pod.metadata.uid))

    def resume(self, case: Case) -> None:
        """Set again the timer of a container that has exited or waits for its restart."""
        stands = case.status
        if stands.state.terminated is not None:
            if lifecycle.restarts(case.container.policy, stands.state.terminated.exitCode):
                self._desk.later(RELIST, Input.HOLD_START, case)
            return
        ended = stands.lastState.terminated
        if ended is not None:
            due = self._desk.clock.milliseconds(ended.finishedAt) + self._level(case)
            self._desk.later(max(due - self._desk.clock.now, 0), Input.BEGIN, case)

    def _grace(self, pod: Pod) -> int:
        """How long the pod's processes may still take (ms)."""
        meta = pod.metadata
        return min(
            (meta.deletionGracePeriodSeconds or 0) * 1000,
            max(self._desk.clock.milliseconds(meta.deletionTimestamp) + 999 - self._desk.clock.now, 0),
        )

    def _exit(self, case: Case, _: str) -> None:
        ending = self._desk.ending(case)
        if ending is not None and self._desk.age(case.status) >= ending.after:
            self._ended(case, ending)

    def _ended(self, case: Case, ending: Ending) -> None:
        desk, plan = self._desk, case.plan
        new = status.exited(case.status, desk.clock.timestamp(), ending.code, ending.reason)
        pod = desk.write(case, new)
        if pod.status.phase in lifecycle.TERMINAL:
            self._stop_sidecars(pod, plan, case.agent)
        elif lifecycle.restarts(case.container.policy, ending.code):
            desk.later(RELIST, Input.HOLD_START, desk.again(case, pod))
        elif case.container.init:
            self._starting.begin_next(pod, plan, case.agent, None)

    def _stop_sidecars(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """The main containers are done: what ran beside them is stopped."""
        timestamp = self._desk.clock.timestamp()
        init = list(pod.status.initContainerStatuses)
        for container in plan.init:
            if init[container.position].state.running is not None:
                words = f"Stopping container {container.name}"
                self._desk.tell(pod, agent, "Killing", words, container=container)
                init[container.position] = status.exited(init[container.position], timestamp, 0)
        if tuple(init) != pod.status.initContainerStatuses:
            self._desk.write_all(pod, plan, agent, tuple(init), pod.status.containerStatuses)

    def _replace(self, case: Case, _: str) -> None:
        pod = self._desk.write(case, status.exited(case.status, self._desk.clock.timestamp(), 0))
        self._starting.begin(self._desk.again(case, pod))

    def _hold_start(self, case: Case, _: str) -> None:
        """Start an exited container again, at once or after its back-off."""
        desk, ended = self._desk, case.status.state.terminated
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

    def _stopped(self, who: tuple[str, str]) -> None:
        """The grace is over or every process has ended: say how, and delete the pod."""
        desk = self._desk
        pod = desk.pods.get(who[0])
        if pod is None or pod.metadata.uid != who[1] or not pod.metadata.deletionTimestamp:
            return
        agent = desk.agent_of(pod.spec.nodeName)
        if not agent.live:
            return
        desk.store.cause = desk.pods.revision(who[0])
        if pod.status.phase not in lifecycle.TERMINAL:
            pod = self._end_all(pod, desk.plans.of(pod), agent)
        self._delete(pod)
        desk.store.cause = 0

    def _end_all(self, pod: Pod, plan: Plan, agent: Agent) -> Pod:
        """The pod with every container ended: by itself, killed, or never started at all."""
        if all(one.state.waiting is not None for one in pod.status.containerStatuses):
            return pod
        desk, grace = self._desk, (pod.metadata.deletionGracePeriodSeconds or 0) * 1000
        timestamp = desk.clock.timestamp()
        ends = []
        for case in desk.cases(pod, plan, agent):
            stands = case.status
            if stands.state.running is not None:
                late = case.container.behaviour.stop_after > grace
                stands = status.exited(stands, timestamp, status.KILLED if late else 0)
            elif stands.state.waiting is not None:
                stands = status.lost(stands)
            ends.append(stands)
        init, main = tuple(ends[: len(plan.init)]), tuple(ends[len(plan.init) :])
        failed = any(one.state.terminated is not None and one.state.terminated.exitCode for one in main)
        ended = replace(pod, status=replace(pod.status, phase="Failed" if failed else "Succeeded"))
        found = status.pod_status(
            ended, plan, init, main, timestamp=timestamp, host_ip=agent.address, pod_ip=pod.status.podIP
        )
        return desk.put(pod, found)

    def _delete(self, pod: Pod) -> None:
        self._desk.api.delete(PODS, key(pod), actor=ACTOR, grace=0, uid=pod.metadata.uid)

    def _deadline(self, who: tuple[str, str]) -> None:
        desk = self._desk
        pod = desk.pods.get(who[0])
        if pod is None or pod.metadata.uid != who[1] or pod.metadata.deletionTimestamp:
            return
        agent, plan = desk.agent_of(pod.spec.nodeName), desk.plans.of(pod)
        seconds = pod.spec.activeDeadlineSeconds
        due = desk.clock.milliseconds(pod.status.startTime) + (seconds or 0) * 1000
        if not agent.live or pod.status.phase in lifecycle.TERMINAL or seconds is None or desk.clock.now < due:
            return
        desk.store.cause = desk.pods.revision(who[0])
        desk.tell(pod, agent, "DeadlineExceeded", DEADLINE)
        ends = [
            status.exited(case.status, desk.clock.timestamp(), status.KILLED) if case.status.state.running is not None
            else case.status for case in desk.cases(pod, plan, agent)
        ]  # fmt: skip
        failed = replace(pod, status=replace(pod.status, phase="Failed", reason="DeadlineExceeded", message=DEADLINE))
        found = status.pod_status(
            failed, plan, tuple(ends[: len(plan.init)]), tuple(ends[len(plan.init) :]),
            timestamp=desk.clock.timestamp(), host_ip=agent.address, pod_ip=pod.status.podIP,
        )  # fmt: skip
        desk.put(pod, found)
        desk.store.cause = 0
