"""OpenAPI documents: the published schemas, described, with the paths that there are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cluster.api.custom import CustomResource
from cluster.api.kinds import STATIC
from cluster.api.meta import Resource
from cluster.api.object import Object
from cluster.http import openapi, openapi_schemas, openapi_v2, protobuf
from cluster.patch.schema import fields
from tests.cluster.http.client import Client

PUBLISHED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "reference" / "schemas.json").read_text())
OWN = frozenset({"apiVersion", "kind"})
POD = "io.k8s.api.core.v1.Pod"


@pytest.fixture(scope="module")
def client() -> Client:
    """A cluster as it starts."""
    return Client()


def _without_values(value: Any) -> Any:
    """A schema as it was published: without enumerated values."""
    if isinstance(value, dict):
        return {
            name: _without_values(item) for name, item in value.items() if name != "enum" or not isinstance(item, list)
        }
    return [_without_values(item) for item in value] if isinstance(value, list) else value


def _structs(struct: type[Object], found: dict[str, type[Object]], name: str) -> Iterator[tuple[str, type[Object]]]:
    """Every Struct reachable from one, with the name of its schema."""
    if name in found or struct is CustomResource:
        return
    found[name] = struct
    yield name, struct
    schema = openapi_schemas.schemas()[name]
    for field, described in fields(struct).items():
        inner = next(iter(openapi_schemas.references(schema["properties"][field])), "")
        if isinstance(described.item, type) and inner:
            yield from _structs(described.item, found, inner)


def test_schemas_are_the_published_ones() -> None:
    """Types, formats, defaults, required fields, list and map types are Kubernetes' own, leaf by leaf."""
    text = Path(openapi_schemas.__file__).with_name("schemas.json").read_bytes()
    shipped = msgspec.json.decode(text)
    assert shipped
    assert {name: _without_values(schema) for name, schema in shipped.items()} == {
        name: PUBLISHED[name] for name in shipped
    }


def test_documents_have_exactly_the_fields_that_the_server_takes() -> None:
    """For every type of every kind: its schema's fields are its Struct's, and the other way round."""
    found: dict[str, type[Object]] = {}
    for kind in STATIC.listed:
        for name, struct in _structs(kind.type, found, openapi.schema_name(kind)):
            ours = {info.encode_name for info in msgspec.structs.fields(struct)}
            theirs = set(openapi_schemas.schemas()[name].get("properties", ()))
            assert ours == (theirs - OWN if issubclass(struct, Resource) else theirs), name
    assert len(found) > 250


def test_descriptions_are_of_fields_that_there_are() -> None:
    """A description belongs to a type and a field of it, and ends as a sentence does."""
    for name, said in openapi_schemas.descriptions().items():
        known = set(PUBLISHED[name]["properties"]) | {""}
        assert set(said) <= known, name
        assert all(text.endswith(".") for text in said.values()), name


def test_values_of_enumerations_are_listed(client: Client) -> None:
    """A field with few values has them as enum and, as Kubernetes' documents do, in its description."""
    _, document = client.plain("GET", "/openapi/v3/api/v1")
    field = document["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"]["properties"]["restartPolicy"]
    assert field["enum"] == ["Always", "Never", "OnFailure"]
    assert field["description"].endswith('Possible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`')


def test_every_reference_leads_somewhere(client: Client) -> None:
    """A document holds every schema that it refers to, and every kind of its version."""
    _, index = client.plain("GET", "/openapi/v3")
    assert set(index["paths"]) == {openapi.root(kind.api_version) for kind in STATIC.listed}
    for path in index["paths"]:
        _, document = client.plain("GET", f"/openapi/v3/{path}")
        schemas = document["components"]["schemas"]
        assert set(openapi_schemas.references(document)) <= set(schemas)
        for kind in STATIC.listed:
            if openapi.root(kind.api_version) == path:
                own = schemas[openapi.schema_name(kind)]["x-kubernetes-group-version-kind"]
                assert {"group": kind.group, "version": kind.version, "kind": kind.kind} in own


def test_paths_are_told_of_as_discovery_lists_them(client: Client) -> None:
    """A client finds a kind by its path and whether it can be validated by the server in the patch's parameters."""
    _, document = client.plain("GET", "/openapi/v3/api/v1")
    pods = document["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"]
    assert set(pods) == {"get", "put", "patch", "delete", "parameters"}
    assert {"dryRun", "fieldManager", "fieldValidation", "force"} == {
        row["name"] for row in pods["patch"]["parameters"]
    }
    assert pods["get"]["x-kubernetes-group-version-kind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert set(document["paths"]["/api/v1/namespaces"]) == {"get", "post", "parameters"}
    assert "post" in document["paths"]["/api/v1/namespaces/{namespace}/pods/{name}/eviction"]
    assert "/api/v1/pods" in document["paths"]


def test_a_document_can_be_kept_while_its_hash_is_the_same(client: Client) -> None:
    """The index's URLs carry the hash; asked for by it, a document never changes."""
    _, index = client.plain("GET", "/openapi/v3")
    path, _, given = index["paths"]["apis/apps/v1"]["serverRelativeURL"].partition("?hash=")
    assert path == "/openapi/v3/apis/apps/v1"
    assert client.response("GET", path, None, None, hash=given).headers == openapi.IMMUTABLE
    assert client.response("GET", path, None, None, hash="old").headers == ()


def test_the_older_document_says_the_same_in_both_forms(client: Client) -> None:
    """v2 as protobuf has the fields of v2 as JSON: all definitions, and a Pod's properties."""
    _, plain = client.plain("GET", "/openapi/v2")
    assert plain["definitions"][POD]["properties"]["spec"] == {
        "$ref": "#/definitions/io.k8s.api.core.v1.PodSpec", "description": plain["definitions"][POD]["properties"]["spec"]["description"],
    }  # fmt: skip
    accept = {"accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}
    answered = client.response("GET", "/openapi/v2", headers=accept)
    assert answered.content_type == openapi_v2.PROTOBUF
    document = dict(protobuf.fields(answered.body))
    assert document[1] == b"2.0"
    definitions = _entries(document[9], 1)
    assert set(definitions) == set(plain["definitions"])
    properties = _entries(dict(protobuf.fields(definitions[POD]))[25], 1)
    assert set(properties) == set(plain["definitions"][POD]["properties"])
    paths = _entries(document[8], 2)
    assert set(paths) == set(plain["paths"])


def _entries(message: bytes, number: int) -> dict[str, bytes]:
    """A map of names to messages, under one field number."""
    pairs = [dict(protobuf.fields(raw)) for found, raw in protobuf.fields(message) if found == number]
    return {pair[1].decode(): pair.get(2, b"") for pair in pairs}
