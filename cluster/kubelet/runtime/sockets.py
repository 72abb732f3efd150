"""What a process has of the network: names it can look up, and servers it can reach.

Between the programs of a container and the cluster's network, which the engine puts into the store. Mirrors a C
library's resolver (hosts file, search list, ndots) and connect(2). Invariant: a process that is run again asks the same
at the same times, so it is answered the same.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import answering, name_files
from cluster.kubelet.runtime.programs import STDOUT, Run
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
    Wait,
    network_of,
)
from cluster.store import Store

NDOTS = 1
NOT_THERE, SOMEBODY = "not there", "somebody"
_COMMON = (SOMEBODY, *(failure.value for failure in Failure))
SECURE_PORT = 6443
SLACK = 10
"""What a process asks within so many ms from now is answered as it will be."""
REPEATED = 25
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
        self.waits: set[Wait] = set()
        """What it found that decides how it goes on from now."""
        self._sessions: Sessions = {}
        self._number = self._counted = 0
        self._seen: Counter[tuple[Wait, int]] = Counter()

    @property
    def image(self) -> str:
        """The image of the container that the process runs in."""
        return "" if self._place is None else self._place.container.image

    def addresses(self, run: Run, name: str) -> list[str]:
        """The IPv4 addresses of a name, as getaddrinfo(3) finds them."""
        if _is_address(name):
            return [name]
        known = host_of(run.files.read("/etc/hosts") or b"", name)
        if known:
            return [known]
        resolver = resolver_of(run.files.read("/etc/resolv.conf") or b"")
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
        if self._unsure(run, time):
            self._wait(run, Wait(answer.about, self._client(place), kind, name, 0, looked_up(answer)))
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
        call = Call(self._client(place), address, port, time, protocol, self._number)
        found_server = connected(network, call, self._sessions)
        if self._unsure(run, time):
            told = reached(found_server, named=not isinstance(run.targets[STDOUT], int))
            self._wait(run, Wait(network.service_at(call) or address, call.client, protocol, address, port, told))
        return found_server

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

    @staticmethod
    def _client(place: Link) -> Client:
        return Client(place.pod.status.podIP, place.pod.spec.nodeName)

    def _unsure(self, run: Run, time: int) -> bool:
        """Whether what was just asked may be answered otherwise by the time that it is asked at."""
        place = self._place
        if place is None or not place.past:
            return False
        if time <= place.network.now + SLACK:
            if run.elapsed > self._counted:
                run.start_count()  # this has happened: it tells nothing of an end
                self._counted = run.elapsed
            return False
        return True

    def _wait(self, run: Run, wait: Wait) -> None:
        """Note what the run depends on. Unending if it goes on so for ever as long as nothing changes."""
        if wait.service:
            self.waits.add(wait)
        state = hash((frozenset(run.environment.items()), run.files.state()))
        self._seen[wait, state] += 1
        if self._seen[wait, state] > REPEATED:
            raise Unending


def connected(network: Network, call: Call, sessions: Sessions) -> Server | Failure:
    """Who takes a connection, if anybody does."""
    found = network.connect(call, sessions)
    if isinstance(found, Reached) and found.address != call.address:
        # What a Service leads to need not be there either.
        behind = network.connect(replace(call, address=found.address, port=found.port), {})
        found = behind if isinstance(behind, Failure) else found
    return found if isinstance(found, Failure) else _server(network, found, call.time)


def holds(network: Network, wait: Wait) -> bool:
    """Whether a process that asks again now finds what it found."""
    return found_now(network, wait) == wait.found


def found_now(network: Network, wait: Wait) -> str:
    """What a process finds that asks again now."""
    if not wait.port:
        return looked_up(network.lookup(wait.target, wait.kind, network.now))
    call = Call(wait.client, wait.target, wait.port, network.now, wait.kind)
    return reached(connected(network, call, {}), named=wait.found not in _COMMON)


def looked_up(answer: Answer) -> str:
    """What a DNS answer means to who asked."""
    return " ".join(sorted(record.data for record in answer.records)) if answer.exists else NOT_THERE


def reached(server: Server | Failure, *, named: bool) -> str:
    """What a connection means to who asked: whether there is one, and to whom, if it reads what comes."""
    if isinstance(server, Failure):
        return server.value
    return f"{server.address}:{server.port}" if named else SOMEBODY


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


def resolver_of(text: bytes) -> Resolver:
    """What the container's resolv.conf says."""
    return _resolver(text)


@lru_cache(maxsize=256)
def _resolver(text: bytes) -> Resolver:
    servers, searches, ndots = list[str](), list[str](), NDOTS
    for line in text.decode("utf-8", "replace").splitlines():
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


def host_of(text: bytes, name: str) -> str:
    """The address that the container's hosts file has for a name, or nothing."""
    return _hosts(text).get(name, "")


@lru_cache(maxsize=256)
def _hosts(text: bytes) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        words = line.partition("#")[0].split()
        for name in words[1:] if words and ":" not in words[0] else ():
            found.setdefault(name, words[0])
    return found
