"""What the facade changes: bodies in three forms, options, subresources, and warnings."""

import json
from importlib import import_module

import msgspec
import pytest

from cluster.api import kinds
from cluster.http import body, protobuf
from tests.cluster.http.client import CONFIG_MAPS, DEPLOYMENTS, MERGE, PODS, Client, config_map, deployment, pod

SERVICES = "/api/v1/namespaces/default/services"
NAMESPACE_SHOP = bytes.fromhex(
    "6b3873000a0f0a02763112094e616d657370616365121c0a140a0473686f7012001a0022002a0032003800420012001a020a001a002200"
)
"""What `kubectl create namespace shop` sends."""
PROTOBUF = {"content-type": "application/vnd.kubernetes.protobuf"}
INLINED = {
    "ephemeralContainerCommon", "handler", "localObjectReference", "volumeSource", "persistentVolumeSource", "rule",
    "ruleWithOperations", "ingressRuleValue",
}  # fmt: skip
NEWER = {
    "core.ClusterTrustBundleProjection": {"user"}, "core.ConfigMapVolumeSource": {"defaultUser"},
    "core.DownwardAPIVolumeFile": {"user"}, "core.DownwardAPIVolumeSource": {"defaultUser"},
    "core.EmptyDirVolumeSource": {"mode"}, "core.GRPCAction": {"mode"}, "core.HTTPGetAction": {"protocol"},
    "core.KeyToPath": {"user"}, "core.NodeAllocatableResourceClaimStatus": {"mapping", "overhead"},
    "core.NodeSpec": {"podPreemptionPolicy"}, "core.PodCertificateProjection": {"user"},
    "core.PersistentVolumeClaimStatus": {"healthStatus"}, "core.PodSpec": {"evictionResponders"}, "core.PodStatus": {"volumeHealth"},
    "core.ProjectedVolumeSource": {"defaultUser"}, "core.SecretVolumeSource": {"defaultUser"},
    "core.ServiceAccountTokenProjection": {"user"}, "core.VolumeMount": {"bindMountOptions"},
}  # fmt: skip
"""Fields that the table knows and Kubernetes 1.36 does not yet."""


@pytest.fixture
def client() -> Client:
    """A cluster with nothing in its default namespace."""
    return Client()


def test_create_update_patch_delete(client: Client) -> None:
    """An object's life: 201, 200, 200, a Success; each write but none more makes a revision."""
    code, made = client.plain("POST", CONFIG_MAPS, config_map("a", x="1"))
    assert (code, made["metadata"]["namespace"]) == (201, "default")
    assert client.plain("POST", CONFIG_MAPS, config_map("a"))[1]["reason"] == "AlreadyExists"
    made["data"] = {"x": "2"}
    code, updated = client.plain("PUT", f"{CONFIG_MAPS}/a", made)
    assert (code, updated["data"]) == (200, {"x": "2"})
    assert client.plain("PUT", f"{CONFIG_MAPS}/a", made)[1]["reason"] == "Conflict"
    code, patched = client.plain("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": None, "y": "3"}}, MERGE)
    assert (code, patched["data"]) == (200, {"y": "3"})
    code, status = client.plain("DELETE", f"{CONFIG_MAPS}/a")
    assert (code, status["status"], status["details"]["name"]) == (200, "Success", "a")
    assert client.plain("GET", f"{CONFIG_MAPS}/a")[0] == 404


def test_dry_run_changes_nothing(client: Client) -> None:
    """A dry run answers as the write would, and no revision is made; other values are refused."""
    client.plain("POST", CONFIG_MAPS, config_map("a", x="1"))
    before = client.store.revision
    assert client.plain("POST", CONFIG_MAPS, config_map("b"), dryRun="All")[0] == 201
    assert client.plain("PUT", f"{CONFIG_MAPS}/a", config_map("a", x="2"), dryRun="All")[1]["data"] == {"x": "2"}
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", {"data": {"z": "1"}}, MERGE, dryRun="All")[0] == 200
    assert client.plain("DELETE", f"{CONFIG_MAPS}/a", dryRun="All")[0] == 200
    assert client.plain("DELETE", CONFIG_MAPS, dryRun="All")[0] == 200
    assert client.plain("POST", CONFIG_MAPS, config_map("b"), dryRun="Some")[0] == 422
    assert client.store.revision == before


