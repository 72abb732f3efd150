"""Policies in CEL, from the objects that declare them to what a client is told."""

import json
from typing import Any

import pytest

from cluster.authorization import User
from cluster.http.messages import Request, Response
from tests.cluster.definitions import BACKUPS, backup
from tests.cluster.http.client import CONFIG_MAPS, DEPLOYMENTS, MERGE, Client, config_map, deployment
from tests.cluster.http.custom import serving

GROUP = "/apis/admissionregistration.k8s.io/v1"
POLICIES, BINDINGS = f"{GROUP}/validatingadmissionpolicies", f"{GROUP}/validatingadmissionpolicybindings"


def rule(resource: str = "deployments", group: str = "apps", *operations: str) -> dict[str, Any]:
    """A rule about a resource; of all operations if none is named."""
    return {
        "apiGroups": [group], "apiVersions": ["v1"], "operations": list(operations or ("*",)), "resources": [resource],
    }  # fmt: skip


def policy(*validations: dict[str, Any], rules: list[dict[str, Any]] | None = None, **spec: Any) -> dict[str, Any]:
    """A policy's manifest."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "limits.example.com"},
        "spec": {"matchConstraints": {"resourceRules": rules or [rule()]}, "validations": list(validations), **spec},
    }  # fmt: skip


def binding(*actions: str, **spec: Any) -> dict[str, Any]:
    """A binding's manifest."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "everywhere"},
        "spec": {"policyName": "limits.example.com", "validationActions": list(actions or ("Deny",)), **spec},
    }  # fmt: skip


FEW = {"expression": "object.spec.replicas <= 3"}
HEAD = "ValidatingAdmissionPolicy 'limits.example.com' with binding 'everywhere' denied request: "


@pytest.fixture
def client() -> Client:
    """A cluster without policies."""
    return Client()


def bind(client: Client, made: dict[str, Any], bound: dict[str, Any] | None = None) -> None:
    """Create a policy and its binding."""
    for path, manifest in ((POLICIES, made), (BINDINGS, bound or binding())):
        status, answered = client.plain("POST", path, manifest)
        assert status == 201, answered


def test_a_bound_policy_denies_in_kubernetes_words(client: Client) -> None:
    """With the reason Invalid and the message of the rule; a request that it allows passes."""
    bind(client, policy(FEW))
    status, answered = client.plain("POST", DEPLOYMENTS, deployment("web", 5))
    assert (status, answered["reason"]) == (422, "Invalid")
    words = f"{HEAD}failed expression: object.spec.replicas <= 3"
    assert answered["message"] == f'deployments.apps "web" is forbidden: {words}'
    assert answered["details"]["causes"] == [{"message": words}]
    assert client.plain("POST", DEPLOYMENTS, deployment("web", 3))[0] == 201
    assert client.plain("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": 4}}, MERGE)[0] == 422


def test_a_policy_without_a_binding_says_nothing(client: Client) -> None:
    """And none is asked once the binding is gone."""
    assert client.plain("POST", POLICIES, policy(FEW))[0] == 201
    assert client.plain("POST", DEPLOYMENTS, deployment("a", 5))[0] == 201
    assert client.plain("POST", BINDINGS, binding())[0] == 201
    assert client.plain("POST", DEPLOYMENTS, deployment("b", 5))[0] == 422
    assert client.plain("DELETE", f"{BINDINGS}/everywhere")[0] == 200
    assert client.plain("POST", DEPLOYMENTS, deployment("b", 5))[0] == 201


@pytest.mark.parametrize(
    ("extra", "status", "reason", "message"),
    [
        ({"message": "too many"}, 422, "Invalid", "too many"),
        ({"message": "no", "messageExpression": "'%d is too many'.format([object.spec.replicas])"}, 422, "Invalid", "5 is too many"),
        ({"message": "no", "messageExpression": "string(object.spec.none)"}, 422, "Invalid", "no"),
        ({"message": "no", "reason": "Forbidden"}, 403, "Forbidden", "no"),
    ],
)  # fmt: skip
def test_a_rule_chooses_its_words_and_reason(
    client: Client, extra: dict[str, Any], status: int, reason: str, message: str
) -> None:
    """The message expression goes before the message, the message before the rule."""
    bind(client, policy({**FEW, **extra}))
    code, answered = client.plain("POST", DEPLOYMENTS, deployment("web", 5))
    assert (code, answered["reason"]) == (status, reason)
    assert answered["message"].endswith(f"denied request: {message}")


