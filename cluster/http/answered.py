"""Kinds that requests have and the store has not: Binding, ComponentStatus, and the reviews.

A corner of the facade beside `subresources`. Mirrors the registries that keep nothing. Invariant: what is
said here is said of other objects, or of the cluster itself.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.core import ComponentCondition, ComponentStatus
from cluster.api.errors import BadRequest, MethodNotAllowed, NotFound
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer, reviews
from cluster.apiserver.decoding import Decoder
from cluster.http import body, reading, subresources, writing
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target

COMPONENTS = ("controller-manager", "etcd-0", "scheduler")


def bind(api: ApiServer, request: Request, named: Target) -> Response:
    """POST bindings: assign the pod of the binding's name to a node."""
    given = body.plain(request)
    meta = given.get("metadata") if isinstance(given, Mapping) else None
    name = meta.get("name") if isinstance(meta, Mapping) else None
    if not isinstance(name, str) or not name:
        raise BadRequest("name is required")
    return subresources.bind(api, request, replace(named, kind=kinds.PODS, name=name, subresource="binding"))


def review(api: ApiServer, request: Request, named: Target) -> Response:
    """POST of a review: the same object with its answer."""
    if request.method != "POST" or named.name:
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    decoder = Decoder(request.param("fieldValidation"))
    asked = body.typed(named.kind, body.plain(request), decoder)
    if named.namespace:
        asked = writing.in_namespace(named.kind, asked, named.namespace)
    found = reviews.answered(api, request.user, asked, named.namespace)
    return answer(codec.to_wire(named.kind, found), 201, decoder.warnings.texts)


def component_statuses(api: ApiServer, request: Request, named: Target) -> Response:
    """GET componentstatuses: the parts of a control plane, which are well as long as anybody can ask."""
    if request.method != "GET" or request.flag("watch"):
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    if not named.name:
        found = [(_status(name), 0) for name in COMPONENTS]
        return answer(reading.in_form(api, request, named.kind, found, {}))
    if named.name not in COMPONENTS:
        raise NotFound.of(named.kind.plural, named.name)
    return answer(reading.shown(api, request, named.kind, _status(named.name), None))


def _status(name: str) -> ComponentStatus:
    well = ComponentCondition(type="Healthy", status="True", message="ok")
    return ComponentStatus(metadata=ObjectMeta(name=name), conditions=(well,))
