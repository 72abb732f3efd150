"""Tokens of service accounts: made for those who ask, and read where a request brings one.

Beside the verbs; used by the facade and by the controller of token Secrets. Mirrors pkg/serviceaccount and the
`token` subresource of service accounts. A token is a JWT signed with a key that is made from the seed, and its
times are the cluster's, so that it expires when the cluster's clock says so. Invariant: a token is good as long
as its account, and what it is bound to, are the very objects it was made for.
"""

import hmac
from base64 import b64decode
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from cluster import ids
from cluster.admission import field_error
from cluster.api.authentication import BoundObjectReference, TokenRequest, TokenRequestStatus
from cluster.api.core import Secret, ServiceAccount
from cluster.api.errors import BadRequest, Conflict, Invalid, NotFound, Unauthorized
from cluster.api.kinds import NODES, PODS, SECRETS, SERVICE_ACCOUNTS, Kind, key_of
from cluster.api.meta import Resource
from cluster.apiserver import jwt
from cluster.apiserver.server import ApiServer
from cluster.authorization import User
from cluster.authorization.rules import quoted
from cluster.authorization.users import AUTHENTICATED, account_groups, account_name, split_account

ISSUER, LEGACY_ISSUER = "https://kubernetes.default.svc.cluster.local", "kubernetes/serviceaccount"
AUDIENCES = (ISSUER,)
HOUR, SHORTEST, LONGEST = 3_600, 600, 1 << 32
_GROUP, _KIND = "authentication.k8s.io", "TokenRequest"
_LEEWAY = 60
_POD_LIFETIME, _EXTENDED = 3_607, 365 * 24 * 3_600
"""A kubelet asks for this many seconds for a pod, and is given a year: old clients do not read a token anew."""
_EXTRA = "authentication.kubernetes.io/"


class Reference(Struct, frozen=True, omit_defaults=True):
    """An object that a token is about or bound to."""

    name: str = ""
    uid: str = ""


class Bound(Struct, frozen=True, omit_defaults=True):
    """The `kubernetes.io` claim."""

    namespace: str = ""
    node: Reference | None = None
    pod: Reference | None = None
    secret: Reference | None = None
    serviceaccount: Reference = Reference()
    warnafter: int = 0


class Claims(Struct, frozen=True, omit_defaults=True):
    """What a token says; the last four are those of a token that a Secret holds."""

    aud: tuple[str, ...] = ()
    exp: int = 0
    iat: int = 0
    iss: str = ""
    jti: str = ""
    bound: Bound | None = field(default=None, name="kubernetes.io")
    nbf: int = 0
    sub: str = ""
    namespace: str = field(default="", name="kubernetes.io/serviceaccount/namespace")
    secret: str = field(default="", name="kubernetes.io/serviceaccount/secret.name")
    account: str = field(default="", name="kubernetes.io/serviceaccount/service-account.name")
    account_uid: str = field(default="", name="kubernetes.io/serviceaccount/service-account.uid")


def requested(api: ApiServer, key: str, request: TokenRequest) -> TokenRequest:
    """The request for a token of the account `key`, with the token.

    Raises NotFound (the account, or what the token is to be bound to), BadRequest, Conflict or Invalid.
    """
    account = _asked_account(api, key, request)
    spec, now = request.spec, _now(api)
    seconds = HOUR if spec.expirationSeconds is None else spec.expirationSeconds
    _check_lifetime(seconds)
    audiences = spec.audiences or AUDIENCES
    bound = _bound(api, account, spec.boundObjectRef)
    lifetime = seconds
    if bound.pod is not None and seconds == _POD_LIFETIME and set(audiences) <= set(AUDIENCES):
        bound, lifetime = replace(bound, warnafter=now + seconds), _EXTENDED
    meta = account.metadata
    number = ids.number(api.seed, "jti", key, meta.uid, api.store.revision, api.clock.now, audiences, spec)
    claims = Claims(
        aud=audiences, exp=now + lifetime, iat=now, iss=ISSUER, jti=ids.uid(api.seed, number), bound=bound, nbf=now,
        sub=account_name(meta.namespace, meta.name),
    )  # fmt: skip
    until = api.clock.timestamp(api.clock.now + seconds * 1_000)
    named = replace(
        request.metadata, name=meta.name, namespace=meta.namespace, uid=meta.uid,
        creationTimestamp=api.clock.timestamp(),
    )  # fmt: skip
    return replace(
        request, metadata=named, spec=replace(spec, audiences=audiences, expirationSeconds=seconds),
        status=TokenRequestStatus(token=jwt.signed(api.seed, claims), expirationTimestamp=until),
    )  # fmt: skip


