"""Which pods are on which node: an index that the controllers for nodes keep from pods' changes.

Invariant: it equals a scan of the pods for `spec.nodeName`.
"""

from collections.abc import Iterable, Iterator

from cluster.api.core import Pod


class NodePods:
    """The keys of the pods bound to each node, in the order they were bound."""

    __slots__ = ("_nodes",)

    def __init__(self) -> None:
        self._nodes: dict[str, dict[str, None]] = {}

    def move(self, key: str, old: Pod | None, new: Pod | None) -> bool:
        """Follow a pod's change; whether it came to a node, left one, or moved."""
        before = "" if old is None else old.spec.nodeName
        after = "" if new is None else new.spec.nodeName
        if before == after:
            return False
        if before:
            found = self._nodes[before]
            del found[key]
            if not found:
                del self._nodes[before]
        if after:
            self._nodes.setdefault(after, {})[key] = None
        return True

    def on(self, node: str) -> Iterable[str]:
        """The keys of the pods on a node."""
        return self._nodes.get(node, {})

    def __contains__(self, node: str) -> bool:
        return node in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)
