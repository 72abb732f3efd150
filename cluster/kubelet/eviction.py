"""Nodes run out of memory: a kubelet says so, and evicts pods until there is enough.

Beside the pods' life cycle: told which pods are on a node, it looks how much they use. Mirrors the eviction manager of
pkg/kubelet/eviction. Invariant: a node whose pods can never use too much is not looked at, so it has nothing due.
"""

from typing import cast

from msgspec.structs import replace

from cluster.api.core import Node, Pod
from cluster.api.kinds import NODES, Kind
from cluster.api.meta import Resource
from cluster.kubelet import lifecycle, pressure
from cluster.kubelet.admit import Refusal
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import ACTOR, Desk
from cluster.kubelet.ending import End, end

INTERVAL = 10_000
"""How often use is looked at (the housekeeping interval of the eviction manager), ms."""
AGAIN = 1000
"""How soon after an eviction (ms)."""
GRACE = 1000
EVICTED = "Evicted"
REFUSED = Refusal(EVICTED, "The node had condition: [MemoryPressure]. ")
_ABOUT = cast("Kind[Resource]", NODES)


class Eviction:
    """The eviction managers of all nodes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def came(self, key: str, pod: Pod, agent: Agent) -> None:
        """A pod is on the node, or says something else of what it uses."""
        if pod.metadata.annotations and pressure.is_told(pod):
            agent.told[key] = None
        else:
            agent.told.pop(key, None)
        if agent.told:
            self._watch(agent)

    def left(self, key: str, agent: Agent) -> None:
        """A pod uses nothing of the node any more."""
        agent.told.pop(key, None)

    def resume(self, agent: Agent) -> None:
        """The kubelet acts (again): look at what it may have missed."""
        if agent.told or (agent.node is not None and pressure.is_pressed(agent.node)):
            self._watch(agent)

    def _watch(self, agent: Agent) -> None:
        """Look at the node when there may be something to see."""
        if not agent.live or agent.node is None:
            return
        now = self._desk.clock.now
        due = None
        if self._may_run_short(agent, agent.node):
            due = (now // INTERVAL + 1) * INTERVAL
        elif pressure.is_pressed(agent.node):
            due = max(self._over(agent.node), now)
        if due is not None and (agent.due is None or due < agent.due):
            self._later(agent, due)

    def _later(self, agent: Agent, due: int) -> None:
        agent.due = due
        self._desk.clock.at(due, self._look, (agent, due))

    def _over(self, node: Node) -> int:
        """When pressure that is not seen again is over (ms)."""
        return self._desk.clock.milliseconds(pressure.last_seen(node)) + pressure.TRANSITION

    def _may_run_short(self, agent: Agent, node: Node) -> bool:
        return (
            bool(agent.told)
            and pressure.available(node, sum(map(pressure.most, self._pods(agent)))) < pressure.THRESHOLD
        )

    def _pods(self, agent: Agent) -> list[Pod]:
        found = (self._desk.pods.get(name) for name in agent.ledger.plans)
        return [pod for pod in found if pod is not None and pod.status.phase not in lifecycle.TERMINAL]

    def _look(self, who: tuple[Agent, int]) -> None:
        """See how much is left, say so, and evict the pod that goes first (`synchronize`)."""
        agent, due = who
        if agent.due != due:
            return
        agent.due = None
        desk, node = self._desk, agent.node
        if node is None or not agent.live:
            return
        eaters = [pressure.eater(pod, desk.clock) for pod in self._pods(agent)]
        left = pressure.available(node, sum(one.total for one in eaters))
        if left < pressure.THRESHOLD:
            self._say(agent, node, pressed=True)
            evicted = self._evict(agent, node, eaters, left)
            self._later(agent, (desk.clock.now // AGAIN + 1) * AGAIN if evicted else desk.clock.now + INTERVAL)
            return
        if pressure.is_pressed(node) and desk.clock.now >= self._over(node):
            self._say(agent, node, pressed=False)
        self._watch(agent)

    def _say(self, agent: Agent, node: Node, *, pressed: bool) -> None:
        api, was = self._desk.api, pressure.is_pressed(node)
        conditions = pressure.reported(node.status.conditions, self._desk.clock.timestamp(), pressed=pressed)
        value = replace(node, status=replace(node.status, conditions=conditions))
        agent.node = api.update_status(NODES, value, actor=ACTOR, previous=api.find(NODES, agent.name))
        if was is not pressed:
            reason = "NodeHasInsufficientMemory" if pressed else "NodeHasSufficientMemory"
            self._tell(agent, node, "Normal", reason, f"Node {agent.name} status is now: {reason}")

    def _evict(self, agent: Agent, node: Node, eaters: list[pressure.Eater], left: int) -> bool:
        """End the pod that goes first; False if there is none that may go."""
        self._tell(agent, node, "Warning", "EvictionThresholdMet", "Attempting to reclaim memory")
        for found in pressure.ranked(one for one in eaters if one.used):
            if not pressure.is_critical(found.pod):
                self._end(found, agent, pressure.message(found, left))
                return True
        return False

    def _end(self, found: pressure.Eater, agent: Agent, message: str) -> None:
        desk, pod = self._desk, found.pod
        plan = desk.plans.of(pod)
        desk.tell(pod, agent, EVICTED, message, warn=True)
        for case in desk.cases(pod, plan, agent):
            if case.status.state.running is not None:
                desk.tell(pod, agent, "Killing", f"Stopping container {case.container.name}", container=case.container)
        end(desk, pod, plan, agent, End(EVICTED, message, GRACE, disrupts=True))

    def _tell(self, agent: Agent, node: Node, sort: str, reason: str, message: str) -> None:
        self._desk.api.events.record(_ABOUT, node, sort, reason, message, component=ACTOR, host=agent.name)