def test_a_warning_lets_the_request_through(client: Client) -> None:
    """The client is told, the object is made; an audit is told to nobody."""
    bind(client, policy({**FEW, "message": "too many"}), binding("Warn", "Audit"))
    answered = client.response("POST", DEPLOYMENTS, deployment("web", 5))
    words = "Validation failed for ValidatingAdmissionPolicy 'limits.example.com' with binding 'everywhere': too many"
    assert answered.status == 201
    assert ("Warning", f'299 - "{words}"') in answered.headers


def test_variables_and_conditions_are_evaluated_where_they_are_asked_for(client: Client) -> None:
    """One that fails and is not asked for harms nothing."""
    spec = {
        "variables": [
            {"name": "wanted", "expression": "object.spec.replicas"},
            {"name": "double", "expression": "variables.wanted * 2"},
            {"name": "broken", "expression": "object.none"},
        ],
        "matchConditions": [{"name": "not-tiny", "expression": "object.spec.replicas > 1"}],
    }
    bind(client, policy({"expression": "variables.double <= 4"}, **spec))
    assert client.plain("POST", DEPLOYMENTS, deployment("one", 1))[0] == 201
    assert client.plain("POST", DEPLOYMENTS, deployment("two", 2))[0] == 201
    assert client.plain("POST", DEPLOYMENTS, deployment("five", 5))[0] == 422


@pytest.mark.parametrize(("failure", "status"), [("Fail", 422), ("Ignore", 201)])
def test_an_expression_that_fails_counts_as_the_failure_policy_says(client: Client, failure: str, status: int) -> None:
    """Fail refuses with what went wrong."""
    bind(client, policy({"expression": "object.spec.none > 1"}, failurePolicy=failure))
    code, answered = client.plain("POST", DEPLOYMENTS, deployment("web", 1))
    assert code == status
    if failure == "Fail":
        wrong = "expression 'object.spec.none > 1' resulted in error: no such key: none"
        assert answered["message"].endswith(f"denied request: {wrong}")


def test_parameters_come_from_objects(client: Client) -> None:
    """In the request's namespace; without one the binding says what happens."""
    reference = {"name": "limits", "parameterNotFoundAction": "Deny"}
    bind(
        client,
        policy({"expression": "object.spec.replicas <= int(params.data.most)"},
               paramKind={"apiVersion": "v1", "kind": "ConfigMap"}),
        binding(paramRef=reference),
    )  # fmt: skip
    status, answered = client.plain("POST", DEPLOYMENTS, deployment("web", 2))
    assert status == 422
    missing = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    assert answered["message"].endswith(missing)
    client.plain("POST", CONFIG_MAPS, config_map("limits", most="2"))
    assert client.plain("POST", DEPLOYMENTS, deployment("web", 2))[0] == 201
    assert client.plain("POST", DEPLOYMENTS, deployment("big", 3))[0] == 422


def test_selectors_and_operations_narrow_what_is_meant(client: Client) -> None:
    """Namespaces and objects by label, operations by name; excluded rules go first."""
    rules = [rule("configmaps", "", "DELETE")]
    never = {"expression": "false", "message": "stays"}
    bind(
        client, policy(never, rules=rules), binding(matchResources={"objectSelector": {"matchLabels": {"keep": "yes"}}})
    )
    for name, labels in (("kept", {"keep": "yes"}), ("free", {})):
        made = config_map(name)
        made["metadata"]["labels"] = labels
        assert client.plain("POST", CONFIG_MAPS, made)[0] == 201
    assert client.plain("DELETE", f"{CONFIG_MAPS}/free")[0] == 200
    assert client.plain("DELETE", f"{CONFIG_MAPS}/kept")[0] == 422


def test_policies_see_who_asks_and_what_was_before(client: Client) -> None:
    """The request's user, its operation, the old object and the namespace."""
    grows = {
        "expression": (
            "request.operation != 'UPDATE' || (object.spec.replicas >= oldObject.spec.replicas"
            " && request.userInfo.username == 'kubernetes-admin' && namespaceObject.metadata.name == 'default')"
        ),
        "message": "must not shrink",
    }
    bind(client, policy(grows))
    assert client.plain("POST", DEPLOYMENTS, deployment("web", 2))[0] in (201, 422)
    for replicas, status in ((3, 200), (1, 422)):
        assert client.plain("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": replicas}}, MERGE)[0] == status


