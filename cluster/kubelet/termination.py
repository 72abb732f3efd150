"""How a pod ends from outside: marked for deletion, gone by force, or past its deadline.

On the data's way from a deletion to the pod's last status. Mirrors the kubelet's pod termination with kuberuntime's
order: main containers at once, sidecars after them, the last one first. Invariant: a pod marked for deletion is gone
from the API only after its processes have ended.
"""

from typing import NamedTuple

from msgspec.structs import replace

from cluster.api.core import ContainerStatus, Pod
from cluster.api.kinds import PODS, key
from cluster.kubelet import lifecycle, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import ACTOR, Case, Desk
from cluster.kubelet.ending import End, end, parts
from cluster.kubelet.killing import Stop, keep_hook, stop
from cluster.kubelet.lifecycle import State
from cluster.kubelet.plan import Plan

DEADLINE = "Pod was active on the node longer than the specified deadline"


class Grave(NamedTuple):
    """A timer's pod: its key and uid, when its termination began (ms), and whose hook is done, if it is about one."""

    key: str
    uid: str
    begun: int
    container: str = ""


class Termination:
    """The steps to a pod's end."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def terminate(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Stop a pod that is marked for deletion, within its grace period, and then delete it."""
        desk = self._desk
        if pod.status.phase in lifecycle.TERMINAL:
            self._delete(pod)
            return
        cases = desk.cases(pod, plan, agent)
        for case in cases:
            if lifecycle.state_of(case.status) is State.RUNNING:
                desk.tell(pod, agent, "Killing", f"Stopping container {case.container.name}", container=case.container)
        begun, now = self._begun(pod), desk.clock.now
        stops = self._stops(cases, pod, begun)
        for name, found in stops.items():
            if found.hook.error and begun + found.hook.takes >= now:
                grave = Grave(key(pod), pod.metadata.uid, begun, name)
                desk.clock.at(begun + found.hook.takes, self._hook_failed, grave)
        ends = max((found.takes for found in stops.values()), default=0)
        desk.clock.at(max(begun + ends, now), self._stopped, Grave(key(pod), pod.metadata.uid, begun))

    def killed_by_force(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Tell that the containers of a pod that is gone from the API are stopped."""
        for case in self._desk.cases(pod, plan, agent):
            if case.status.state.running is not None:
                words = f"Stopping container {case.container.name}"
                self._desk.tell(pod, agent, "Killing", words, container=case.container)
                if case.container.shares:
                    self._desk.ended(case, status.KILLED)

    def watch_deadline(self, pod: Pod) -> None:
        """Fail the pod when it has been active for longer than it may."""
        seconds = pod.spec.activeDeadlineSeconds
        if seconds is not None and pod.status.startTime:
            due = self._desk.clock.milliseconds(pod.status.startTime) + seconds * 1000
            self._desk.clock.at(due, self._deadline, (key(pod), pod.metadata.uid))

    def _begun(self, pod: Pod) -> int:
        """When the termination began (ms): now, unless its time of deletion shows that it was earlier."""
        deletion = self._desk.clock.milliseconds(pod.metadata.deletionTimestamp)
        return min(self._desk.clock.now, deletion + 999 - _grace(pod))

    def _stops(self, cases: list[Case], pod: Pod, begun: int) -> dict[str, Stop]:
        """How every running container of the pod stops, by its name."""
        grace, found = _grace(pod), dict[str, Stop]()
        after = 0
        running = [case for case in cases if case.status.state.running is not None]
        for case in running:
            if not case.container.sidecar:
                found[case.container.name] = stop(self._desk, case, grace, begun)
        after = max((one.takes for one in found.values()), default=0)
        for case in reversed(running):
            if case.container.sidecar:
                found[case.container.name] = stop(self._desk, case, grace, begun, waits=after)
                after = max(after, found[case.container.name].takes)
        return found

    def _hook_failed(self, grave: Grave) -> None:
        pod = self._pod(grave)
        if pod is None or pod.status.phase in lifecycle.TERMINAL:
            return
        agent, plan = self._desk.agent_of(pod.spec.nodeName), self._desk.plans.of(pod)
        if agent.live:
            self._desk.store.cause = self._desk.pods.revision(grave.key)
            container = plan.by_name[grave.container]
            self._desk.tell(pod, agent, "FailedPreStopHook", "PreStopHook failed", container=container, warn=True)
            self._desk.store.cause = 0

    def _pod(self, grave: Grave) -> Pod | None:
        """The pod, if it is still the one that was marked for deletion."""
        pod = self._desk.pods.get(grave.key)
        return pod if pod is not None and pod.metadata.uid == grave.uid and pod.metadata.deletionTimestamp else None

    def _stopped(self, grave: Grave) -> None:
        """The grace is over or every process has ended: say how, and delete the pod."""
        desk, pod = self._desk, self._pod(grave)
        if pod is None:
            return
        agent = desk.agent_of(pod.spec.nodeName)
        if not agent.live:
            return
        desk.store.cause = desk.pods.revision(grave.key)
        if pod.status.phase not in lifecycle.TERMINAL:
            pod = self._end_all(pod, desk.plans.of(pod), agent, grave.begun)
        self._delete(pod)
        desk.store.cause = 0

    def _end_all(self, pod: Pod, plan: Plan, agent: Agent, begun: int) -> Pod:
        """The pod with every container ended: by itself, killed, or never started at all."""
        if all(one.state.waiting is not None for one in pod.status.containerStatuses):
            return pod
        desk = self._desk
        cases = desk.cases(pod, plan, agent)
        stops = self._stops(cases, pod, begun)
        ends = [self._end(case, stops.get(case.container.name), begun) for case in cases]
        init, main, ephemeral = parts(plan, ends)
        failed = any(one.state.terminated is not None and one.state.terminated.exitCode for one in main)
        ended = replace(pod, status=replace(pod.status, phase="Failed" if failed else "Succeeded"))
        found = status.pod_status(
            ended, plan, init, main, ephemeral, timestamp=desk.clock.timestamp(), host_ip=agent.address,
            pod_ip=pod.status.podIP,
        )  # fmt: skip
        return desk.put(pod, found)

    def _end(self, case: Case, stopped: Stop | None, begun: int) -> ContainerStatus:
        if stopped is not None:
            ended = self._desk.ended(
                case, stopped.code, at=min(begun + stopped.takes, self._desk.clock.now), told=begun + stopped.told
            )
            keep_hook(self._desk, case, stopped)
            return ended
        return status.lost(case.status) if case.status.state.waiting is not None else case.status

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
        end(desk, pod, plan, agent, End("DeadlineExceeded", DEADLINE))
        desk.store.cause = 0


def _grace(pod: Pod) -> int:
    """How long the pod's processes have from the beginning (ms)."""
    return (pod.metadata.deletionGracePeriodSeconds or 0) * 1000
