"""The API over HTTP, as a pure function: a request in, a response or a watch out.

The middle of the facade: paths → verbs of the API server → JSON. Mirrors
k8s.io/apiserver/pkg/endpoints/handlers. Invariant: every request gets an answer that clients
understand; what the API server refuses is a Status.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cluster.api import codec, fields, kinds, labels
from cluster.api.core import Binding
from cluster.api.errors import ApiError, BadRequest, MethodNotAllowed, NotFound
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer, PatchType
from cluster.http import body, discovery, openapi, scale, tables
from cluster.http.messages import Request, Response, answer, failure
from cluster.http.paths import Target, target
from cluster.http.watching import WatchStream

ACTOR = "kubernetes-admin"
PATCHES = {patch_type.value: patch_type for patch_type in PatchType}


class Rest:
    """The facade of one API server."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api

    def handle(self, request: Request) -> Response | WatchStream:
        """Answer one request."""
        self.api.store.cause = 0
        try:
            named = target(request.path)
            if named is not None:
                return self._resource(request, named)
            document = discovery.document(request) or openapi.document(request)
        except ApiError as error:
            return failure(error)
        if document is None:
            return failure(NotFound("the server could not find the requested resource"))
        return document

    def _resource(self, request: Request, named: Target) -> Response | WatchStream:
        if named.subresource == "scale":
            return scale.handle(self.api, request, named, ACTOR)
        if named.subresource == "binding":
            return self._bind(request, named)
        verbs: Mapping[tuple[str, bool], Callable[[Request, Target], Response | WatchStream]] = {
            ("GET", True): self._get, ("GET", False): self._list, ("POST", False): self._create, ("PUT", True): self._update,
            ("PATCH", True): self._patch, ("DELETE", True): self._delete, ("DELETE", False): self._delete_collection,
        }  # fmt: skip
        verb = verbs.get((request.method, bool(named.name)))
        if verb is None:
            raise MethodNotAllowed("the server does not allow this method on the requested resource")
        return verb(request, named)

    # Reading

    def _get(self, request: Request, named: Target) -> Response:
        found = self.api.get(named.kind, named.key)
        return answer(self._shown(request, named.kind, found, self._revision(named)))

    def _list(self, request: Request, named: Target) -> Response | WatchStream:
        if request.flag("watch"):
            return self._watch(request, named)
        kind, store = named.kind, self.api.store
        table = store.table(kind)
        found = [(value, table.revision(kinds.key(value))) for value in self._selected(request, named)]
        if tables.wants(request.accepts, "Table"):
            include = request.param("includeObject", "Metadata")
            return answer(tables.table(kind, found, self.api.clock, store.revision, include))
        listed = {
            "kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {"resourceVersion": str(store.revision)},
            "items": [codec.to_wire(kind, value, revision) for value, revision in found],
        }  # fmt: skip
        return answer(listed)

    def _selected(self, request: Request, named: Target) -> list[Resource]:
        return self.api.list(
            named.kind,
            namespace=named.namespace,
            labels=_label_selector(request),
            fields=_field_selector(request),
        )

    def _watch(self, request: Request, named: Target) -> WatchStream:
        kind, version = named.kind, request.param("resourceVersion")
        wanted, limits = _label_selector(request), _field_selector(request)

        def matches(value: Resource) -> bool:
            meta = value.metadata
            return (
                (not named.namespace or meta.namespace == named.namespace)
                and wanted.matches(meta.labels)
                and (limits is None or limits.matches(kind, value))
            )

        table = self.api.store.table(kind)
        initial = None
        if version in ("", "0"):
            initial = [(value, table.revision(kinds.key(value))) for value in self._selected(request, named)]
        if initial is None and not version.isdecimal():
            raise BadRequest(f'Invalid value: "{version}": resourceVersion must be a number')
        return WatchStream(
            self.api.store, kind, None if initial is not None else int(version), matches,
            lambda value, revision: self._shown(request, kind, value, revision),
            bookmarks=request.flag("allowWatchBookmarks"), initial=initial, timeout=int(request.param("timeoutSeconds") or 0),
        )  # fmt: skip

    def _shown(self, request: Request, kind: Kind[Any], value: Resource, revision: int) -> Any:
        """An object in the form that the client accepts."""
        if tables.wants(request.accepts, "Table"):
            include = request.param("includeObject", "Metadata")
            return tables.table(kind, [(value, revision)], self.api.clock, revision, include)
        if tables.wants(request.accepts, "PartialObjectMetadata"):
            return tables.partial(kind, value, revision)
        return codec.to_wire(kind, value, revision)

    def _revision(self, named: Target) -> int:
        return self.api.store.table(named.kind).revision(named.key)

    # Writing

    def _create(self, request: Request, named: Target) -> Response:
        kind = named.kind
        value, warnings = body.typed(kind, body.plain(request), request.param("fieldValidation"))
        value = in_namespace(kind, value, named.namespace)
        made = self.api.create(kind, value, actor=ACTOR, dry_run=_dry_run(request))
        return answer(self._shown(request, kind, made, self.api.store.revision), 201, warnings)

    def _update(self, request: Request, named: Target) -> Response:
        kind = named.kind
        value, warnings = body.typed(kind, body.plain(request), request.param("fieldValidation"))
        value = in_namespace(kind, value, named.namespace)
        if value.metadata.name != named.name:
            raise BadRequest(
                f"the name of the object ({value.metadata.name}) does not match the name on the URL ({named.name})"
            )
        if named.subresource == "status":
            new = self.api.update_status(kind, value, actor=ACTOR)
        elif named.subresource == "finalize":
            return self._finalize(value, named)
        else:
            new = self.api.update(kind, value, actor=ACTOR, dry_run=_dry_run(request))
        return answer(self._shown(request, kind, new, self._revision(named)), 200, warnings)

    def _finalize(self, value: Resource, named: Target) -> Response:
        finalizers = value.spec.finalizers  # type: ignore[attr-defined]
        old = self.api.get(kinds.NAMESPACES, named.name)
        new = self.api.finalize_namespace(named.name, finalizers, actor=ACTOR)
        return answer(codec.to_wire(kinds.NAMESPACES, new or old, self.api.store.revision))

    def _patch(self, request: Request, named: Target) -> Response:
        patch_type = PATCHES.get(request.media_type)
        if patch_type is None:
            raise BadRequest(f"no patch type: {request.media_type}; there are {', '.join(PATCHES)}")
        existed = self.api.find(named.kind, named.key) is not None
        patch = body.plain(request)
        warnings: tuple[str, ...] = ()
        if patch_type is PatchType.APPLY:
            value, warnings = body.typed(named.kind, patch, request.param("fieldValidation"))
            patch = {**patch, "metadata": {**patch.get("metadata", {}), "name": named.name}}
            if named.kind.namespaced:
                patch["metadata"]["namespace"] = in_namespace(named.kind, value, named.namespace).metadata.namespace
        new = self.api.patch(
            named.kind, named.key, patch, patch_type, actor=ACTOR, manager=request.param("fieldManager"),
            force=request.flag("force"), subresource=named.subresource, dry_run=_dry_run(request),
        )  # fmt: skip
        return answer(self._shown(request, named.kind, new, self._revision(named)), 200 if existed else 201, warnings)

    def _delete(self, request: Request, named: Target) -> Response:
        options = body.plain(request) if request.body else {}
        conditions = options.get("preconditions") or {}
        grace = options.get("gracePeriodSeconds", request.param("gracePeriodSeconds") or None)
        old, revision = self.api.get(named.kind, named.key), self._revision(named)
        if _dry_run(request) or options.get("dryRun"):
            return answer(codec.to_wire(named.kind, old, revision))
        kept = self.api.delete(
            named.kind, named.key, actor=ACTOR, grace=None if grace is None else int(grace),
            propagation=options.get("propagationPolicy") or request.param("propagationPolicy") or None,
            uid=conditions.get("uid", ""), resource_version=conditions.get("resourceVersion", ""),
        )  # fmt: skip
        if kept is not None:
            return answer(codec.to_wire(named.kind, kept, self._revision(named)))
        details = {"name": named.name, "group": named.kind.group, "kind": named.kind.plural, "uid": old.metadata.uid}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        return answer(codec.to_wire(named.kind, old, revision) if named.kind is kinds.PODS else status)

    def _delete_collection(self, request: Request, named: Target) -> Response:
        gone = self.api.delete_collection(
            named.kind, actor=ACTOR, namespace=named.namespace, labels=_label_selector(request),
            fields=_field_selector(request), propagation=request.param("propagationPolicy") or None,
        )  # fmt: skip
        items = [codec.to_wire(named.kind, value) for value in gone]
        listed = {
            "kind": f"{named.kind.kind}List", "apiVersion": named.kind.api_version,
            "metadata": {"resourceVersion": str(self.api.store.revision)}, "items": items,
        }  # fmt: skip
        return answer(listed)

    def _bind(self, request: Request, named: Target) -> Response:
        binding = codec.from_plain(Binding, body.plain(request))
        self.api.bind(named.key, binding.target.name, actor=ACTOR)
        return answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def in_namespace(kind: Kind[Any], value: Any, namespace: str) -> Any:
    """The object in the namespace of the URL; BadRequest if it names another."""
    if not kind.namespaced:
        return value
    given = value.metadata.namespace
    if given and namespace and given != namespace:
        raise BadRequest(
            f"the namespace of the provided object does not match the namespace sent on the request "
            f"({given} != {namespace})"
        )
    return replace(value, metadata=replace(value.metadata, namespace=namespace or given or "default"))


def _dry_run(request: Request) -> bool:
    return request.param("dryRun") == "All"


def _label_selector(request: Request) -> labels.Selector:
    return labels.parse(request.param("labelSelector")) if request.param("labelSelector") else labels.EVERYTHING


def _field_selector(request: Request) -> fields.FieldSelector | None:
    text = request.param("fieldSelector")
    return fields.parse(text) if text else None