def _asked_account(api: ApiServer, key: str, request: TokenRequest) -> ServiceAccount:
    namespace, _, name = key.partition("/")
    meta = request.metadata
    for given, wanted, part in ((meta.name, name, "name"), (meta.namespace, namespace, "namespace")):
        if given and given != wanted:
            why = f"must match the service account {part} if specified"
            raise Invalid.of(_KIND, name, [field_error.invalid(f"metadata.{part}", given, why)], _GROUP)
    account = api.get(SERVICE_ACCOUNTS, key)
    if meta.uid and meta.uid != account.metadata.uid:
        why = f"the UID in the token request ({meta.uid}) does not match the UID of the service account"
        raise Conflict.of(_KIND, name, f"{why} ({account.metadata.uid})", _GROUP)
    return account


def _check_lifetime(seconds: int) -> None:
    why = ""
    if seconds < SHORTEST:
        why = "may not specify a duration less than 10 minutes"
    elif seconds > LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
    if why:
        raise Invalid.of(_KIND, "", [field_error.invalid("spec.expirationSeconds", seconds, why)], _GROUP)


def _bound(api: ApiServer, account: ServiceAccount, reference: BoundObjectReference | None) -> Bound:
    """The claims about the account and the object that its token is bound to."""
    meta = account.metadata
    bound = Bound(namespace=meta.namespace, serviceaccount=_reference(account))
    if reference is None:
        return bound
    group, _, version = reference.apiVersion.rpartition("/")
    if group or reference.kind not in ("Pod", "Node", "Secret"):
        kind = f"{group}/{version}, Kind={reference.kind}"
        raise BadRequest(f"cannot bind token to object of type {kind}")
    found: Resource
    if reference.kind == "Pod":
        pod = found = api.get(PODS, key_of(meta.namespace, reference.name))
        if pod.spec.serviceAccountName != meta.name:
            why = "to pod running with different serviceaccount name."
            raise BadRequest(f'cannot bind token for serviceaccount "{meta.name}" {why}')
        node = api.find(NODES, pod.spec.nodeName) if pod.spec.nodeName else None
        place = _reference(node) if node is not None else Reference(pod.spec.nodeName)
        bound = replace(bound, pod=_reference(pod), node=place if pod.spec.nodeName else None)
    elif reference.kind == "Node":
        found = api.get(NODES, reference.name)
        bound = replace(bound, node=_reference(found))
    else:
        found = api.get(SECRETS, key_of(meta.namespace, reference.name))
        bound = replace(bound, secret=_reference(found))
    if reference.uid and reference.uid != found.metadata.uid:
        why = f"the UID in the bound object reference ({reference.uid}) does not match the UID in record."
        raise Conflict.of(
            reference.kind, reference.name, f"{why} The object might have been deleted and then recreated"
        )
    return bound


def _reference(value: Resource) -> Reference:
    return Reference(value.metadata.name, value.metadata.uid)


def of_secret(seed: int, account: ServiceAccount, secret: Secret) -> str:
    """The token that a Secret of an account holds: it never expires, and goes with the Secret."""
    meta = account.metadata
    claims = Claims(
        iss=LEGACY_ISSUER, sub=account_name(meta.namespace, meta.name), namespace=meta.namespace,
        secret=secret.metadata.name, account=meta.name, account_uid=meta.uid,
    )  # fmt: skip
    return jwt.signed(seed, claims)


def authenticated(api: ApiServer, token: str, audiences: tuple[str, ...] = ()) -> tuple[User, tuple[str, ...]]:
    """Whose token it is, and for which of the audiences (the API server's own, if none). Unauthorized otherwise."""
    claims = jwt.verified(api.seed, token, Claims)
    if claims is None or claims.iss not in (ISSUER, LEGACY_ISSUER):
        raise Unauthorized("invalid bearer token")
    try:
        user = _legacy_user(api, claims, token) if claims.iss == LEGACY_ISSUER else _user(api, claims)
        return user, _shared(claims.aud or AUDIENCES, audiences or AUDIENCES)
    except (_Invalid, NotFound) as error:
        raise Unauthorized(f"[invalid bearer token, {error}]") from error


