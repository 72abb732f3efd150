"""A node is shut down in order: its kubelet ends the pods first, the critical ones last, and then it is gone.

Beside the pods' life cycle, told of every change of nodes. Mirrors pkg/kubelet/nodeshutdown. Invariant: a node that shuts
down has a Ready condition that says so, since when is read from it; one that is told so no longer comes back.
"""

from typing import NamedTuple, cast

from msgspec.structs import replace

from cluster.api import annotations as ours
from cluster.api.core import Node, Pod
from cluster.api.kinds import NODES, Kind, key
from cluster.api.meta import Resource
from cluster.kubelet import lifecycle, pressure
from cluster.kubelet import node as nodes
from cluster.kubelet.admit import Refusal
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import ACTOR, Desk
from cluster.kubelet.ending import End, end
from cluster.kubelet.killing import stop
from cluster.kubelet.registry import Registry
from cluster.kubelet.runtime.process import told_duration

REASON, MESSAGE = "Terminated", "Pod was terminated in response to imminent node shutdown."
REFUSED = Refusal("NodeShutdown", "Pod was rejected as the node is shutting down.")
NOT_READY = ("KubeletNotReady", "node is shutting down")
CRITICAL_SHARE = 3
"""A third of the time is for critical pods alone."""
_ABOUT = cast("Kind[Resource]", NODES)


class Going(NamedTuple):
    """A timer's pod, and the grace period that its processes were given (ms)."""

    key: str
    uid: str
    grace: int


class Shutdown:
    """The shutdowns of all nodes."""

    def __init__(self, desk: Desk, registry: Registry) -> None:
        self._desk, self._registry = desk, registry

    def follow(self, agent: Agent, old: Node | None, new: Node) -> None:
        """A node came or changed: shut it down, or let it return."""
        period = _period(new)
        if period is not None:
            if agent.live and agent.shutting is None:
                self._begin(agent, new, period)
        elif old is not None and _period(old) is not None:
            if agent.shutting is not None:
                agent.shutting = None
                self._registry.report(agent)
            self._registry.start(agent.name)

    def _begin(self, agent: Agent, node: Node, period: int) -> None:
        """Say that the node shuts down, and then end its pods."""
        clock, ready = self._desk.clock, nodes.ready_condition(node)
        seen = ready is not None and (ready.reason, ready.message) == NOT_READY
        begun = clock.milliseconds(ready.lastTransitionTime) if seen and ready is not None else clock.now
        agent.shutting = begun
        if not seen:
            self._tell(agent, node, "Shutdown", "Shutdown manager detected shutdown event")
            self._tell(agent, node, "NodeNotReady", f"Node {agent.name} status is now: NodeNotReady")
            value = replace(node, status=replace(node.status, conditions=nodes.not_ready(
                node.status.conditions, *NOT_READY, clock.timestamp()
            )))  # fmt: skip
            api = self._desk.api
            agent.node = api.update_status(NODES, value, actor=ACTOR, previous=api.find(NODES, agent.name))
        clock.after(0, self._end_usual, (agent, begun, period, seen))

    def _end_usual(self, who: tuple[Agent, int, int, bool]) -> None:
        """End the pods that are not critical; by now the kubelet knows all that are on its node."""
        agent, begun, period, seen = who
        if agent.shutting != begun or not agent.live:
            return
        ends = self._end_all(agent, begun, period - period // CRITICAL_SHARE, critical=False, seen=seen)
        due = max(ends, self._desk.clock.now)
        self._desk.clock.at(due, self._end_critical, (agent, begun, ends, period // CRITICAL_SHARE))

    def _end_critical(self, who: tuple[Agent, int, int, int]) -> None:
        agent, begun, since, grace = who
        if agent.shutting != begun or not agent.live:
            return
        ends = self._end_all(agent, since, grace, critical=True, seen=False)
        self._desk.clock.at(max(ends, self._desk.clock.now), self._off, (agent, begun))

    def _off(self, who: tuple[Agent, int]) -> None:
        agent, begun = who
        if agent.shutting == begun and agent.live:
            agent.shutting = None
            self._registry.stop(agent.name)

    def _end_all(self, agent: Agent, begun: int, period: int, *, critical: bool, seen: bool) -> int:
        """Begin to end the pods that are critical, or are not; when the last of them has ended (ms)."""
        desk, last = self._desk, begun
        for name in list(agent.ledger.plans):
            pod = desk.pods.get(name)
            if pod is None or not _runs(pod) or pressure.is_critical(pod) is not critical:
                continue
            plan, grace = desk.plans.of(pod), _grace(pod, period)
            running = [case for case in desk.cases(pod, plan, agent) if case.status.state.running is not None]
            for case in [] if seen else running:
                desk.tell(pod, agent, "Killing", f"Stopping container {case.container.name}", container=case.container)
            ends = begun + max((stop(desk, case, grace, begun).takes for case in running), default=0)
            desk.clock.at(max(ends, desk.clock.now), self._ended, Going(name, pod.metadata.uid, grace))
            last = max(last, ends)
        return last

    def _ended(self, who: Going) -> None:
        """A pod's processes have ended: it has failed."""
        desk = self._desk
        pod = desk.pods.get(who.key)
        if pod is None or pod.metadata.uid != who.uid or not _runs(pod):
            return
        agent = desk.agent_of(pod.spec.nodeName)
        if agent.live:
            desk.store.cause = desk.pods.revision(key(pod))
            end(desk, pod, desk.plans.of(pod), agent, End(REASON, MESSAGE, who.grace, disrupts=True))
            desk.store.cause = 0

    def _tell(self, agent: Agent, node: Node, reason: str, message: str) -> None:
        self._desk.api.events.record(_ABOUT, node, "Normal", reason, message, component=ACTOR, host=agent.name)


def _period(node: Node) -> int | None:
    """How long the node's shutdown may take (ms); None if it is not to shut down."""
    return told_duration(node.metadata.annotations, ours.SHUTDOWN, "") if node.metadata.annotations else None


def _runs(pod: Pod) -> bool:
    return pod.status.phase not in lifecycle.TERMINAL and not pod.metadata.deletionTimestamp


def _grace(pod: Pod, period: int) -> int:
    """What a pod's processes have for their end: the pod's grace period, as far as the shutdown has time."""
    own = pod.spec.terminationGracePeriodSeconds
    return period if own is None else min(own * 1000, period)
