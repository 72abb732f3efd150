"""Custom kinds in the app: opened by name, listed with their columns, described field by field."""

import pytest

from cluster.api import codec
from cluster.api.custom import CustomResource
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, Kind
from cluster.api.meta import Resource
from cluster.engine import Engine
from ktui.client.simulated import SimulatedClient
from ktui.model import command_line, listings, selection
from ktui.model.command_line import OpenKind, UnknownCommand
from ktui.model.describe import describe, gather
from ktui.model.mirror import Mirror
from tests.cluster.definitions import backup, definition, typed, version

COLUMNS = [{"name": "Keep", "type": "integer", "jsonPath": ".spec.keep"}]


def drain(mirror: Mirror) -> None:
    """Take in everything."""
    while mirror.poll():
        pass


@pytest.fixture
def engine() -> Engine:
    """An engine."""
    return Engine()


@pytest.fixture
def mirror(engine: Engine) -> Mirror:
    """Its mirror, which has seen a definition come and a Backup of it."""
    mirror = Mirror(SimulatedClient(engine))
    drain(mirror)
    made = typed(definition(version(additionalPrinterColumns=COLUMNS), shortNames=["bkp"]))
    engine.api.create(CUSTOM_RESOURCE_DEFINITIONS, made, actor="test")
    engine.run_for(1_000)
    manifest = {**backup(), "metadata": {"name": "nightly", "namespace": "default", "labels": {"a": "b"}}}
    engine.api.create(kind_of_backups(mirror), codec.from_plain(CustomResource, manifest), actor="test")
    drain(mirror)
    return mirror


def kind_of_backups(mirror: Mirror) -> Kind[Resource]:
    """The kind of Backups."""
    found = mirror.kinds.by_name("backups.example.com")
    assert found is not None
    return found


def test_a_custom_kind_is_opened_by_any_of_its_names(mirror: Mirror) -> None:
    """As any kind, once its definition is established; until then its name is unknown."""
    assert command_line.parse("bkp", (), mirror.kinds) == OpenKind(kind_of_backups(mirror), "")
    assert "backups" in command_line.completions("back", (), mirror.kinds)
    with pytest.raises(UnknownCommand):
        command_line.parse("bkp")


def test_its_objects_are_listed_with_the_columns_of_the_definition(mirror: Mirror) -> None:
    """The namespace first, as for every kind that has one."""
    listing = listings.of_kind(mirror, kind_of_backups(mirror))
    assert [column.title for column in listing.table.layout.columns] == ["Namespace", "Name", "Keep"]
    assert [listing.table.cells(key) for key, _ in listing.table.shown()] == [("default", "nightly", "7")]


def test_a_row_stands_for_its_object(mirror: Mirror) -> None:
    """Among objects of other kinds too."""
    listing = listings.carrying(mirror, "a=b")
    found = [selection.of_item(item, mirror.kinds) for _, item in listing.table.shown()]
    assert [str(one) for one in found] == ["backup/nightly"]
    assert found[0] is not None
    assert found[0].kind is kind_of_backups(mirror)


def test_it_is_described_field_by_field(mirror: Mirror) -> None:
    """In kubectl's generic form."""
    kind = kind_of_backups(mirror)
    found = mirror.find(kind, "default/nightly")
    assert found is not None
    related = gather(kind, found, mirror.now(), lambda kind, _: mirror.list(kind).objects.values())
    lines = describe(kind, found, related).splitlines()
    assert [line for line in lines if line.startswith(("API Version", "Kind"))] == [
        "API Version:  example.com/v1", "Kind:         Backup",
    ]  # fmt: skip
    assert "  Keep:      7" in lines
