"""Acting as somebody else: what the Impersonate headers ask for, and whether that is allowed.

A step of the facade before authorization (`kubectl --as`). Mirrors
k8s.io/apiserver/pkg/endpoints/filters/impersonation: first the narrow verbs of constrained impersonation
(`impersonate:user-info` and the like, with `impersonate-on:MODE:VERB` for what is then done), then plain
`impersonate`. Invariant: what is impersonated holds for one request.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from msgspec.structs import replace

from cluster.api.errors import BadRequest, Forbidden
from cluster.authorization import Attributes, Rbac, User, refused
from cluster.authorization.users import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    UNAUTHENTICATED,
    account_groups,
    split_account,
)
from cluster.http.messages import Request

_PREFIX, _EXTRA = "impersonate-", "extra-"
_NODE, _NODES = "system:node:", "system:nodes"
_GROUP = "authentication.k8s.io"


def headers(given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The Impersonate headers among all of a request's (names in lower case): without that prefix, and values."""
    return tuple((name.removeprefix(_PREFIX), value) for name, value in given if name.startswith(_PREFIX))


def impersonated(rbac: Rbac, request: Request, wanted: Attributes) -> User:
    """The user that the request is to be made as. BadRequest, or Forbidden as the first mode tried refuses it."""
    asked = _asked(request.impersonation)
    first: Forbidden | None = None
    for mode in (*_modes(asked), ""):
        try:
            return _allowed(rbac, wanted, asked, mode)
        except Forbidden as error:
            first = first or error
    assert first is not None
    raise first


def _asked(given: tuple[tuple[str, str], ...]) -> User:
    name = next((value for header, value in given if header == "user"), "")
    uid = next((value for header, value in given if header == "uid"), "")
    groups = tuple(value for header, value in given if header == "group")
    extra: dict[str, tuple[str, ...]] = {}
    for header, value in given:
        if header.startswith(_EXTRA):
            key = unquote(header.removeprefix(_EXTRA)).lower()
            extra[key] = (*extra.get(key, ()), value)
    if not name and (uid or groups or extra):
        raise BadRequest("requested to impersonate a uid, groups or extra fields without impersonating a user name")
    return User(name, groups, uid, extra)


def _modes(asked: User) -> list[str]:
    """The modes of constrained impersonation that this user can be impersonated by."""
    only_name = not (asked.groups or asked.uid or asked.extra)
    if asked.name.startswith(_NODE):
        return ["arbitrary-node"] if only_name else []
    if split_account(asked.name):
        return ["serviceaccount"] if only_name else []
    return ["user-info"]


def _allowed(rbac: Rbac, wanted: Attributes, asked: User, mode: str) -> User:
    """The user, if the requester may impersonate everything of it in this mode (empty: by plain `impersonate`)."""
    verb = f"impersonate:{mode}" if mode else "impersonate"
    questions = list(_questions(wanted.user, asked, verb))
    if mode:
        questions.insert(0, replace(wanted, verb=f"impersonate-on:{mode}:{wanted.verb}"))
    for question in questions:
        if mode and question.resource == "groups" and question.name in ("", MASTERS):
            which = question.name or "empty string"
            raise refused(question, f"impersonating the {which} group is not allowed")
        decision = rbac.authorize(question)
        if not decision.allowed:
            raise refused(question, decision.reason)
    return _completed(asked, mode)


def _questions(requester: User, asked: User, verb: str) -> Iterator[Attributes]:
    group = "" if verb == "impersonate" else _GROUP
    account = split_account(asked.name)
    if account:
        yield Attributes(requester, verb, group, "serviceaccounts", namespace=account[0], name=account[1])
    elif group and asked.name.startswith(_NODE):
        yield Attributes(requester, verb, group, "nodes", name=asked.name.removeprefix(_NODE))
    else:
        yield Attributes(requester, verb, group, "users", name=asked.name)
    if asked.uid:
        yield Attributes(requester, verb, _GROUP, "uids", name=asked.uid)
    for name in asked.groups:
        yield Attributes(requester, verb, group, "groups", name=name)
    for key, values in asked.extra.items():
        for value in values:
            yield Attributes(requester, verb, _GROUP, "userextras", key, name=value)


def _completed(asked: User, mode: str) -> User:
    """The user with the groups that go with its name."""
    groups, account = asked.groups, split_account(asked.name)
    if mode == "arbitrary-node":
        groups = (_NODES,)
    elif account and not groups:
        groups = account_groups(account[0])
    if asked.name == ANONYMOUS.name:
        more = UNAUTHENTICATED
    elif UNAUTHENTICATED in groups:
        return replace(asked, groups=groups)
    else:
        more = AUTHENTICATED
    return replace(asked, groups=groups if more in groups else (*groups, more))
