"""The nodes and their agents: registration, addresses and ranges, heartbeats, going down and coming back.

On the data's way a node's first word to the API server. Mirrors the kubelet's registration and
Lease controller, and the node IPAM controller's ranges. Invariant: a running kubelet's Lease has no
renew time stored, a stopped one's has its last beat; so which kubelets run can be read in the store.
"""

from collections.abc import Callable
from heapq import heapify, heappush
from ipaddress import IPv4Address, IPv4Network
from typing import cast

from msgspec.structs import replace

from cluster.api import annotations
from cluster.api.cluster import NODE_BITS, Cluster
from cluster.api.coordination import Lease
from cluster.api.core import Node, NodeStatus
from cluster.api.kinds import LEASES, NODES, Kind, key_of
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer
from cluster.kubelet import node as nodes
from cluster.kubelet.addresses import Addresses
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import ACTOR

_ABOUT = cast("Kind[Resource]", NODES)


class Registry:
    """Every node's agent, made when first heard of; `on_live` is told of an agent that starts to act."""

    def __init__(self, api: ApiServer, config: Cluster, on_live: Callable[[Agent], None]) -> None:
        self._api, self._on_live = api, on_live
        self._agents: dict[str, Agent] = {}
        network = IPv4Network(config.network.podCIDR)
        self._first = int(network.network_address)
        self._ranges = config.network.room
        self._taken = 0
        self._free: list[int] = []

    def agent(self, name: str) -> Agent:
        """The agent of a node, known or not yet."""
        found = self._agents.get(name)
        if found is None:
            found = self._agents[name] = Agent(name)
        return found

    def register(self, config: Cluster) -> None:
        """Let every configured node's kubelet register it."""
        for number, member in enumerate(config.members()):
            node = nodes.registered(member, self._cidr(number))
            made = replace(node, status=self._report(node, number))
            self._start_up(self._api.create(NODES, made, actor=ACTOR))

    def on_node(self, name: str, old: Node | None, new: Node | None) -> None:
        """A node came, changed or went."""
        agent = self.agent(name)
        if new is None:
            if old is not None and old.spec.podCIDR and agent.addresses is not None:
                heappush(self._free, self._number(old))
            agent.node, agent.addresses = None, None
            return
        appeared = agent.node is None
        agent.node = new
        if appeared:
            self._appeared(agent)
        elif agent.live and not nodes.is_ready(new):
            self._api.clock.after(nodes.BEAT, self._report_again, name)

    def on_lease(self, key: str, _: Lease | None, new: Lease | None) -> None:
        """A running kubelet makes its Lease again if it is gone."""
        agent = self._agents.get(key.removeprefix(f"{nodes.LEASE_NAMESPACE}/"))
        if new is None and agent is not None and agent.live:
            self._renew(agent)

    def stop(self, name: str) -> None:
        """The node goes down: its Lease keeps the time of the last beat. NotFound if there is no such node."""
        node, agent = self._api.get(NODES, name), self.agent(name)
        if agent.stopped:
            return
        agent.stopped = True
        clock = self._api.clock
        ready = nodes.ready_condition(node)
        started = clock.milliseconds(node.metadata.creationTimestamp)
        beat = nodes.last_beat(started, clock.now)
        if ready is not None and ready.status == "True":
            beat = max(beat, clock.milliseconds(ready.lastHeartbeatTime))
        self._renew(agent, clock.micro_timestamp(beat))

    def start(self, name: str) -> None:
        """The node comes back: its kubelet beats and reports again. NotFound if there is no such node."""
        node, agent = self._api.get(NODES, name), self.agent(name)
        if not agent.stopped:
            return
        agent.stopped = False
        self._renew(agent)
        self._tell(self._report_healthy(agent, node), nodes.STARTED_EVENTS)
        self._on_live(agent)

    def report(self, agent: Agent) -> None:
        """Report a node as healthy that was not."""
        node = self._api.find(NODES, agent.name)
        if node is not None and agent.live:
            self._tell(self._report_healthy(agent, node), nodes.STARTED_EVENTS[-1:])

    def _appeared(self, agent: Agent) -> None:
        node = self._api.find(NODES, agent.name)
        if node is None:
            return  # it has gone again, as the reader will show
        lease = self._lease(node)
        agent.stopped = lease is not None and bool(lease.spec.renewTime)
        if node.metadata.annotations.get(annotations.AGENT) == nodes.NO_AGENT:
            agent.stopped = True
            return
        if nodes.ready_condition(node) is None and not agent.stopped:
            node = self._adopt(node)
        if node.spec.podCIDR:
            agent.addresses = Addresses(node.spec.podCIDR)
            self._take(self._number(node))
        agent.node = node
        agent.address = next((one.address for one in node.status.addresses if one.type == "InternalIP"), "")
        if not agent.live:
            return
        self._hold_lease(node)
        if not nodes.is_ready(node):
            self._api.clock.after(nodes.BEAT, self._report_again, agent.name)
        self._on_live(agent)

    def _report_again(self, name: str) -> None:
        """Set right what somebody else said of a node whose kubelet runs."""
        agent, node = self.agent(name), self._api.find(NODES, name)
        if node is not None and agent.live and agent.shutting is None and not nodes.is_ready(node):
            self._report_healthy(agent, node)

    def _adopt(self, node: Node) -> Node:
        """Register a node that somebody made by hand, as its kubelet would."""
        number = self._free[0] if self._free else self._taken
        wanted = nodes.registered(node, node.spec.podCIDR or self._cidr(number))
        node = self._api.update(NODES, wanted, actor=ACTOR, previous=self._api.find(NODES, node.metadata.name))
        status = self._report(node, number)
        node = self._api.update_status(NODES, replace(node, status=status), actor=ACTOR, previous=node)
        self._start_up(node)
        return node

    def _report_healthy(self, agent: Agent, node: Node) -> Node:
        status = nodes.reported(node, agent.address, self._api.seed, self._api.clock.timestamp())
        agent.node = self._api.update_status(NODES, replace(node, status=status), actor=ACTOR, previous=node)
        return agent.node

    def _report(self, node: Node, number: int) -> NodeStatus:
        return nodes.reported(node, nodes.internal_ip(number), self._api.seed, self._api.clock.timestamp())

    def _start_up(self, node: Node) -> None:
        self._hold_lease(node)
        self._tell(node, nodes.STARTED_EVENTS)

    def _tell(self, node: Node, events: tuple[tuple[str, str], ...]) -> None:
        name = node.metadata.name
        for reason, message in events:
            words = message.format(name=name)
            self._api.events.record(_ABOUT, node, "Normal", reason, words, component=ACTOR, host=name)

    def _lease(self, node: Node) -> Lease | None:
        """The Lease of this very Node; one that an earlier Node of its name has left says nothing of it."""
        found = self._api.find(LEASES, key_of(nodes.LEASE_NAMESPACE, node.metadata.name))
        foreign = found is not None and any(owner.uid != node.metadata.uid for owner in found.metadata.ownerReferences)
        return None if foreign else found

    def _hold_lease(self, node: Node) -> None:
        """Make the Lease of a node whose kubelet runs, or take over what is left of an earlier one's."""
        if self._lease(node) is not None:
            return
        made, left = nodes.lease(node), self._api.find(LEASES, key_of(nodes.LEASE_NAMESPACE, node.metadata.name))
        if left is None:
            self._api.create(LEASES, made, actor=ACTOR)
            return
        owned = replace(left.metadata, ownerReferences=made.metadata.ownerReferences)
        self._api.update(LEASES, replace(made, metadata=owned), actor=ACTOR, previous=left)

    def _renew(self, agent: Agent, time: str = "") -> None:
        lease = self._api.find(LEASES, key_of(nodes.LEASE_NAMESPACE, agent.name))
        if lease is None:
            if agent.node is None:
                return
            lease = self._api.create(LEASES, nodes.lease(agent.node), actor=ACTOR)
        new = replace(lease, spec=replace(lease.spec, renewTime=time))
        self._api.update(LEASES, new, actor=ACTOR, previous=lease)

    # Ranges of pod addresses, the lowest free one first

    def _cidr(self, number: int) -> str:
        if number >= self._ranges:
            return ""
        return f"{IPv4Address(self._first + (number << (32 - NODE_BITS)))}/{NODE_BITS}"

    def _number(self, node: Node) -> int:
        start = int(IPv4Network(node.spec.podCIDR).network_address)
        return (start - self._first) >> (32 - NODE_BITS)

    def _take(self, number: int) -> None:
        if number in self._free:
            self._free.remove(number)
            heapify(self._free)
        for skipped in range(self._taken, number):
            heappush(self._free, skipped)
        self._taken = max(self._taken, number + 1)
