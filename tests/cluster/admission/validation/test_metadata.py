"""The rules of metadata, which every kind shares."""

from typing import Any

import pytest

from cluster.admission import validation
from cluster.api import codec, kinds, names
from cluster.api.core import ConfigMap
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import created, refused, refused_change, said

SUBDOMAIN = names.is_dns1123_subdomain("A B")[0]
OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1"}
TWO = (
    "Only one reference can have Controller set to true. "
    'Found "true" in references for ReplicaSet/web and ReplicaSet/other'
)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"name": "A B"}, [f'metadata.name: Invalid value: "A B": {SUBDOMAIN}']),
        ({"name": ""}, ["metadata.name: Required value: name or generateName is required"]),
        ({"generateName": "web-"}, []),
        ({"generateName": "Web-"}, [f'metadata.generateName: Invalid value: "Web-": {SUBDOMAIN}']),
        ({"labels": {"a/b/c": "x"}}, [f'metadata.labels: Invalid value: "a/b/c": {names.qualified_name("a/b/c")[0]}']),
        ({"labels": {"a": "-"}}, [f'metadata.labels: Invalid value: "-": {names.label_value("-")[0]}']),
        ({"annotations": {"UPPER.example.com/Key": "any ✓ text"}}, []),
        ({"annotations": {"a b": ""}}, [f'metadata.annotations: Invalid value: "a b": {names.qualified_name("a b")[0]}']),
        ({"annotations": {"a": "x" * 262_144}}, ["metadata.annotations: Too long: may not be more than 262144 bytes"]),
        ({"finalizers": ["kubernetes", "example.com/own", "orphan"]}, []),
        ({"finalizers": ["orphan", "foregroundDeletion"]},
         [('metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
          "finalizer orphan and foregroundDeletion cannot be both set")]),
        ({"ownerReferences": [OWNER]}, []),
        ({"ownerReferences": [{**OWNER, "uid": ""}]}, ['metadata.ownerReferences.uid: Invalid value: "": must not be empty']),
        ({"ownerReferences": [{**OWNER, "apiVersion": ""}]},
         ['metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty']),
        ({"ownerReferences": [{**OWNER, "apiVersion": "v1", "kind": "Event"}]},
         [('metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"web","uid":"1"}: '
          "/v1, Kind=Event is disallowed from being an owner")]),
    ],
)  # fmt: skip
def test_new_metadata(metadata: dict[str, Any], expected: list[str]) -> None:
    """Names, labels, annotations, finalizers and owners each have their rule."""
    assert refused(kinds.CONFIG_MAPS, {"metadata": metadata}) == expected


def test_one_controller() -> None:
    """An object is controlled by one owner."""
    owners = [{**OWNER, "controller": True}, {**OWNER, "name": "other", "controller": True}]
    (cause,) = refused(kinds.CONFIG_MAPS, {"metadata": {"ownerReferences": owners}})
    assert cause.startswith('metadata.ownerReferences: Invalid value: [{"apiVersion":"apps/v1","kind":"ReplicaSet",')
    assert cause.endswith(TWO)


@pytest.mark.parametrize(
    ("kind", "name", "fine"),
    [
        (kinds.NAMESPACES, "a.b", False), (kinds.SERVICES, "a.b", False), (kinds.CONFIG_MAPS, "a.b", True),
        (kinds.NODES, "node-1.example.com", True), (kinds.SERVICES, "1st", True), (kinds.SECRETS, "a" * 253, True),
        (kinds.SECRETS, "a" * 254, False), (kinds.NAMESPACES, "a" * 64, False),
    ],
)  # fmt: skip
def test_names_by_kind(kind: Kind[Any], name: str, fine: bool) -> None:  # noqa: FBT001 - drawn
    """Namespaces and Services are single labels, the others may have dots."""
    plain = {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}]} if kind is kinds.SERVICES else {}}
    assert bool(refused(kind, plain if plain["spec"] else {"metadata": plain["metadata"]})) is not fine


def test_where_an_object_lives() -> None:
    """What is of a namespace names one, what is of the cluster does not."""
    value = codec.from_plain(ConfigMap, {"metadata": {"name": "a"}})
    assert said(validation.create(kinds.CONFIG_MAPS, value)) == ["metadata.namespace: Required value"]
    node = created(kinds.NODES, {"metadata": {"namespace": "shop"}})
    assert said(validation.create(kinds.NODES, node)) == ["metadata.namespace: Forbidden: not allowed on this type"]


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [("uid", "other", '"other"'), ("creationTimestamp", "2026-02-02T00:00:00Z", '"2026-02-02T00:00:00Z"'),
     ("deletionTimestamp", "2026-02-02T00:00:00Z", '"2026-02-02T00:00:00Z"'), ("deletionGracePeriodSeconds", 5, "5")],
)  # fmt: skip
def test_immutable_metadata(field: str, value: object, shown: str) -> None:
    """Who an object is does not change."""
    before = {"metadata": {"uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}}
    after = {"metadata": {**before["metadata"], field: value}}
    assert refused_change(kinds.CONFIG_MAPS, before, after) == [
        f"metadata.{field}: Invalid value: {shown}: field is immutable"
    ]


def test_no_new_finalizers_on_the_way_out() -> None:
    """An object that is being deleted gets no more finalizers, but may lose them."""
    before = {
        "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/a", "example.com/b"]}
    }
    less = {"metadata": {**before["metadata"], "finalizers": ["example.com/b"]}}
    more = {"metadata": {**before["metadata"], "finalizers": ["example.com/a", "example.com/late"]}}
    assert refused_change(kinds.CONFIG_MAPS, before, less) == []
    assert refused_change(kinds.CONFIG_MAPS, before, more) == [
        (
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
            'found new finalizers []string{"example.com/late"}'
        )
    ]


def test_generation_never_falls() -> None:
    """An update cannot turn the generation back."""
    assert refused_change(kinds.CONFIG_MAPS, {"metadata": {"generation": 3}}, {"metadata": {"generation": 2}}) == [
        "metadata.generation: Invalid value: 2: must not be decremented"
    ]
