"""POST, PUT, PATCH and DELETE of objects: the request's options and body to one verb of the API server.

The half of the facade that changes the cluster. Mirrors the API server's create, update, patch and
delete handlers. Invariant: a request writes once, through one verb, or not at all.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.api.errors import BadRequest, Invalid, UnsupportedMediaType
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause
from cluster.apiserver import ApiServer, PatchType
from cluster.apiserver.decoding import Decoder
from cluster.http import body, reading, tables
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target

PATCHES = {patch_type.value: patch_type for patch_type in PatchType}
PROPAGATIONS = ("Background", "Foreground", "Orphan")


def create(api: ApiServer, request: Request, named: Target) -> Response:
    """POST to a collection."""
    kind, decoder = named.stored, Decoder(request.param("fieldValidation"))
    value = in_namespace(kind, body.typed(named.kind, body.plain(request), decoder), named.namespace)
    made = api.create(
        kind,
        value,
        actor=request.user.name,
        manager=manager_of(request),
        dry_run=dry_run(request),
        warnings=decoder.warnings,
    )
    revision = api.store.table(kind).revision(kinds.key(made))
    return answer(reading.shown(api, request, named.kind, made, revision or None), 201, decoder.warnings.texts)


def update(api: ApiServer, request: Request, named: Target) -> Response:
    """PUT of an object, its status, or a part of a pod."""
    kind, decoder = named.stored, Decoder(request.param("fieldValidation"))
    value = in_namespace(kind, body.typed(named.kind, body.plain(request), decoder), named.namespace)
    if value.metadata.name != named.name:
        given = value.metadata.name
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({named.name})")
    manager, dry = manager_of(request), dry_run(request)
    new: Resource
    if named.subresource == "status":
        new = api.update_status(kind, value, actor=request.user.name, manager=manager, dry_run=dry)
    elif isinstance(value, Pod) and named.subresource:
        new = api.update_pod_part(
            value, named.subresource, actor=request.user.name, manager=manager, dry_run=dry, warnings=decoder.warnings
        )
    else:
        new = api.update(kind, value, actor=request.user.name, manager=manager, dry_run=dry, warnings=decoder.warnings)
    return answer(reading.shown(api, request, named.kind, new, _revision(api, named)), 200, decoder.warnings.texts)


def patch(api: ApiServer, request: Request, named: Target) -> Response:
    """PATCH of an object, its status, or a part of a pod, by any of the four kinds of patch."""
    kind, patch_type = named.kind, PATCHES.get(request.media_type)
    if patch_type is None:
        allowed = ", ".join(PATCHES)
        raise UnsupportedMediaType(
            f"the body of the request was in an unknown format - accepted media types include: {allowed}"
        )
    existed, document = api.find(kind.stored, named.key) is not None, body.plain(request)
    decoder = Decoder(request.param("fieldValidation"))
    if patch_type is PatchType.APPLY:
        document = _applied(request, named, document)
    new = api.patch(
        kind, named.key, document, patch_type, actor=request.user.name, manager=manager_of(request), force=request.flag("force"),
        subresource=named.subresource, dry_run=dry_run(request), decoder=decoder,
    )  # fmt: skip
    shown = reading.shown(api, request, kind, new, _revision(api, named) or None)
    return answer(shown, 200 if existed else 201, decoder.warnings.texts)


def _applied(request: Request, named: Target, document: Any) -> dict[str, Any]:
    """The applied document, named as the URL names it."""
    kind = named.kind
    if not isinstance(document, Mapping) or not isinstance(document.get("metadata", {}), Mapping):
        raise BadRequest("error decoding YAML: the applied configuration is no object")
    given = (document.get("apiVersion"), document.get("kind"))
    if given != (kind.api_version, kind.kind):
        raise BadRequest(f"{given[0]}, Kind={given[1]} does not match {kind.api_version}, Kind={kind.kind} of the URL")
    if not request.param("fieldManager"):
        cause = StatusCause(
            field="fieldManager", reason="FieldValueRequired", message="Required value: is required for apply patch"
        )
        raise Invalid.of("PatchOptions", "", [cause], "meta.k8s.io")
    meta = dict(document.get("metadata") or {})
    if meta.get("name", named.name) != named.name:
        raise BadRequest(f"the name of the object ({meta['name']}) does not match the name on the URL ({named.name})")
    if kind.namespaced and meta.get("namespace", named.namespace) != named.namespace:
        raise BadRequest("the namespace of the object does not match the namespace on the request")
    place = {"namespace": named.namespace} if kind.namespaced else {}
    return {**document, "metadata": {**meta, "name": named.name, **place}}


def delete(api: ApiServer, request: Request, named: Target) -> Response:
    """DELETE of one object."""
    options = delete_options(request)
    old, revision = api.get(named.stored, named.key), _revision(api, named)
    if dry_run(request) or options.get("dryRun"):
        return answer(tables.whole(named.kind, old, revision))
    conditions = options.get("preconditions") or {}
    kept = api.delete(
        named.stored, named.key, actor=request.user.name, grace=options.get("gracePeriodSeconds"),
        propagation=options.get("propagationPolicy"),
        uid=conditions.get("uid", ""), resource_version=conditions.get("resourceVersion", ""),
    )  # fmt: skip
    if kept is not None:
        return answer(tables.whole(named.kind, kept, _revision(api, named)))
    if named.kind is kinds.PODS:
        return answer(tables.whole(named.kind, old, revision))
    details = {"name": named.name, "group": named.kind.group, "kind": named.kind.plural, "uid": old.metadata.uid}
    return answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})


def delete_collection(api: ApiServer, request: Request, named: Target) -> Response:
    """DELETE of every object that matches."""
    options, limits = delete_options(request), reading.field_selector(request, named.kind)
    wanted = reading.label_selector(request)
    if dry_run(request) or options.get("dryRun"):
        gone = api.list(named.stored, namespace=named.namespace, labels=wanted, fields=limits)
    else:
        gone = api.delete_collection(
            named.stored, actor=request.user.name, namespace=named.namespace, labels=wanted, fields=limits,
            propagation=options.get("propagationPolicy"), grace=options.get("gracePeriodSeconds"),
        )  # fmt: skip
    listed = {
        "kind": named.kind.list_kind, "apiVersion": named.kind.api_version,
        "metadata": {"resourceVersion": str(api.store.revision)},
        "items": [tables.whole(named.kind, value, None) for value in gone],
    }  # fmt: skip
    return answer(listed)


def delete_options(request: Request) -> dict[str, Any]:
    """The options of a delete, from the body or the query. BadRequest or Invalid if they cannot be meant."""
    given = body.plain(request) if request.body else {}
    if not isinstance(given, Mapping):
        raise BadRequest("the body of a delete has to be DeleteOptions")
    options = dict(given)
    if "gracePeriodSeconds" not in options and request.param("gracePeriodSeconds"):
        options["gracePeriodSeconds"] = _whole(request.param("gracePeriodSeconds"))
    grace, policy = options.get("gracePeriodSeconds"), options.get("propagationPolicy")
    if grace is not None and (isinstance(grace, bool) or not isinstance(grace, int)):
        raise BadRequest(f"gracePeriodSeconds has to be a whole number, not {grace!r}")
    policy = options["propagationPolicy"] = policy or request.param("propagationPolicy") or None
    if policy is not None and policy not in PROPAGATIONS:
        choices = ", ".join(f'"{name}"' for name in (*PROPAGATIONS, "nil"))
        cause = StatusCause(
            field="propagationPolicy", reason="FieldValueNotSupported",
            message=f'Unsupported value: "{policy}": supported values: {choices}',
        )  # fmt: skip
        raise Invalid.of("DeleteOptions", "", [cause], "meta.k8s.io")
    conditions = options.get("preconditions")
    if conditions is not None and not _texts(conditions):
        raise BadRequest("preconditions has to hold a uid or a resourceVersion")
    return options


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadRequest(f"gracePeriodSeconds has to be a whole number, not {text!r}") from error


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


def dry_run(request: Request) -> bool:
    """Whether the request is to change nothing. Invalid if it says neither."""
    asked = request.param("dryRun")
    if asked not in ("", "All"):
        message = f'Unsupported value: "{asked}": supported values: "All"'
        cause = StatusCause(field="dryRun", reason="FieldValueNotSupported", message=message)
        raise Invalid.of("CreateOptions", "", [cause], "meta.k8s.io")
    return asked == "All"


def manager_of(request: Request) -> str:
    """Who owns the fields that the request sets: its fieldManager, else the client's name."""
    agent = request.headers.get("user-agent", "").partition("/")[0]
    return request.param("fieldManager") or agent[:128] or "unknown"


def _revision(api: ApiServer, named: Target) -> int:
    return api.store.table(named.stored).revision(named.key)
