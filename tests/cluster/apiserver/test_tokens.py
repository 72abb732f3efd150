"""Tokens of service accounts: what they claim, whose they are, and when they are good no more."""

import json
from base64 import b64encode, urlsafe_b64decode
from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.authentication import BoundObjectReference, TokenRequest, TokenRequestSpec
from cluster.api.core import Secret, ServiceAccount
from cluster.api.errors import ApiError, BadRequest, Conflict, Invalid, NotFound, Unauthorized
from cluster.api.meta import ObjectMeta
from cluster.apiserver import jwt, tokens
from cluster.apiserver.signing_key import encoded
from cluster.authorization import User
from tests.cluster.apiserver.server import Server, pod, started

BOT = "default/bot"
ISSUER = "https://kubernetes.default.svc.cluster.local"


@pytest.fixture
def server() -> Server:
    """A server with the account bot."""
    made = started()
    made.api.create(
        kinds.SERVICE_ACCOUNTS, ServiceAccount(metadata=ObjectMeta(name="bot", namespace="default")), actor="t"
    )
    return made


def ask(server: Server, key: str = BOT, **spec: Any) -> TokenRequest:
    """A token for an account."""
    return tokens.requested(server.api, key, TokenRequest(spec=TokenRequestSpec(**spec)))


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))
    return found


def whose(server: Server, token: str, *audiences: str) -> User:
    """The user a token is of."""
    return tokens.authenticated(server.api, token, audiences)[0]


def refusal(server: Server, token: str, *audiences: str) -> str:
    """Why a token is not good."""
    with pytest.raises(Unauthorized) as caught:
        tokens.authenticated(server.api, token, audiences)
    return caught.value.message


def reference(kind: str, name: str, uid: str = "", api_version: str = "v1") -> BoundObjectReference:
    """What a token is to be bound to."""
    return BoundObjectReference(apiVersion=api_version, kind=kind, name=name, uid=uid)


def test_a_token_claims_what_kubernetes_tokens_claim(server: Server) -> None:
    """An hour for the API server, unless said otherwise; the request comes back with what was filled in."""
    made = ask(server)
    uid = server.api.get(kinds.SERVICE_ACCOUNTS, BOT).metadata.uid
    found = claims(made.status.token)
    assert found == {
        "aud": [ISSUER], "iss": ISSUER, "sub": "system:serviceaccount:default:bot", "jti": found["jti"],
        "iat": 1_767_225_600, "nbf": 1_767_225_600, "exp": 1_767_225_600 + 3_600,
        "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "bot", "uid": uid}},
    }  # fmt: skip
    assert made.status.expirationTimestamp == "2026-01-01T01:00:00Z"
    assert (made.metadata.name, made.metadata.uid) == ("bot", uid)
    assert (made.spec.audiences, made.spec.expirationSeconds) == ((ISSUER,), 3_600)


def test_a_token_is_its_accounts(server: Server) -> None:
    """The account's name, uid and groups, and which token it was."""
    token = ask(server).status.token
    assert whose(server, token) == User(
        "system:serviceaccount:default:bot",
        ("system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"),
        server.api.get(kinds.SERVICE_ACCOUNTS, BOT).metadata.uid,
        {"authentication.kubernetes.io/credential-id": (f"JTI={claims(token)['jti']}",)},
    )


def test_the_same_cluster_makes_the_same_token() -> None:
    """Tokens follow from the seed and what was asked when: nothing is drawn."""
    made = []
    for _ in range(2):
        server = started()
        made.append(ask(server, "default/default").status.token)
    assert made[0] == made[1]


