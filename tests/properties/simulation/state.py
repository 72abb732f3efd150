"""The cluster as the log has built it up to a revision: what the rules ask about the present."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import Namespace, Node, Pod
from cluster.api.kinds import Kind
from cluster.controllers.ownership import controller_of
from cluster.controllers.pod_states import is_active
from cluster.table import Entry

NEAR = 20
"""How many revisions the views of two kinds may be apart: each is read for itself."""


class State:
    """Every object by kind and key, with the pods of each owner and node at hand."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self._pods_of: dict[str, dict[str, Pod]] = {}
        self._pods_on: dict[str, dict[str, Pod]] = {}

    def of(self, kind: Kind[Any]) -> dict[str, Any]:
        """The objects of a kind by key."""
        return self.objects.setdefault(kind.qualified, {})

    def apply(self, name: str, entry: Entry[Any]) -> None:
        """Take a write over."""
        table = self.objects.setdefault(name, {})
        if entry.object is None:
            table.pop(entry.key, None)
        else:
            table[entry.key] = entry.object
        if name == kinds.PODS.qualified:
            self._place(entry)

    def _place(self, entry: Entry[Pod]) -> None:
        for groups, name in self._groups(entry.previous):
            groups.get(name, {}).pop(entry.key, None)
        for groups, name in self._groups(entry.object):
            groups.setdefault(name, {})[entry.key] = entry.object  # type: ignore[assignment]  # it has groups, so it is

    def _groups(self, pod: Pod | None) -> Iterator[tuple[dict[str, dict[str, Pod]], str]]:
        if pod is not None:
            controller = controller_of(pod)
            if controller is not None:
                yield self._pods_of, controller.uid
            if pod.spec.nodeName:
                yield self._pods_on, pod.spec.nodeName

    def pods_of(self, uid: str) -> list[Pod]:
        """The pods that an owner controls."""
        return list(self._pods_of.get(uid, {}).values())

    def active_of(self, uid: str) -> int:
        """How many replicas an owner has."""
        return sum(map(is_active, self.pods_of(uid)))

    def pods_on(self, node: str) -> list[Pod]:
        """The pods that hold something of a node."""
        return [pod for pod in self._pods_on.get(node, {}).values() if pod.status.phase not in ("Succeeded", "Failed")]

    def node(self, name: str) -> Node | None:
        """A node."""
        found: Node | None = self.of(kinds.NODES).get(name)
        return found

    def namespace(self, name: str) -> Namespace | None:
        """A namespace."""
        found: Namespace | None = self.of(kinds.NAMESPACES).get(name)
        return found
