"""The scale subresource over HTTP: autoscaling/v1 Scale for every kind that has replicas.

A corner of the facade, between Scale's JSON and the API server's `scale`. Invariant: the Scale shown
is computed from the object, never kept.
"""

from collections.abc import Mapping
from typing import Any

from cluster.api.errors import BadRequest, MethodNotAllowed
from cluster.apiserver import ApiServer, PatchType, scaling
from cluster.http import body, writing
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target
from cluster.patch import json_patch, merge


def handle(api: ApiServer, request: Request, named: Target) -> Response:
    """Answer a request for an object's scale."""
    if request.method == "GET":
        value = api.find(named.kind, named.key)
        if value is None:
            raise scaling.missing(named.kind, named.key)
        return answer(_shown(api, named, value))
    if request.method == "PUT":
        wanted = body.plain(request)
    elif request.method == "PATCH":
        patch = body.plain(request)
        apply = json_patch.apply if request.media_type == PatchType.JSON.value else merge.apply
        wanted = apply(_shown(api, named), patch)
    else:
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    replicas, version = _wanted(wanted)
    if request.method != "PUT":
        version = ""
    dry, manager = writing.dry_run(request), writing.manager_of(request)
    value = api.scale(
        named.kind, named.key, replicas, actor=request.user.name, manager=manager, resource_version=version, dry_run=dry
    )
    return answer(_shown(api, named, value))


def _wanted(scale: Any) -> tuple[int, str]:
    """The replicas and the resourceVersion of a Scale. BadRequest if it is none."""
    spec = scale.get("spec") or {} if isinstance(scale, Mapping) else None
    meta = scale.get("metadata") or {} if isinstance(scale, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(meta, Mapping):
        raise BadRequest('Scale in version "v1" cannot be handled as a Scale: it is no object')
    replicas, version = spec.get("replicas", 0), meta.get("resourceVersion", "")
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not isinstance(version, str):
        raise BadRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas has to be a whole number')
    return replicas, version


def _shown(api: ApiServer, named: Target, value: Any = None) -> dict[str, Any]:
    value = value or api.get(named.kind, named.key)
    meta, (replicas, present, selector) = value.metadata, scaling.scale_of(named.kind, value)
    return {
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta.name, "namespace": meta.namespace, "uid": meta.uid, "creationTimestamp": meta.creationTimestamp,
            "resourceVersion": str(api.store.table(named.kind).revision(named.key)),
        },
        "spec": {"replicas": replicas},
        "status": {"replicas": present, **({"selector": selector} if selector else {})},
    }  # fmt: skip
