"""The Services and their endpoints as they are and were, by key, address and node port.

Kept from the changes of Services and EndpointSlices since somebody first asked. Mirrors kube-proxy's service and
endpoint maps. Invariant: what is known of a time is what the API server held then, a reader's delay aside.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from cluster.api.core import Service
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import ENDPOINT_SLICES, SERVICES
from cluster.clock import Clock
from cluster.proxy.policy import Backend
from cluster.proxy.timeline import ALWAYS, Timeline
from cluster.reconcile import Reader
from cluster.store import Store

SERVICE_NAME = "kubernetes.io/service-name"
Slices = tuple[EndpointSlice, ...]


class Known(Struct):
    """One Service in time, and its slices."""

    service: Timeline[Service | None] = field(default_factory=Timeline)
    slices: Timeline[Slices] = field(default_factory=Timeline)
    now: dict[str, EndpointSlice] = field(default_factory=dict)


class ServiceIndex:
    """Every Service that there is, or was since the index was made."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock, self._since = clock, ALWAYS
        self._known: dict[str, Known] = {}
        self._by_address: dict[str, dict[str, None]] = {}
        self._by_node_port: dict[int, dict[str, None]] = {}
        self._followers: list[Callable[[str], None]] = []
        Reader(store, clock, SERVICES, self._on_service)
        Reader(store, clock, ENDPOINT_SLICES, self._on_slice)
        self._since = 0

    def follow(self, wake: Callable[[str], None]) -> None:
        """Call `wake` with the key of each Service that changes, and with each address that it has."""
        self._followers.append(wake)

    def get(self, key: str, time: int) -> Service | None:
        """A Service as it was."""
        known = self._known.get(key)
        return None if known is None else known.service.at(time)

    def slices(self, key: str, time: int) -> Slices:
        """A Service's slices as they were."""
        known = self._known.get(key)
        return (known.slices.at(time) or ()) if known is not None else ()

    def in_namespace(self, namespace: str) -> Iterator[str]:
        """The keys of the Services of a namespace, those that have gone included."""
        head = f"{namespace}/"
        return (key for key in self._known if key.startswith(head))

    def backends(self, key: str, port: str, time: int) -> list[Backend]:
        """The endpoints behind a Service's port, with its numbers, each address once."""
        found: dict[tuple[str, int], Backend] = {}
        for each in self.slices(key, time):
            number = next((one.port for one in each.ports if (one.name or "") == port), None)
            for endpoint in each.endpoints if number is not None else ():
                if number is not None and endpoint.addresses:
                    found.setdefault((endpoint.addresses[0], number), Backend(endpoint, number))
        return list(found.values())

    def at_address(self, address: str, time: int) -> Iterator[Service]:
        """The Services that have an address at a time."""
        for key in self._by_address.get(address, ()):
            service = self.get(key, time)
            if service is not None and address in addresses(service):
                yield service

    def at_node_port(self, port: int, time: int) -> Iterator[Service]:
        """The Services that have a node port at a time."""
        for key in self._by_node_port.get(port, ()):
            service = self.get(key, time)
            if service is not None and any(each.nodePort == port for each in service.spec.ports):
                yield service

    def _on_service(self, key: str, _: Service | None, new: Service | None) -> None:
        self._of(key).service.note(self._time, new)
        if new is not None:
            for address in addresses(new):
                self._by_address.setdefault(address, {})[key] = None
                self._tell(address)
            for port in new.spec.ports:
                if port.nodePort:
                    self._by_node_port.setdefault(port.nodePort, {})[key] = None
        self._tell(key)

    def _on_slice(self, key: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        before, after = _service_of(old), _service_of(new)
        if before and before != after:
            self._of(before).now.pop(key, None)
            self._note_slices(before)
        if new is not None and after:
            self._of(after).now[key] = new
            self._note_slices(after)

    def _note_slices(self, service: str) -> None:
        known = self._of(service)
        known.slices.note(self._time, tuple(known.now.values()))
        self._tell(service)

    def _of(self, key: str) -> Known:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Known()
        return found

    @property
    def _time(self) -> int:
        """What was there when the index was made was always there."""
        return ALWAYS if self._since == ALWAYS else self._clock.now

    def _tell(self, key: str) -> None:
        for wake in self._followers:
            wake(key)


def addresses(service: Service) -> tuple[str, ...]:
    """The addresses on which nodes take connections for a Service, its own first."""
    return (*own_addresses(service), *external_addresses(service))


def own_addresses(service: Service) -> tuple[str, ...]:
    """The Service's addresses in the cluster; a headless one has none."""
    spec = service.spec
    return tuple(each for each in spec.clusterIPs or (spec.clusterIP,) if each not in ("", "None"))


def external_addresses(service: Service) -> tuple[str, ...]:
    """The addresses for clients outside: those given, and those of its load balancer that are not a proxy's."""
    balanced = (each.ip for each in service.status.loadBalancer.ingress if each.ip and each.ipMode != "Proxy")
    return (*service.spec.externalIPs, *balanced)


def _service_of(found: EndpointSlice | None) -> str:
    name = "" if found is None else found.metadata.labels.get(SERVICE_NAME, "")
    return f"{found.metadata.namespace}/{name}" if found is not None and name else ""
