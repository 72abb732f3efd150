"""The turns of the probes: what a result means for the container, and when the next one is asked for.

On the data's way after a container's start: it becomes started and ready, or is killed. Mirrors pkg/kubelet/prober's
workers. Invariant: a probe whose result stays has no timer, but that one which fails is told for as long as events are.
"""

from collections.abc import Callable

from msgspec.structs import replace

from cluster.api.core import ContainerStatus, Pod
from cluster.kubelet.desk import Case, Desk
from cluster.kubelet.lifecycle import Input
from cluster.kubelet.memory import ContainerMemory, Streak, with_streak
from cluster.kubelet.probes.changes import next_change
from cluster.kubelet.probes.check import FAILURE, UNKNOWN, Probed, check
from cluster.kubelet.probes.plans import AT_ONCE, LIVENESS, READINESS, STARTUP, ProbePlan

TOLD = 25
"""So many events about one pod are written in a row; from then on one every `SELDOM` ms."""
SELDOM = 300_000
Kill = Callable[[Case, str, str], None]


class Probing:
    """The probes of running containers; `kill` stops one for a reason with a message, `started` goes on after it."""

    def __init__(self, desk: Desk, kill: Kill, started: Callable[[Case], None]) -> None:
        self._desk, self._kill, self._started = desk, kill, started
        self._due: dict[tuple[str, str, str], int] = {}
        """When each probe has its next turn (uid, container, probe): another timer of it is a former one's."""
        desk.on(Input.PROBED, self._probed)

    def arm(self, case: Case, *, fresh: bool = False) -> None:
        """Set the timers of a running container's probes; `fresh` if what they wait for has just come about."""
        kill = self._memory(case).kill
        for plan in case.container.probes:
            if (plan.name == STARTUP) is not bool(case.status.started) and (kill is None or plan.name == READINESS):
                self._at(case, plan, self._first(case, plan, fresh=fresh))
        told = case.container.behaviour.ready_after
        if told is not None and not case.status.ready and case.status.started and not self._has(case, READINESS):
            self._desk.later(max(told - self._desk.age(case.status), 0), Input.PROBED, case)

    def told_otherwise(self, case: Case) -> None:
        """The annotations on the pod have changed: without a probe, its readiness follows them at once."""
        if not self._has(case, READINESS):
            self._desk.later(0, Input.PROBED, case)

    def forget(self, pod: Pod) -> None:
        """A pod is gone, and its timers with it."""
        if self._due:
            for container in (*pod.spec.initContainers, *pod.spec.containers):
                for name in (STARTUP, READINESS, LIVENESS):
                    self._due.pop((pod.metadata.uid, container.name, name), None)

    def _first(self, case: Case, plan: ProbePlan, *, fresh: bool) -> int:
        """When a probe that is newly asked for has its first turn."""
        desk, running = self._desk, case.status.state.running
        now = desk.clock.now
        eligible = now if running is None else desk.clock.milliseconds(running.startedAt) + plan.first
        if plan.prompt and not case.status.ready:
            if eligible > now:
                return eligible
            if fresh or now - eligible < AT_ONCE:
                return now + AT_ONCE
        return plan.turn(self._taken(case.pod), max(now, eligible - 1))

    def _taken(self, pod: Pod) -> int:
        return self._desk.clock.milliseconds(pod.status.startTime)

    def _at(self, case: Case, plan: ProbePlan, time: int) -> None:
        self._due[case.pod.metadata.uid, case.container.name, plan.name] = time
        self._desk.later(time - self._desk.clock.now, Input.PROBED, case, plan.name)

    def _has(self, case: Case, name: str) -> bool:
        return any(plan.name == name for plan in case.container.probes)

    def _probed(self, case: Case, name: str) -> None:
        """A probe has its turn, if it still has one."""
        if not name:
            self._readiness_told(case)
            return
        plan = next((one for one in case.container.probes if one.name == name), None)
        who = (case.pod.metadata.uid, case.container.name, name)
        if plan is None or self._due.get(who) != self._desk.clock.now:
            return
        del self._due[who]
        memory = self._memory(case)
        if (name == STARTUP) is bool(case.status.started) or (memory.kill is not None and name != READINESS):
            return
        desk, container = self._desk, case.container.container
        seen = Probed(case.pod, container, case.status, desk.age(case.status), desk.clock.timestamp())
        result = check(desk.store, seen, plan)
        if result.verdict == UNKNOWN:
            self._tell(case, f"{name} probe errored and resulted in unknown state: {result.output}")
            often = seen.age < TOLD * plan.period
            self._at(case, plan, plan.turn(self._taken(case.pod), desk.clock.now + (0 if often else SELDOM)))
            return
        healthy = result.verdict != FAILURE
        before = memory.streaks.get(name)
        count = before.count + 1 if before is not None and before.healthy is healthy else 1
        if healthy:
            self._succeeded(case, plan, seen, count)
        else:
            self._tell(case, f"{name} probe failed: {result.output}")
            self._failed(case, plan, seen, count)

    def _failed(self, case: Case, plan: ProbePlan, seen: Probed, count: int) -> None:
        probe, name = plan.probe, case.container.name
        over = count >= (probe.failureThreshold or 3)
        if over and plan.name != READINESS:
            self._keep(case, plan, None)
            kind = "Init container" if case.container.init else "Container"
            words = f"{kind} {name} failed {plan.name.lower()} probe"
            again = ", will be restarted" if not case.container.init and case.container.restarts(1) else ""
            self._kill(case, plan.name, words + again)
            return
        most = max(TOLD, probe.failureThreshold)
        self._keep(case, plan, Streak(healthy=False, count=min(count, most)))
        if over and case.status.ready:
            case = self._desk.again(case, self._desk.write(case, replace(case.status, ready=False)))
        pause = SELDOM if count >= most else 0
        self._after(case, plan, seen, self._desk.clock.now + pause)

    def _succeeded(self, case: Case, plan: ProbePlan, seen: Probed, count: int) -> None:
        desk, stands = self._desk, case.status
        if plan.name != LIVENESS and not (stands.ready and plan.name == READINESS):
            if count < (plan.probe.successThreshold or 1):
                self._keep(case, plan, Streak(healthy=True, count=count))
                self._at(case, plan, plan.turn(self._taken(case.pod), desk.clock.now))
                return
            self._keep(case, plan, None)
            new = replace(stands, ready=True) if plan.name == READINESS else self._once_started(case)
            case = desk.again(case, desk.write(case, new))
            if plan.name == STARTUP:
                self.arm(case, fresh=True)
                self._started(case)
                return
        self._keep(case, plan, None)
        self._after(case, plan, seen, None)

    def _once_started(self, case: Case) -> ContainerStatus:
        told = case.container.behaviour.ready_after
        at_once = told is not None and self._desk.age(case.status) >= told and not self._has(case, READINESS)
        return replace(case.status, started=True, ready=at_once)

    def _after(self, case: Case, plan: ProbePlan, seen: Probed, least: int | None) -> None:
        """Ask again at the first turn after `least`, or earlier if the result may change; never if neither is."""
        desk, taken = self._desk, self._taken(case.pod)
        change = next_change(desk.store, seen, plan)
        times = [] if least is None else [plan.turn(taken, least)]
        if change is not None:
            times.append(plan.turn(taken, max(desk.clock.now - seen.age + change - 1, desk.clock.now)))
        if times:
            self._at(case, plan, min(times))

    def _readiness_told(self, case: Case) -> None:
        """Without a probe, the container is as ready as the pod's annotations say."""
        desk, told, before = self._desk, case.container.behaviour.ready_after, case.status
        ready = bool(before.started) and told is not None and desk.age(before) >= told
        if ready is before.ready or self._has(case, READINESS):
            return
        if before.ready:
            self._tell(case, "Readiness probe failed: ")
        desk.write(case, replace(before, ready=ready))

    def _tell(self, case: Case, words: str) -> None:
        self._desk.tell(case.pod, case.agent, "Unhealthy", words, container=case.container, warn=True)

    def _memory(self, case: Case) -> ContainerMemory:
        return self._desk.memory.of(case.pod, case.container.name, case.status.restartCount)

    def _keep(self, case: Case, plan: ProbePlan, streak: Streak | None) -> None:
        memory = with_streak(self._memory(case), plan.name, streak)
        self._desk.memory.keep(case.pod, case.container.name, memory)
