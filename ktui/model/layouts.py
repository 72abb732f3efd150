"""How each kind's objects become rows: the printers' cells, and what only the app adds to them.

On the data's way between objects and tables. A kind without a row of its own here is shown with the
columns of `kubectl get -o wide`. Invariant: an object's texts are those of `cluster.printers`; this
module only marks, orders and ranks them.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cluster import printers
from cluster.api.core import Event, Node, Pod, Service
from cluster.api.kinds import EVENTS, KINDS, NODES, PODS, SERVICES, Kind
from cluster.api.meta import Resource
from cluster.printers import Now
from ktui.model.bars import bar, cores, memory, percent
from ktui.model.labels import LabelRow
from ktui.model.table import Column, Elide, Layout
from ktui.model.tone import Tone, marked, of_marked, of_ratio, of_status
from ktui.model.usage import Requested, allocatable

NAMESPACE = Column("Namespace", rank=6, tone=lambda _: Tone.DIM)
NAME = Column("Name", least=12, elide=Elide.MIDDLE, most=63, tone=lambda _: Tone.NAME)
_STATE = Column("Status", most=30, tone=of_marked)
_SHORT_NAME = NAME._replace(least=9)
_SHORT = {kind.plural: kind.short_names[0] if kind.short_names else kind.plural for kind in KINDS}
_BAR = 3
_TIMED = {"Age", "Last Seen", "First Seen", "Last Schedule", "Duration"}
"""Columns whose cells change as time passes."""


class NodeRow(NamedTuple):
    """A node and what is requested on it."""

    node: Node
    used: Requested
    up: bool


class ServiceRow(NamedTuple):
    """A Service and its endpoints."""

    service: Service
    ready: int
    total: int


class EventRow(NamedTuple):
    """An event, and the revision it was last written at: a higher one is newer."""

    event: Event
    revision: int


def age(value: Resource) -> str:
    """A sort value that puts the oldest first."""
    return value.metadata.creationTimestamp


def labels_of(value: Resource) -> Mapping[str, str]:
    """The labels that `-l` looks at."""
    return value.metadata.labels


def pods() -> Layout[Pod]:
    """Pods: state first, then where; the rest when there is room."""
    columns = (
        NAMESPACE, NAME, Column("Ready", tone=of_ratio), _STATE, Column("Restarts", rank=3, tone=_restarts),
        Column("Age", rank=1, timed=True, sort=age), Column("IP", rank=5), Column("Node", rank=2),
    )  # fmt: skip

    def cells(pod: Pod, now: Now) -> tuple[str, ...]:
        name, ready, status, restarts, since, address, node, *_ = printers.row(PODS, pod, now)
        return pod.metadata.namespace, name, ready, marked(status), restarts, since, address, node

    return Layout(columns, cells, labels_of)


def nodes() -> Layout[NodeRow]:
    """Nodes: state, and how much of what they have is asked for."""
    columns = (
        NAME, Column("Status", least=9, most=40, tone=of_marked), Column("Pods", right=True, rank=1, sort=lambda row: row.used.pods),
        Column("CPU", tone=_load, sort=lambda row: _share(row, "cpu")), Column("Memory", tone=_load, sort=lambda row: _share(row, "memory")),
        Column("CPU req", rank=3, tone=_dim), Column("Mem req", rank=3, tone=_dim), Column("Zone", rank=5),
        Column("Age", rank=2, timed=True, sort=lambda row: age(row.node)), Column("Version", rank=6), Column("Internal-IP", rank=6),
    )  # fmt: skip

    def cells(row: NodeRow, now: Now) -> tuple[str, ...]:
        name, status, _, since, version, address, *_ = printers.row(NODES, row.node, now)
        has, used = allocatable(row.node), row.used
        zone = row.node.metadata.labels.get("topology.kubernetes.io/zone", "")
        return (
            name, marked(status if row.up or status.startswith("NotReady") else f"{status},Down"), str(used.pods),
            _bar(used.cpu, has.cpu), _bar(used.memory, has.memory), f"{cores(used.cpu)}/{cores(has.cpu)}",
            f"{memory(used.memory)}/{memory(has.memory)}", zone, since, version, address,
        )  # fmt: skip

    return Layout(columns, cells, lambda row: row.node.metadata.labels)


def services() -> Layout[ServiceRow]:
    """Services: address, ports and how many endpoints stand behind them."""
    columns = (
        NAMESPACE, _SHORT_NAME, Column("Type", rank=2), Column("Cluster-IP"), Column("Ports", least=8, most=40, rank=1),
        Column("Ready", tone=of_ratio), Column("External-IP", rank=5), Column("Selector", rank=4),
        Column("Age", rank=3, timed=True, sort=lambda row: age(row.service)),
    )  # fmt: skip

    def cells(row: ServiceRow, now: Now) -> tuple[str, ...]:
        name, form, address, external, ports, since, selector = printers.row(SERVICES, row.service, now)
        return (
            row.service.metadata.namespace,
            name,
            form,
            address,
            ports,
            f"{row.ready}/{row.total}",
            external,
            selector,
            since,
        )

    return Layout(columns, cells, lambda row: row.service.metadata.labels)


def events() -> Layout[EventRow]:
    """Events: newest first, warnings marked."""
    columns = (
        Column("Seen", timed=True), Column("Type", least=3, tone=of_marked), Column("Reason", least=10, tone=_reason),
        Column("Object", least=15, elide=Elide.MIDDLE, tone=lambda _: Tone.NAME), Column("Count", rank=4, right=True), Column("Message", least=28, most=400, spare=True),
        Column("Namespace", rank=5, tone=_dim), Column("Source", rank=6),
    )  # fmt: skip

    def cells(row: EventRow, now: Now) -> tuple[str, ...]:
        last, kind, reason, about, _, source, message, _, count, _ = printers.row(EVENTS, row.event, now)
        times = f"x{count}" if count != "1" else ""
        return last, marked(kind), reason, about, times, message, row.event.metadata.namespace, source

    return Layout(columns, cells, lambda row: row.event.metadata.labels, lambda row: -row.revision)


def labels() -> Layout[LabelRow]:
    """Labels: a key, its values under it, and the objects that carry them by kind."""
    columns = (Column("Label", least=12, tone=_label), Column("Objects", spare=True))

    def cells(row: LabelRow, _: Now) -> tuple[str, ...]:
        if row.value is None:
            count = row.counts[0][1]
            return row.key, f"{count} value{'s' if count > 1 else ''}"
        counts = "  ".join(f"{count} {_SHORT.get(plural, plural)}" for plural, count in row.counts)
        return f"  {row.value or '(empty)'}", counts

    return Layout(columns, cells, lambda row: {row.key: row.value or ""})


def generic(kind: Kind[Any]) -> Layout[Any]:
    """Any kind, with kubectl's own columns; wide ones are shown where there is room."""
    columns = [_column(found, index) for index, found in enumerate(printers.columns(kind))]

    def cells(value: Resource, now: Now) -> tuple[str, ...]:
        row = (
            marked(cell) if column.tone is of_marked else cell
            for cell, column in zip(printers.row(kind, value, now), columns, strict=True)
        )
        return (value.metadata.namespace, *row) if kind.namespaced else tuple(row)

    return Layout((NAMESPACE, *columns) if kind.namespaced else tuple(columns), cells, labels_of)


