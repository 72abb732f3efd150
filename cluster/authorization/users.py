"""Who makes a request: a name, groups, and what else is known of them.

Made where a request is authenticated, read where it is authorized. Mirrors k8s.io/apiserver's
authentication/user and authentication/serviceaccount. Invariant: a user is a value; nothing of it is kept in
the cluster.
"""

from collections.abc import Mapping

from msgspec import Struct

from cluster.api import names

MASTERS = "system:masters"
AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
ACCOUNTS = "system:serviceaccounts"
_PREFIX = "system:serviceaccount:"


class User(Struct, frozen=True):
    """A user as a request's credentials, or its impersonation headers, tell."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = {}


ANONYMOUS = User("system:anonymous", (UNAUTHENTICATED,))
OWNER = User("kubernetes-admin", (MASTERS, AUTHENTICATED))
"""Who started the cluster."""


def account_name(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"{_PREFIX}{namespace}:{name}"


def account_groups(namespace: str) -> tuple[str, ...]:
    """The groups of every service account of a namespace."""
    return (ACCOUNTS, f"{ACCOUNTS}:{namespace}")


def split_account(username: str) -> tuple[str, str] | None:
    """The namespace and name of the service account that a user name means, or None."""
    if not username.startswith(_PREFIX):
        return None
    namespace, separator, name = username.removeprefix(_PREFIX).partition(":")
    if not separator or names.is_dns1123_label(namespace) or names.is_dns1123_subdomain(name):
        return None
    return namespace, name
