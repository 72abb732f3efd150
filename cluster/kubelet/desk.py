"""What every step of a pod's life needs at hand: timers that check themselves, status writes, events.

On the data's way between the life cycle's steps and the API server. A timer carries the pod's key
and uid, the container and its restart count; when it rings, the stored status decides whether it
still means anything. Invariant: nothing about a pod is remembered here.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.cluster import Cluster, milliseconds
from cluster.api.core import ContainerStatus, Pod, PodCondition, PodStatus
from cluster.api.kinds import PODS, Kind, key
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer
from cluster.kubelet import lifecycle, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.allocation import Allocations
from cluster.kubelet.lifecycle import Input
from cluster.kubelet.memory import Memory
from cluster.kubelet.messages import termination_message
from cluster.kubelet.plan import ContainerPlan, Plan, Plans
from cluster.kubelet.runtime import commands
from cluster.kubelet.runtime.endings import keep_ended
from cluster.kubelet.runtime.entry_points import waits_for_input
from cluster.kubelet.runtime.process import Ending, out_of_memory
from cluster.kubelet.waiting import Waiting

ACTOR = "kubelet"
_ABOUT = cast("Kind[Resource]", PODS)
RELIST = 1000
"""How often the kubelet looks what its runtime did (ms): it answers an exit this much later."""
START = 200
"""The least time (ms) from a pod's start to its Running: a sandbox and a process are never there at once.

