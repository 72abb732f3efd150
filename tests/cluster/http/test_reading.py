"""What the facade shows: objects, lists, Tables, pages, watches and discovery."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.http.paths import Target, target
from cluster.registry import Registry
from cluster.store import Store
from tests.cluster.http.client import (
    CONFIG_MAPS,
    PARTIAL,
    PARTIAL_LIST,
    TABLE,
    Client,
    config_map,
    lines,
)

AGGREGATED = {"accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}


@pytest.fixture
def client() -> Client:
    """A cluster with three ConfigMaps, a, b and c, beside the one of every namespace."""
    made = Client()
    for name in "abc":
        assert made.plain("POST", CONFIG_MAPS, config_map(name, at=name))[0] == 201
    return made


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/v1/pods", Target(kinds.PODS)),
        ("/api/v1/namespaces/shop/pods", Target(kinds.PODS, "shop")),
        ("/api/v1/namespaces/shop/pods/web/", Target(kinds.PODS, "shop", "web")),
        ("/api/v1/namespaces/shop/pods/web/status", Target(kinds.PODS, "shop", "web", "status")),
        ("/api/v1/namespaces/shop", Target(kinds.NAMESPACES, "", "shop")),
        ("/api/v1/namespaces/shop/finalize", Target(kinds.NAMESPACES, "", "shop", "finalize")),
        ("/apis/apps/v1/deployments", Target(kinds.DEPLOYMENTS)),
        ("/api/v1/namespaces/shop/nodes", None),
        ("/api/v1/pods/web", None),
        ("/api/v1/namespaces/shop/pods/web/scale", None),
        ("/apis/apps/v1", None),
        ("/api/v2/pods", None),
    ],
)
def test_a_path_names_one_thing_or_nothing(path: str, named: Target | None) -> None:
    """Groups, namespaces, names and subresources are read from the path; what is not served is nothing."""
    assert target(path, Registry(Store())) == named


def test_get_and_not_found(client: Client) -> None:
    """An object comes with its kind and revision; a missing one is a Status 404 that names it."""
    code, found = client.plain("GET", f"{CONFIG_MAPS}/a")
    assert (code, found["kind"], found["data"]) == (200, "ConfigMap", {"at": "a"})
    assert found["metadata"]["resourceVersion"] == str(client.store.table(kinds.CONFIG_MAPS).revision("default/a"))
    code, status = client.plain("GET", f"{CONFIG_MAPS}/z")
    assert (code, status["reason"], status["message"]) == (404, "NotFound", 'configmaps "z" not found')
    assert status["kind"] == "Status"


def test_a_list_names_its_revision_and_no_kinds(client: Client) -> None:
    """A list carries the store's revision; its items leave their kind to the list."""
    code, listed = client.plain("GET", CONFIG_MAPS, fieldSelector="metadata.name!=kube-root-ca.crt")
    assert (code, listed["kind"]) == (200, "ConfigMapList")
    assert listed["metadata"] == {"resourceVersion": str(client.store.revision)}
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a", "b", "c"]
    assert "kind" not in listed["items"][0]


def test_table_and_metadata_alone(client: Client) -> None:
    """A client that accepts Tables gets the printers' cells; one that accepts metadata gets no more."""
    _, table = client.plain("GET", CONFIG_MAPS, headers=TABLE, fieldSelector="metadata.name=a")
    assert table["kind"] == "Table"
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == ["a", "1"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    _, one = client.plain("GET", f"{CONFIG_MAPS}/a", headers=PARTIAL)
    assert set(one) == {"kind", "apiVersion", "metadata"}
    _, many = client.plain("GET", CONFIG_MAPS, headers=PARTIAL_LIST)
    assert many["kind"] == "PartialObjectMetadataList"
    assert all("data" not in item for item in many["items"])


def test_pages_are_of_one_revision(client: Client) -> None:
    """Pages hold every object once, as of the first page, whatever is written between them."""
    seen: list[str] = []
    query = {"limit": "2"}
    _, first = client.plain("GET", CONFIG_MAPS, None, None, **query)
    client.plain("POST", CONFIG_MAPS, config_map("zz"))
    _, second = client.plain("GET", CONFIG_MAPS, None, None, **query, **{"continue": first["metadata"]["continue"]})
    for page in (first, second):
        seen += [item["metadata"]["name"] for item in page["items"]]
    assert seen == ["a", "b", "c", "kube-root-ca.crt"]
    assert first["metadata"]["remainingItemCount"] == 2
    assert "continue" not in second["metadata"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert client.plain("GET", CONFIG_MAPS, None, None, **{"continue": "rubbish"})[0] == 400


def test_watch_from_a_list_misses_nothing(client: Client) -> None:
    """A watch from a list's revision sends what was written after it, in order, once."""
    _, listed = client.plain("GET", CONFIG_MAPS)
    client.plain("POST", CONFIG_MAPS, config_map("d"))
    stream = client.watch(CONFIG_MAPS, resourceVersion=listed["metadata"]["resourceVersion"])
    client.plain("DELETE", f"{CONFIG_MAPS}/a")
    told = [(event, value["metadata"]["name"]) for event, value in lines(stream)]
    assert told == [("ADDED", "d"), ("DELETED", "a")]
    assert lines(stream) == []


def test_watch_list_ends_its_beginning_with_a_bookmark(client: Client) -> None:
    """With sendInitialEvents, what there is comes first, and a marked bookmark after it."""
    stream = client.watch(
        CONFIG_MAPS, sendInitialEvents="true", resourceVersionMatch="NotOlderThan", allowWatchBookmarks="true",
        fieldSelector="metadata.name=a",
    )  # fmt: skip
    told = lines(stream)
    assert [event for event, _ in told] == ["ADDED", "BOOKMARK"]
    mark: dict[str, Any] = told[1][1]["metadata"]
    assert mark["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert mark["resourceVersion"] == str(client.store.revision)
    assert stream.bookmark() is None


def test_watch_of_a_lost_revision_is_gone() -> None:
    """A revision that the store no longer holds is a 410, so that the client lists anew."""
    client = Client()
    client.store.compact(client.store.revision)
    code, status = client.plain("GET", CONFIG_MAPS, watch="true", resourceVersion="1")
    assert (code, status["reason"]) == (410, "Expired")


def test_rules_of_resource_version(client: Client) -> None:
    """A revision of the future is a timeout; sendInitialEvents asks for resourceVersionMatch."""
    assert client.plain("GET", CONFIG_MAPS, resourceVersion="999999")[0] == 504
    code, status = client.plain("GET", CONFIG_MAPS, watch="true", sendInitialEvents="true")
    assert (code, status["details"]["causes"][0]["field"]) == (422, "resourceVersionMatch")


def test_openapi_and_health(client: Client) -> None:
    """Every group version has an OpenAPI document with its kinds; unknown paths are a 404."""
    _, index = client.plain("GET", "/openapi/v3")
    assert set(index["paths"]) >= {"api/v1", "apis/apps/v1"}
    _, document = client.plain("GET", "/openapi/v3/apis/apps/v1")
    assert "io.k8s.api.apps.v1.Deployment" in document["components"]["schemas"]
    assert client.plain("GET", "/version")[1]["gitVersion"] == "v1.36.2"
    assert client.response("GET", "/readyz").body == b"ok"
    assert client.plain("GET", "/apis/nothing.io/v1")[0] == 404
    warned = client.response("GET", "/api/v1/endpoints")
    assert warned.headers == (
        ("Warning", '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'),
    )
