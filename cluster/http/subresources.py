"""The subresources that are verbs of their own: binding, eviction, a namespace's finalize and an account's token.

A corner of the facade beside `writing`. Mirrors the pod, namespace and service account registries. Invariant: as for
every write, one verb of the API server or none.
"""

from typing import Any

from msgspec import ValidationError

from cluster.api import codec, kinds
from cluster.api.authentication import TokenRequest
from cluster.api.core import Binding, Namespace
from cluster.api.errors import BadRequest, MethodNotAllowed
from cluster.api.meta import DeleteOptions, Preconditions
from cluster.api.policy import Eviction
from cluster.apiserver import ApiServer, eviction, tokens
from cluster.apiserver.decoding import Decoder
from cluster.http import body, reading, writing
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target

SUCCESS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def bind(api: ApiServer, request: Request, named: Target) -> Response:
    """POST pods/NAME/binding: assign a pod to a node."""
    _only(request, "POST")
    try:
        binding = codec.from_plain(Binding, body.plain(request))
    except ValidationError as error:
        raise BadRequest(f'Binding in version "v1" cannot be handled as a Binding: {error}') from error
    if not writing.dry_run(request):
        api.bind(named.key, binding.target.name, actor=request.user.name)
    return answer(SUCCESS, 201)


def evict(api: ApiServer, request: Request, named: Target) -> Response:
    """POST pods/NAME/eviction: delete a pod if its disruption is allowed."""
    _only(request, "POST")
    try:
        given = codec.from_plain(Eviction, body.plain(request))
    except ValidationError as error:
        raise BadRequest(f'Eviction in version "v1" cannot be handled as a Eviction: {error}') from error
    if given.metadata.name != named.name:
        raise BadRequest("name in URL does not match name in Eviction object")
    options = given.deleteOptions or DeleteOptions()
    conditions = options.preconditions or Preconditions()
    eviction.evict(
        api, named.key, actor=request.user.name, grace=options.gracePeriodSeconds, uid=conditions.uid or "",
        resource_version=conditions.resourceVersion or "", dry_run=writing.dry_run(request) or bool(options.dryRun),
    )  # fmt: skip
    return answer(SUCCESS, 201)


def finalize(api: ApiServer, request: Request, named: Target) -> Response:
    """PUT namespaces/NAME/finalize: set the finalizers that keep a namespace."""
    _only(request, "PUT")
    decoder = Decoder(request.param("fieldValidation"))
    value: Any = body.typed(kinds.NAMESPACES, body.plain(request), decoder)
    assert isinstance(value, Namespace)
    if value.metadata.name != named.name:
        given = value.metadata.name
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({named.name})")
    old = api.get(kinds.NAMESPACES, named.name)
    new = old if writing.dry_run(request) else _finalized(api, request, named, value)
    shown = reading.shown(api, request, kinds.NAMESPACES, new or old, api.store.revision)
    return answer(shown, 200, decoder.warnings.texts)


def _finalized(api: ApiServer, request: Request, named: Target, value: Namespace) -> Namespace | None:
    return api.finalize_namespace(named.name, value.spec.finalizers, actor=request.user.name)


def token(api: ApiServer, request: Request, named: Target) -> Response:
    """POST serviceaccounts/NAME/token: make a token for an account."""
    _only(request, "POST")
    decoder = Decoder(request.param("fieldValidation"))
    asked: Any = body.typed(kinds.TOKEN_REQUESTS, body.plain(request), decoder)
    assert isinstance(asked, TokenRequest)
    made = tokens.requested(api, named.key, asked)
    return answer(codec.to_wire(kinds.TOKEN_REQUESTS, made), 201, decoder.warnings.texts)


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
