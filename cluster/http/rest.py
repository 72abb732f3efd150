"""The API over HTTP, as a pure function: a request in, a response or a watch out.

The middle of the facade: impersonation → authorization → paths → verbs of the API server → JSON. Mirrors
k8s.io/apiserver/pkg/endpoints, its filters and handlers. Invariant: nothing is looked up for who may not ask
for it, and every request gets an answer that clients understand; what the API server refuses is a Status.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.errors import ApiError, MethodNotAllowed, NotFound
from cluster.api.kinds import Kind
from cluster.apiserver import ApiServer, PatchType
from cluster.authorization import Attributes, refused
from cluster.http import (
    answered,
    discovery,
    forms,
    health,
    impersonation,
    issuer,
    logs,
    metrics,
    openapi,
    openapi_v2,
    proxying,
    reading,
    request_info,
    scale,
    sessions,
    subresources,
    writing,
)
from cluster.http.logs import LogStream
from cluster.http.messages import Request, Response, failure, warned
from cluster.http.paths import Target, in_built_in_version, target
from cluster.http.sessions import Session
from cluster.http.watching import WatchStream

Answer = Response | WatchStream | LogStream | Session
Verb = Callable[[ApiServer, Request, Target], Answer]
_VERBS: Mapping[tuple[str, bool], Verb] = {
    ("GET", True): reading.get, ("GET", False): reading.listed, ("POST", False): writing.create,
    ("PUT", True): writing.update, ("PATCH", True): writing.patch, ("DELETE", True): writing.delete,
    ("DELETE", False): writing.delete_collection,
}  # fmt: skip
_SUBRESOURCES: Mapping[str, Verb] = {
    "binding": subresources.bind, "eviction": subresources.evict, "finalize": subresources.finalize, "scale": scale.handle,
    "token": subresources.token,
    "log": logs.log, "exec": sessions.connect_exec, "attach": sessions.connect_attach,
    "portforward": sessions.connect_port_forward, "proxy": proxying.handle,
}  # fmt: skip
_ANSWERED: Mapping[str, Verb] = {
    kinds.BINDINGS.qualified: answered.bind, kinds.COMPONENT_STATUSES.qualified: answered.component_statuses,
    **{kind.qualified: answered.review for kind in kinds.REVIEWS},
    **{kind.qualified: metrics.handle for kind in kinds.METRICS.listed},
}  # fmt: skip
_CONNECTED = ("attach", "exec", "portforward")
_DOCUMENTS = (health.document, discovery.document, openapi.document, openapi_v2.document)

DEPRECATED = {"endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
              "componentstatuses": "v1 ComponentStatus is deprecated in v1.19+"}  # fmt: skip
"""What the server warns of at every request, by the kind's qualified name."""


def _deprecated(kind: Kind[Any]) -> str:
    """The warning that every answer about a kind carries, or nothing."""
    if kind.custom is None or not kind.custom.declared.deprecated:
        return DEPRECATED.get(kind.qualified, "")
    return kind.custom.declared.deprecationWarning or f"{kind.api_version} {kind.kind} is deprecated"


class Rest:
    """The facade of one API server."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api

    def handle(self, request: Request) -> Answer:
        """Answer one request of its user, if they may make it, in the form that they accept."""
        answered = self._judged(request)
        return forms.shaped(request, answered) if isinstance(answered, Response) else answered

    def _judged(self, request: Request) -> Answer:
        self.api.store.cause = 0
        try:
            wanted = request_info.attributes(request, request.user)
            if request.impersonation:
                wanted = replace(wanted, user=impersonation.impersonated(self.api.rbac, request, wanted))
            decision = self.api.rbac.authorize(wanted)
            if not decision.allowed:
                return failure(refused(wanted, decision.reason))
            self.api.user = wanted.user
            return self._answer(replace(request, user=wanted.user))
        except ApiError as error:
            return failure(error)
        finally:
            self.api.user = None

    def _answer(self, request: Request) -> Answer:
        named = target(request.path, self.api.registry)
        if named is not None:
            forms.check(request)
            verb = self._verb(request, named)
            if request.method == "PATCH" and not named.subresource:
                self._check_applied(request, named)
            if named.subresource in _CONNECTED and request.method == "GET":
                self._check_create(request, named)
            answered = verb(self.api, request, named)
            note = _deprecated(named.kind)
            return warned(answered, note) if note and isinstance(answered, Response) else answered
        found = (document(request, self.api.registry) for document in _DOCUMENTS)
        document = next((answer for answer in found if answer is not None), None) or issuer.document(request, self.api)
        if document is None:
            if in_built_in_version(request.path):
                raise NotFound("the server could not find the requested resource")
            return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")
        return document

    def _check_applied(self, request: Request, named: Target) -> None:
        """Forbidden if the patch would create an object (only an applied one does) and the user may not do that."""
        applied = request.media_type == PatchType.APPLY.value
        if not applied or self.api.find(named.stored, named.key) is not None:
            return
        self._check_create(request, named)

    def _check_create(self, request: Request, named: Target) -> None:
        """Forbidden if the user may not create what is named, which takes more than to get or patch it."""
        kind, place = named.kind, (named.subresource, named.namespace, named.name)
        wanted = Attributes(request.user, "create", kind.group, kind.plural, *place)
        decision = self.api.rbac.authorize(wanted)
        if not decision.allowed:
            raise refused(wanted, decision.reason)

    def _verb(self, request: Request, named: Target) -> Verb:
        if named.kind.qualified in _ANSWERED:
            return _ANSWERED[named.kind.qualified]
        if named.subresource in _SUBRESOURCES:
            return _SUBRESOURCES[named.subresource]
        if request.method == "GET" and request.flag("watch") and not named.subresource:
            return reading.watch
        verb = _VERBS.get((request.method, bool(named.name)))
        if verb is None or (named.subresource and request.method == "DELETE") or _refused(request, named):
            raise MethodNotAllowed("the server does not allow this method on the requested resource")
        return verb


def _refused(request: Request, named: Target) -> bool:
    """Whether the kind as a whole does not take what most kinds do."""
    return request.method == "DELETE" and not named.name and "deletecollection" not in named.kind.verbs