def test_field_validation(client: Client) -> None:
    """An unknown field is refused if Strict, warned of if Warn, and passed over if Ignore."""
    unknown = {**config_map("a"), "dta": {}}
    code, status = client.plain("POST", CONFIG_MAPS, unknown, fieldValidation="Strict")
    assert (code, 'unknown field "dta"' in status["message"]) == (400, True)
    warned = client.response("POST", CONFIG_MAPS, unknown, fieldValidation="Warn")
    assert warned.status == 201
    assert warned.headers == (("Warning", '299 - "unknown field \\"dta\\""'),)
    ignored = client.response("POST", CONFIG_MAPS, {**unknown, "metadata": {"name": "b"}}, fieldValidation="Ignore")
    assert (ignored.status, ignored.headers) == (201, ())


def test_apply_is_made_then_merged(client: Client) -> None:
    """Server-side apply makes what is missing (201), merges after (200), and tells conflicts by field."""
    headers = {"content-type": "application/apply-patch+yaml"}
    text = json.dumps(config_map("a", x="1")).encode()
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", text, headers, fieldManager="one")[0] == 201
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", text, headers, fieldManager="one")[0] == 200
    other = json.dumps(config_map("a", x="2")).encode()
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", other, headers, fieldManager="two")[0] == 409
    code, forced = client.plain("PATCH", f"{CONFIG_MAPS}/a", other, headers, fieldManager="two", force="true")
    assert (code, forced["data"]) == (200, {"x": "2"})
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", other, headers)[0] == 422


def test_scale(client: Client) -> None:
    """The scale subresource shows, sets and patches the replicas, and refuses a stale revision."""
    client.plain("POST", DEPLOYMENTS, deployment("web", 1))
    path = f"{DEPLOYMENTS}/web/scale"
    _, shown = client.plain("GET", path)
    assert (shown["kind"], shown["spec"], shown["status"]["selector"]) == ("Scale", {"replicas": 1}, "app=web")
    code, scaled = client.plain("PATCH", path, {"spec": {"replicas": 3}}, MERGE)
    assert (code, scaled["spec"]) == (200, {"replicas": 3})
    assert client.plain("PUT", path, shown)[0] == 409
    assert client.plain("PUT", path, {"spec": {"replicas": "many"}})[0] == 400


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/apis/apps/v1/namespaces/default/deployments/none", "deployments/scale.apps"),
        ("/apis/apps/v1/namespaces/default/replicasets/none", "replicasets/scale.apps"),
        ("/apis/apps/v1/namespaces/default/statefulsets/none", "statefulsets.apps"),
        ("/api/v1/namespaces/default/replicationcontrollers/none", "replicationcontrollers/scale.autoscaling"),
    ],
)
def test_the_scale_of_what_is_not_there(client: Client, path: str, what: str) -> None:
    """Most registries say that it is the scale they were asked for; StatefulSets' does not."""
    code, answer = client.plain("GET", f"{path}/scale")
    assert (code, answer["message"]) == (404, f'{what} "none" not found')


def test_a_resize_is_owned_as_it_was_asked_for(client: Client) -> None:
    """Only resources are resized; yet who asks for more through the subresource owns that from then on."""
    client.plain("POST", PODS, pod("web"), fieldManager="kubectl-create")
    asked = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "main", "image": "nginx:2"}]}}
    strategic = {"content-type": "application/strategic-merge-patch+json"}
    before = client.plain("GET", f"{PODS}/web")[1]
    code, after = client.plain("PATCH", f"{PODS}/web/resize", asked, strategic, fieldManager="kubectl-patch")
    assert (code, after["spec"], after["metadata"].get("labels")) == (200, before["spec"], None)
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    owned = {entry["manager"]: entry for entry in after["metadata"]["managedFields"]}
    containers = owned["kubectl-patch"]["fieldsV1"]["f:spec"]["f:containers"]
    assert containers == {'k:{"name":"main"}': {"f:image": {}}}
    assert owned["kubectl-patch"]["subresource"] == "resize"
    assert '"f:image":' not in json.dumps(owned["kubectl-create"])
    assert "f:status" not in owned["kubectl-create"]["fieldsV1"]


