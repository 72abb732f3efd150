"""Reviews through the facade: who may do what, who one is, and tokens."""

import json
from typing import Any

import pytest

from cluster.authorization import User
from cluster.http.messages import Request, Response
from tests.cluster.http.client import Client

JANE = User("jane", ("system:authenticated",), "7", {"scopes": ("all",)})
AUTHORIZATION = "/apis/authorization.k8s.io/v1"
AUTHENTICATION = "/apis/authentication.k8s.io/v1"


@pytest.fixture(scope="module")
def client() -> Client:
    """A cluster in which jane may view the default namespace."""
    made = Client()
    made.engine.run_for(1_000)
    binding = {
        "metadata": {"name": "view"}, "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "name": "jane"}],
    }  # fmt: skip
    assert made.plain("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", binding)[0] == 201
    return made


def ask(client: Client, user: User, path: str, **review: Any) -> tuple[int, Any]:
    """The code and the document that a review is answered with."""
    answered = client.rest.handle(Request("POST", path, body=json.dumps(review).encode(), user=user))
    assert isinstance(answered, Response)
    return answered.status, json.loads(answered.body)


def may(client: Client, user: User, **attributes: str) -> dict[str, Any]:
    """The status of a review of one's own access."""
    code, found = ask(
        client, user, f"{AUTHORIZATION}/selfsubjectaccessreviews", spec={"resourceAttributes": attributes}
    )
    assert code == 201
    status: dict[str, Any] = found["status"]
    return status


def test_one_may_ask_what_one_may(client: Client) -> None:
    """The answer and the binding that gives it; what is not allowed is plain false; nothing is kept."""
    before = client.store.revision
    assert may(client, JANE, verb="list", resource="pods", namespace="default") == {
        "allowed": True, "reason": 'RBAC: allowed by RoleBinding "view/default" of ClusterRole "view" to User "jane"',
    }  # fmt: skip
    assert may(client, JANE, verb="delete", resource="pods", namespace="default") == {"allowed": False}
    assert may(client, JANE, verb="list", resource="pods") == {"allowed": False}
    path = {"nonResourceAttributes": {"verb": "get", "path": "/version"}}
    assert ask(client, JANE, f"{AUTHORIZATION}/selfsubjectaccessreviews", spec=path)[1]["status"]["allowed"] is True
    assert client.store.revision == before
    assert client.plain("GET", f"{AUTHORIZATION}/selfsubjectaccessreviews")[0] == 405


def test_one_may_ask_for_all_ones_rules(client: Client) -> None:
    """Every rule of the namespace and the cluster; without a namespace the question is none."""
    path = f"{AUTHORIZATION}/selfsubjectrulesreviews"
    status = ask(client, JANE, path, spec={"namespace": "default"})[1]["status"]
    assert {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]} in (
        status["resourceRules"]
    )
    assert any("pods/log" in rule["resources"] for rule in status["resourceRules"])
    assert any("/openapi" in rule["nonResourceURLs"] for rule in status["nonResourceRules"])
    assert status["incomplete"] is False
    elsewhere = ask(client, JANE, path, spec={"namespace": "kube-system"})[1]["status"]
    assert not any("pods" in rule["resources"] for rule in elsewhere["resourceRules"])
    code, told = ask(client, JANE, path, spec={})
    assert (code, told["message"]) == (400, "no namespace on request")


