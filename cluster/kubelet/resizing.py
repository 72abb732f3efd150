"""Pods get other resources than they had: at once, later, or never.

On the data's way after a pod's spec has changed, and when room comes on its node. Mirrors pkg/kubelet/allocation and
kuberuntime's doPodResizeAction. Invariant: a pod that waits for its resize keeps what it was given, and every change of
what was given changes what the node has left.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from cluster.admission.qos import GUARANTEED
from cluster.api import pod_requests
from cluster.api.core import ContainerStatus, Pod, ResourceRequirements
from cluster.api.kinds import key
from cluster.kubelet import admit, lifecycle, memory_limits, pressure, resize_words
from cluster.kubelet.agent import Agent
from cluster.kubelet.allocation import Progress, Shares, reported, shares, with_shares
from cluster.kubelet.desk import RELIST, Case, Desk
from cluster.kubelet.killing import RESIZED, Killing
from cluster.kubelet.lifecycle import Input
from cluster.kubelet.plan import Plan
from cluster.kubelet.resize_words import DEFERRED, ERROR, IN_PROGRESS, INFEASIBLE, PENDING, Conditions

TRY_AGAIN = 10_000
"""How soon a resize is tried again that the runtime could not do (ms)."""


class Resize(NamedTuple):
    """A timer's pod: its key and uid, and the generation that its resize is for."""

    key: str
    uid: str
    generation: int


