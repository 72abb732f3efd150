"""One label chosen for all panes: which nodes, pods, Services and events have to do with it.

A pod or Service belongs if it carries the label, a Service also if it selects by it, a node if it
carries it or runs a pod that does, an event if it is about any such object. Invariant: membership
follows the pods as they come and go, at the cost of the pod that changed.
"""

from collections.abc import Callable

from cluster.api import labels
from cluster.api.core import Pod
from cluster.api.kinds import PODS, key_of
from ktui.client import Change
from ktui.model.layouts import EventRow, NodeRow, ServiceRow
from ktui.model.mirror import Mirror


class Scope:
    """The objects around one label selector; `on_node(name)` is told when a node's membership may have changed."""

    def __init__(self, mirror: Mirror, selector: str, on_node: Callable[[str], None]) -> None:
        self.text = selector
        self._selects = labels.parse(selector).matches
        self._mirror, self._on_node = mirror, on_node
        self._pods_on: dict[str, int] = {}
        self._ready = False
        mirror.list(PODS).subscribe(self._pod_changed)
        self._ready = True

    def close(self) -> None:
        """Follow the pods no more."""
        self._mirror.list(PODS).unsubscribe(self._pod_changed)

    def has_pod(self, _: str, pod: Pod) -> bool:
        """Whether a pod carries the label."""
        return self._selects(pod.metadata.labels)

    def has_node(self, key: str, row: NodeRow) -> bool:
        """Whether a node carries the label, or runs a pod that does."""
        return self._pods_on.get(key, 0) > 0 or self._selects(row.node.metadata.labels)

    def has_service(self, _: str, row: ServiceRow) -> bool:
        """Whether a Service carries the label, or selects by it."""
        return self._selects(row.service.metadata.labels) or self._selects(row.service.spec.selector)

    def has_event(self, _: str, row: EventRow) -> bool:
        """Whether an event is about an object that carries the label (and still exists)."""
        about = row.event.involvedObject
        kind = self._mirror.kinds.by_name(about.kind)
        found = (
            self._mirror.find(kind, key_of(about.namespace if kind.namespaced else "", about.name)) if kind else None
        )
        return found is not None and self._selects(found.metadata.labels)

    def _pod_changed(self, change: Change[Pod]) -> None:
        before, after = self._node(change.old), self._node(change.new)
        if before == after:
            return
        for node, step in ((before, -1), (after, 1)):
            if node:
                self._pods_on[node] = self._pods_on.get(node, 0) + step
                if self._ready:
                    self._on_node(node)

    def _node(self, pod: Pod | None) -> str:
        return pod.spec.nodeName if pod is not None and self._selects(pod.metadata.labels) else ""
