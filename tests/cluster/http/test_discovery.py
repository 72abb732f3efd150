"""What the server says it has, against what a real Kubernetes 1.36 says, and what it says of itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.http.client import Client

REAL: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "reference" / "discovery.json").read_text()
)
AGGREGATED = {"accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
LEFT_OUT = {
    "admissionregistration.k8s.io/v1": {
        "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",  # CEL that changes objects is not built
    },
    "apiregistration.k8s.io/v1": {"apiservices", "apiservices/status"},  # there are no servers behind this one
    "certificates.k8s.io/v1": {  # nobody signs certificates here
        "certificatesigningrequests", "certificatesigningrequests/approval", "certificatesigningrequests/status",
    },
}  # fmt: skip
"""What a real server has and this one has not, on purpose."""


@pytest.fixture(scope="module")
def client() -> Client:
    """A cluster as it starts."""
    return Client()


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _legacy(client: Client) -> dict[str, dict[str, dict[str, Any]]]:
    """Every resource by version and name, as the legacy documents list them."""
    _, groups = client.plain("GET", "/apis")
    versions = ["v1", *(row["groupVersion"] for group in groups["groups"] for row in group["versions"])]
    return {
        version: {row["name"]: row for row in client.plain("GET", _root(version))[1]["resources"]}
        for version in versions
    }


def test_every_resource_is_as_the_real_server_lists_it(client: Client) -> None:
    """Names, scope, kinds, verbs, short names, categories and subresources, leaf by leaf; nothing of our own."""
    ours, real = _legacy(client), {version: {row["name"]: row for row in rows} for version, rows in REAL.items()}
    for rows in ours.values():
        for row in rows.values():
            row.pop("storageVersionHash", None)
    assert {
        version: set(rows) - set(ours.get(version, ()))
        for version, rows in real.items()
        if set(rows) - set(ours.get(version, ()))
    } == LEFT_OUT
    shared = {version: {name: real[version][name] for name in rows} for version, rows in ours.items()}
    assert ours == shared


def test_the_aggregated_form_says_the_same(client: Client) -> None:
    """What the aggregated documents list is what the legacy ones do, subresources and kinds included."""
    legacy, found = _legacy(client), dict[str, dict[str, Any]]()
    items = [item for root in ("/api", "/apis") for item in client.plain("GET", root, headers=AGGREGATED)[1]["items"]]
    for item in items:
        group = item["metadata"].get("name", "")
        for version in item["versions"]:
            rows = found[f"{group}/{version['version']}" if group else version["version"]] = {}
            for resource in version["resources"]:
                rows[resource["resource"]] = resource
                subresources = resource.get("subresources", ())
                rows.update({f"{resource['resource']}/{each['subresource']}": each for each in subresources})
    assert {version: set(rows) for version, rows in found.items()} == {
        version: set(rows) for version, rows in legacy.items()
    }
    for version, rows in found.items():
        group, _, name = version.rpartition("/")
        for resource, row in rows.items():
            old = legacy[version][resource]
            kind = {"group": old.get("group", group), "version": old.get("version", name), "kind": old["kind"]}
            assert (row["verbs"], row["responseKind"]) == (old["verbs"], kind), resource
            if "/" not in resource:
                assert row["scope"] == ("Namespaced" if old["namespaced"] else "Cluster")
                assert row["singularResource"] == old["singularName"]
                assert row.get("shortNames") == old.get("shortNames")
                assert row.get("categories") == old.get("categories")


def test_every_listed_collection_answers(client: Client) -> None:
    """Whatever says it can be listed is listed."""
    for version, rows in _legacy(client).items():
        for name, row in rows.items():
            if "list" in row["verbs"]:
                code, listed = client.plain("GET", f"{_root(version)}/{name}")
                assert (code, listed["kind"]) == (200, f"{row['kind']}List")


def test_storage_version_hashes_tell_the_kept_version(client: Client) -> None:
    """As in Kubernetes: a hash of group, version and kind; two versions of a kind have that of the kept one."""
    legacy = _legacy(client)
    assert legacy["v1"]["pods"]["storageVersionHash"] == "xPOwRZ+Yhw8="
    assert legacy["events.k8s.io/v1"]["events"]["storageVersionHash"] == legacy["v1"]["events"]["storageVersionHash"]


def test_groups_have_a_preferred_version(client: Client) -> None:
    """The newest version comes first, and is what a short name means; the core group has no entry."""
    _, group = client.plain("GET", "/apis/autoscaling")
    assert (group["kind"], group["preferredVersion"]["version"]) == ("APIGroup", "v2")
    assert [row["version"] for row in group["versions"]] == ["v2", "v1"]
    assert client.plain("GET", "/api")[1]["versions"] == ["v1"]
    names = [row["name"] for row in client.plain("GET", "/apis")[1]["groups"]]
    assert names[0] == "apps"
    assert "" not in names


def test_bindings_and_component_statuses(client: Client) -> None:
    """A binding can be posted without its pod's path; the control plane is well, and that question is deprecated."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}, "spec": {"schedulerName": "me"}}
    pod["spec"] = {"schedulerName": "me", "containers": [{"name": "main", "image": "nginx"}]}
    assert client.plain("POST", "/api/v1/namespaces/default/pods", pod)[0] == 201
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "b"},
        "target": {"kind": "Node", "name": "n"},
    }
    assert client.plain("POST", "/api/v1/namespaces/default/bindings", binding)[0] == 201
    assert client.plain("GET", "/api/v1/namespaces/default/pods/b")[1]["spec"]["nodeName"] == "n"
    answered = client.response("GET", "/api/v1/componentstatuses")
    assert answered.headers == (("Warning", '299 - "v1 ComponentStatus is deprecated in v1.19+"'),)
    names = [item["metadata"]["name"] for item in json.loads(answered.body)["items"]]
    assert names == ["controller-manager", "etcd-0", "scheduler"]
    assert client.plain("GET", "/api/v1/componentstatuses/nosuch")[0] == 404
    assert client.plain("DELETE", "/api/v1/namespaces")[0] == 405


def test_health_is_told_in_three_ways(client: Client) -> None:
    """Whole, check by check, and in full; a check that there is not is not found."""
    for name in ("healthz", "livez", "readyz"):
        assert client.response("GET", f"/{name}").body == b"ok"
        assert client.response("GET", f"/{name}/ping").body == b"ok"
    told = client.response("GET", "/livez", None, None, verbose="").body.decode()
    assert told == "[+]ping ok\n[+]log ok\n[+]etcd ok\nlivez check passed\n"
    excluded = client.response("GET", "/readyz", None, None, verbose="", exclude="etcd").body.decode()
    assert "[+]etcd excluded: ok\n" in excluded
    assert client.plain("GET", "/livez/nosuch")[0] == 404


def test_the_root_lists_paths_that_answer(client: Client) -> None:
    """Every path of the root document is one."""
    _, document = client.plain("GET", "/")
    assert {"/apis/apps/v1", "/healthz/ping", "/openapi/v3", "/version"} < set(document["paths"])
    for path in document["paths"]:
        assert client.response("GET", path).status == 200, path
    assert client.plain("GET", "/version")[1]["gitVersion"] == "v1.36.2"