def test_a_token_that_was_changed_is_nobodys(server: Server) -> None:
    """Another signature, key, algorithm or claim, and text that is none, are refused alike."""
    token = ask(server).status.token
    head, payload, signature = token.split(".")
    forged = encoded(json.dumps({**claims(token), "sub": "system:serviceaccount:kube-system:admin"}).encode())
    unsigned = encoded(b'{"alg":"none"}')
    other = jwt.signed(2, tokens.Claims(iss=ISSUER))
    for wrong in (
        "",
        "a.b.c",
        "é.é.é",
        f"{head}.{forged}.{signature}",
        f"{unsigned}.{payload}.",
        other,
        token[:-1],
        "." * 3,
    ):
        assert refusal(server, wrong) == "invalid bearer token"
    stranger = jwt.signed(server.api.seed, tokens.Claims(iss="https://elsewhere"))
    assert refusal(server, stranger) == "invalid bearer token"


def test_a_token_expires_by_the_clusters_clock(server: Server) -> None:
    """A minute is allowed for clocks that differ; then it has expired."""
    token = ask(server, expirationSeconds=600).status.token
    server.clock.run_until(660_000)
    whose(server, token)
    server.clock.run_until(661_000)
    assert refusal(server, token) == "[invalid bearer token, service account token has expired]"


def test_a_token_goes_with_its_account(server: Server) -> None:
    """Deleted, or made anew under the same name, it is another account."""
    token, old = ask(server).status.token, server.api.get(kinds.SERVICE_ACCOUNTS, BOT).metadata.uid
    server.api.delete(kinds.SERVICE_ACCOUNTS, BOT, actor="t")
    assert refusal(server, token) == '[invalid bearer token, serviceaccounts "bot" not found]'
    account = ServiceAccount(metadata=ObjectMeta(name="bot", namespace="default"))
    new = server.api.create(kinds.SERVICE_ACCOUNTS, account, actor="t").metadata.uid
    assert refusal(server, token) == (
        f"[invalid bearer token, service account UID ({new}) does not match claim ({old})]"
    )


def test_audiences_have_to_meet(server: Server) -> None:
    """A token for others does not open the API; a review with an audience of it tells which they share."""
    token = ask(server, audiences=("vault", "shop")).status.token
    assert refusal(server, token) == (
        f'[invalid bearer token, token audiences ["vault" "shop"] is invalid for the target audiences ["{ISSUER}"]]'
    )
    assert tokens.authenticated(server.api, token, ("shop", "x"))[1] == ("shop",)


def test_a_token_bound_to_a_pod_goes_with_it(server: Server) -> None:
    """It names the pod and its node, and is good as long as that very pod is there."""
    server.api.create(kinds.PODS, pod("web"), actor="t")
    bound = reference("Pod", "web")
    made = ask(server, "default/default", boundObjectRef=bound)
    uid = server.api.get(kinds.PODS, "default/web").metadata.uid
    assert claims(made.status.token)["kubernetes.io"]["pod"] == {"name": "web", "uid": uid}
    extra = whose(server, made.status.token).extra
    assert extra["authentication.kubernetes.io/pod-name"] == ("web",)
    assert extra["authentication.kubernetes.io/pod-uid"] == (uid,)
    server.api.delete(kinds.PODS, "default/web", actor="t", grace=0)
    gone = "[invalid bearer token, service account token has been invalidated]"
    assert refusal(server, made.status.token) == gone
    new = server.api.create(kinds.PODS, pod("web"), actor="t").metadata.uid
    assert refusal(server, made.status.token) == (
        f"[invalid bearer token, pod UID ({new}) does not match service account pod ref claim ({uid})]"
    )


