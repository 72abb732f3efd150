"""What a request wants to do, as a rule or a refusal says it.

Between a request (or a review of one) and the rules. Mirrors k8s.io/apiserver's authorizer.Attributes and the
words of its Forbidden errors. Invariant: either a resource is named, or a path.
"""

from msgspec import Struct

from cluster.api.errors import Forbidden
from cluster.api.meta import StatusDetails
from cluster.authorization.users import User


class Attributes(Struct, frozen=True):
    """One question to the rules: may `user` do `verb`, to this resource or, if `path` is given, to that path."""

    user: User
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined(self) -> str:
        """`pods` or `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def refused(wanted: Attributes, reason: str = "") -> Forbidden:
    """The error that tells a user what they may not do; `reason` says what went wrong while finding out."""
    message = _escaped(_message(wanted))
    why = f"{message}: {reason}" if reason else message
    if wanted.path or not wanted.resource:
        return Forbidden(f"forbidden: {why}", StatusDetails(name=wanted.name, group=wanted.group))
    return Forbidden.of(wanted.resource, wanted.name, why, wanted.group)


def _message(wanted: Attributes) -> str:
    head = f'User "{wanted.user.name}" cannot {wanted.verb}'
    if wanted.path:
        return f'{head} path "{wanted.path}"'
    head += f' resource "{wanted.combined}" in API group "{wanted.group}"'
    return f'{head} in the namespace "{wanted.namespace}"' if wanted.namespace else f"{head} at the cluster scope"


def _escaped(text: str) -> str:
    """The text without what could be taken for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
