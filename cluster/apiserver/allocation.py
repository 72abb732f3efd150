"""The API server's pools: which cluster address and which node ports each Service has.

It stands between defaulting and validation of a Service. What is taken is read off the Services'
log, up to the present, before every answer; so an answer reserves nothing, a write does, and a
refused or dry-run write needs no undoing. Invariant: no two Services stored hold one address or one
node port (the protocol makes no difference between Services, as in Kubernetes).
"""

from ipaddress import ip_address, ip_network

from msgspec.structs import replace

from cluster import ids
from cluster.api.cluster import Cluster
from cluster.api.core import Service, ServicePort, ServiceSpec
from cluster.api.errors import Expired, InternalError, Invalid
from cluster.api.kinds import SERVICES, key
from cluster.api.meta import StatusCause
from cluster.apiserver.service_fields import (
    NONE,
    invalid,
    needs_cluster_ip,
    needs_health_check_port,
    needs_node_port,
    quoted,
    settled,
    with_families,
)
from cluster.store import Store

TAKEN = "provided {what} is already allocated"


class Pool:
    """Numbers `first` to `last`, each held by one Service's key or free.

    The lowest `band` numbers are given only to who asks for them, or when all others are taken.
    """

    __slots__ = ("band", "first", "holders", "last")

    def __init__(self, first: int, last: int, band: int) -> None:
        self.first, self.last, self.band = first, last, band
        self.holders: dict[int, str] = {}

    def free(self, start: int, avoid: set[int]) -> int | None:
        """The first number free at or after the place that `start` points to, going round; None if full."""
        size = self.last - self.first + 1
        upper = size - self.band
        for offset in range(size):
            step = self.band + (start + offset) % upper if offset < upper else offset - upper
            number = self.first + step
            if number not in self.holders and number not in avoid:
                return number
        return None


