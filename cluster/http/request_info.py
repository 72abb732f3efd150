"""What a request wants, by its method and URL alone.

The first step inside the facade, before anything is looked up: a request is judged before the cluster says
whether there is such a resource. Mirrors k8s.io/apiserver/pkg/endpoints/request.RequestInfo. Invariant: every
URL is a resource's or a path's.
"""

from cluster.api import fields
from cluster.api.errors import BadRequest
from cluster.authorization import Attributes, User
from cluster.http.messages import Request

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = ("status", "finalize")


def attributes(request: Request, user: User) -> Attributes:
    """What the user is asked to be allowed for this request."""
    parts = [part for part in request.path.split("/") if part]
    if len(parts) < 3 or parts[0] not in ("api", "apis") or (parts[0] == "apis" and len(parts) < 4):
        return Attributes(user, request.method.lower(), path=request.path)
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    resource, name, subresource = (*rest[:3], "", "")[:3]
    verb = _VERBS.get(request.method, request.method.lower())
    if not name and verb == "get":
        name, verb = _selected(request), "watch" if request.flag("watch") else "list"
    elif verb == "get" and request.flag("watch") and not subresource:
        verb = "watch"  # one object can be watched at its own URL here
    elif not name and verb == "delete":
        verb = "deletecollection"
    return Attributes(user, verb, group, resource, subresource, namespace, name)


def _selected(request: Request) -> str:
    """The one name that a field selector asks for, or none."""
    text = request.param("fieldSelector")
    try:
        return fields.parse(text).exactly("metadata.name") or ""
    except BadRequest:
        return ""
