"""The kinds of one cluster: the custom ones come and go with their definitions."""

import pytest
from msgspec.structs import replace

from cluster.api.apiextensions import (
    CustomResourceDefinition,
    CustomResourceDefinitionCondition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionStatus,
    CustomResourceDefinitionVersion,
)
from cluster.api.custom import CustomResource, version_priority
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, KINDS, PODS
from cluster.api.meta import ObjectMeta
from cluster.registry import Registry
from cluster.store import Store

NAMES = CustomResourceDefinitionNames(
    plural="backups", singular="backup", kind="Backup", listKind="BackupList", shortNames=("bkp",)
)


def definition(*versions: str, established: str = "True") -> CustomResourceDefinition:
    """A definition of Backups; the first of the versions is the stored one."""
    declared = tuple(
        CustomResourceDefinitionVersion(name=name, served=True, storage=not index)
        for index, name in enumerate(versions)
    )
    condition = CustomResourceDefinitionCondition(type="Established", status=established)
    return CustomResourceDefinition(
        metadata=ObjectMeta(name="backups.example.com", uid="1"),
        spec=CustomResourceDefinitionSpec(group="example.com", names=NAMES, scope="Namespaced", versions=declared),
        status=CustomResourceDefinitionStatus(acceptedNames=NAMES, conditions=(condition,)),
    )


def put(store: Store, value: CustomResourceDefinition) -> None:
    """Write a definition."""
    store.put(CUSTOM_RESOURCE_DEFINITIONS, value.metadata.name, value, "test")


def test_an_established_definition_makes_a_kind_known_by_all_its_names() -> None:
    """Every name that kubectl takes leads to the custom kind, once the definition is established."""
    store = Store()
    registry = Registry(store)
    put(store, definition("v1", established="False"))
    assert registry.by_name("backups") is None
    assert registry.kinds == KINDS
    put(store, definition("v1"))
    kind = registry.by_name("bkp")
    assert kind is not None
    assert (kind.kind, kind.list_kind, kind.qualified) == ("Backup", "BackupList", "backups.example.com")
    assert {registry.by_name(name) for name in ("Backup", "backup", "backups", "backups.example.com")} == {kind}
    assert registry.by_api_version("example.com/v1", "Backup") is kind
    assert registry.by_path("example.com", "v1", "backups") is kind
    assert registry.kind_of(CustomResource(apiVersion="example.com/v1", kind="Backup")) is kind


def test_a_deleted_definition_takes_its_kind_along() -> None:
    """What no definition makes is no kind."""
    store = Store()
    registry = Registry(store)
    put(store, definition("v1"))
    before = registry.generation
    store.delete(CUSTOM_RESOURCE_DEFINITIONS, "backups.example.com", "test")
    assert registry.by_name("bkp") is None
    assert registry.generation == before + 1
    with pytest.raises(KeyError):
        registry.kind_of(CustomResource(apiVersion="example.com/v1", kind="Backup"))


def test_a_kind_stays_the_same_value_while_its_definition_says_the_same() -> None:
    """Only a change that matters makes a new kind, so that what is made of kinds can be kept."""
    store = Store()
    registry = Registry(store)
    put(store, definition("v1"))
    kind, generation = registry.by_name("bkp"), registry.generation
    labelled = definition("v1")
    put(store, replace(labelled, metadata=replace(labelled.metadata, labels={"a": "b"})))
    assert registry.by_name("bkp") is kind
    assert registry.generation == generation
    put(store, definition("v1", "v2"))
    assert registry.by_name("bkp") is not kind
    assert registry.generation == generation + 1


def test_of_several_versions_the_most_stable_is_preferred() -> None:
    """All versions are served from one table; names lead to the one that Kubernetes prefers."""
    store = Store()
    registry = Registry(store)
    put(store, definition("v1beta1", "v2", "v1"))
    assert [kind.version for kind in registry.custom.served] == ["v2", "v1", "v1beta1"]
    assert [kind.version for kind in registry.custom.kinds] == ["v2"]
    old = registry.by_api_version("example.com/v1beta1", "Backup")
    new = registry.by_name("backups")
    assert old is not None
    assert new is not None
    assert store.table(old) is store.table(new)
    assert old.custom is not None
    assert old.custom.storage_version == "example.com/v1beta1"


def test_a_built_in_name_is_never_taken_by_a_custom_kind() -> None:
    """`pods` are Kubernetes' own, whatever a definition calls its kind; the qualified name tells them apart."""
    store = Store()
    registry = Registry(store)
    names = replace(NAMES, plural="pods", singular="pod", kind="Pod", shortNames=())
    value = definition("v1")
    put(store, replace(value, status=replace(value.status, acceptedNames=names)))
    assert registry.by_name("pods") is PODS
    custom = registry.by_name("pods.example.com")
    assert custom is not None
    assert store.table(custom) is not store.table(PODS)


def test_versions_are_ordered_as_kubernetes_does() -> None:
    """Stable before beta before alpha, higher before lower, and names of no such form last, by the alphabet."""
    names = ["foo1", "v1alpha1", "v2beta1", "v10", "v1", "v2", "v1beta10", "v1beta2", "bar", "v12alpha2"]
    assert sorted(names, key=version_priority) == [
        "v10", "v2", "v1", "v2beta1", "v1beta10", "v1beta2", "v12alpha2", "v1alpha1", "bar", "foo1",
    ]  # fmt: skip
