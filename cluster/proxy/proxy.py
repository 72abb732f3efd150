"""The proxy: where a connection goes, from the called address to the endpoint that is to answer.

Between those who call (`cluster.network`) and the indexes of this package, which are made when the first one does.
Mirrors kube-proxy in its iptables mode on every node. Invariant: asking writes nothing, and the same call with the same
`Sessions` gets the same answer.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from msgspec.structs import replace

from cluster import ids
from cluster.api.cluster import Cluster
from cluster.api.core import Pod, Service, ServicePort
from cluster.api.kinds import key
from cluster.apiserver import ApiServer
from cluster.network import CONTROL_PLANE, TCP, Answer, Call, Failure, Reached, Sessions
from cluster.proxy import balancing
from cluster.proxy.names import Names
from cluster.proxy.nodes import NodeIndex
from cluster.proxy.pods import PodIndex
from cluster.proxy.policy import Place, is_ready, usable
from cluster.proxy.services import ServiceIndex, own_addresses


class Proxy:
    """The cluster's network for whoever opens a connection in it (`cluster.network.Network`)."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self._api, self._seed = api, config.seed
        self._pod_range = IPv4Network(config.network.podCIDR)

    @cached_property
    def services(self) -> ServiceIndex:
        """The Services and their endpoints."""
        return ServiceIndex(self._api.store, self._api.clock)

    @cached_property
    def _pods(self) -> PodIndex:
        return PodIndex(self._api.store)

    @cached_property
    def _names(self) -> Names:
        return Names(self._api.store, self.services, self._pods)

    @cached_property
    def _nodes(self) -> NodeIndex:
        return NodeIndex(self._api.store, self._api.clock)

    def follow(self, wake: Callable[[str], None]) -> None:
        """From now on call `wake` with the key of each Service that changed, or whose endpoints did; and its addresses."""
        self.services.follow(wake)

    @property
    def now(self) -> int:
        """The present (virtual ms)."""
        return self._api.clock.now

    def begin(self) -> None:
        """Make the indexes, so that what changes from now on can be asked about later."""
        _ = (self.services, self._pods, self._nodes)

    def moment(self, date: str) -> int:
        """The virtual time of a date (RFC 3339)."""
        return self._api.clock.milliseconds(date)

    def date(self, time: int) -> str:
        """The date (RFC 3339) of a virtual time."""
        return self._api.clock.timestamp(time)

    def pods_at(self, address: str, time: int) -> list[Pod]:
        """The pods that have, or had, an address at a time, the newest last."""
        if time >= self.now:
            return self._pods.living(address)
        date = self.date(time)
        return [pod for pod in self._pods.at(address) if _was_there(pod, date)]

    def connect(self, call: Call, sessions: Sessions) -> Reached | Failure:
        """Where a connection goes: to an endpoint of the Service that has the address, or straight to the address."""
        found = self._called(call)
        if found is not None:
            service, port, node = found
            external = bool(node) or call.address not in own_addresses(service)
            if not external and not call.client.node:
                return Failure.DROPPED
            place = self._nodes.place(node or call.client.node)
            return self._through(service, port, call, sessions, place, external=external)
        if any(True for _ in self.services.at_address(call.address, call.time)) and not self._nodes.at(call.address):
            return Failure.DROPPED  # no rule for such a port
        return self._straight(call)

    def service_at(self, call: Call) -> str:
        """The key of the Service that a call is for, if it is for one."""
        found = self._called(call)
        return "" if found is None else key(found[0])

    def endpoints(self, service: str, port: str) -> list[Reached]:
        """Where a Service's port leads now: to every ready endpoint."""
        ready = (each for each in self.services.backends(service, port, self.now) if is_ready(each.endpoint))
        return [Reached(each.endpoint.addresses[0], each.port) for each in ready]

    def lookup(self, name: str, kind: str, time: int) -> Answer:
        """What the cluster's DNS knows of a full name: of several addresses each comes first in its turn."""
        answer = self._names.lookup(name, kind, time)
        records, count = answer.records, len(answer.records)
        if count < 2 or any(record.name != name for record in records):
            return answer
        first = ids.number(self._seed, "lookup", name, time) % count
        return replace(answer, records=(*records[first:], *records[:first]))

    def _called(self, call: Call) -> tuple[Service, ServicePort, str] | None:
        """The Service and port that have the called address, and the node if it is that of a node."""
        found = _with_port(self.services.at_address(call.address, call.time), call)
        if found is not None:
            return (*found, "")
        node = self._nodes.at(call.address)
        published = self._published(call) if node else None
        return None if published is None else (*published, node)

    def _published(self, call: Call) -> tuple[Service, ServicePort] | None:
        """The Service with the called node port."""
        for service in self.services.at_node_port(call.port, call.time):
            for port in service.spec.ports:
                if port.nodePort == call.port and (port.protocol or TCP) == call.protocol:
                    return service, port
        return None

    def _through(
        self, service: Service, port: ServicePort, call: Call, sessions: Sessions, place: Place, *, external: bool
    ) -> Reached | Failure:
        backends = self.services.backends(key(service), port.name, call.time)
        if external and not place.node:
            # A load balancer outside sends to a node that has somebody to answer.
            place = self._nodes.place(next((each.endpoint.nodeName for each in backends), ""))
        found = usable(service, backends, place, external=external, inside=bool(call.client.node))
        if isinstance(found, Failure):
            return found
        return balancing.pick(service, port.name, found, call, sessions, self._seed)

    def _straight(self, call: Call) -> Reached | Failure:
        """An address behind all Services: a node's, a pod's, or one that nobody has."""
        node = self._nodes.at(call.address)
        pods = [] if node else self.pods_at(call.address, call.time)
        if pods:
            node = pods[-1].spec.nodeName
        if node:
            away = node != call.client.node and self._nodes.is_down(node, call.time)
            return Failure.DROPPED if away else Reached(call.address, call.port)
        if call.address == CONTROL_PLANE:
            return Reached(call.address, call.port)
        return Failure.UNREACHABLE if _within(call.address, self._pod_range) else Failure.DROPPED


def _was_there(pod: Pod, date: str) -> bool:
    """Whether the pod existed, as far as it says itself."""
    meta = pod.metadata
    return meta.creationTimestamp <= date and (not meta.deletionTimestamp or date < meta.deletionTimestamp)


def _with_port(services: Iterable[Service], call: Call) -> tuple[Service, ServicePort] | None:
    """The Service that takes connections to the called port."""
    for service in services:
        for port in service.spec.ports:
            if port.port == call.port and (port.protocol or TCP) == call.protocol:
                return service, port
    return None


def _within(address: str, network: IPv4Network) -> bool:
    return ":" not in address and IPv4Address(address) in network
