"""Patches that speak of the object's version, or of who owns its fields."""

from typing import Any

from tests.cluster.http.client import CONFIG_MAPS, MERGE, Client, config_map

JSON_PATCH = {"content-type": "application/json-patch+json"}
PATH = f"{CONFIG_MAPS}/a"


def created() -> tuple[Client, dict[str, Any]]:
    """A cluster with a ConfigMap, and the ConfigMap."""
    client = Client()
    return client, client.plain("POST", CONFIG_MAPS, config_map("a", x="1"), fieldManager="one")[1]


def test_a_patch_with_an_old_version_is_a_conflict() -> None:
    """A patch may say which version it was made for; the present one is fine."""
    client, made = created()
    version = made["metadata"]["resourceVersion"]
    assert client.plain("PATCH", PATH, {"metadata": {"resourceVersion": version}, "data": {"x": "2"}}, MERGE)[0] == 200
    status, answered = client.plain(
        "PATCH", PATH, {"metadata": {"resourceVersion": version}, "data": {"x": "3"}}, MERGE
    )
    assert (status, answered["reason"]) == (409, "Conflict")


def test_a_client_may_hand_over_its_fields() -> None:
    """As kubectl does when it takes server-side apply up: with the version that it saw, in one JSON patch."""
    client, made = created()
    (entry,) = made["metadata"]["managedFields"]
    moved = {**entry, "manager": "two", "operation": "Apply"}
    patch = [
        {"op": "replace", "path": "/metadata/managedFields", "value": [moved]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": made["metadata"]["resourceVersion"]},
    ]
    status, after = client.plain("PATCH", PATH, patch, JSON_PATCH, fieldManager="two")
    assert status == 200
    assert [(one["manager"], one["operation"]) for one in after["metadata"]["managedFields"]] == [("two", "Apply")]
    assert client.plain("PATCH", PATH, patch, JSON_PATCH)[0] == 409