def test_binding_and_eviction(client: Client) -> None:
    """A binding puts a waiting pod on its node, once; an eviction deletes it; dry runs do neither."""
    client.plain("POST", PODS, pod("waits", schedulerName="mine"))
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "waits"}, "target": {"name": "node-2"}}
    assert client.plain("POST", f"{PODS}/waits/binding", binding, dryRun="All")[0] == 201
    assert client.plain("POST", f"{PODS}/waits/binding", binding)[0] == 201
    assert client.plain("GET", f"{PODS}/waits")[1]["spec"]["nodeName"] == "node-2"
    assert client.plain("POST", f"{PODS}/waits/binding", binding)[0] == 409
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "waits"}}
    assert client.plain("POST", f"{PODS}/waits/eviction", eviction, dryRun="All")[0] == 201
    assert "deletionTimestamp" not in client.plain("GET", f"{PODS}/waits")[1]["metadata"]
    assert client.plain("POST", f"{PODS}/waits/eviction", eviction)[0] == 201
    client.engine.run_for(60_000)
    assert client.plain("GET", f"{PODS}/waits")[0] == 404
    assert client.plain("GET", f"{PODS}/waits/binding")[0] in (404, 405)


def test_protobuf_is_the_same_as_json(client: Client) -> None:
    """What kubectl's typed commands send is read as its JSON would be; cut short, it is a 400."""
    plain = protobuf.decode(NAMESPACE_SHOP, body.TYPES)
    assert (plain["apiVersion"], plain["kind"], plain["metadata"]["name"]) == ("v1", "Namespace", "shop")
    assert client.plain("POST", "/api/v1/namespaces", NAMESPACE_SHOP, PROTOBUF)[0] == 201
    assert client.plain("GET", "/api/v1/namespaces/shop")[1]["status"] == {"phase": "Active"}
    for end in range(len(NAMESPACE_SHOP)):
        assert client.plain("POST", "/api/v1/namespaces", NAMESPACE_SHOP[:end], PROTOBUF)[0] in (400, 409, 422)


def test_delete_options_come_in_the_version_of_what_they_delete(client: Client) -> None:
    """A typed client's options have the group of the object; the uid in them is held against the object's."""
    head = b"k8s\0\n-\n\x1crbac.authorization.k8s.io/v1\x12\rDeleteOptions\x12(\x12&\n$"
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    role = client.plain("POST", path, {"metadata": {"name": "spare"}, "rules": []})[1]
    other = "00000000-0000-4000-8000-000000000000"
    assert client.plain("DELETE", f"{path}/spare", head + other.encode() + b'\x1a\0"\0', PROTOBUF)[0] == 409
    uid = role["metadata"]["uid"].encode()
    assert client.plain("DELETE", f"{path}/spare", head + uid + b'\x1a\0"\0', PROTOBUF)[0] == 200


def test_field_numbers_name_our_fields() -> None:
    """Every field with a number is one of ours, inlined into its owner, or newer than we are."""
    for name, numbered in protobuf.numbers().items():
        module, _, struct = name.partition(".")
        found = getattr(import_module(f"cluster.api.{module}"), struct, None)
        if found is not None:
            ours = {field.encode_name for field in msgspec.structs.fields(found)}
            assert {row[0] for row in numbered.values()} - ours - INLINED == NEWER.get(name, set()), name


def test_bodies_that_are_no_object(client: Client) -> None:
    """Unknown media types are a 415; what cannot be read, or is another kind, is a 400."""
    assert client.plain("POST", CONFIG_MAPS, b"x", {"content-type": "text/plain"})[0] == 415
    assert client.plain("POST", CONFIG_MAPS, b"{")[0] == 400
    assert client.plain("POST", CONFIG_MAPS, [1])[0] == 400
    assert client.plain("POST", CONFIG_MAPS, pod("a"))[0] == 400
    assert client.plain("PUT", f"{CONFIG_MAPS}/a", config_map("b"))[0] == 400
    assert client.plain("PATCH", f"{CONFIG_MAPS}/a", {}, {"content-type": "application/json"})[0] == 415
    assert client.plain("PUT", CONFIG_MAPS, config_map("a"))[0] == 405
    yaml = {"content-type": "application/yaml"}
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n"
    assert client.plain("POST", CONFIG_MAPS, text, yaml)[0] == 201
    assert client.store.table(kinds.CONFIG_MAPS).get("default/plain") is not None


def test_external_addresses_are_warned_of(client: Client) -> None:
    """A Service made with externalIPs is made, with a warning; one without has none."""
    spec = {"ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec}
    assert client.response("POST", SERVICES, service).headers == ()
    service = {**service, "metadata": {"name": "b"}, "spec": {**spec, "externalIPs": ["192.0.2.1"]}}
    warned = client.response("POST", SERVICES, service)
    text = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    assert (warned.status, warned.headers) == (201, (("Warning", f'299 - "{text}"'),))
