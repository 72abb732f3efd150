"""The URLs of a kind's objects as OpenAPI tells them: what can be done there, with which parameters.

Data for `openapi`. Mirrors the API server's installer. Invariant: an operation is told of exactly if
discovery lists its verb.
"""

from collections.abc import Mapping
from typing import Any

from cluster.api.kinds import Kind
from cluster.http.discovery import SUBRESOURCES

REFERENCE = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
FORMS = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
PATCHES = (
    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)  # fmt: skip
_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_WRITING = {"dryRun": _TEXT, "fieldManager": _TEXT, "fieldValidation": _TEXT}
_LISTING = {
    "allowWatchBookmarks": _FLAG, "continue": _TEXT, "fieldSelector": _TEXT, "labelSelector": _TEXT, "limit": _NUMBER,
    "resourceVersion": _TEXT, "resourceVersionMatch": _TEXT, "sendInitialEvents": _FLAG, "timeoutSeconds": _NUMBER,
    "watch": _FLAG,
}  # fmt: skip
_DELETING = {"dryRun": _TEXT, "gracePeriodSeconds": _NUMBER, "orphanDependents": _FLAG, "propagationPolicy": _TEXT}
_PARAMETERS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "list": _LISTING, "post": _WRITING, "put": _WRITING, "patch": {**_WRITING, "force": _FLAG}, "delete": _DELETING,
    "deletecollection": {**_LISTING, **_DELETING}, "get": {}, "connect": {},
}  # fmt: skip
_ITEM = {"get": ("get", "get"), "update": ("put", "put"), "patch": ("patch", "patch"), "delete": ("delete", "delete")}
_COLLECTION = {
    "list": ("get", "list"), "create": ("post", "post"), "deletecollection": ("delete", "deletecollection"),
}  # fmt: skip


def gvk(kind: Kind[Any]) -> dict[str, str]:
    """A kind's group, version and kind."""
    return {"group": kind.group, "kind": kind.kind, "version": kind.version}


def operations(kind: Kind[Any], schema: str) -> dict[str, Any]:
    """The path items of a kind whose schema has this name: its collection, its objects, their subresources."""
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
    base = f"{root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    found = {base: _path_item(kind, schema, kind.verbs, _COLLECTION, named=False)}
    if kind.namespaced and "list" in kind.verbs:
        item = _path_item(kind, schema, ("list",), _COLLECTION, named=False)
        found[f"{root}/{kind.plural}"] = {**item, "parameters": item["parameters"][1:]}
    if "get" in kind.verbs:
        found[f"{base}/{{name}}"] = _path_item(kind, schema, kind.verbs, _ITEM, named=True)
    for name in sorted(kind.subresources):
        row = SUBRESOURCES[name]
        verbs = {verb: (_ITEM | {"create": ("post", "post")})[verb] for verb in row.verbs}
        found[f"{base}/{{name}}/{name}"] = _path_item(kind, schema, row.verbs, verbs, named=True)
    return {path: found[path] for path in sorted(found)}


def _path_item(
    kind: Kind[Any], schema: str, verbs: tuple[str, ...], known: Mapping[str, tuple[str, str]], *, named: bool
) -> dict[str, Any]:
    place = [name for name, there in (("namespace", kind.namespaced), ("name", named)) if there]
    item = {method: _operation(kind, schema, action) for verb, (method, action) in known.items() if verb in verbs}
    parameters = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in place]
    return {**item, "parameters": [*parameters, {"name": "pretty", "in": "query", "schema": _TEXT}]}


def _operation(kind: Kind[Any], schema: str, action: str) -> dict[str, Any]:
    forms, patches = (FORMS, PATCHES) if kind.custom is None else (FORMS[:2], PATCHES[:3])
    taken = {name: {"schema": {"$ref": REFERENCE + schema}} for name in forms}
    answered = f"{schema}List" if action == "list" else f"{META}.Status" if action.startswith("delete") else schema
    given = {name: {"schema": {"$ref": REFERENCE + answered}} for name in forms}
    patched = {name: {"schema": {"$ref": f"{REFERENCE}{META}.Patch"}} for name in patches}
    options = {FORMS[0]: {"schema": {"$ref": f"{REFERENCE}{META}.DeleteOptions"}}}
    bodies = {"post": taken, "put": taken, "patch": patched, "delete": options, "deletecollection": options}
    return {
        **({"requestBody": {"content": bodies[action]}} if action in bodies else {}),
        "parameters": [
            {"name": name, "in": "query", "schema": shape} for name, shape in sorted(_PARAMETERS[action].items())
        ],
        "responses": {"200": {"description": "OK", "content": given}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": gvk(kind),
    }  # fmt: skip
