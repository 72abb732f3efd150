"""The nodes by address, on whose rules a connection to a node port meets its Service, and when they were down.

Kept from the changes of nodes and their Leases since somebody first asked. Invariant: an address is known while its
node is; a node is down while its Lease keeps the time of the last heartbeat.
"""

from collections.abc import Iterator

from cluster.api.coordination import Lease
from cluster.api.core import Node
from cluster.api.kinds import LEASES, NODES
from cluster.clock import Clock
from cluster.proxy.policy import Place
from cluster.proxy.timeline import ALWAYS, Timeline
from cluster.reconcile import Reader
from cluster.store import Store

LEASE_NAMESPACE = "kube-node-lease"
ZONE = "topology.kubernetes.io/zone"


class NodeIndex:
    """Every node that there is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._nodes = store.table(NODES)
        self._clock, self._begun = clock, False
        self._by_address: dict[str, str] = {}
        self._down: dict[str, Timeline[bool]] = {}
        Reader(store, clock, NODES, self._on_node)
        Reader(store, clock, LEASES, self._on_lease)
        self._begun = True

    def at(self, address: str) -> str:
        """The name of the node that has an address, or nothing."""
        return self._by_address.get(address, "")

    def place(self, name: str) -> Place:
        """A node with its zone."""
        node = self._nodes.get(name)
        return Place(name, "" if node is None else node.metadata.labels.get(ZONE, ""))

    def is_down(self, name: str, time: int) -> bool:
        """Whether nobody reaches a node, nor what runs there."""
        known = self._down.get(name)
        return known is not None and known.at(time) is True

    def _on_lease(self, key: str, _: Lease | None, new: Lease | None) -> None:
        namespace, __, name = key.partition("/")
        down = new is not None and bool(new.spec.renewTime)
        if namespace == LEASE_NAMESPACE and (down or name in self._down):
            time = self._clock.now if self._begun else ALWAYS
            self._down.setdefault(name, Timeline()).note(time, down)

    def _on_node(self, name: str, old: Node | None, new: Node | None) -> None:
        if old is not None and new is not None and old.status.addresses == new.status.addresses:
            return
        for address in _addresses(old):
            if self._by_address.get(address) == name:
                del self._by_address[address]
        for address in _addresses(new):
            self._by_address[address] = name


def _addresses(node: Node | None) -> Iterator[str]:
    for each in node.status.addresses if node is not None else ():
        if each.type in ("InternalIP", "ExternalIP"):
            yield each.address
