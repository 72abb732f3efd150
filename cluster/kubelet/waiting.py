"""Containers whose process waits for a Service: they are looked at again when it changes.

Between the network and the timers of the kubelet's desk. Invariant: nobody is asked about again while what it waits for
stays as it is, so a container that waits in vain costs nothing.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from cluster.clock import Clock
from cluster.network import network_of
from cluster.store import Store

T = TypeVar("T")
GATHERED = 100
"""How long changes of a Service are gathered before who waits for it is looked at (ms)."""


class Waiting(Generic[T]):
    """Who waits for which Services; `wake` is called with each of them once one of its Services has changed."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[T], None]) -> None:
        self._store, self._clock, self._wake = store, clock, wake
        self._waiters: dict[str, dict[T, None]] = {}
        self._follows = False

    def note(self, services: Iterable[str], who: T) -> None:
        """Let somebody wait for a change of one of the Services, by their keys."""
        if not self._follows:
            network = network_of(self._store)
            self._follows = network is not None
            if network is not None:
                network.follow(self._changed)
        for service in services:
            self._waiters.setdefault(service, {})[who] = None

    def _changed(self, service: str) -> None:
        for who in self._waiters.pop(service, ()):
            self._clock.after(GATHERED, self._wake, who)
