"""Access through the facade: what users are told, and acting as others."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.api import kinds
from cluster.authorization import ANONYMOUS, OWNER, User
from cluster.http.messages import Request, Response
from cluster.http.paths import target
from cluster.http.request_info import attributes
from cluster.registry import Registry
from cluster.store import Store
from tests.cluster.http.client import CONFIG_MAPS, DEPLOYMENTS, MERGE, PODS, Client, config_map

JANE = User("jane", ("system:authenticated",))
REGISTRY = Registry(Store())
ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"


@pytest.fixture(scope="module")
def client() -> Client:
    """A cluster in which jane manages ConfigMaps and roles of the default namespace."""
    made = Client()
    rules = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "patch"]},
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["create", "update"]},
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"], "resourceNames": ["default"]},
    ]
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": {"name": "own"}, "rules": rules}
    assert made.plain("POST", f"{ROLES}/roles", role)[0] == 201
    binding = {
        "apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": {"name": "own"},
        "roleRef": {"kind": "Role", "name": "own"}, "subjects": [{"kind": "User", "name": "jane"}],
    }  # fmt: skip
    assert made.plain("POST", f"{ROLES}/rolebindings", binding)[0] == 201
    return made


def acting(client: Client, user: User, path: str, *headers: tuple[str, str], method: str = "GET") -> tuple[int, str]:
    """The code and message of a request with Impersonate headers."""
    answered = client.rest.handle(Request(method, path, user=user, impersonation=headers))
    assert isinstance(answered, Response)
    told = json.loads(answered.body) if answered.content_type == "application/json" else {}
    return answered.status, told.get("message", "")


def test_refusals_are_in_kubernetes_words(client: Client) -> None:
    """A resource in a namespace, in the cluster, by name, a subresource, a namespace itself, and a path."""
    told = client.refusal
    assert told(JANE, "GET", PODS) == (
        'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"'
    )
    assert told(JANE, "GET", "/api/v1/nodes") == (
        'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope'
    )
    assert told(JANE, "GET", f"{DEPLOYMENTS}/web/scale") == (
        'deployments.apps "web" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" '
        'in the namespace "default"'
    )
    assert told(JANE, "DELETE", "/api/v1/namespaces/shop") == (
        'namespaces "shop" is forbidden: User "jane" cannot delete resource "namespaces" in API group "" '
        'in the namespace "shop"'
    )
    assert told(JANE, "GET", "/metrics") == 'forbidden: User "jane" cannot get path "/metrics"'
    assert told(User("<b>&"), "GET", "/metrics") == 'forbidden: User "&lt;b&gt;&amp;" cannot get path "/metrics"'


def test_verbs_are_those_of_the_request(client: Client) -> None:
    """Lists, watches, deletions of many, and a list of one name that is a right to that name."""
    for method, query, verb in (
        ("GET", {"watch": "true"}, "watch"), ("DELETE", {}, "deletecollection"), ("POST", {}, "create"),
    ):  # fmt: skip
        assert f'cannot {verb} resource "pods"' in client.refusal(JANE, method, PODS, **query)
    for method, verb in (("PUT", "update"), ("PATCH", "patch"), ("DELETE", "delete"), ("GET", "get")):
        assert client.refusal(JANE, method, f"{PODS}/a").startswith(
            f'pods "a" is forbidden: User "jane" cannot {verb} '
        )
    assert 'cannot watch resource "pods"' in client.refusal(JANE, "GET", f"{PODS}/a", watch="true")
    named = client.refusal(JANE, "GET", PODS, fieldSelector="metadata.name=a")
    assert named.startswith('pods "a" is forbidden: User "jane" cannot list ')


PARTS = st.sampled_from(
    ["api", "apis", "v1", "apps", "namespaces", "default", "status", "finalize", "token", "scale", "log", "a", "",
     "pods", "deployments", "nodes", "serviceaccounts", "configmaps", "bindings"]
)  # fmt: skip


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(PARTS, min_size=1, max_size=8), st.sampled_from([("api", "v1"), ("apis", "apps", "v1"), ()]))
def test_what_is_judged_is_what_is_done(parts: list[str], head: tuple[str, ...]) -> None:
    """A URL that names something names it alike to who judges the request and to who answers it."""
    path = "/" + "/".join((*head, *parts))
    named = target(path, REGISTRY)
    if named is None:
        return
    judged = attributes(Request("GET", path), JANE)
    place = named.name if named.kind is kinds.NAMESPACES else named.namespace
    assert (judged.group, judged.resource, judged.subresource) == (
        named.kind.group,
        named.kind.plural,
        named.subresource,
    )
    assert (judged.namespace, judged.name, judged.path) == (place, named.name, "")


def test_finalizing_is_of_the_namespace_of_the_url(client: Client) -> None:
    """A right to one namespace's subresource is none to another's that the body names."""
    body = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "kube-public"}, "spec": {"finalizers": []}}
    code, told = client.plain("PUT", "/api/v1/namespaces/default/finalize", body)
    assert (code, told["message"]) == (
        400, "the name of the object (kube-public) does not match the name on the URL (default)",
    )  # fmt: skip
    assert client.plain("GET", "/api/v1/namespaces/kube-public")[1]["spec"]["finalizers"] == ["kubernetes"]


def test_what_does_not_exist_is_told_only_to_who_may_ask(client: Client) -> None:
    """A resource nobody serves is forbidden like any other; who may ask gets the 404."""
    assert client.refusal(JANE, "GET", "/apis/example.com/v1/widgets") == (
        'widgets.example.com is forbidden: User "jane" cannot list resource "widgets" in API group "example.com" '
        "at the cluster scope"
    )
    assert client.plain("GET", "/apis/example.com/v1/widgets")[0] == 404
    assert client.refusal(JANE, "GET", f"{CONFIG_MAPS}/nosuch") == ""


def test_anybody_may_see_health_and_version_and_users_what_there_is(client: Client) -> None:
    """The default roles open /healthz and /version to all, and discovery to who is authenticated."""
    for path in ("/healthz", "/livez", "/readyz", "/version"):
        assert client.refusal(ANONYMOUS, "GET", path) == ""
    assert client.refusal(ANONYMOUS, "GET", "/api") == 'forbidden: User "system:anonymous" cannot get path "/api"'
    for path in ("/api", "/apis", "/apis/apps/v1", "/openapi/v3"):
        assert client.refusal(JANE, "GET", path) == ""


def test_applying_what_is_not_there_needs_the_right_to_create(client: Client) -> None:
    """A patch that would create an object is two rights; of an object that is there it is one."""
    path = f"{CONFIG_MAPS}/applied"
    body = json.dumps(config_map("applied", a="b")).encode()
    request = Request(
        "PATCH", path, {"fieldManager": ("jane",)}, {"content-type": "application/apply-patch+yaml"}, body, JANE
    )
    answered = client.rest.handle(request)
    assert isinstance(answered, Response)
    assert answered.status == 403
    assert client.plain("GET", path)[0] == 404
    client.plain("POST", CONFIG_MAPS, config_map("applied"))
    answered = client.rest.handle(request)
    assert isinstance(answered, Response)
    assert (answered.status, json.loads(answered.body)["data"]) == (200, {"a": "b"})


def test_a_role_can_be_written_only_with_rights_one_has(client: Client) -> None:
    """Creating, replacing and patching are guarded alike, and a refusal writes nothing."""
    role = {"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "new"}}
    fine = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    assert client.refusal(JANE, "POST", f"{ROLES}/roles", {**role, "rules": [fine]}) == ""
    before = client.store.revision
    told = client.refusal(JANE, "PUT", f"{ROLES}/roles/new", {**role, "rules": [{**fine, "verbs": ["get", "delete"]}]})
    assert told == (
        'roles.rbac.authorization.k8s.io "new" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting '
        'to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}'
    )
    assert client.store.revision == before
    assert client.plain("PATCH", f"{ROLES}/roles/new", {"rules": [{**fine, "verbs": ["*"]}]}, MERGE)[0] == 200


def test_the_owner_acts_as_anybody(client: Client) -> None:
    """Groups are as asked, and an account's own if none are; what is written is by the one acted as."""
    code, told = acting(client, OWNER, PODS, ("user", "jane"))
    assert (code, told[:30]) == (403, 'pods is forbidden: User "jane"')
    assert acting(client, OWNER, PODS, ("user", "joe"), ("group", "system:masters"))[0] == 200
    assert acting(client, OWNER, "/api", ("user", "system:anonymous"))[0] == 403
    assert acting(client, OWNER, "/api", ("user", "joe"))[0] == 200
    assert acting(client, OWNER, "/api", ("user", "joe"), ("group", "system:unauthenticated"))[0] == 403
    account = "system:serviceaccount:default:default"
    assert acting(client, OWNER, "/.well-known/openid-configuration", ("user", account))[0] == 200
    code, _ = acting(client, OWNER, CONFIG_MAPS, ("user", "jane"))
    assert code == 200