def _shared(given: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    shared = tuple(audience for audience in wanted if audience in given)
    if not shared:
        raise _Invalid(f"token audiences {quoted(given)} is invalid for the target audiences {quoted(wanted)}")
    return shared


class _Invalid(Exception):
    """Why a token that was once made here is good no more."""


def _user(api: ApiServer, claims: Claims) -> User:
    now, bound = _now(api), claims.bound or Bound()
    if now > claims.exp + _LEEWAY:
        raise _Invalid("service account token has expired")
    account = api.get(SERVICE_ACCOUNTS, key_of(bound.namespace, bound.serviceaccount.name))
    own = bound.serviceaccount.uid
    if account.metadata.uid != own:
        raise _Invalid(f"service account UID ({account.metadata.uid}) does not match claim ({own})")
    if _gone(api, account):
        raise _Invalid(f"service account {bound.namespace}/{bound.serviceaccount.name} has been deleted")
    _check_bound(api, SECRETS, bound.namespace, bound.secret, "secret UID ({}) does not match service account secret")
    _check_bound(api, PODS, bound.namespace, bound.pod, "pod UID ({}) does not match service account pod")
    if bound.pod is None:
        _check_bound(api, NODES, "", bound.node, "node UID ({}) does not match service account node")
    extra = {"credential-id": f"JTI={claims.jti}"}
    for kind, about in (("node", bound.node), ("pod", bound.pod)):
        if about is not None:
            extra |= {f"{kind}-name": about.name, f"{kind}-uid": about.uid}
    return _account_user(account, {f"{_EXTRA}{name}": (value,) for name, value in extra.items() if value})


def _check_bound(api: ApiServer, kind: Kind[Resource], namespace: str, about: Reference | None, words: str) -> None:
    """Whether what a token is bound to is still that very object."""
    if about is None:
        return
    found = api.find(kind, key_of(namespace, about.name))
    if found is None:
        raise _Invalid("service account token has been invalidated")
    if found.metadata.uid != about.uid:
        raise _Invalid(f"{words.format(found.metadata.uid)} ref claim ({about.uid})")
    if _gone(api, found):
        raise _Invalid("service account token has been invalidated")


def _gone(api: ApiServer, value: Resource) -> bool:
    """Whether the object was to be gone a minute ago."""
    deleted = value.metadata.deletionTimestamp
    return bool(deleted) and api.clock.milliseconds(deleted) < api.clock.now - _LEEWAY * 1_000


def _legacy_user(api: ApiServer, claims: Claims, token: str) -> User:
    namespace, name = claims.namespace, claims.account
    if split_account(claims.sub) != (namespace, name):
        raise _Invalid("sub claim is invalid")
    secret = api.find(SECRETS, key_of(namespace, claims.secret))
    if secret is None or secret.metadata.deletionTimestamp:
        raise _Invalid("Token has been invalidated")
    if not hmac.compare_digest(b64decode(secret.data.get("token", "")), token.encode()):
        raise _Invalid("Token does not match server's copy")
    account = api.get(SERVICE_ACCOUNTS, key_of(namespace, name))
    if account.metadata.deletionTimestamp:
        raise _Invalid(f"ServiceAccount {namespace}/{name} has been deleted")
    if account.metadata.uid != claims.account_uid:
        raise _Invalid(f"ServiceAccount UID ({account.metadata.uid}) does not match claim ({claims.account_uid})")
    return _account_user(account, {})


def _account_user(account: ServiceAccount, extra: dict[str, tuple[str, ...]]) -> User:
    meta = account.metadata
    groups = (*account_groups(meta.namespace), AUTHENTICATED)
    return User(account_name(meta.namespace, meta.name), groups, meta.uid, extra)


def _now(api: ApiServer) -> int:
    """The cluster's time in seconds since 1970."""
    return int(datetime.fromisoformat(api.clock.timestamp()).timestamp())
