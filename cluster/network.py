"""What is asked of the cluster's network, and what it answers: the words that both sides share.

Between those who open connections (programs in containers, the API server's proxies) and `cluster.proxy`, which knows
where they go. Invariant: an answer is a function of the question, its time and the cluster's seed.
"""

from collections.abc import Callable
from enum import Enum
from typing import Protocol, cast

from msgspec import Struct

from cluster.api.core import Pod
from cluster.store import Store

TCP, UDP = "TCP", "UDP"
CONTROL_PLANE = "172.18.0.2"
"""Where the API server listens."""
NODE_RESOLVER = "172.18.0.1"
"""The DNS server that the nodes use: it knows no name of the cluster."""


class Client(Struct, frozen=True, gc=False):
    """Who asks: its address, and the node whose rules its packets meet first; none outside of the cluster."""

    address: str
    node: str = ""


class Call(Struct, frozen=True, gc=False):
    """A connection somebody wants, at a time (virtual ms); `number` tells apart what one client asks at one time."""

    client: Client
    address: str
    port: int
    time: int
    protocol: str = TCP
    number: int = 0


class Reached(Struct, frozen=True, gc=False):
    """Where a connection goes in the end: an address and a port behind all Services. Whether somebody listens is open."""

    address: str
    port: int


class Failure(Enum):
    """Why a connection goes nowhere, in the C library's words."""

    REFUSED = "Connection refused"
    DROPPED = "Connection timed out"
    UNREACHABLE = "No route to host"


class Record(Struct, frozen=True, gc=False):
    """One line of a DNS answer: `data` is an address, a name, or for SRV `PRIORITY WEIGHT PORT NAME`."""

    name: str
    kind: str
    data: str


class Answer(Struct, frozen=True):
    """What a DNS server says: records, or that the name is not there; `about` is the Service that it would name."""

    records: tuple[Record, ...] = ()
    exists: bool = False
    about: str = ""


class Wait(Struct, frozen=True, gc=False):
    """What a process found when it asked about a Service, and how it goes on as long as that stays so.

    It asked for a name (`kind` is that of the record) or for a connection (`kind` is the protocol); `service` is the
    address where there is no Service. `found` tells answers apart as far as they matter to it.
    """

    service: str
    client: Client
    kind: str
    target: str
    port: int
    found: str


Sessions = dict[tuple[str, str, str], tuple[Reached, int]]
"""Whom a Service's port sent a client to, and when last: what session affinity remembers for one caller."""


class Network(Protocol):
    """The cluster's network as a client meets it. Whoever asks keeps its `Sessions`, so that asking changes nothing."""

    @property
    def now(self) -> int:
        """The present (virtual ms): what is asked of later times is answered as if nothing changed until then."""

    def begin(self) -> None:
        """Keep what changes from now on, so that it can be asked about later."""

    def moment(self, date: str) -> int:
        """The virtual time of a date (RFC 3339)."""

    def date(self, time: int) -> str:
        """The date (RFC 3339) of a virtual time."""

    def connect(self, call: Call, sessions: Sessions) -> Reached | Failure:
        """Where a connection goes."""

    def service_at(self, call: Call) -> str:
        """The key of the Service that a call is for, if it is for one."""

    def endpoints(self, service: str, port: str) -> list[Reached]:
        """Where a Service's port (by its name) leads now: to every ready endpoint."""

    def lookup(self, name: str, kind: str, time: int) -> Answer:
        """What the cluster's DNS knows of a full name."""

    def pods_at(self, address: str, time: int) -> list[Pod]:
        """The pods that have, or had, an address, the newest last: several share that of their node."""

    def follow(self, wake: Callable[[str], None]) -> None:
        """From now on call `wake` with the key of each Service that changed, or whose endpoints did; and its addresses."""


def network_of(store: Store) -> Network | None:
    """The network of the cluster that has this store; the engine puts it there."""
    return cast("Network | None", store.derived.get(Network))