def test_who_may_ask_about_others_is_a_right(client: Client) -> None:
    """SubjectAccessReviews are the owner's; the subject's groups are those that are given."""
    spec = {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}
    path = f"{AUTHORIZATION}/subjectaccessreviews"
    assert "cannot create resource" in client.refusal(JANE, "POST", path, {"spec": spec})
    assert client.plain("POST", path, {"spec": spec})[1]["status"]["allowed"] is True
    other = {**spec, "user": "joe", "groups": ["system:masters"]}
    assert client.plain("POST", path, {"spec": other})[1]["status"] == {"allowed": True}
    local = f"{AUTHORIZATION}/namespaces/default/localsubjectaccessreviews"
    assert client.plain("POST", local, {"spec": spec})[1]["status"]["allowed"] is True
    code, told = client.plain(
        "POST", local, {"spec": {**spec, "resourceAttributes": {"namespace": "x", "verb": "get"}}}
    )
    assert (code, told["message"]) == (
        422,
        (
            '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "x": '
            "must match metadata.namespace"
        ),
    )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({}, ("spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes "
             "must be specified")),
        ({"resourceAttributes": {}, "nonResourceAttributes": {"path": "/a", "verb": "get"}},
         ('spec.nonResourceAttributes: Invalid value: {"path":"/a","verb":"get"}: '
         "cannot be specified in combination with resourceAttributes")),
    ],
)  # fmt: skip
def test_a_review_is_about_one_thing(client: Client, spec: dict[str, Any], why: str) -> None:
    """A resource or a path; and a review of others is about somebody."""
    told = client.plain("POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": spec})
    assert (told[0], told[1]["message"]) == (422, f'.authorization.k8s.io "" is invalid: {why}')
    told = client.plain("POST", f"{AUTHORIZATION}/subjectaccessreviews", {"spec": {**spec, "user": "", "groups": []}})
    assert told[1]["message"] == (
        f'.authorization.k8s.io "" is invalid: [{why}, spec.user: Invalid value: "": '
        "at least one of user or group must be specified]"
    )


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ({"rawSelector": "a=b"}, ""), ({"requirements": [{"key": "a", "operator": "In", "values": ["b"]}]}, ""),
        ({"requirements": [{"key": "a", "operator": "Newer", "values": ["b"]}]}, ""),
        ({"rawSelector": "a=b", "requirements": [{"key": "a", "operator": "Exists"}]},
         'rawSelector: Invalid value: "a=b": may not specified at the same time as requirements'),
        ({}, "requirements: Required value: when {} is specified, requirements or rawSelector is required"),
        ({"requirements": [{"operator": "Exists"}]}, "requirements[0].key: Required value: must be specified"),
        ({"requirements": [{"key": "a", "operator": "NotIn"}]},
         "requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"),
        ({"requirements": [{"key": "a", "operator": "DoesNotExist", "values": ["b"]}]},
         "requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    ],
)  # fmt: skip
def test_one_may_ask_about_a_selection(client: Client, selector: dict[str, Any], why: str) -> None:
    """Rules of roles do not look at selectors, but they are to be ones."""
    for name in ("fieldSelector", "labelSelector"):
        spec = {"resourceAttributes": {"resource": "pods", "verb": "list", name: selector}}
        code, told = client.plain("POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": spec})
        if not why:
            assert (code, told["status"]["allowed"]) == (201, True)
            continue
        field = f"spec.resourceAttributes.{name}"
        assert told["message"] == f'.authorization.k8s.io "" is invalid: {field}.{why.format(field)}'


def test_one_may_ask_who_one_is(client: Client) -> None:
    """Name, uid, groups and extra fields, at the cluster's time."""
    code, found = ask(client, JANE, f"{AUTHENTICATION}/selfsubjectreviews")
    assert code == 201
    assert found["status"]["userInfo"] == {
        "username": "jane", "uid": "7", "groups": ["system:authenticated"], "extra": {"scopes": ["all"]},
    }  # fmt: skip
    assert found["metadata"]["creationTimestamp"] == client.engine.clock.timestamp()


def test_a_token_can_be_made_and_reviewed(client: Client) -> None:
    """The subresource of the account makes it; a review says whose it is, or why it is none."""
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    code, made = client.plain("POST", path, {"spec": {"audiences": ["vault"]}})
    assert (code, made["kind"], made["spec"]["expirationSeconds"]) == (201, "TokenRequest", 3_600)
    assert client.plain("GET", path)[0] == 405
    reviews, token = f"{AUTHENTICATION}/tokenreviews", made["status"]["token"]
    status = client.plain("POST", reviews, {"spec": {"token": token, "audiences": ["vault", "x"]}})[1]["status"]
    assert (status["authenticated"], status["audiences"]) == (True, ["vault"])
    assert status["user"]["username"] == "system:serviceaccount:default:default"
    status = client.plain("POST", reviews, {"spec": {"token": token}})[1]["status"]
    assert "authenticated" not in status
    assert status["error"].startswith('[invalid bearer token, token audiences ["vault"] is invalid for')
    code, told = client.plain("POST", reviews, {"spec": {}})
    assert (code, told["message"]) == (400, "token is required for TokenReview in authentication")
