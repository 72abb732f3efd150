"""Mirror, indexes and panes: what is shown equals what adding everything up anew would show."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.api.kinds import STATIC, Kind
from cluster.api.meta import ObjectMeta
from cluster.engine import Engine
from cluster.printers import Now
from ktui.client import Change
from ktui.model import listings
from ktui.model.labels import LabelIndex, LabelRow
from ktui.model.mirror import Mirror
from ktui.model.panes import Panes
from ktui.model.selection import Selection, of_item
from ktui.model.usage import Requested
from tests.ktui import engines


@pytest.fixture
def filled() -> tuple[Engine, Mirror, Panes]:
    """A Deployment of three with its Service, and its panes."""
    engine = engines.started()
    engines.apply(engine, engines.deployment(), engines.service())
    mirror = engines.mirrored(engine)
    return engine, mirror, Panes(mirror)


def _rows(panes: Panes, name: str) -> list[tuple[str, ...]]:
    table = getattr(panes, name)
    table.now = Now(0)
    return [table.cells(key) for key in table.keys(0, len(table))]


def test_the_top_line_counts(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Ready of all, for nodes and pods, as they change."""
    engine, mirror, _ = filled
    assert (str(mirror.nodes), str(mirror.pods)) == ("3/3", "3/3")
    engines.apply(engine, engines.deployment(replicas=1))
    engines.drain(mirror)
    assert str(mirror.pods) == "1/1"


