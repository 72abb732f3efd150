"""Custom kinds over HTTP: every verb, every form, and what clients learn of them."""

import json
from typing import Any

import pytest

from tests.cluster.definitions import BACKUPS, DEFINITIONS, SPEC, backup, definition, version
from tests.cluster.http.client import MERGE, PARTIAL, TABLE, Client, lines
from tests.cluster.http.custom import establish, serving

SUBRESOURCES = {
    "status": {},
    "scale": {
        "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    },
}  # fmt: skip
APPLY = {"content-type": "application/apply-patch+yaml"}


@pytest.fixture
def client() -> Client:
    """A cluster that serves Backups with a status and a scale."""
    return serving(version(subresources=SUBRESOURCES, additionalPrinterColumns=[
        {"name": "Schedule", "type": "string", "jsonPath": ".spec.schedule"},
        {"name": "Keep", "type": "integer", "jsonPath": ".spec.keep"},
        {"name": "Bucket", "type": "string", "priority": 1, "jsonPath": ".spec.target.bucket"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]), shortNames=["bkp"])  # fmt: skip


def test_what_is_created_is_pruned_defaulted_and_read_back(client: Client) -> None:
    """Unknown fields are told and dropped, absent ones filled in, and a status is not taken."""
    sent = {**backup(target={"bucket": "a", "region": "north"}), "status": {"phase": "Done"}}
    answered = client.response("POST", BACKUPS, sent, fieldValidation="Warn")
    assert answered.status == 201
    assert ("Warning", '299 - "unknown field \\"spec.target.region\\""') in answered.headers
    read = client.plain("GET", f"{BACKUPS}/nightly")[1]
    assert read["spec"] == {"schedule": "0 2 * * *", "keep": 7, "target": {"bucket": "a"}}
    assert (read["apiVersion"], read["kind"], read["metadata"]["generation"]) == ("example.com/v1", "Backup", 1)
    assert "status" not in read


def test_a_strict_client_is_told_of_unknown_fields(client: Client) -> None:
    """In the words of the strict decoder, of metadata too."""
    sent = backup(colour="red")
    sent["metadata"]["size"] = 3
    status, answered = client.plain("POST", BACKUPS, sent, fieldValidation="Strict")
    assert (status, answered["message"]) == (400, (
        'Backup in version "v1" cannot be handled as a Backup: strict decoding error: '
        'unknown field "spec.colour", unknown field "metadata.size"'
    ))  # fmt: skip


def test_every_fault_of_a_resource_is_told(client: Client) -> None:
    """As a 422 with one cause for each."""
    sent = backup(keep=99, mode="partial", tags=["a", "b", "c"], target={"bucket": 7})
    status, answered = client.plain("POST", BACKUPS, sent)
    assert status == 422
    assert {cause["field"]: cause["reason"] for cause in answered["details"]["causes"]} == {
        "spec.keep": "FieldValueInvalid", "spec.mode": "FieldValueNotSupported", "spec.tags": "FieldValueTooMany",
        "spec.target.bucket": "FieldValueTypeInvalid",
    }  # fmt: skip
    assert answered["message"].startswith('Backup.example.com "nightly" is invalid: [')


def test_generation_counts_specs_and_status_is_apart(client: Client) -> None:
    """The main resource never changes the status, the status never the rest."""
    client.plain("POST", BACKUPS, backup())
    path = f"{BACKUPS}/nightly"
    assert (
        client.plain("PATCH", path, {"spec": {"keep": 3}, "status": {"phase": "x"}}, MERGE)[1]["metadata"]["generation"]
        == 2
    )
    assert client.plain("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, MERGE)[1]["metadata"]["generation"] == 2
    changed = {"spec": {"keep": 9}, "status": {"phase": "Done"}, "metadata": {"labels": {"a": "c"}}}
    status, after = client.plain("PATCH", f"{path}/status", changed, MERGE)
    assert status == 200
    assert (after["spec"]["keep"], after["status"], after["metadata"]["labels"]) == (3, {"phase": "Done"}, {"a": "b"})
    assert after["metadata"]["generation"] == 2
    status, refused = client.plain("PATCH", f"{path}/status", {"status": {"phase": 3}}, MERGE)
    assert [cause["field"] for cause in refused["details"]["causes"]] == ["status.phase"]


def test_json_and_merge_patches_work_and_strategic_ones_do_not(client: Client) -> None:
    """There is no strategy without a Struct: 415 that lists what is taken."""
    client.plain("POST", BACKUPS, backup())
    path = f"{BACKUPS}/nightly"
    operations = [{"op": "replace", "path": "/spec/keep", "value": 4}]
    assert (
        client.plain("PATCH", path, operations, {"content-type": "application/json-patch+json"})[1]["spec"]["keep"] == 4
    )
    status, refused = client.plain("PATCH", path, {}, {"content-type": "application/strategic-merge-patch+json"})
    assert (status, refused["message"]) == (415, (
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
        "application/merge-patch+json, application/apply-patch+yaml"
    ))  # fmt: skip


def test_server_side_apply_follows_the_schemas_lists() -> None:
    """Items of a list that is a map have owners of their own; an atomic list has one."""
    item = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
    }
    disks = {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    client = serving(version(spec={**SPEC, "properties": {**SPEC["properties"], "disks": disks}}))
    path = f"{BACKUPS}/nightly"
    mine, theirs = backup(disks=[{"name": "a", "size": 1}]), backup(disks=[{"name": "b", "size": 2}])
    assert client.plain("PATCH", path, mine, APPLY, fieldManager="me")[0] == 201
    status, after = client.plain("PATCH", path, theirs, APPLY, fieldManager="them")
    assert (status, after["spec"]["disks"]) == (200, [{"name": "a", "size": 1}, {"name": "b", "size": 2}])
    fields = {entry["manager"]: entry["fieldsV1"]["f:spec"]["f:disks"] for entry in after["metadata"]["managedFields"]}
    assert fields["me"] == {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:size": {}}}
    status, refused = client.plain("PATCH", path, backup(disks=[{"name": "a", "size": 9}]), APPLY, fieldManager="them")
    assert status == 409
    assert refused["details"]["causes"][0]["field"] == '.spec.disks[name="a"].size'
    status, after = client.plain("PATCH", path, backup(), APPLY, fieldManager="them")
    assert after["spec"]["disks"] == [{"name": "a", "size": 1}]


def test_a_scale_reads_and_writes_the_paths_of_the_definition(client: Client) -> None:
    """The subresource is made of the fields that the definition names."""
    client.plain("POST", BACKUPS, backup(replicas=2))
    path = f"{BACKUPS}/nightly"
    client.plain("PATCH", f"{path}/status", {"status": {"replicas": 1, "selector": "app=x"}}, MERGE)
    scale = client.plain("GET", f"{path}/scale")[1]
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 1, "selector": "app=x"})
    assert client.plain("PATCH", f"{path}/scale", {"spec": {"replicas": 5}}, MERGE)[0] == 200
    assert client.plain("GET", path)[1]["spec"]["replicas"] == 5


def test_lists_tables_and_metadata_have_the_forms_of_every_kind(client: Client) -> None:
    """Columns are those of the definition; a cell without a value is empty."""
    client.plain("POST", BACKUPS, backup())
    client.engine.run_for(60_000)
    listed = client.plain("GET", BACKUPS)[1]
    assert (listed["kind"], [item["metadata"]["name"] for item in listed["items"]]) == ("BackupList", ["nightly"])
    table = client.plain("GET", BACKUPS, None, TABLE)[1]
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Schedule", "Keep", "Bucket", "Age"]
    assert table["rows"][0]["cells"] == ["nightly", "0 2 * * *", 7, "", "60s"]
    assert set(client.plain("GET", f"{BACKUPS}/nightly", None, PARTIAL)[1]) == {"kind", "apiVersion", "metadata"}


def test_a_watch_sees_custom_resources_come_and_go(client: Client) -> None:
    """As of any kind."""
    stream = client.watch(BACKUPS)
    client.plain("POST", BACKUPS, backup())
    client.plain("DELETE", f"{BACKUPS}/nightly")
    assert [(event, value["kind"]) for event, value in lines(stream)] == [("ADDED", "Backup"), ("DELETED", "Backup")]


def test_fields_are_selectable_where_the_version_says_so() -> None:
    """Name and namespace always, others by `selectableFields`."""
    client = serving(version(selectableFields=[{"jsonPath": ".spec.mode"}]))
    client.plain("POST", BACKUPS, backup("a", mode="full"))
    client.plain("POST", BACKUPS, backup("b", mode="incremental"))

    def names(selector: str) -> list[str]:
        return [item["metadata"]["name"] for item in client.plain("GET", BACKUPS, fieldSelector=selector)[1]["items"]]

    assert names("spec.mode=full") == ["a"]
    assert names("metadata.name!=a") == ["b"]
    status, refused = client.plain("GET", BACKUPS, fieldSelector="spec.keep=7")
    assert (status, refused["message"]) == (400, "field label not supported: spec.keep")


def test_versions_differ_in_their_name_only() -> None:
    """What is written in one version is read in the other; a deprecated one warns."""
    client = serving(version("v1"), version("v1beta1", storage=False, deprecated=True))
    old = BACKUPS.replace("/v1/", "/v1beta1/")
    answered = client.response("POST", old, backup(api_version="example.com/v1beta1"))
    assert ("Warning", '299 - "example.com/v1beta1 Backup is deprecated"') in answered.headers
    assert json.loads(answered.body)["apiVersion"] == "example.com/v1beta1"
    assert client.plain("GET", f"{BACKUPS}/nightly")[1]["apiVersion"] == "example.com/v1"
    assert client.plain("GET", BACKUPS.replace("/v1/", "/v2/"))[0] == 404


def test_discovery_and_openapi_tell_of_custom_kinds(client: Client) -> None:
    """Names, scope and subresources in discovery; the schema, as written, in OpenAPI."""
    resources = client.plain("GET", "/apis/example.com/v1")[1]["resources"]
    assert [found["name"] for found in resources] == ["backups", "backups/scale", "backups/status"]
    assert resources[0]["shortNames"] == ["bkp"]
    group = client.plain("GET", "/apis/example.com")[1]
    assert group["preferredVersion"] == {"groupVersion": "example.com/v1", "version": "v1"}
    assert "apis/example.com/v1" in client.plain("GET", "/openapi/v3")[1]["paths"]
    schemas = client.plain("GET", "/openapi/v3/apis/example.com/v1")[1]["components"]["schemas"]
    properties = schemas["com.example.v1.Backup"]["properties"]
    assert properties["spec"]["properties"]["keep"] == SPEC["properties"]["keep"]
    assert properties["metadata"]["allOf"][0]["$ref"].endswith("ObjectMeta")
    older = client.plain("GET", "/openapi/v2")[1]
    found = older["definitions"]["com.example.v1.Backup"]["properties"]
    assert found["spec"]["properties"]["keep"] == SPEC["properties"]["keep"]
    assert found["metadata"]["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    assert "/apis/example.com/v1/namespaces/{namespace}/backups" in older["paths"]
    accept = {"accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}
    assert b"com.example.v1.Backup" in client.response("GET", "/openapi/v2", headers=accept).body


def test_cluster_scoped_kinds_have_no_namespace() -> None:
    """Their paths have none, and neither have they."""
    client = serving(scope="Cluster")
    status, made = client.plain("POST", "/apis/example.com/v1/backups", backup())
    assert status == 201
    assert "namespace" not in made["metadata"]
    assert client.plain("POST", BACKUPS, backup())[0] == 404


def test_a_custom_kind_may_bear_a_built_in_plural(client: Client) -> None:
    """`services` of another group are not Services: they have a table of their own."""
    establish(client, definition(version(), plural="services", kind="Service"))
    path = "/apis/example.com/v1/namespaces/default/services"
    made = {**backup("web"), "kind": "Service"}
    assert client.plain("POST", path, made)[0] == 201
    assert client.plain("GET", "/api/v1/namespaces/default/services/web")[0] == 404
    assert client.plain("GET", f"{path}/web")[1]["spec"]["keep"] == 7


def test_what_was_wrong_before_a_definition_changed_may_stay() -> None:
    """Ratcheting: a stricter schema refuses changes to what it forbids, not other changes of the resource."""
    client = serving()
    client.plain("POST", BACKUPS, backup(keep=30))
    name = f"{DEFINITIONS}/backups.example.com"
    stricter: dict[str, Any] = definition()
    stricter["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] = {
        **SPEC, "properties": {**SPEC["properties"], "keep": {"type": "integer", "maximum": 10}},
    }  # fmt: skip
    current = client.plain("GET", name)[1]
    assert client.plain("PUT", name, {**current, "spec": stricter["spec"]})[0] == 200
    path = f"{BACKUPS}/nightly"
    assert client.plain("PATCH", path, {"spec": {"mode": "full"}}, MERGE)[0] == 200
    assert client.plain("PATCH", path, {"spec": {"keep": 20}}, MERGE)[0] == 422


def test_a_finalizer_of_any_name_is_taken_with_advice(client: Client) -> None:
    """Custom resources may have finalizers without a domain, and are told that others may use them."""
    sent = backup()
    sent["metadata"]["finalizers"] = ["hold", "example.com/hold"]
    answered = client.response("POST", BACKUPS, sent)
    assert answered.status == 201
    told = [text for name, text in answered.headers if name == "Warning"]
    assert told == [
        (
            '299 - "metadata.finalizers: \\"hold\\": prefer a domain-qualified finalizer name to avoid accidental '
            'conflicts with other finalizer writers"'
        )
    ]


def test_clients_patch_custom_kinds_as_openapi_tells(client: Client) -> None:
    """Without a strategic patch in the document kubectl makes a merge patch."""
    path = client.plain("GET", "/openapi/v3/apis/example.com/v1")[1]["paths"][
        f"{BACKUPS.replace('default', '{namespace}')}/{{name}}"
    ]
    assert sorted(path["patch"]["requestBody"]["content"]) == [
        "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
    ]  # fmt: skip


def test_what_is_not_served_is_a_plain_404(client: Client) -> None:
    """Clients make their own words of it; below a version of the API server's own it says them itself."""
    for path in ("/api/v1/things", "/apis/apps/v1/namespaces/default/daemonsets/web/scale"):
        status, told = client.plain("PATCH", path, {})
        assert (status, told["reason"]) == (404, "NotFound")
        assert told["message"] == "the server could not find the requested resource"
    answered = client.response("GET", "/apis/other.example.com/v1/things")
    assert (answered.status, answered.body, answered.content_type) == (
        404, b"404 page not found\n", "text/plain; charset=utf-8",
    )  # fmt: skip


def test_what_is_no_schema_is_refused_by_the_decoder() -> None:
    """Unknown fields by name, wrong types in the words of Go's decoder; a lenient client loses the unknown ones."""
    client = Client()
    odd: dict[str, Any] = {"type": "object", "propertie": {}}
    status, answered = client.plain("POST", DEFINITIONS, definition(version(spec=odd)), fieldValidation="Strict")
    assert (status, answered["message"]) == (400, (
        'CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: strict decoding error: '
        'unknown field "spec.versions[0].schema.openAPIV3Schema.properties.spec.propertie"'
    ))  # fmt: skip
    status, made = client.plain("POST", DEFINITIONS, definition(version(spec=odd)), fieldValidation="Warn")
    assert status == 201
    assert made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] == {"type": "object"}
    wrong = definition(version(spec={"type": "integer", "minimum": "1"}), plural="others", kind="Other")
    status, answered = client.plain("POST", DEFINITIONS, wrong)
    assert status == 400
    assert answered["message"].endswith(
        "json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema."
        "properties.spec.minimum of type float64"
    )


def test_a_default_that_came_later_is_read_and_changes_nothing() -> None:
    """Resources stored before show it; writing back what was read is no change of the spec."""
    client = serving()
    client.plain("POST", BACKUPS, backup())
    name = f"{DEFINITIONS}/backups.example.com"
    current = client.plain("GET", name)[1]
    spec = current["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["mode"]["default"] = "full"
    assert client.plain("PUT", name, current)[0] == 200
    read = client.plain("GET", f"{BACKUPS}/nightly")[1]
    assert read["spec"]["mode"] == "full"
    assert client.plain("GET", BACKUPS)[1]["items"][0]["spec"]["mode"] == "full"
    assert client.plain("PUT", f"{BACKUPS}/nightly", read)[1]["metadata"]["generation"] == 1


def test_a_rule_that_takes_too_long_is_given_up() -> None:
    """The object is refused, in the words for a rule whose cost passes its limit."""
    rule = "self.tags.all(a, self.tags.all(b, a + b != 'ab'))"
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}},
                "x-kubernetes-validations": [{"rule": rule}],
            }
        },
    }  # fmt: skip
    client = serving(version(schema={"openAPIV3Schema": schema}))
    sent = {**backup(), "spec": {"tags": ["x"] * 1_000}}
    status, told = client.plain("POST", BACKUPS, sent)
    assert (status, told["details"]["causes"][0]["message"]) == (422, (
        "Invalid value: \"object\": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due "
        f"to call cost exceeds limit for rule: {rule}"
    ))  # fmt: skip
