"""What is wrong with definitions, in apiextensions' words."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster.admission.custom import definitions as registry
from cluster.admission.validation.custom import definitions
from cluster.api.apiextensions import CustomResourceDefinition, CustomResourceDefinitionCondition
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS
from cluster.api.meta import StatusCause
from tests.cluster.definitions import definition, schema, typed, version

Change = Callable[[dict[str, Any]], None]
VALIDATION = "spec.validation.openAPIV3Schema"


def prepared(manifest: dict[str, Any]) -> CustomResourceDefinition:
    """The definition as its registry takes it."""
    return registry.defaults(registry.prepare_create(CUSTOM_RESOURCE_DEFINITIONS, typed(manifest)))


def told(causes: list[StatusCause]) -> list[str]:
    """Field and message of each."""
    return [f"{cause.field}: {cause.message}" for cause in causes]


def of_schema(spec: Any = None, **root: Any) -> list[str]:
    """What is wrong with a definition of one version with this schema."""
    made = version(schema={"openAPIV3Schema": schema(spec, **root)})
    return told(definitions.create(prepared(definition(made))))


def test_a_good_definition_has_no_causes_and_gets_its_names() -> None:
    """The names that nobody gave follow from the kind; the stored version is noted."""
    value = prepared(definition())
    assert definitions.create(value) == []
    assert (value.spec.names.singular, value.spec.names.listKind) == ("backup", "BackupList")
    assert value.status.storedVersions == ("v1",)
    assert value.spec.conversion is not None
    assert value.spec.conversion.strategy == "None"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group": "example"}, 'spec.group: Invalid value: "example": should be a domain with at least one dot'),
        ({"scope": "Global"}, 'spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'),
        ({"scope": ""}, "spec.scope: Required value"),
        (
            {"names": {"plural": "backups", "kind": "Backup", "listKind": "Backup"}},
            'spec.names.listKind: Invalid value: "Backup": kind and listKind may not be the same',
        ),
        (
            {"preserveUnknownFields": True},
            ("spec.preserveUnknownFields: Invalid value: true: cannot set to true, set "
            "x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"),
        ),
        ({"versions": [{"name": "v1", "served": True, "storage": True}]}, "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"),
    ],
)  # fmt: skip
def test_each_rule_of_the_spec_has_its_words(changes: dict[str, Any], message: str) -> None:
    """One broken rule is told once."""
    manifest = definition()
    manifest["spec"] |= changes
    manifest["metadata"]["name"] = f"{manifest['spec']['names']['plural']}.{manifest['spec']['group']}"
    assert told(definitions.create(prepared(manifest))) == [message]


def test_the_name_is_plural_and_group() -> None:
    """A definition is named after what it defines."""
    manifest = definition()
    manifest["metadata"]["name"] = "backup.example.com"
    assert told(definitions.create(prepared(manifest))) == [
        'metadata.name: Invalid value: "backup.example.com": must be spec.names.plural+"."+spec.group'
    ]


def test_exactly_one_version_is_stored() -> None:
    """Neither none nor two; version names are unique."""
    none = definition(version(storage=False), version("v2", storage=False))
    assert [text.rpartition(": ")[2] for text in told(definitions.create(prepared(none)))] == [
        "must have exactly one version marked as storage version", "must have at least one stored version",
    ]  # fmt: skip
    twice = definition(version(), version(storage=False))
    assert [text.rpartition(": ")[2] for text in told(definitions.create(prepared(twice)))] == [
        "must contain unique version names"
    ]


def test_groups_of_kubernetes_need_approval() -> None:
    """A protected group asks for the annotation that says who reviewed the API."""
    manifest = definition()
    manifest["spec"]["group"], manifest["metadata"]["name"] = "x.k8s.io", "backups.x.k8s.io"
    assert [cause.field for cause in definitions.create(prepared(manifest))] == [
        "metadata.annotations[api-approved.kubernetes.io]"
    ]
    manifest["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, a test"}
    assert definitions.create(prepared(manifest)) == []


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ({}, ["properties[spec].type: Required value: must not be empty for specified object fields"]),
        ({"type": "array"}, ["properties[spec].items: Required value: must be specified"]),
        (
            {"type": "text"},
            [('properties[spec].type: Unsupported value: "text": supported values: '
             '"array", "boolean", "integer", "number", "object", "string"')],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
            ["properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"],
        ),
        (
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            [("properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity "
             "becomes quadratic")],
        ),
        (
            {"type": "object", "anyOf": [{"properties": {"a": {"minimum": 1}}}]},
            [(f"properties[spec].properties[a]: Required value: because it is defined in "
             f"{VALIDATION}.properties[spec].anyOf[0].properties[a]")],
        ),
        (
            {"type": "string", "allOf": [{"type": "string"}]},
            ["properties[spec].allOf[0].type: Forbidden: must be empty to be structural"],
        ),
        (
            {"type": "integer", "default": "x"},
            ['properties[spec].default: Invalid value: "string":  in body must be of type integer: "string"'],
        ),
        (
            {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}},
             "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"]},
            [("properties[spec].items.properties[n].default: Required value: this property is in "
             "x-kubernetes-list-map-keys, so it must have a default or be a required property")],
        ),
        (
            {"type": "object", "x-kubernetes-list-type": "set"},
            ['properties[spec].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified'],
        ),
    ],
)  # fmt: skip
def test_each_rule_of_a_schema_has_its_words(spec: dict[str, Any], messages: list[str]) -> None:
    """With one version, or versions that agree, it is told of the whole."""
    assert of_schema(spec) == [f"{VALIDATION}.{message}" for message in messages]


def test_the_root_is_an_object_that_leaves_metadata_alone() -> None:
    """Of the metadata only names may be restricted."""
    assert of_schema(type="array", items={"type": "string"}) == [
        f'{VALIDATION}.type: Invalid value: "array": must be object at the root'
    ]
    made = schema()
    made["properties"]["metadata"] = {"type": "object", "properties": {"labels": {"type": "object"}}}
    found = definitions.create(prepared(definition(version(schema={"openAPIV3Schema": made}))))
    assert told(found) == [
        (
            f"{VALIDATION}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, "
            "but metadata is implicitly specified"
        )
    ]
    made["properties"]["metadata"] = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}}}
    assert definitions.create(prepared(definition(version(schema={"openAPIV3Schema": made})))) == []


def test_int_or_string_may_say_its_two_types() -> None:
    """The one anyOf that speaks of types."""
    both = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert of_schema({"type": "object", "properties": {"port": both}}) == []


def test_columns_and_subresources_are_checked() -> None:
    """Types of columns are few, and the paths of a scale stay in spec and status."""
    made = version(
        additionalPrinterColumns=[{"name": "A", "type": "text", "jsonPath": "spec.a"}],
        subresources={"scale": {"specReplicasPath": ".status.replicas", "statusReplicasPath": ""}},
    )
    assert told(definitions.create(prepared(definition(made)))) == [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
        "spec.subresources.scale.statusReplicasPath: Required value",
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
    ]  # fmt: skip


def test_an_established_definition_keeps_its_scope_and_kind() -> None:
    """What resources are stored by cannot change once they may exist."""
    old, new = prepared(definition()), prepared(definition(scope="Cluster", kind="Copy"))
    assert definitions.update(new, old) == []
    condition = CustomResourceDefinitionCondition(type="Established", status="True")
    established = typed(definition())
    established = registry.defaults(established)
    status = type(established.status)(conditions=(condition,), storedVersions=("v1",))
    old = CustomResourceDefinition(metadata=established.metadata, spec=established.spec, status=status)
    assert [cause.field for cause in definitions.update(new, old)] == ["spec.scope", "spec.names.kind"]


def test_a_version_that_was_stored_stays() -> None:
    """It may be unserved, but not removed, while resources may still be kept in it."""
    old = prepared(definition(version("v1beta1")))
    new = registry.prepare_update(CUSTOM_RESOURCE_DEFINITIONS, typed(definition(version("v1"))), old)
    assert new.status.storedVersions == ("v1beta1", "v1")
    assert new.metadata.generation == 2
    assert told(definitions.update(registry.defaults(new), old)) == [
        ('status.storedVersions[0]: Invalid value: "v1beta1": missing from spec.versions; v1beta1 was previously a storage '
        "version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1beta1 "
        "and removes v1beta1 from status.storedVersions")
    ]  # fmt: skip


def test_what_is_no_schema_is_told_before_its_rules() -> None:
    """Every rule may rely on the types of what it looks at."""
    assert of_schema({"type": "object", "properties": [], "required": "a", "minimum": "1", "items": 3}) == [
        f"{VALIDATION}.properties.spec.properties: Invalid value: []: must be of type map[string]v1.JSONSchemaProps",
        f'{VALIDATION}.properties.spec.required: Invalid value: "a": must be of type []string',
        f'{VALIDATION}.properties.spec.minimum: Invalid value: "1": must be of type float64',
        f"{VALIDATION}.properties.spec.items: Invalid value: 3: must be of type v1.JSONSchemaPropsOrArray",
    ]


def test_nulls_in_a_schema_say_nothing() -> None:
    """They are gone once it is stored, but from the values that it speaks of."""
    spec = {
        "type": "object",
        "required": None,
        "properties": {"default": {"type": "string", "enum": [None], "pattern": None}},
    }
    value = prepared(definition(version(spec=spec)))
    assert definitions.create(value) == []
    stored = value.spec.versions[0].schema
    assert stored is not None
    assert stored.openAPIV3Schema["properties"]["spec"] == {
        "type": "object", "properties": {"default": {"type": "string", "enum": [None]}},
    }  # fmt: skip
    assert registry.defaults(value) is value