class Resizing:
    """The resizes of all pods."""

    def __init__(self, desk: Desk, killing: Killing) -> None:
        self._desk, self._killing = desk, killing

    def asked(self, pod: Pod, old: Pod, agent: Agent) -> Conditions:
        """The pod's spec has changed: decide about its resources; the conditions that its status is to have."""
        held = self._desk.allocations.of(pod)
        given = shares(old.spec) if held is None else held.given
        return self._decide(pod, given, held.progress if held is not None else None, agent)

    def resume(self, pod: Pod) -> None:
        """Go on with a pod that may have been resized while nobody looked, once its node's other pods are counted."""
        if not pod_requests.may_be_resized(pod):
            return
        held = self._desk.allocations.of(pod)
        if held is not None and held.progress is not None:
            self._later(pod, held.progress)
        if (reported(pod) if held is None else held.given) != shares(pod.spec):
            self._desk.clock.after(0, self._try, Resize(key(pod), pod.metadata.uid, pod.metadata.generation))

    def _try(self, who: Resize) -> None:
        desk, pod = self._desk, self._pod(who)
        if pod is None or pod.metadata.generation != who.generation:
            return
        desk.store.cause = desk.pods.revision(who.key)
        held = desk.allocations.of(pod)
        given, progress = (reported(pod), None) if held is None else (held.given, held.progress)
        agent = desk.agent_of(pod.spec.nodeName)
        self._write(pod, agent, self._decide(pod, given, progress, agent))
        desk.store.cause = 0

    def _pod(self, who: Resize) -> Pod | None:
        """The pod that a timer means, if it is still there and its kubelet acts."""
        pod = self._desk.pods.get(who.key)
        if pod is None or pod.metadata.uid != who.uid or pod.metadata.deletionTimestamp:
            return None
        live = self._desk.agent_of(pod.spec.nodeName).live
        return pod if live and pod.status.phase not in lifecycle.TERMINAL else None

    def room_came(self, agent: Agent) -> None:
        """Something was given back on the node: try the resizes that wait, in their order."""
        if not agent.live or not agent.deferred:
            return
        pods = [self._desk.pods.get(name) for name in agent.deferred]
        waiting = [pod for pod in pods if pod is not None and pod.status.phase not in lifecycle.TERMINAL]
        agent.deferred.clear()
        for pod in sorted(waiting, key=self._order):
            held = self._desk.allocations.of(pod)
            if held is not None and not pod.metadata.deletionTimestamp:
                self._write(pod, agent, self._decide(pod, held.given, held.progress, agent))

    def forget(self, pod: Pod, agent: Agent) -> None:
        """The pod holds nothing of its node any more."""
        agent.deferred.pop(key(pod), None)
        if self._desk.allocations.of(pod) is not None:
            self._desk.allocations.forget(pod)

    def _decide(self, pod: Pod, given: Shares, progress: Progress | None, agent: Agent) -> Conditions:
        """Give the pod what it asks for, if its node can; the conditions that its status is to have."""
        desk, conditions = self._desk, pod.status.conditions
        agent.deferred.pop(key(pod), None)
        wanted = shares(pod.spec)
        if wanted == given:
            desk.allocations.keep(pod, given, progress)
            return resize_words.without(conditions, PENDING)
        plan = desk.plans.asked_by(pod)
        refused = admit.resize_refusal(agent.node, agent.ledger, key(pod), plan) if agent.node is not None else None
        if refused is not None:
            desk.allocations.keep(pod, given, progress)
            return self._refuse(pod, refused, agent)
        had = given if progress is None else progress.had
        progress = Progress(had, desk.clock.now, pod.metadata.generation)
        desk.allocations.keep(pod, wanted, progress)
        agent.ledger.charge_again(key(pod), plan)
        words = resize_words.summary(pod, "started", pod.metadata.generation)
        desk.tell(pod, agent, "ResizeStarted", words)
        self._later(pod, progress)
        self._restart(pod, had, agent)
        conditions = resize_words.without(resize_words.without(conditions, PENDING), IN_PROGRESS)
        return resize_words.in_progress(pod, conditions, desk.clock.timestamp())

    def _refuse(self, pod: Pod, refused: admit.Refusal, agent: Agent) -> Conditions:
        desk, reason = self._desk, refused.reason
        if reason == DEFERRED:
            agent.deferred[key(pod)] = None
        found = resize_words.pending(pod, pod.status.conditions, reason, refused.message, desk.clock.timestamp())
        if found is not pod.status.conditions:
            words = resize_words.summary(pod, reason, pod.metadata.generation, refused.message)
            desk.tell(pod, agent, "ResizeInfeasible" if reason == INFEASIBLE else "ResizeDeferred", words, warn=True)
        return found

    def _restart(self, pod: Pod, had: Shares, agent: Agent) -> None:
        """Stop the containers that have to start again for what is changed of them."""
        for case in self._desk.cases(pod, self._desk.plans.of(pod), agent):
            before = had.get(case.container.name)
            if before is not None and case.status.state.running is not None and _needs_restart(case, before):
                words = f"Container {case.container.name} resize requires restart"
                self._killing.kill(case, RESIZED, words)

    def _later(self, pod: Pod, progress: Progress) -> None:
        due = max(progress.since + RELIST, self._desk.clock.now)
        self._desk.clock.at(due, self._finish, Resize(key(pod), pod.metadata.uid, progress.generation))

    def _finish(self, who: Resize) -> None:
        """The runtime has done what it was told to: the containers have what they were given."""
        desk, pod = self._desk, self._pod(who)
        held = desk.allocations.of(pod) if pod is not None else None
        if pod is None or held is None or held.progress is None or held.progress.generation != who.generation:
            return
        agent = desk.agent_of(pod.spec.nodeName)
        if any(self._is_stopping(case) for case in desk.cases(pod, desk.plans.of(pod), agent)):
            desk.clock.after(RELIST, self._finish, who)
            return
        desk.store.cause = desk.pods.revision(who.key)
        error = memory_limits.refusal(pod, held.progress.had, held.given, pressure.eater(pod, desk.clock).used)
        if error:
            self._fail(pod, agent, who, error)
            return
        desk.allocations.keep(pod, held.given, None)
        given = replace(pod, spec=with_shares(pod.spec, held.given))
        desk.tell(pod, agent, "ResizeCompleted", resize_words.summary(given, "completed", who.generation))
        self._write(pod, agent, resize_words.without(pod.status.conditions, IN_PROGRESS))
        desk.store.cause = 0

    def _fail(self, pod: Pod, agent: Agent, who: Resize, error: str) -> None:
        """The runtime cannot do what it was told to: say so once, and try again."""
        desk, conditions = self._desk, pod.status.conditions
        if not any(one.type == IN_PROGRESS and one.reason == ERROR for one in conditions):
            desk.tell(pod, agent, "ResizeError", resize_words.summary(pod, "error", who.generation, error), warn=True)
            failed = resize_words.in_progress(pod, conditions, desk.clock.timestamp(), error)
            self._write(pod, agent, failed)
        desk.clock.after(TRY_AGAIN, self._finish, who)
        desk.store.cause = 0

    def _is_stopping(self, case: Case) -> bool:
        if case.status.state.running is None:
            return False
        kill = self._desk.memory.of(case.pod, case.container.name, case.status.restartCount).kill
        return kill is not None and kill.why == RESIZED

    def _write(self, pod: Pod, agent: Agent, conditions: Conditions) -> Pod:
        """Store what the pod's containers were given, and have if nothing is under way."""
        desk, plan, held = self._desk, self._desk.plans.of(pod), self._desk.allocations.of(pod)
        done = held is None or held.progress is None
        init = _told(plan, pod.status.initContainerStatuses, init=True, done=done)
        main = _told(plan, pod.status.containerStatuses, init=False, done=done)
        pod = desk.write_all(pod, plan, agent, init, main, conditions=conditions)
        for case in desk.cases(pod, plan, agent):
            ending = desk.ending(case) if case.container.behaviour.oom_after is not None else None
            if ending is not None and case.status.state.running is not None:
                desk.later(max(ending.after - desk.age(case.status), 0), Input.EXIT, case)
        return pod

    def _order(self, pod: Pod) -> tuple[bool, int, bool, str]:
        """The order in which resizes are tried: smaller ones, priority, Guaranteed pods, and who has waited longest."""
        waits = next((one.lastTransitionTime for one in pod.status.conditions if one.type == PENDING), "")
        return self._grows(pod), -(pod.spec.priority or 0), pod.status.qosClass != GUARANTEED, waits

    def _grows(self, pod: Pod) -> bool:
        given, asked = dict(self._desk.plans.of(pod).requests), dict(self._desk.plans.asked_by(pod).requests)
        return any(asked.get(name, 0) > given.get(name, 0) for name in ("cpu", "memory"))


def resized(pod: Pod, old: Pod) -> bool:
    """Whether a pod's containers ask for other resources than before."""
    if pod.spec.containers is old.spec.containers and pod.spec.initContainers is old.spec.initContainers:
        return False
    return shares(pod.spec) != shares(old.spec)


def _told(plan: Plan, held: Sequence[ContainerStatus], *, init: bool, done: bool) -> tuple[ContainerStatus, ...]:
    """The statuses of a pod's containers with what they were given, and, if the runtime is `done`, what they have."""
    containers = plan.init if init else plan.main
    return tuple(
        stands
        if stands.state.running is None
        else replace(
            stands, allocatedResources=given.allocated, resources=given.resources if done else stands.resources
        )
        for given, stands in zip(containers, held, strict=True)
    )


def _needs_restart(case: Case, before: ResourceRequirements) -> bool:
    """Whether the container has to start again for what is changed of its resources (`resizePolicy`)."""
    container = case.container.container
    now = container.resources
    return any(
        policy.restartPolicy == "RestartContainer"
        and (
            before.requests.get(policy.resourceName) != now.requests.get(policy.resourceName)
            or before.limits.get(policy.resourceName) != now.limits.get(policy.resourceName)
        )
        for policy in container.resizePolicy
    )