def mixed(kind_of: Callable[[Resource], Kind[Any]]) -> Layout[Resource]:
    """Objects of several kinds in one table."""
    columns = (
        Column("Kind", tone=_dim),
        NAMESPACE,
        NAME,
        Column("State", least=6),
        Column("Age", timed=True, rank=1, sort=age),
    )

    def cells(value: Resource, now: Now) -> tuple[str, ...]:
        kind = kind_of(value)
        titles = [column.name for column in printers.columns(kind)]
        row = dict(zip(titles, printers.row(kind, value, now), strict=True))
        state = "  ".join(text for text in (row.get("Ready", ""), marked(row.get("Status", ""))) if text)
        return (
            kind.singular,
            value.metadata.namespace,
            value.metadata.name,
            state,
            now.since(value.metadata.creationTimestamp),
        )

    return Layout(columns, cells, labels_of)


def of_kind(kind: Kind[Any]) -> Layout[Any]:
    """The layout of a table of one kind's objects."""
    return pods() if kind is PODS else generic(kind)


def _column(found: printers.Column, index: int) -> Column:
    if found.name == "Name" and index == 0:
        return NAME
    if found.name == "Status":
        return _STATE
    tone: Callable[[str], Tone] | None = of_ratio if found.name == "Ready" else None
    timed = found.name in _TIMED
    return Column(
        found.name,
        rank=10 + index if found.priority else 0,
        least=6,
        timed=timed,
        tone=tone,
        sort=age if found.name == "Age" else None,
    )


def _bar(used: int, whole: int) -> str:
    return f"{bar(used, whole, _BAR)}{percent(used, whole):>4}%"


def _share(row: NodeRow, resource: str) -> float:
    whole: int = getattr(allocatable(row.node), resource)
    used: int = getattr(row.used, resource)
    return used / whole if whole else 0.0


def _load(text: str) -> Tone:
    share = int(text[_BAR:].strip(" %") or 0)
    return Tone.BAD if share >= 95 else Tone.WARN if share >= 80 else Tone.GOOD if share else Tone.DIM


def _restarts(text: str) -> Tone:
    return Tone.DIM if text == "0" else Tone.WARN


def _reason(text: str) -> Tone:
    return Tone.BAD if of_status(text) is Tone.BAD or text.startswith("Fail") else Tone.PLAIN


def _label(text: str) -> Tone:
    return Tone.PLAIN if text.startswith(" ") else Tone.NAME


def _dim(_: str) -> Tone:
    return Tone.DIM
