"""Policies as clients meet them: refusals, warnings in headers, and evictions."""

from typing import Any

import pytest

from tests.cluster.definitions import BACKUPS, GROUP, backup, version
from tests.cluster.http.client import DEPLOYMENTS, MERGE, PODS, Client, deployment, pod
from tests.cluster.http.custom import serving

NAMESPACE = "/api/v1/namespaces/default"
QUOTAS = f"{NAMESPACE}/resourcequotas"
BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
RESTRICTED = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
RULES = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"


@pytest.fixture
def client() -> Client:
    """A cluster with nothing in its default namespace."""
    return Client()


def warnings(client: Client, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> list[str]:
    """What a write that is accepted warns of."""
    answered = client.response(method, path, body, headers)
    assert answered.status < 300
    return [text for name, text in answered.headers if name == "Warning"]


def test_pod_security(client: Client) -> None:
    """A namespace's new level warns of its pods, templates warn, pods are refused; scaling says nothing."""
    client.plain("POST", PODS, pod("old"))
    existing = r'299 - "existing pods in namespace \"default\" violate the new PodSecurity enforce level \"restricted:latest\""'
    assert warnings(client, "PATCH", NAMESPACE, RESTRICTED, MERGE) == [existing, f'299 - "old: {RULES}"']
    (told,) = warnings(client, "POST", DEPLOYMENTS, deployment("web", 1))
    assert told.startswith(
        r'299 - "would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false ('
    )
    assert warnings(client, "PATCH", f"{DEPLOYMENTS}/web", {"metadata": {"labels": {"a": "b"}}}, MERGE) == [told]
    assert warnings(client, "PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 2}}, MERGE) == []
    code, refused = client.plain("POST", PODS, pod("new"))
    assert (code, refused["reason"]) == (403, "Forbidden")
    assert refused["message"].startswith('pods "new" is forbidden: violates PodSecurity "restricted:latest": ')
    client.engine.run_for(2_000)
    _, found = client.plain("GET", f"{DEPLOYMENTS}/web")
    failure = next(condition for condition in found["status"]["conditions"] if condition["type"] == "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    bad = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "none"}}}
    assert client.plain("PATCH", NAMESPACE, bad, MERGE)[0] == 422


def test_quotas(client: Client) -> None:
    """What a quota does not allow is refused with 403."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}
    client.plain("POST", QUOTAS, quota)
    client.engine.run_for(1_000)
    assert client.plain("POST", PODS, pod("a"))[0] == 201
    assert client.plain("GET", f"{QUOTAS}/q")[1]["status"] == {"hard": {"pods": "1"}, "used": {"pods": "1"}}
    code, refused = client.plain("POST", PODS, pod("b"))
    assert (code, refused["message"]) == (
        403, 'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    )  # fmt: skip


def test_evictions(client: Client) -> None:
    """A budget stands in the way with 429 and says why; a new one asks to come back later."""
    client.plain("POST", PODS, pod("a"))
    client.engine.run_for(20_000)
    labels = {"metadata": {"labels": {"app": "a"}}}
    client.plain("PATCH", f"{PODS}/a", labels, MERGE)
    budget = {
        "metadata": {"name": "guard", "generation": 1},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}},
    }
    client.plain("POST", BUDGETS, {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **budget})
    eviction: dict[str, Any] = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}}
    early = client.response("POST", f"{PODS}/a/eviction", eviction)
    assert (early.status, early.headers) == (429, (("Retry-After", "10"),))
    client.engine.run_for(1_000)
    answered = client.response("POST", f"{PODS}/a/eviction", eviction)
    assert (answered.status, answered.headers) == (429, ())
    _, refused = client.plain("POST", f"{PODS}/a/eviction", eviction)
    assert refused["details"] == {
        "causes": [
            {
                "reason": "DisruptionBudget",
                "message": "The disruption budget guard needs 1 healthy pods and has 1 currently",
            }
        ]
    }
    misnamed = {**eviction, "metadata": {"name": "b"}}
    assert client.plain("POST", f"{PODS}/a/eviction", misnamed)[1]["message"] == (
        "name in URL does not match name in Eviction object"
    )
    other = {**eviction, "deleteOptions": {"preconditions": {"uid": "other"}}}
    assert client.plain("POST", f"{PODS}/a/eviction", other)[0] == 409
    assert client.plain("DELETE", f"{BUDGETS}/guard")[0] == 200
    assert client.plain("POST", f"{PODS}/a/eviction", {**eviction, "deleteOptions": {"dryRun": ["All"]}})[0] == 201
    assert client.plain("GET", f"{PODS}/a")[1]["metadata"].get("deletionTimestamp") is None
    assert client.plain("POST", f"{PODS}/a/eviction", eviction)[0] == 201
    assert client.plain("GET", f"{PODS}/a")[1]["metadata"]["deletionTimestamp"]


def test_budgets_of_custom_controllers() -> None:
    """A custom resource with a scale says how many pods there should be, as any other controller; without, none can."""
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    for subresources, expected in (({"scale": scale}, (4, 3, "InsufficientPods")), ({}, (0, 0, "SyncFailed"))):
        client = serving(version(subresources=subresources))
        _, owner = client.plain("POST", BACKUPS, backup("a", replicas=4))
        reference = {
            "apiVersion": f"{GROUP}/v1", "kind": "Backup", "name": "a", "uid": owner["metadata"]["uid"], "controller": True,
        }  # fmt: skip
        owned = pod("a-0")
        owned["metadata"] |= {"labels": {"app": "a"}, "ownerReferences": [reference]}
        assert client.plain("POST", PODS, owned)[0] == 201
        budget = {
            "metadata": {"name": "guard"},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "a"}}},
        }
        client.plain("POST", BUDGETS, {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **budget})
        client.engine.run_for(1_000)
        status = client.plain("GET", f"{BUDGETS}/guard")[1]["status"]
        found = (status["expectedPods"], status["desiredHealthy"], status["conditions"][0]["reason"])
        assert found == expected


def test_quotas_of_custom_resources() -> None:
    """Custom resources are counted as count/resource.group."""
    client = serving()
    hard = {f"count/backups.{GROUP}": "1"}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": hard}}
    client.plain("POST", QUOTAS, quota)
    client.engine.run_for(1_000)
    assert client.plain("POST", BACKUPS, backup("a"))[0] == 201
    code, refused = client.plain("POST", BACKUPS, backup("b"))
    name = f"count/backups.{GROUP}"
    assert (code, refused["message"]) == (
        403,
        f'backups.{GROUP} "b" is forbidden: exceeded quota: q, requested: {name}=1, used: {name}=1, limited: {name}=1',
    )
    client.plain("DELETE", f"{BACKUPS}/a")
    client.engine.run_for(1_000)
    assert client.plain("GET", f"{QUOTAS}/q")[1]["status"]["used"] == {name: "0"}