def test_a_kubelets_token_lasts_a_year(server: Server) -> None:
    """Asked for 3607 seconds and bound to a pod, it says that, warns from then on, and goes on for a year."""
    server.api.create(kinds.PODS, pod("web"), actor="t")
    made = ask(server, "default/default", expirationSeconds=3_607, boundObjectRef=reference("Pod", "web"))
    found = claims(made.status.token)
    assert found["exp"] - found["iat"] == 31_536_000
    assert found["kubernetes.io"]["warnafter"] - found["iat"] == 3_607
    assert made.status.expirationTimestamp == "2026-01-01T01:00:07Z"


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"expirationSeconds": 599}, Invalid,
         ('TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: '
         "may not specify a duration less than 10 minutes")),
        ({"expirationSeconds": (1 << 32) + 1}, Invalid,
         ('TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: '
         "may not specify a duration larger than 2^32 seconds")),
        ({"boundObjectRef": reference("Pod", "gone")}, NotFound, 'pods "gone" not found'),
        ({"boundObjectRef": reference("Secret", "gone")}, NotFound, 'secrets "gone" not found'),
        ({"boundObjectRef": reference("Deployment", "web", "", "apps/v1")}, BadRequest,
         "cannot bind token to object of type apps/v1, Kind=Deployment"),
        ({"boundObjectRef": reference("Pod", "web")}, BadRequest,
         'cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.'),
        ({"boundObjectRef": reference("Secret", "kept", "1")}, Conflict,
         ('Operation cannot be fulfilled on Secret "kept": the UID in the bound object reference (1) does not match the '
         "UID in record. The object might have been deleted and then recreated")),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_met_says_why(
    server: Server, spec: dict[str, Any], error: type[ApiError], message: str
) -> None:
    """Lifetimes, and objects that are not there, not of a kind to be bound to, or not the ones meant."""
    server.api.create(kinds.PODS, pod("web"), actor="t")
    server.api.create(kinds.SECRETS, Secret(metadata=ObjectMeta(name="kept", namespace="default")), actor="t")
    with pytest.raises(error) as caught:
        ask(server, **spec)
    assert caught.value.message == message


def test_a_request_may_name_its_account_and_must_not_name_another(server: Server) -> None:
    """The name, namespace and uid in the body are those of the URL's account, or are left out."""
    with pytest.raises(NotFound, match='serviceaccounts "nosuch" not found'):
        ask(server, "default/nosuch")
    uid = server.api.get(kinds.SERVICE_ACCOUNTS, BOT).metadata.uid
    for meta, message in (
        (ObjectMeta(name="x"), 'metadata.name: Invalid value: "x": must match the service account name if specified'),
        (ObjectMeta(namespace="x"), 'metadata.namespace: Invalid value: "x": must match the service account namespace'),
        (ObjectMeta(uid="1"), f"(1) does not match the UID of the service account ({uid})"),
    ):
        with pytest.raises((Invalid, Conflict)) as caught:
            tokens.requested(server.api, BOT, TokenRequest(metadata=meta))
        assert message in caught.value.message


def test_the_token_of_a_secret_goes_with_the_secret(server: Server) -> None:
    """It never expires; without the Secret, with another text in it, or without its account it is invalid."""
    account = server.api.get(kinds.SERVICE_ACCOUNTS, BOT)
    empty = Secret(metadata=ObjectMeta(name="token", namespace="default"))
    token = tokens.of_secret(server.api.seed, account, empty)
    assert claims(token) == {
        "iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:bot",
        "kubernetes.io/serviceaccount/namespace": "default", "kubernetes.io/serviceaccount/secret.name": "token",
        "kubernetes.io/serviceaccount/service-account.name": "bot",
        "kubernetes.io/serviceaccount/service-account.uid": account.metadata.uid,
    }  # fmt: skip
    assert refusal(server, token) == "[invalid bearer token, Token has been invalidated]"
    full = replace(empty, data={"token": b64encode(token.encode()).decode()})
    made = server.api.create(kinds.SECRETS, full, actor="t")
    server.clock.run_until(10 * 365 * 24 * 3_600_000)
    assert whose(server, token).name == "system:serviceaccount:default:bot"
    server.api.update(kinds.SECRETS, replace(made, data={"token": "eA=="}), actor="t")
    assert refusal(server, token) == "[invalid bearer token, Token does not match server's copy]"
    server.api.update(kinds.SECRETS, made, actor="t", previous=server.api.get(kinds.SECRETS, "default/token"))
    server.api.delete(kinds.SERVICE_ACCOUNTS, BOT, actor="t")
    assert refusal(server, token) == '[invalid bearer token, serviceaccounts "bot" not found]'
