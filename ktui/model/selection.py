"""Which object a row of any table stands for.

Between tables and everything that acts on an object. Invariant: a selection names an object by kind
and key, so it means the same object a moment later, or none.
"""

from typing import Any, NamedTuple

from cluster.api.core import Event
from cluster.api.kinds import EVENTS, NODES, SERVICES, Kind, KindNames, key, key_of
from cluster.api.meta import Resource
from ktui.model.layouts import EventRow, NodeRow, ServiceRow


class Selection(NamedTuple):
    """An object by kind and key."""

    kind: Kind[Any]
    key: str

    @property
    def name(self) -> str:
        """Its name without the namespace."""
        return self.key.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        """Its namespace, empty for an object that has none."""
        return self.key.rpartition("/")[0]

    def __str__(self) -> str:
        return f"{self.kind.singular}/{self.name}"


def of_item(item: object, kinds: KindNames) -> Selection | None:
    """The object that a table's item stands for; None for a label."""
    match item:
        case NodeRow():
            return Selection(NODES, key(item.node))
        case ServiceRow():
            return Selection(SERVICES, key(item.service))
        case EventRow():
            return Selection(EVENTS, key(item.event))
        case Resource():
            return Selection(kinds.kind_of(item), key(item))
        case _:
            return None


def about(event: Event, kinds: KindNames) -> Selection | None:
    """The object that an event is about."""
    reference = event.involvedObject
    kind = kinds.by_api_version(reference.apiVersion, reference.kind) or kinds.by_name(reference.kind)
    return Selection(kind, key_of(reference.namespace if kind.namespaced else "", reference.name)) if kind else None
