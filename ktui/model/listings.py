"""Tables of objects that a screen of its own shows: one kind, or everything that fits a condition.

Joins live lists into one table for as long as the screen is open. Invariant: the rows are exactly the
objects that belong, and after `close` nothing is followed any more.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from cluster.api import labels
from cluster.api.core import Pod
from cluster.api.kinds import (
    CONTROLLER_REVISIONS,
    ENDPOINT_SLICES,
    EVENTS,
    LEASES,
    PODS,
    Kind,
    key,
)
from cluster.api.meta import Resource
from ktui.client import Change
from ktui.model import layouts
from ktui.model.endpoints import pods_in
from ktui.model.layouts import EventRow
from ktui.model.mirror import Mirror, is_owned
from ktui.model.panes import Panes
from ktui.model.selection import Selection, about
from ktui.model.table import Layout, TableModel

T = TypeVar("T", bound=Resource)
Belongs = Callable[[Resource], bool]


class Listing:
    """A table of the objects of some kinds that belong."""

    def __init__(self, mirror: Mirror, title: str, kinds: Iterable[Kind[Any]], belongs: Belongs | None = None) -> None:
        self.title = title
        self.kinds = tuple(kinds)
        self._mirror, self._belongs = mirror, belongs
        self._handlers: list[tuple[Kind[Any], Callable[[Change[Any]], None]]] = []
        self.table: TableModel[Any] = TableModel(self._layout())
        if belongs is not None:
            self.table.member = lambda _, item: belongs(_object(item))
        for kind in self.kinds:
            self._follow(kind, partial(self._changed, kind))

    def close(self) -> None:
        """Follow nothing any more."""
        for kind, handler in self._handlers:
            self._mirror.list(kind).unsubscribe(handler)
        self._handlers.clear()

    def retest_on(self, kind: Kind[T], affected: Callable[[Change[T]], Iterable[str]]) -> None:
        """Whenever an object of `kind` changes, ask for the affected rows again whether they belong."""
        self._follow(kind, lambda change: self.table.retest(affected(change)))

    def _layout(self) -> Layout[Any]:
        if len(self.kinds) != 1:
            return layouts.mixed(self._mirror.kinds.kind_of)
        return layouts.events() if self.kinds[0] is EVENTS else layouts.of_kind(self.kinds[0])

    def _follow(self, kind: Kind[Any], handler: Callable[[Change[Any]], None]) -> None:
        self._handlers.append((kind, handler))
        self._mirror.list(kind).subscribe(handler)

    def _changed(self, kind: Kind[Any], change: Change[Any]) -> None:
        row = change.key if len(self.kinds) == 1 else f"{self.kinds.index(kind):02} {change.key}"
        item = change.new
        if item is None:
            self.table.drop(row)
        elif self.kinds == (EVENTS,):
            self.table.put(row, EventRow(item, self._mirror.client.revision(EVENTS, row)))
        else:
            self.table.put(row, item)


def one(mirror: Mirror, target: Selection) -> Listing:
    """A single object, in the table of its kind."""
    return Listing(mirror, str(target), (target.kind,), lambda item: key(item) == target.key)


def of_kind(mirror: Mirror, kind: Kind[Any]) -> Listing:
    """Every object of a kind."""
    return Listing(mirror, kind.plural, (kind,))


def pods_on(mirror: Mirror, node: str) -> Listing:
    """The pods assigned to a node."""
    return Listing(
        mirror, f"pods on node/{node}", (PODS,), lambda pod: isinstance(pod, Pod) and pod.spec.nodeName == node
    )


def pods_behind(mirror: Mirror, panes: Panes, service: Selection) -> Listing:
    """The pods that are a Service's endpoints, ready or not."""
    listing = Listing(
        mirror, f"pods behind {service}", (PODS,), lambda pod: panes.endpoints.has_pod(service.key, key(pod))
    )

    listing.retest_on(ENDPOINT_SLICES, lambda change: pods_in(change.old) ^ pods_in(change.new))
    return listing


def owned_by(mirror: Mirror, owner: Selection) -> Listing | None:
    """What an object owns, but for the revisions it keeps of itself; None if it owns nothing."""
    found = mirror.find(owner.kind, owner.key)
    uid = found.metadata.uid if found is not None else ""
    kinds = [
        live.kind
        for live in mirror.lists()
        if live.kind is not CONTROLLER_REVISIONS and any(is_owned(item, uid) for item in live.objects.values())
    ]
    return Listing(mirror, f"owned by {owner}", kinds, lambda item: is_owned(item, uid)) if uid and kinds else None


def carrying(mirror: Mirror, selector: str) -> Listing:
    """Everything that carries a label, of any kind."""
    selects = labels.parse(selector).matches
    return Listing(mirror, selector, _all_kinds(mirror), lambda item: selects(item.metadata.labels))


def inside(mirror: Mirror, namespace: str) -> Listing:
    """Everything in a namespace but its events."""
    return Listing(
        mirror, f"namespace/{namespace}", _all_kinds(mirror), lambda item: item.metadata.namespace == namespace
    )


def events_about(mirror: Mirror, target: Selection) -> Listing:
    """The events about an object."""
    return Listing(mirror, f"events of {target}", (EVENTS,), lambda event: about(event, mirror.kinds) == target)  # type: ignore[arg-type]


def _all_kinds(mirror: Mirror) -> tuple[Kind[Any], ...]:
    return tuple(kind for kind in mirror.kinds.kinds if kind not in {EVENTS, LEASES})


def _object(item: Resource | EventRow) -> Resource:
    return item.event if isinstance(item, EventRow) else item
