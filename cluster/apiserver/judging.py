"""Who asks, as the policies that users bind see it.

Between the verbs and `admission.validating_policies`. Invariant: a request from outside is its user's; what
the cluster's components do, they do under the names that a real control plane gives them.
"""

from functools import partial
from typing import Protocol, TypeVar

from cluster.admission import Warnings
from cluster.admission.validating_policies import Attributes, Operation, ValidatingPolicies
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.authorization import OWNER, User
from cluster.authorization import Attributes as Access
from cluster.authorization.rbac import Rbac
from cluster.authorization.users import AUTHENTICATED, account_groups, account_name
from cluster.cel.authorizer import Asked, deciding

T = TypeVar("T", bound=Resource)
UNJUDGED = frozenset({"kubelet", "kube-scheduler", "kube-apiserver"})
"""Components that tell what is or happened, and ask no leave: a node is not stopped by a user's rule."""
APP = ("ktui", "ktui-folder")


class Judge(Protocol):
    """The part of the API server that is needed here."""

    user: User | None
    rbac: Rbac
    validating_policies: ValidatingPolicies


def judge(
    api: Judge, kind: Kind[T], operation: Operation, value: T | None, old: T | None, actor: str, *, subresource: str = "",
    dry_run: bool = False, warnings: Warnings | None = None,
) -> None:  # fmt: skip
    """Ask the policies that users have bound; Denied is the first one's answer."""
    user = requester(api.user, actor)
    if user is not None:
        request = Attributes(kind, operation, value, old, subresource, user.name, user.groups, user.uid, dry_run)
        with deciding(partial(_allowed, api.rbac, user)):
            api.validating_policies.judge(request, warnings)


def _allowed(rbac: Rbac, user: User, asked: Asked) -> tuple[bool, str]:
    """Whether the one who asks, or the account that an expression names, may do what it asks about."""
    about = dict(asked)
    namespace, slash, name = about.pop("account", "").partition("/")
    if slash:
        user = User(account_name(namespace, name), (*account_groups(namespace), AUTHENTICATED))
    decision = rbac.authorize(Access(user, **about))
    return decision.allowed, decision.reason


def requester(user: User | None, actor: str) -> User | None:
    """Who makes a request; None if policies are not asked about it."""
    if user is not None:
        return user
    if actor in UNJUDGED:
        return None
    if actor in APP:
        return OWNER
    return User(account_name("kube-system", actor), (*account_groups("kube-system"), AUTHENTICATED))
