"""The nodes by address: on whose rules a connection to a node port meets its Service.

Kept from the changes of nodes since somebody first asked. Invariant: an address is known while its node is.
"""

from collections.abc import Iterator

from cluster.api.core import Node
from cluster.api.kinds import NODES
from cluster.clock import Clock
from cluster.proxy.policy import Place
from cluster.reconcile import Reader
from cluster.store import Store

ZONE = "topology.kubernetes.io/zone"


class NodeIndex:
    """Every node that there is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._nodes = store.table(NODES)
        self._by_address: dict[str, str] = {}
        Reader(store, clock, NODES, self._on_node)

    def at(self, address: str) -> str:
        """The name of the node that has an address, or nothing."""
        return self._by_address.get(address, "")

    def place(self, name: str) -> Place:
        """A node with its zone."""
        node = self._nodes.get(name)
        return Place(name, "" if node is None else node.metadata.labels.get(ZONE, ""))

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
