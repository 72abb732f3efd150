"""The scale subresource over HTTP: autoscaling/v1 Scale for every kind that has replicas.

A corner of the facade, between Scale's JSON and the API server's `scale`. Invariant: the Scale shown
is computed from the object, never kept.
"""

from typing import Any

from cluster.api import labels
from cluster.api.core import ReplicationController
from cluster.api.errors import BadRequest, MethodNotAllowed
from cluster.apiserver import ApiServer, PatchType
from cluster.http import body
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target
from cluster.patch import json_patch, merge


def handle(api: ApiServer, request: Request, named: Target, actor: str) -> Response:
    """Answer a request for an object's scale."""
    shown = _shown(api, named)
    if request.method == "GET":
        return answer(shown)
    if request.method == "PUT":
        wanted = body.plain(request)
    elif request.method == "PATCH":
        patch = body.plain(request)
        apply = json_patch.apply if request.media_type == PatchType.JSON.value else merge.apply
        wanted = apply(shown, patch)
    else:
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int):
        raise BadRequest(f"spec.replicas is no number: {replicas!r}")
    version = (wanted.get("metadata") or {}).get("resourceVersion", "") if request.method == "PUT" else ""
    if request.param("dryRun") != "All":
        api.scale(named.kind, named.key, replicas, actor=actor, resource_version=version)
    return answer(_shown(api, named))


def _shown(api: ApiServer, named: Target) -> dict[str, Any]:
    value: Any = api.get(named.kind, named.key)
    meta, spec = value.metadata, value.spec
    if isinstance(value, ReplicationController):
        selector = ",".join(f"{key}={item}" for key, item in sorted(spec.selector.items()))
    else:
        selector = str(labels.from_label_selector(spec.selector))
    return {
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta.name, "namespace": meta.namespace, "uid": meta.uid, "creationTimestamp": meta.creationTimestamp,
            "resourceVersion": str(api.store.table(named.kind).revision(named.key)),
        },
        "spec": {"replicas": spec.replicas or 0},
        "status": {"replicas": value.status.replicas, "selector": selector},
    }  # fmt: skip
