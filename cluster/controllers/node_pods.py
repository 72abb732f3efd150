"""Which pods are on which node: an index that the controllers for nodes share.

Asked for by `reconcile.shared`. Mirrors the pod informer's index by `spec.nodeName`. Invariant: it
equals a scan of the pods for that field, as far as its reader has come.
"""

from collections.abc import Iterable, Iterator

from cluster.api.core import Pod
from cluster.api.kinds import PODS
from cluster.clock import Clock
from cluster.reconcile import Reader
from cluster.store import Store
from cluster.table import SPEC


class NodePods:
    """The keys of the pods bound to each node, in the order they were bound."""

    __slots__ = ("_nodes",)

    def __init__(self, store: Store, clock: Clock) -> None:
        self._nodes: dict[str, dict[str, None]] = {}
        Reader(store, clock, PODS, self._on_pod, parts=SPEC)

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        before = "" if old is None else old.spec.nodeName
        after = "" if new is None else new.spec.nodeName
        if before == after:
            return
        if before:
            found = self._nodes[before]
            del found[key]
            if not found:
                del self._nodes[before]
        if after:
            found = self._nodes.get(after)  # type: ignore[assignment]
            if found is None:
                self._nodes[after] = {key: None}
            else:
                found[key] = None

    def on(self, node: str) -> Iterable[str]:
        """The keys of the pods on a node."""
        return self._nodes.get(node, {})

    def __contains__(self, node: str) -> bool:
        return node in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)