Controllers rely on it as they do in a real cluster: a surplus pod is deleted before it is ready.
"""


class Case(Struct, frozen=True, gc=False):
    """A container to deal with: its pod as stored now, its plan, its node, and how it stands."""

    pod: Pod
    plan: Plan
    agent: Agent
    container: ContainerPlan
    status: ContainerStatus


class Timer(Struct, frozen=True, gc=False):
    """What rings: an input for one run of one container; `note` is for whoever takes it."""

    happened: Input
    key: str
    uid: str
    container: str
    restarts: int
    note: str


Step = Callable[[Case, str], None]


class Desk:
    """The kubelets' common ground; steps are registered with `on`."""

    def __init__(self, api: ApiServer, config: Cluster, agent_of: Callable[[str], Agent]) -> None:
        self.api, self.clock, self.store = api, api.clock, api.store
        self.pods = api.store.table(PODS)
        self.memory = Memory(api.store)
        self.container_start = max(milliseconds(config.timing.containerStart), START)
        timing = config.timing
        self.allocations = Allocations(api.store)
        self.plans = Plans(
            milliseconds(timing.imagePull), milliseconds(timing.containerStop), self.allocations,
            processes=timing.processes,
        )  # fmt: skip
        self.agent_of = agent_of
        self._steps: dict[Input, Step] = {}
        self._waiting = Waiting(api.store, api.clock, self._ring, self._counts)

    def on(self, happened: Input, step: Step) -> None:
        """Let `step` deal with an input."""
        self._steps[happened] = step

    def later(self, delay: int, happened: Input, case: Case, note: str = "") -> None:
        """Give the case's container an input in `delay` ms, unless it has moved on by then."""
        self.clock.at(self.clock.now + delay, self._ring, self._timer(happened, case, note))

    def _timer(self, happened: Input, case: Case, note: str = "") -> Timer:
        pod = case.pod
        return Timer(happened, key(pod), pod.metadata.uid, case.container.name, case.status.restartCount, note)

    def cases(self, pod: Pod, plan: Plan, agent: Agent) -> list[Case]:
        """Every container of a pod that has been started on: init containers first, ephemeral ones last."""
        pairs = [*zip(plan.init, pod.status.initContainerStatuses, strict=False)]
        pairs += zip(plan.main, pod.status.containerStatuses, strict=False)
        pairs += zip(plan.ephemeral, pod.status.ephemeralContainerStatuses, strict=False)
        return [Case(pod, plan, agent, container, stands) for container, stands in pairs]

    def again(self, case: Case, pod: Pod) -> Case:
        """The case with the pod as it has become."""
        return Case(pod, case.plan, case.agent, case.container, _stands(pod, case.container))

    def age(self, stands: ContainerStatus) -> int:
        """How long a running container has run (ms), counted from the second it started in."""
        running = stands.state.running
        return self.clock.now - self.clock.milliseconds(running.startedAt) if running is not None else 0

    def ending(self, case: Case) -> Ending | None:
        """How the container's process ends by itself, as things stand; None if it does not."""
        told, running = case.container.behaviour, case.status.state.running
        found = None if told.exit_after is None else Ending(told.exit_after, told.exit_code)
        if told.runs and running is not None and waits_for_input(case.container.container):
            left = self.memory.of(case.pod, case.container.name, case.status.restartCount).left
            found = None if left is None else Ending(left.at - self.clock.milliseconds(running.startedAt), left.code)
        elif told.runs and running is not None:
            foreseen = commands.foreseen(self.store, case.pod, case.container.container, running.startedAt)
            found = None if foreseen.end is None else Ending(*foreseen.end)
            if foreseen.waits:
                self._waiting.note(foreseen.waits, self._timer(Input.EXIT, case))
        oom = self._out_of_memory(case) if told.oom_after is not None else None
        if oom is not None and (found is None or oom < found.after):
            return Ending(oom, status.KILLED, "OOMKilled")
        return found

    def _out_of_memory(self, case: Case) -> int | None:
        """At which age the container passes its limit: if it has lived through that, its limit was another then."""
        told, age = case.container.behaviour, self.age(case.status)
        if told.oom_after is None or age < told.oom_after + RELIST:
            return told.oom_after
        return out_of_memory(case.container.name, case.pod.metadata.annotations, told.memory_limit, age)

    def ended(
        self, case: Case, code: int, reason: str = "", at: int | None = None, told: int | None = None
    ) -> ContainerStatus:
        """The status of a container whose process has ended now, or at some other time (ms).

        `told` is when it was told to (ms).
        """
        running, message = case.status.state.running, ""
        time = self.clock.now if at is None else at
        if case.container.behaviour.runs and running is not None:
            age = time - self.clock.milliseconds(running.startedAt)
            begun, container = running.startedAt, case.container.container
            since = None if told is None else told - self.clock.milliseconds(begun)
            message = termination_message(self.store, case.pod, container, begun, age, code, since)
            keep_ended(self.store, case.pod, container, begun, age, since, keeps=case.container.keeps)
        ended = status.exited(case.status, self.clock.timestamp(time), code, reason, message)
        # An init container that has done its work counts as ready.
        return replace(ended, ready=True) if case.container.init and not case.container.sidecar and not code else ended

    def versions(self, pod: Pod) -> Iterator[Pod]:
        """The pod as it was, newest first, as far as the store remembers."""
        return (entry.object for entry in self.pods.history(key(pod)) if entry.object is not None)

    def write(self, case: Case, new: ContainerStatus, pod_ip: str = "") -> Pod:
        """Store a container's new status, and what follows from it for the pod; returns the pod."""
        pod, position = case.pod, case.container.position
        init, main = pod.status.initContainerStatuses, pod.status.containerStatuses
        if case.container.ephemeral:
            held = pod.status.ephemeralContainerStatuses
            ephemeral = (*held[:position], new, *held[position + 1 :])
            return self.write_all(pod, case.plan, case.agent, init, main, ephemeral, pod_ip=pod_ip)
        if case.container.init:
            init = (*init[:position], new, *init[position + 1 :])
        else:
            main = (*main[:position], new, *main[position + 1 :]) if len(main) > 1 else (new,)
        return self.write_all(pod, case.plan, case.agent, init, main, pod_ip=pod_ip)

    def write_all(
        self, pod: Pod, plan: Plan, agent: Agent, init: status.Statuses, main: status.Statuses,
        ephemeral: status.Statuses | None = None, *, pod_ip: str = "", conditions: tuple[PodCondition, ...] | None = None,
    ) -> Pod:  # fmt: skip
        """Store the statuses of all containers, and what follows from them for the pod; returns the pod.

        `conditions` stand for those that the pod has, where a step changes one that is not about its containers.
        """
        shown = pod if conditions is None else replace(pod, status=replace(pod.status, conditions=conditions))
        found = status.pod_status(
            shown, plan, init, main, ephemeral, timestamp=self.clock.timestamp(), host_ip=agent.address,
            pod_ip=pod_ip or pod.status.podIP,
        )  # fmt: skip
        return self.put(pod, found)

    def put(self, pod: Pod, found: PodStatus) -> Pod:
        """Store a pod's status; returns the pod."""
        return self.api.update_status(PODS, replace(pod, status=found), actor=ACTOR, previous=pod)

    def tell(
        self, pod: Pod, agent: Agent, reason: str, message: str, *, container: ContainerPlan | None = None, warn: bool = False
    ) -> None:  # fmt: skip
        """Record an event about a pod, or about one of its containers."""
        self.api.events.record(
            _ABOUT, pod, "Warning" if warn else "Normal", reason, message, component=ACTOR, host=agent.name,
            field_path="" if container is None else container.path,
        )  # fmt: skip

    def tell_each(self, pod: Pod, agent: Agent, told: Sequence[tuple[str, str]], container: ContainerPlan) -> None:
        """Record several events about a pod's container, each a reason and a message."""
        self.api.events.record_each(
            _ABOUT, pod, "Normal", told, component=ACTOR, host=agent.name, field_path=container.path
        )

    def _counts(self, timer: Timer) -> bool:
        """Whether a timer is for a container that still runs as it did when it was set."""
        pod = self.pods.get(timer.key)
        if pod is None or pod.metadata.uid != timer.uid:
            return False
        statuses = (*pod.status.containerStatuses, *pod.status.initContainerStatuses)
        return any(each.name == timer.container and each.restartCount == timer.restarts for each in statuses)

    def _ring(self, timer: Timer) -> None:
        pod = self.pods.get(timer.key)
        if pod is None or pod.metadata.uid != timer.uid or pod.metadata.deletionTimestamp:
            return
        agent = self.agent_of(pod.spec.nodeName)
        if not agent.live or pod.status.phase in lifecycle.TERMINAL:
            return
        plan = self.plans.of(pod)
        container = plan.by_name.get(timer.container)
        if container is None:
            return
        case = Case(pod, plan, agent, container, _stands(pod, container))
        if case.status.restartCount != timer.restarts or not lifecycle.accepts(case.status, timer.happened):
            return
        self.store.cause = self.pods.revision(timer.key)
        self._steps[timer.happened](case, timer.note)
        self.store.cause = 0


def _stands(pod: Pod, container: ContainerPlan) -> ContainerStatus:
    """How a container of the pod stands."""
    if container.ephemeral:
        return pod.status.ephemeralContainerStatuses[container.position]
    return (pod.status.initContainerStatuses if container.init else pod.status.containerStatuses)[container.position]
