"""OpenAPI v3, made from the Structs: what kubectl validates against and explains from.

A corner of the facade. Mirrors the documents under /openapi/v3. Invariant: the Structs are the only
source, so a field is in the document exactly if the server takes it.
"""

from functools import cache
from typing import Any

import msgspec

from cluster.api.kinds import STATIC, Kind
from cluster.api.meta import ObjectMeta
from cluster.api.object import ListType, MapType, Object
from cluster.api.quantity import Quantity
from cluster.http import custom_openapi
from cluster.http.messages import Request, Response, answer
from cluster.patch.schema import fields
from cluster.registry import Registry

PREFIX = "/openapi/v3"
REFERENCE = "#/components/schemas/"
METADATA_REFERENCE = f"{REFERENCE}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_MODULES = {"meta": "io.k8s.apimachinery.pkg.apis.meta.v1"}
_SCALARS = {
    str: {"type": "string"},
    int: {"type": "integer", "format": "int32"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
}


def document(request: Request, registry: Registry) -> Response | None:
    """The index of documents, or the document of one group version; None for other paths."""
    path = request.path.rstrip("/")
    versions = dict.fromkeys(kind.api_version for kind in registry.served)
    if path == PREFIX:
        return answer(
            {"paths": {_root(version): {"serverRelativeURL": f"{PREFIX}/{_root(version)}"} for version in versions}}
        )
    for version in versions:
        if path == f"{PREFIX}/{_root(version)}":
            return answer(_document(version, registry))
    return None


def _document(version: str, registry: Registry) -> dict[str, Any]:
    if any(kind.api_version == version for kind in STATIC.served):
        return group_version(version)
    return custom_openapi.group_version(version, registry)


def _root(api_version: str) -> str:
    return f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"


@cache
def group_version(api_version: str) -> dict[str, Any]:
    """The whole document of one group version."""
    schemas: dict[str, Any] = {}
    documented: dict[str, Any] = {}
    for kind in STATIC.served:
        if kind.api_version == api_version:
            _add(schemas, kind.type)
            schemas[_name(kind.type)] = _resource(kind, schemas[_name(kind.type)])
            documented.update(paths(kind))
    return whole(documented, schemas)


def whole(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A document of paths and the schemas they speak of."""
    info = {"title": "Kubernetes", "version": "v1.36.2"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _resource(kind: Kind[Any], schema: dict[str, Any]) -> dict[str, Any]:
    properties = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, **schema["properties"]}
    return {**schema, "properties": properties, "x-kubernetes-group-version-kind": [gvk(kind)]}


def gvk(kind: Kind[Any]) -> dict[str, str]:
    """A kind's group, version and kind."""
    return {"group": kind.group, "kind": kind.kind, "version": kind.version}


def paths(kind: Kind[Any]) -> dict[str, Any]:
    """The URLs of a kind's objects, and what can be done there."""
    base = f"/{_root(kind.api_version)}/" + ("namespaces/{namespace}/" if kind.namespaced else "") + kind.plural
    writing = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    operation = {
        "x-kubernetes-group-version-kind": gvk(kind),
        "parameters": writing,
        "responses": {"200": {"description": "OK"}},
    }
    reading = {key: value for key, value in operation.items() if key != "parameters"}
    return {
        base: {"get": {**reading, "x-kubernetes-action": "list"}, "post": {**operation, "x-kubernetes-action": "post"}},
        base + "/{name}": {
            "get": {**reading, "x-kubernetes-action": "get"}, "put": {**operation, "x-kubernetes-action": "put"},
            "patch": {**operation, "x-kubernetes-action": "patch"}, "delete": {**operation, "x-kubernetes-action": "delete"},
        },
    }  # fmt: skip


def add_metadata(schemas: dict[str, Any]) -> None:
    """Put the schema of every object's metadata among the schemas."""
    _add(schemas, ObjectMeta)


def _name(struct: type[Object]) -> str:
    module = struct.__module__.rpartition(".")[2]
    if struct.__name__ in ("ObjectMeta", "OwnerReference", "ManagedFieldsEntry"):
        module = "meta"
    return f"{_MODULES.get(module, f'io.k8s.api.{module}.v1')}.{struct.__name__}"


def _add(schemas: dict[str, Any], struct: type[Object]) -> None:
    name = _name(struct)
    if name in schemas:
        return
    schemas[name] = {}
    described, properties = fields(struct), {}
    infos = {info.encode_name: info for info in msgspec.structs.fields(struct)}
    for key in sorted(described):
        field = described[key]
        value = _scalar(infos[key].type)
        if isinstance(field.item, type):
            _add(schemas, field.item)
            value = {"allOf": [{"$ref": REFERENCE + _name(field.item)}]}
        if field.shape == "list":
            value = {"type": "array", "items": value if field.item else _scalar(_inner(infos[key].type))}
        elif field.shape == "map":
            value = {
                "type": "object",
                "additionalProperties": value if field.item else _scalar(_inner(infos[key].type)),
            }
        properties[key] = {**value, **_rules(field.merging)}
    schemas[name] = {"type": "object", "properties": properties}


def _inner(hint: Any) -> Any:
    arguments = [part for part in getattr(hint, "__args__", ()) if part is not Ellipsis]
    if hasattr(hint, "__metadata__"):
        return _inner(hint.__origin__)
    return arguments[-1] if arguments else str


def _scalar(hint: Any) -> dict[str, Any]:
    if hint is Quantity or Quantity in getattr(hint, "__args__", ()):
        return {"oneOf": [{"type": "string"}, {"type": "number"}]}
    options = [part for part in getattr(hint, "__args__", (hint,)) if part is not type(None)]
    if len(options) == 2:
        return {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}
    return _SCALARS.get(options[0], {"type": "object"})


def _rules(merging: ListType | MapType | None) -> dict[str, Any]:
    if isinstance(merging, ListType):
        rules = {
            "x-kubernetes-list-type": merging.kind, "x-kubernetes-list-map-keys": list(merging.keys),
            "x-kubernetes-patch-strategy": merging.patch, "x-kubernetes-patch-merge-key": merging.merge_key,
        }  # fmt: skip
        return {name: value for name, value in rules.items() if value}
    if isinstance(merging, MapType):
        rules = {"x-kubernetes-map-type": merging.kind, "x-kubernetes-patch-strategy": merging.patch}
        return {name: value for name, value in rules.items() if value}
    return {}