class Allocator:
    """Gives Services their addresses and node ports (the service registry's allocators)."""

    def __init__(self, store: Store, seed: int, config: Cluster) -> None:
        self._table, self._seed = store.table(SERVICES), seed
        self._range = ip_network(config.network.serviceClusterIPRange)
        self._family = f"IPv{self._range.version}"
        first, last = int(self._range.network_address), int(self._range.broadcast_address)
        self._addresses = Pool(first + 1, last - 1, min(max(16, self._range.num_addresses // 16), 256))
        low, _, high = config.network.serviceNodePortRange.partition("-")
        size = int(high) - int(low) + 1
        self._ports = Pool(int(low), int(high), min(max(16, size // 32), 128) if size > 32 else 0)
        self._port_range = config.network.serviceNodePortRange
        self._position = 0
        self._rebuild()

    def allocate(self, service: Service, old: Service | None = None) -> Service:
        """The service with families, addresses and node ports; `old` is the one it updates.

        Call it before validation: what is not plausible is left for that to refuse. Nothing is
        reserved until the service is written. Raises Invalid if what it asks for is taken, outside
        the range or of a family the cluster has not; InternalError if a pool is exhausted.
        """
        self._catch_up()
        service = settled(service, old)
        if needs_cluster_ip(service.spec):
            if not _plausible(service.spec):
                return service
            service = with_families(service, old, self._family)
            if old is None or not needs_cluster_ip(old.spec):
                service = self._with_addresses(service)
        if needs_node_port(service.spec):
            service = self._with_ports(service, old)
        if needs_health_check_port(service.spec):
            service = self._with_health_check_port(service, old)
        return service

    def _rebuild(self) -> None:
        self._addresses.holders.clear()
        self._ports.holders.clear()
        for name, service in self._table.items():
            self._hold(name, service)
        self._position = self._table.end

    def _catch_up(self) -> None:
        try:
            entries = self._table.read(self._position, self._table.end - self._position)
        except Expired:
            self._rebuild()
            return
        for entry in entries:
            if entry.previous is not None:
                self._let_go(entry.key, entry.previous)
            if entry.object is not None:
                self._hold(entry.key, entry.object)
        self._position += len(entries)

    def _hold(self, name: str, service: Service) -> None:
        for address in _held_addresses(service.spec):
            self._addresses.holders[address] = name
        for port in _held_ports(service.spec):
            self._ports.holders[port] = name

    def _let_go(self, name: str, service: Service) -> None:
        for pool, numbers in (
            (self._addresses, _held_addresses(service.spec)),
            (self._ports, _held_ports(service.spec)),
        ):
            for number in numbers:
                if pool.holders.get(number) == name:
                    del pool.holders[number]

    def _with_addresses(self, service: Service) -> Service:
        spec, name = service.spec, key(service)
        if spec.clusterIP == NONE:
            return service
        if not spec.clusterIP:
            number = self._addresses.free(ids.number(self._seed, "cluster-ip", name), set())
            if number is None:
                raise InternalError("Internal error occurred: failed to allocate a serviceIP: range is full")
            address = str(ip_address(number))
            return replace(service, spec=replace(spec, clusterIP=address, clusterIPs=(address,)))
        words = self._address_refused(spec.clusterIP)
        if words:
            text = f"failed to allocate IP {spec.clusterIP}: {words}"
            raise _refused(service, invalid("spec.clusterIPs", quoted(spec.clusterIPs), text))
        return service

    def _address_refused(self, text: str) -> str:
        address = ip_address(text)
        if address not in self._range:
            return "the provided network does not match the current range"
        if not self._addresses.first <= int(address) <= self._addresses.last:
            return f"the provided IP ({text}) is not in the valid range. The range of valid IPs is {self._range}"
        return TAKEN.format(what="IP") if int(address) in self._addresses.holders else ""

    def _with_ports(self, service: Service, old: Service | None) -> Service:
        """Ports of one number (TCP and UDP) share a node port unless they ask for different ones."""
        spec, name = service.spec, key(service)
        wanted = {port.port: port.nodePort for port in reversed(spec.ports) if port.nodePort}
        given = {port.nodePort for port in spec.ports if port.nodePort}
        ports: list[ServicePort] = []
        for index, port in enumerate(spec.ports):
            if not port.nodePort:
                if spec.type == "LoadBalancer" and spec.allocateLoadBalancerNodePorts is False:
                    ports.append(port)
                    continue
                number = wanted.get(port.port) or self._free_port(name, f"{port.port}", given, "nodePort")
                wanted[port.port] = number
                given.add(number)
                port = replace(port, nodePort=number)  # noqa: PLW2901 - the port as it will be
            elif words := self._port_refused(port.nodePort, old):
                raise _refused(service, invalid(f"spec.ports[{index}].nodePort", str(port.nodePort), words))
            ports.append(port)
        return replace(service, spec=replace(spec, ports=tuple(ports)))

    def _with_health_check_port(self, service: Service, old: Service | None) -> Service:
        spec, name = service.spec, key(service)
        asked = spec.healthCheckNodePort
        if not asked:
            number = self._free_port(name, "health-check", set(_held_ports(spec)), "HealthCheck NodePort")
            return replace(service, spec=replace(spec, healthCheckNodePort=number))
        if words := self._port_refused(asked, old):
            text = f"failed to allocate requested HealthCheck NodePort {asked}: {words}"
            raise InternalError(f"Internal error occurred: {text}")
        return service

    def _free_port(self, name: str, what: str, avoid: set[int], label: str) -> int:
        number = self._ports.free(ids.number(self._seed, "node-port", name, what), avoid)
        if number is None:
            raise InternalError(f"Internal error occurred: failed to allocate a {label}: range is full")
        return number

    def _port_refused(self, port: int, old: Service | None) -> str:
        if not self._ports.first <= port <= self._ports.last:
            return f"provided port is not in the valid range. The range of valid ports is {self._port_range}"
        kept = old is not None and port in _held_ports(old.spec)
        return TAKEN.format(what="port") if port in self._ports.holders and not kept else ""


def _refused(service: Service, cause: StatusCause) -> Invalid:
    return Invalid.of("Service", service.metadata.name, (cause,))


def _plausible(spec: ServiceSpec) -> bool:
    """Whether the addresses given make sense by themselves, so that a pool can be asked."""
    addresses = spec.clusterIPs
    if addresses[:1] != ((spec.clusterIP,) if spec.clusterIP else ()):
        return False
    if NONE in addresses:
        return len(addresses) == 1 and not needs_node_port(spec)
    return len({_family(address) for address in addresses} - {""}) == len(addresses)


def _family(address: str) -> str:
    try:
        return f"IPv{ip_address(address).version}"
    except ValueError:
        return ""


def _held_addresses(spec: ServiceSpec) -> list[int]:
    return [int(ip_address(address)) for address in spec.clusterIPs if address != NONE]


def _held_ports(spec: ServiceSpec) -> list[int]:
    ports = [port.nodePort for port in spec.ports if port.nodePort]
    return [*ports, spec.healthCheckNodePort] if spec.healthCheckNodePort else ports
