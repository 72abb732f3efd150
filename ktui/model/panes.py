"""The five panes of the main screen: what each of their tables holds.

Joins live lists and indexes into rows: a node with its requests, a Service with its endpoints.
Invariant: a table's rows are exactly its kind's objects (or labels), each as of the last change heard.
"""

from functools import partial
from typing import Any

from cluster.api.coordination import Lease
from cluster.api.core import Event, Node, Pod, Service
from cluster.api.kinds import ENDPOINT_SLICES, EVENTS, LEASES, NODES, PODS, SERVICES
from ktui.client import Change
from ktui.model import layouts
from ktui.model.endpoints import Endpoints
from ktui.model.labels import LabelIndex, LabelRow
from ktui.model.layouts import EventRow, NodeRow, ServiceRow
from ktui.model.mirror import UNLABELLED, Mirror
from ktui.model.scope import Scope
from ktui.model.table import TableModel
from ktui.model.usage import NodeUsage


class Panes:
    """Five tables over a mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.nodes: TableModel[NodeRow] = TableModel(layouts.nodes())
        self.pods: TableModel[Pod] = TableModel(layouts.pods())
        self.labels: TableModel[LabelRow] = TableModel(layouts.labels())
        self.services: TableModel[ServiceRow] = TableModel(layouts.services())
        self.events: TableModel[EventRow] = TableModel(layouts.events())
        self.scope: Scope | None = None
        self.endpoints = Endpoints(self.service_touched)
        self._usage = NodeUsage(self.node_touched)
        self._labels = LabelIndex(self._label_changed)
        self._subscribe()

    def all(self) -> tuple[TableModel[Any], ...]:
        """The tables in the order of their numbers."""
        return self.nodes, self.pods, self.labels, self.services, self.events

    def set_scope(self, selector: str) -> None:
        """Show only what has to do with a label selector; an empty one shows everything."""
        if self.scope is not None:
            self.scope.close()
        scope = self.scope = Scope(self._mirror, selector, self._retest_node) if selector else None
        self.nodes.set_member(scope.has_node if scope is not None else None)
        self.pods.set_member(scope.has_pod if scope is not None else None)
        self.services.set_member(scope.has_service if scope is not None else None)
        self.events.set_member(scope.has_event if scope is not None else None)

    def node_touched(self, name: str) -> None:
        """Make a node's row anew: the node, its pods or its power changed."""
        node = self._mirror.find(NODES, name)
        if node is not None:
            self.nodes.put(name, NodeRow(node, self._usage.of(name), self._mirror.client.is_node_up(name)))

    def service_touched(self, key: str) -> None:
        """Make a Service's row anew: it or its endpoints changed."""
        service = self._mirror.find(SERVICES, key)
        if service is not None:
            self.services.put(key, ServiceRow(service, self.endpoints.ready(key), self.endpoints.total(key)))

    def _subscribe(self) -> None:
        mirror = self._mirror
        mirror.list(NODES).subscribe(self._node_changed)
        mirror.list(LEASES).subscribe(self._lease_changed)
        mirror.list(PODS).subscribe(self._usage.pod_changed)
        mirror.list(PODS).subscribe(self._pod_changed)
        mirror.list(SERVICES).subscribe(self._service_changed)
        mirror.list(ENDPOINT_SLICES).subscribe(self.endpoints.slice_changed)
        mirror.list(EVENTS).subscribe(self._event_changed)
        for live in mirror.lists():
            if live.kind not in UNLABELLED:
                live.subscribe(partial(self._labels.changed, live.kind))

    def _node_changed(self, change: Change[Node]) -> None:
        if change.new is None:
            self.nodes.drop(change.key)
        else:
            self.node_touched(change.key)

    def _lease_changed(self, change: Change[Lease]) -> None:
        self.node_touched(change.key.rpartition("/")[2])

    def _pod_changed(self, change: Change[Pod]) -> None:
        _put(self.pods, change)

    def _service_changed(self, change: Change[Service]) -> None:
        if change.new is None:
            self.services.drop(change.key)
        else:
            self.service_touched(change.key)

    def _event_changed(self, change: Change[Event]) -> None:
        if change.new is None:
            self.events.drop(change.key)
        else:
            revision = self._mirror.client.revision(EVENTS, change.key)
            self.events.put(change.key, EventRow(change.new, revision))

    def _label_changed(self, key: str, row: LabelRow | None) -> None:
        if row is None:
            self.labels.drop(key)
        else:
            self.labels.put(key, row)

    def _retest_node(self, name: str) -> None:
        self.nodes.retest([name])


def _put(table: TableModel[Any], change: Change[Any]) -> None:
    if change.new is None:
        table.drop(change.key)
    else:
        table.put(change.key, change.new)
