"""Containers whose process waits for a Service: they are looked at again when it changes.

Between the network and the timers of the kubelet's desk. Invariant: nobody is asked about again while what it waits for
stays as it is, or becomes again what it was before, so a container that waits in vain costs nothing.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from cluster.clock import Clock
from cluster.kubelet.runtime.sockets import found_now
from cluster.network import Network, Wait, network_of
from cluster.store import Store

T = TypeVar("T")
GATHERED = 100
"""How long changes of a Service are gathered before who waits for it is looked at (ms)."""


class Waiting(Generic[T]):
    """Who waits for which Services.

    `wake` is called with each of them that finds what it has not found before; `lives` tells who still counts.
    """

    def __init__(self, store: Store, clock: Clock, wake: Callable[[T], None], lives: Callable[[T], bool]) -> None:
        self._store, self._clock, self._wake, self._lives = store, clock, wake, lives
        self._waiters: dict[str, dict[T, dict[Wait, set[str]]]] = {}
        """By Service and who waits: what was asked, and with which answers it goes on."""
        self._due: set[str] = set()
        self._network: Network | None = None

    def note(self, waits: Iterable[Wait], who: T) -> None:
        """Let somebody wait until something else is found than this."""
        if self._network is None:
            self._network = network_of(self._store)
            if self._network is not None:
                self._network.follow(self._changed)
        for wait in waits:
            asked = self._waiters.setdefault(wait.service, {}).setdefault(who, {})
            known = next((found for each, found in asked.items() if _same(each, wait)), None)
            if known is None:
                asked[wait] = {wait.found}
            else:
                known.add(wait.found)

    def _changed(self, service: str) -> None:
        if service in self._waiters and service not in self._due:
            self._due.add(service)
            self._clock.after(GATHERED, self._look, service)

    def _look(self, service: str) -> None:
        self._due.discard(service)
        network, waiters = self._network, self._waiters.get(service, {})
        for who in [who for who in waiters if not self._lives(who)]:
            del waiters[who]
        for who, asked in list(waiters.items()) if network is not None else ():
            if network is not None and any(found_now(network, wait) not in known for wait, known in asked.items()):
                self._wake(who)


def _same(one: Wait, other: Wait) -> bool:
    """Whether two processes asked the same, whatever they found."""
    return (one.client, one.kind, one.target, one.port) == (other.client, other.kind, other.target, other.port)