def test_acting_as_others_is_a_right(client: Client) -> None:
    """Who lacks it is told of the narrow verb that was tried first; each group, uid and extra needs its own."""
    assert acting(client, JANE, PODS, ("user", "joe")) == (
        403,
        (
            'pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" '
            'in the namespace "default"'
        ),
    )
    assert acting(client, JANE, "/api", ("user", "joe"), ("uid", "1"))[1] == (
        'forbidden: User "jane" cannot impersonate-on:user-info:get path "/api"'
    )
    bot = ("user", "system:serviceaccount:default:default")
    assert acting(client, JANE, "/api", bot)[0] == 200
    told = acting(client, JANE, "/api", bot, ("group", "system:masters"))[1]
    assert told == (
        'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" '
        "at the cluster scope"
    )
    told = acting(client, JANE, "/api", bot, ("extra-example.com%2fscopes", "all"))[1]
    assert told == (
        'userextras.authentication.k8s.io "all" is forbidden: User "jane" cannot impersonate resource '
        '"userextras/example.com/scopes" in API group "authentication.k8s.io" at the cluster scope'
    )


def test_groups_alone_are_nobody(client: Client) -> None:
    """Headers of a group, a uid or extra fields without a user are a 400."""
    code, told = acting(client, OWNER, PODS, ("group", "staff"))
    assert code == 400
    assert told.endswith("without impersonating a user name")