def test_custom_kinds_are_judged_too() -> None:
    """Nothing about policies is for built-in kinds only."""
    client = serving()
    rules = [{**rule("backups", "example.com")}]
    bind(client, policy({"expression": "object.spec.keep < 10", "message": "too long"}, rules=rules))
    assert client.plain("POST", BACKUPS, backup(keep=20))[0] == 422
    assert client.plain("POST", BACKUPS, backup(keep=5))[0] == 201


def test_policies_are_never_asked_about_policies(client: Client) -> None:
    """One that forbids everything can still be taken away."""
    every = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]
    bind(client, policy({"expression": "false"}, rules=every))
    assert client.plain("POST", CONFIG_MAPS, config_map("a"))[0] == 422
    assert client.plain("DELETE", f"{POLICIES}/limits.example.com")[0] == 200


def test_what_is_wrong_with_a_policy_is_told(client: Client) -> None:
    """Its expressions are compiled; what is not given is required."""
    status, answered = client.plain("POST", POLICIES, policy({"expression": "params.x"}, {"expression": "1 + 1"}))
    assert status == 422
    assert {cause["field"]: cause["message"] for cause in answered["details"]["causes"]} == {
        "spec.validations[0].expression": (
            "Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' "
            "(in container '')\n | params.x\n | ^"
        ),
        "spec.validations[1].expression": 'Invalid value: "1 + 1": must evaluate to bool but got int',
    }
    empty = {**policy(), "spec": {}}
    causes = client.plain("POST", POLICIES, empty)[1]["details"]["causes"]
    assert [cause["field"] for cause in causes] == [
        "spec.matchConstraints", "spec.validations", "spec.auditAnnotations",
    ]  # fmt: skip


def test_what_is_wrong_with_a_binding_is_told(client: Client) -> None:
    """An action is required, and warning of what is denied serves nobody."""
    causes = client.plain("POST", BINDINGS, binding("Deny", "Warn", paramRef={"name": "x"}))[1]["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["spec.validationActions"]


def test_the_types_of_a_policys_expressions_are_checked(client: Client) -> None:
    """Its status tells which fields the kinds it names do not have."""
    assert client.plain("POST", POLICIES, policy({"expression": "object.replicas > 1"}))[0] == 201
    client.engine.run_for(1_000)
    status = client.plain("GET", f"{POLICIES}/limits.example.com")[1]["status"]
    assert status == {
        "observedGeneration": 1,
        "typeChecking": {
            "expressionWarnings": [
                {
                    "fieldRef": "spec.validations[0].expression",
                    "warning": (
                        "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n"
                        " | object.replicas > 1\n | ......^\n"
                    ),
                }
            ]
        },
    }


def test_expressions_may_ask_who_may_do_what(client: Client) -> None:
    """`authorizer` answers for the one who asks, of the request's object or another, and for accounts."""
    may = "authorizer.group('apps').resource('deployments').namespace('default').check('{}').allowed()"
    role = {
        "metadata": {"name": "maker"},
        "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create"]}],
    }
    subject = {"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}
    bound = {
        "metadata": {"name": "jane"}, "subjects": [subject],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "maker"},
    }  # fmt: skip
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    assert client.plain("POST", f"{roles}/roles", role)[0] == 201
    assert client.plain("POST", f"{roles}/rolebindings", bound)[0] == 201
    bind(client, policy({"expression": may.format("create")}, {"expression": may.format("delete"), "message": "no delete"},
                        {"expression": "!authorizer.serviceAccount('a', 'b').path('/healthzz').check('get').allowed()"},
                        {"expression": "authorizer.requestResource.check('create').reason() != ''"}))  # fmt: skip
    assert client.plain("POST", DEPLOYMENTS, deployment("a", 1))[1]["message"].endswith(
        "failed expression: authorizer.requestResource.check('create').reason() != ''"
    )
    refused = client.rest.handle(
        Request("POST", DEPLOYMENTS, {}, {}, json.dumps(deployment("a", 1)).encode(), User("jane", ()))
    )
    assert isinstance(refused, Response)
    assert json.loads(refused.body)["message"].endswith("denied request: no delete")
