"""What a process has of the network: names it can look up, and servers it can reach.

Between the programs of a container and the cluster's network, which the engine puts into the store. Mirrors a C
library's resolver (hosts file, search list, ndots) and connect(2). Invariant: a process that is run again asks the same
at the same times, so it is answered the same.
"""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import answering, name_files
from cluster.kubelet.runtime.programs import Run
from cluster.network import (
    CONTROL_PLANE,
    NODE_RESOLVER,
    TCP,
    Answer,
    Call,
    Client,
    Failure,
    Network,
    Reached,
    Sessions,
    network_of,
)
from cluster.store import Store

NDOTS = 1
SECURE_PORT = 6443
REPEATED = 100
"""So often a process asks the same in the same state of things until it is taken for one that goes on so for ever."""
_LOOPBACK = "127."


class Unending(Exception):
    """The process goes on asking until the network changes."""


class Link(Struct, frozen=True):
    """A container's place in the network: `past` if times are counted from its process's start, not from now."""

    network: Network
    store: Store
    pod: Pod
    container: Container
    past: bool = False


class Server(Struct, frozen=True):
    """Who takes a connection: a pod's container (None for the API server), and the address and port that it has."""

    pod: Pod | None
    container: Container | None
    address: str
    port: int


class Resolver(Struct, frozen=True):
    """What /etc/resolv.conf says."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    ndots: int = NDOTS

    def candidates(self, name: str) -> list[str]:
        """The full names to ask for, in this order."""
        if name.endswith("."):
            return [name.rstrip(".")]
        longer = [f"{name}.{domain}" for domain in self.searches]
        return [name, *longer] if name.count(".") >= self.ndots else [*longer, name]


def link(store: Store, pod: Pod, container: Container) -> Link | None:
    """The container's place in the network; None in a cluster that has none."""
    network = network_of(store)
    return None if network is None else Link(network, store, pod, container)


class Sockets:
    """The network for one run: whom it was sent to, and which Services it waits for."""

    def __init__(self, place: Link | None) -> None:
        self._place = place
        self.waits: set[str] = set()
        """The Services whose changes may change how the run goes on from now."""
        self._sessions: Sessions = {}
        self._number = 0
        self._seen: Counter[tuple[object, ...]] = Counter()

    @property
    def image(self) -> str:
        """The image of the container that the process runs in."""
        return "" if self._place is None else self._place.container.image

    def addresses(self, run: Run, name: str) -> list[str]:
        """The IPv4 addresses of a name, as getaddrinfo(3) finds them."""
        if _is_address(name):
            return [name]
        known = host_of(run.files.contents, name)
        if known:
            return [known]
        resolver = resolver_of(run.files.contents)
        for full in resolver.candidates(name):
            for server in resolver.servers:
                answer = self.query(run, server, full, "A")
                if answer is not None:
                    found = [record.data for record in answer.records if record.kind == "A"]
                    if found:
                        return found
                    break
        return []

    def query(self, run: Run, server: str, name: str, kind: str) -> Answer | None:
        """Ask a DNS server; None if there is none at this address."""
        place = self._place
        if server == NODE_RESOLVER:
            return Answer()
        if place is None or server != name_files.resolver(place.store):
            return None
        time = self._time(run)
        answer = place.network.lookup(name, kind, time)
        self._wait(run, answer.about, ("query", name, kind), time)
        return answer

    def dial(self, run: Run, address: str, port: int, protocol: str = TCP) -> Server | Failure:
        """Open a connection."""
        place = self._place
        if place is None:
            return Failure.UNREACHABLE
        time, pod, network = self._time(run), place.pod, place.network
        if address.startswith(_LOOPBACK) or address == pod.status.podIP:
            found = answering.server_at(pod, port, network.date(time), near=True)
            return Failure.REFUSED if found is None else Server(pod, found, address, port)
        self._number += 1
        call = Call(Client(pod.status.podIP, pod.spec.nodeName), address, port, time, protocol, self._number)
        self._wait(run, network.service_at(call), ("dial", address, port), time)
        reached = network.connect(call, self._sessions)
        if not isinstance(reached, Failure) and reached.address != address:
            # What a Service leads to need not be there either.
            behind = network.connect(Call(call.client, reached.address, reached.port, time, protocol), {})
            reached = behind if isinstance(behind, Failure) else reached
        return reached if isinstance(reached, Failure) else _server(network, reached, time)

    def stands(self, run: Run, address: str) -> bool:
        """Whether somebody has the address and would answer a ping: a pod or a node, but no Service."""
        place = self._place
        if place is None:
            return False
        time = self._time(run)
        call = Call(Client(place.pod.status.podIP, place.pod.spec.nodeName), address, 0, time)
        return address.startswith(_LOOPBACK) or isinstance(place.network.connect(call, {}), Reached)

    def _time(self, run: Run) -> int:
        """The virtual time that it is for the run."""
        place = self._place
        if place is None:
            return 0
        return (place.network.moment(run.date) if place.past else place.network.now) + run.elapsed

    def _wait(self, run: Run, service: str, question: tuple[object, ...], time: int) -> None:
        """Note what the answer depends on, if it may be another one by then. Unending if it never will change."""
        place = self._place
        if place is None or not place.past or time <= place.network.now:
            return
        if service:
            self.waits.add(service)
        state = hash((frozenset(run.environment.items()), frozenset(run.files.contents.items())))
        key = (*question, state)
        self._seen[key] += 1
        if self._seen[key] > REPEATED:
            raise Unending


def _server(network: Network, reached: Reached, time: int) -> Server | Failure:
    """Who listens where a connection goes."""
    if (reached.address, reached.port) == (CONTROL_PLANE, SECURE_PORT):
        return Server(None, None, reached.address, reached.port)
    for pod in reversed(network.pods_at(reached.address, time)):
        container = answering.server_at(pod, reached.port, network.date(time))
        if container is not None:
            return Server(pod, container, reached.address, reached.port)
    return Failure.REFUSED


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdecimal() and int(part) < 256 for part in parts)


def resolver_of(contents: Mapping[str, bytes]) -> Resolver:
    """What the container's resolv.conf says."""
    servers, searches, ndots = list[str](), list[str](), NDOTS
    for line in contents.get("/etc/resolv.conf", b"").decode("utf-8", "replace").splitlines():
        words = line.split()
        match words[:1]:
            case ["nameserver"]:
                servers += words[1:2]
            case ["search"]:
                searches = words[1:]
            case ["options"]:
                told = [word[6:] for word in words[1:] if word.startswith("ndots:")]
                ndots = int(told[-1]) if told and told[-1].isdecimal() else ndots
    return Resolver(tuple(servers), tuple(searches), ndots)


def host_of(contents: Mapping[str, bytes], name: str) -> str:
    """The address that the container's hosts file has for a name, or nothing."""
    for line in contents.get("/etc/hosts", b"").decode("utf-8", "replace").splitlines():
        words = line.partition("#")[0].split()
        if name in words[1:] and ":" not in words[0]:
            return words[0]
    return ""
