"""`authorizer` in expressions: whether the one who asks may do something else too.

Beside `library`. Values are maps that gather what is asked about, until `check` asks whoever evaluates the
expression. Mirrors k8s.io/apiserver/pkg/cel/library's authz. Invariant: nothing is asked outside `deciding`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

TAG = "$"
"""Under this key a map says that it is an opaque value, and of which sort."""
AUTHORIZER: Mapping[str, str] = {TAG: "authorizer"}
Asked = Mapping[str, str]
"""What is asked about: `path` and `verb`, or `group`, `resource`, … and `verb`, and the `account` that it is about."""
Decide = Callable[[Asked], tuple[bool, str]]
"""Whether something is allowed, and why."""
_decide: ContextVar[Decide] = ContextVar("decide")


@contextmanager
def deciding(decide: Decide) -> Iterator[None]:
    """Answer what expressions ask meanwhile."""
    token = _decide.set(decide)
    try:
        yield
    finally:
        _decide.reset(token)


def request_resource(group: str, resource: str, subresource: str, namespace: str, name: str) -> dict[str, str]:
    """What `authorizer.requestResource` is: a check of what the request itself is about."""
    about = {"group": group, "resource": resource, "subresource": subresource, "namespace": namespace, "name": name}
    return {**AUTHORIZER, **about}


def asking(name: str) -> Callable[[Mapping[str, Any], str], dict[str, Any]]:
    """The function that adds one thing to what is asked about."""
    return lambda one, value: {**one, name: value}


def of_account(one: Mapping[str, Any], namespace: str, name: str) -> dict[str, Any]:
    """The authorizer of a service account."""
    return {**one, "account": f"{namespace}/{name}"}


def check(one: Mapping[str, Any], verb: str) -> dict[str, Any]:
    """The decision: whether the verb is allowed on what was asked about."""
    asked = {name: value for name, value in one.items() if name != TAG}
    allowed, reason = _decide.get()({**asked, "verb": verb})
    return {TAG: "decision", "allowed": allowed, "reason": reason}