def test_a_node_row_adds_up_the_requests_of_its_pods(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Pods, cpu and memory are those of the pods assigned; pods that go give theirs back."""
    engine, mirror, panes = filled
    used = [row.used for _, row in panes.nodes.shown()]
    assert Requested(sum(row.pods for row in used), sum(row.cpu for row in used), sum(row.memory for row in used)) == (
        Requested(3, 300, 3 * 64 * 2**20)
    )
    engines.apply(engine, engines.deployment(replicas=0))
    engines.drain(mirror)
    assert [row.used for _, row in panes.nodes.shown()] == [Requested()] * 3


def test_a_node_that_went_down_says_so_before_it_is_noticed(filled: tuple[Engine, Mirror, Panes]) -> None:
    """The row tells the truth at once, and Kubernetes' own word when it comes."""
    engine, mirror, panes = filled
    engine.fail_node("node-1")
    engines.drain(mirror)
    assert _rows(panes, "nodes")[0][1] == "▲ Ready,Down"
    engine.run_for(60_000)
    engines.drain(mirror)
    assert _rows(panes, "nodes")[0][1] == "✖ NotReady"
    engine.restore_node("node-1")
    engine.run_for(20_000)
    engines.drain(mirror)
    assert _rows(panes, "nodes")[0][1] == "● Ready"


def test_a_service_row_counts_its_endpoints(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Ready of all endpoints, from the slices."""
    engine, mirror, panes = filled
    assert panes.services.cells("default/web")[5] == "3/3"
    engine.fail_node("node-1")
    engine.run_for(60_000)
    engines.drain(mirror)
    lost = sum(pod.spec.nodeName == "node-1" for pod in engines.pods(engine))
    assert lost > 0
    assert panes.services.cells("default/web")[5] == f"{3 - lost}/3"


def test_events_stand_newest_first(filled: tuple[Engine, Mirror, Panes]) -> None:
    """In the order of their last writes, however they are called."""
    _, mirror, panes = filled
    revisions = [mirror.client.revision(kinds.EVENTS, key) for key, _ in panes.events.shown()]
    assert len(revisions) > 10
    assert revisions == sorted(revisions, reverse=True)


def test_labels_are_keys_with_values_with_counts(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Each key with its values below it, each value with its objects by kind; people's labels come first."""
    engine, mirror, panes = filled
    rows = _rows(panes, "labels")
    start = rows.index(("app", "1 value"))
    assert rows[start + 1][0] == "  web"
    assert sorted(rows[start + 1][1].split("  ")) == ["1 deploy", "1 ep", "1 rs", "1 svc", "3 po"]
    assert rows[-1][0].startswith("  ")
    engines.apply(engine, engines.deployment("db", replicas=1))
    engines.drain(mirror)
    assert ("app", "2 values") in _rows(panes, "labels")


def test_the_label_index_forgets_what_nobody_carries() -> None:
    """When the last object goes, the value goes, and with the last value the key."""
    told: dict[str, LabelRow | None] = {}
    index = LabelIndex(told.__setitem__)
    kind: Kind[Any] = kinds.PODS
    made = Pod(metadata=ObjectMeta(name="a", labels={"k": "v"}))
    index.changed(kind, Change("a", None, made))
    assert told == {"0k": LabelRow("k", None, (("values", 1),)), "0k\0v": LabelRow("k", "v", (("pods", 1),))}
    index.changed(kind, Change("a", made, None))
    assert told == {"0k": None, "0k\0v": None}
    assert index.values("k") == {}


def test_a_chosen_label_filters_every_pane(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Only pods, Services, nodes and events that have to do with the label; then everything again."""
    engine, mirror, panes = filled
    engines.apply(engine, engines.deployment("db", replicas=1), engines.service("db"))
    engines.drain(mirror)
    panes.set_scope("app=db")
    assert [pod.metadata.labels["app"] for _, pod in panes.pods.shown()] == ["db"]
    assert [row.service.metadata.name for _, row in panes.services.shown()] == ["db"]
    db = next(pod for pod in engines.pods(engine) if pod.metadata.labels["app"] == "db")
    assert [key for key, _ in panes.nodes.shown()] == [db.spec.nodeName]
    assert {row.event.involvedObject.name.split("-")[0] for _, row in panes.events.shown()} == {"db"}
    engines.apply(engine, engines.deployment("db", replicas=6))
    engines.drain(mirror)
    assert len(panes.pods) == 6
    assert len(panes.nodes) == 3
    panes.set_scope("")
    assert len(panes.pods) == 9


def test_drilling_down_and_up(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Node to pods, Service to pods, Deployment to ReplicaSet to pods, and back to the owner."""
    _, mirror, panes = filled
    on = [pod.spec.nodeName for _, pod in listings.pods_on(mirror, "node-1").table.shown()]
    assert set(on) == {"node-1"}
    behind = listings.pods_behind(mirror, panes, Selection(kinds.SERVICES, "default/web")).table
    assert len(behind) == 3
    sets = listings.owned_by(mirror, Selection(kinds.DEPLOYMENTS, "default/web"))
    assert sets is not None
    ((_, replica_set),) = sets.table.shown()
    target = of_item(replica_set, STATIC)
    assert target is not None
    assert target.kind is kinds.REPLICA_SETS
    owned = listings.owned_by(mirror, target)
    assert owned is not None
    assert len(owned.table) == 3
    assert mirror.owner(replica_set) == (kinds.DEPLOYMENTS, "default/web")


def test_a_stateful_set_leads_to_its_pods(filled: tuple[Engine, Mirror, Panes]) -> None:
    """The revisions it keeps of itself do not stand among them."""
    engine, mirror, _ = filled
    engines.apply(engine, engines.stateful_set())
    engines.drain(mirror)
    owned = listings.owned_by(mirror, Selection(kinds.STATEFUL_SETS, "default/db"))
    assert owned is not None
    assert owned.kinds == (kinds.PODS,)
    assert [pod.metadata.name for _, pod in owned.table.shown()] == ["db-0", "db-1"]


def test_a_listing_stays_live_until_closed(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Rows come and go with their objects; a closed one is left alone."""
    engine, mirror, panes = filled
    behind = listings.pods_behind(mirror, panes, Selection(kinds.SERVICES, "default/web"))
    engines.apply(engine, engines.deployment(replicas=4))
    engines.drain(mirror)
    assert len(behind.table) == 4
    behind.close()
    engines.apply(engine, engines.deployment(replicas=1))
    engines.drain(mirror)
    assert len(behind.table.items) == 4


def test_a_label_leads_to_objects_of_every_kind(filled: tuple[Engine, Mirror, Panes]) -> None:
    """One table of all kinds, each row with its kind."""
    _, mirror, _ = filled
    table = listings.carrying(mirror, "app=web").table
    table.now = Now(0)
    assert {table.cells(key)[0] for key, _ in table.shown()} == {
        "pod",
        "service",
        "endpoints",
        "endpointslice",
        "replicaset",
        "deployment",
    }


def test_the_mirror_costs_what_changed(filled: tuple[Engine, Mirror, Panes]) -> None:
    """A cluster at rest has nothing to tell."""
    engine, mirror, _ = filled
    engine.settle()
    engines.drain(mirror)
    engine.run_for(60_000)
    assert not mirror.poll()


def test_every_kind_has_a_layout(filled: tuple[Engine, Mirror, Panes]) -> None:
    """Any kind can be opened, and each row has a cell for each column."""
    _, mirror, _ = filled
    for kind in kinds.KINDS:
        table = listings.of_kind(mirror, kind).table
        table.now = mirror.now()
        assert all(len(table.cells(key)) == len(table.layout.columns) for key, _ in table.shown())
