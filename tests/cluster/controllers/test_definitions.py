"""Definitions become established, keep their names apart, and take their resources along."""

import pytest
from msgspec.structs import replace

from cluster.api.apiextensions import CustomResourceDefinition
from cluster.api.core import ConfigMap
from cluster.api.custom import CustomResource
from cluster.api.errors import Forbidden
from cluster.api.kinds import CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, Kind
from cluster.api.meta import ObjectMeta, OwnerReference, Resource
from cluster.controllers.definitions import DefinitionFinalizer, EstablishingController, NamingController
from cluster.controllers.garbage_collector import GarbageCollector
from cluster.controllers.namespace import NamespaceController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane
from tests.cluster.definitions import definition, typed

COMPONENTS = (NamingController, EstablishingController, DefinitionFinalizer, NamespaceController, GarbageCollector)
NAME = "backups.example.com"


class Definitions(Plane):
    """A plane with the definitions' controllers, and those that delete."""

    def __init__(self) -> None:
        super().__init__(*COMPONENTS)

    def define(self, **names: object) -> CustomResourceDefinition:
        """Create a definition and let it be looked at."""
        made = self.api.create(CUSTOM_RESOURCE_DEFINITIONS, typed(definition(**names)), actor=USER)  # type: ignore[arg-type]
        self.run()
        return self.found(made.metadata.name)

    def found(self, name: str = NAME) -> CustomResourceDefinition:
        """A definition as it is now."""
        return self.api.get(CUSTOM_RESOURCE_DEFINITIONS, name)

    @property
    def kind(self) -> Kind[Resource]:
        """The kind of Backups."""
        found = self.api.registry.by_name(NAME)
        assert found is not None
        return found

    def resource(self, name: str, owners: tuple[OwnerReference, ...] = (), *finalizers: str) -> Resource:
        """Create a Backup."""
        meta = ObjectMeta(name=name, namespace=NAMESPACE, ownerReferences=owners, finalizers=finalizers)
        value = CustomResource(metadata=meta, content={"spec": {"schedule": "0 2 * * *"}})
        return self.api.create(self.kind, value, actor=USER)


def conditions(value: CustomResourceDefinition) -> dict[str, tuple[str, str]]:
    """Status and reason of each condition."""
    return {found.type: (found.status, found.reason) for found in value.status.conditions}


def test_a_definition_is_accepted_then_established() -> None:
    """Its names are its own, then it is served; once settled nothing more is written."""
    plane = Definitions()
    made = plane.define(shortNames=["bkp"])
    assert conditions(made) == {
        "NamesAccepted": ("True", "NoConflicts"), "Established": ("True", "InitialNamesAccepted"),
    }  # fmt: skip
    assert made.status.acceptedNames == made.spec.names
    assert plane.kind.short_names == ("bkp",)
    assert plane.quiet()


def test_names_that_are_taken_are_not_accepted_until_they_are_free() -> None:
    """A second definition with the same kind waits, and gets it when the first is gone."""
    plane = Definitions()
    plane.define()
    second = plane.define(plural="copies")
    assert conditions(second) == {
        "NamesAccepted": ("False", "ListKindConflict"),
        "Established": ("False", "NotAccepted"),
    }
    assert next(found.message for found in second.status.conditions) == '"BackupList" is already in use'
    assert second.status.acceptedNames.plural == "copies"
    assert plane.api.registry.by_name("copies") is None
    plane.api.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME, actor=USER)
    plane.run()
    assert conditions(plane.found("copies.example.com"))["Established"] == ("True", "InitialNamesAccepted")


def test_a_deleted_definition_takes_its_resources_along() -> None:
    """It stays, terminating and taking nothing new, while a finalizer keeps one of them."""
    plane = Definitions()
    plane.define()
    plane.resource("free")
    held = plane.resource("held", (), "example.com/hold")
    plane.api.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME, actor=USER)
    assert conditions(plane.found())["Terminating"] == ("True", "InstanceDeletionPending")
    plane.run()
    assert conditions(plane.found())["Terminating"] == ("True", "InstanceDeletionInProgress")
    assert list(plane.store.table(plane.kind)) == [f"{NAMESPACE}/held"]
    with pytest.raises(Forbidden, match="create not allowed while custom resource definition is terminating"):
        plane.resource("late")
    found = plane.api.get(plane.kind, f"{NAMESPACE}/held")
    assert found.metadata.deletionTimestamp
    assert held.metadata.uid == found.metadata.uid
    plane.api.update(plane.kind, replace(found, metadata=replace(found.metadata, finalizers=())), actor=USER)
    plane.run(10_000)
    assert plane.api.find(CUSTOM_RESOURCE_DEFINITIONS, NAME) is None
    assert plane.api.registry.by_name(NAME) is None
    assert plane.quiet()


def test_a_definition_that_was_never_established_goes_at_once() -> None:
    """There is nothing to clean up."""
    plane = Definitions()
    plane.define()
    plane.define(plural="copies")
    plane.api.delete(CUSTOM_RESOURCE_DEFINITIONS, "copies.example.com", actor=USER)
    plane.run()
    assert plane.api.find(CUSTOM_RESOURCE_DEFINITIONS, "copies.example.com") is None


def test_custom_resources_own_and_are_owned() -> None:
    """The garbage collector follows custom kinds as any other, from when they are established."""
    plane = Definitions()
    plane.define()
    owner = plane.resource("owner")
    reference = OwnerReference(apiVersion="example.com/v1", kind="Backup", name="owner", uid=owner.metadata.uid)
    plane.resource("part", (reference,))
    meta = ObjectMeta(name="settings", namespace=NAMESPACE, ownerReferences=(reference,))
    plane.api.create(CONFIG_MAPS, ConfigMap(metadata=meta), actor=USER)
    plane.run()
    plane.api.delete(plane.kind, f"{NAMESPACE}/owner", actor=USER)
    plane.run()
    assert plane.api.find(plane.kind, f"{NAMESPACE}/part") is None
    assert plane.api.find(CONFIG_MAPS, f"{NAMESPACE}/settings") is None


def test_a_namespace_takes_its_custom_resources_along() -> None:
    """Emptying a namespace knows of every kind there is."""
    plane = Definitions()
    plane.define()
    plane.resource("nightly")
    plane.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    plane.run(30_000)
    assert plane.api.find(NAMESPACES, NAMESPACE) is None
    assert list(plane.store.table(plane.kind)) == []


def test_the_controllers_go_on_from_the_store() -> None:
    """Started anew on what is stored, they finish what was begun, and the registry knows the kinds there are."""
    plane = Definitions()
    plane.define()
    plane.resource("nightly")
    plane.api.delete(CUSTOM_RESOURCE_DEFINITIONS, NAME, actor=USER)
    plane.restart(*COMPONENTS)
    assert plane.kind.custom is not None
    plane.run(10_000)
    assert plane.api.find(CUSTOM_RESOURCE_DEFINITIONS, NAME) is None
