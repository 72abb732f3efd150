"""OpenAPI v3 of custom kinds: the schemas of their definitions, with the metadata that every object has.

Beside `openapi`, which has the built-in kinds'. Mirrors apiextensions' controller/openapi builder.
Invariant: what a definition says of its fields stands in the document as it was written.
"""

from typing import Any

from cluster.api.kinds import Kind
from cluster.http import openapi_schemas
from cluster.http.openapi_paths import META, gvk, operations
from cluster.registry import Registry

API_VERSION = (
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized "
    "schemas to the latest internal value, and may reject unrecognized values. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"
)
KIND = (
    "Kind is a string value representing the REST resource this object represents. Servers may infer this from the "
    "endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"
)
METADATA = (
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)


def group_version(api_version: str, registry: Registry) -> tuple[dict[str, Any], dict[str, Any]]:
    """The paths and the schemas of one group version of custom kinds."""
    others = ("DeleteOptions", "ObjectMeta", "Patch", "Status")
    schemas = openapi_schemas.reachable(f"{META}.{name}" for name in others)
    paths: dict[str, Any] = {}
    for kind in registry.custom.served:
        if kind.api_version == api_version:
            schemas[_name(kind)] = _schema(kind)
            schemas[f"{_name(kind)}List"] = _list(kind)
            paths.update(operations(kind, _name(kind)))
    return paths, schemas


def _name(kind: Kind[Any]) -> str:
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def _schema(kind: Kind[Any]) -> dict[str, Any]:
    declared = dict(kind.custom.schema) if kind.custom is not None else {}
    metadata = {"description": METADATA, "allOf": [{"$ref": f"{openapi_schemas.REFERENCE}{META}.ObjectMeta"}]}
    properties = {
        "apiVersion": {"description": API_VERSION, "type": "string"},
        "kind": {"description": KIND, "type": "string"},
    }
    own = {name: schema for name, schema in declared.pop("properties", {}).items() if name not in properties}
    return {
        **declared, "properties": {**properties, **own, "metadata": metadata},
        "x-kubernetes-group-version-kind": [gvk(kind)],
    }  # fmt: skip


def _list(kind: Kind[Any]) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": openapi_schemas.REFERENCE + _name(kind)}}
    texts = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return {
        "type": "object", "required": ["items"], "properties": {**texts, "items": items},
        "x-kubernetes-group-version-kind": [{**gvk(kind), "kind": kind.list_kind}],
    }  # fmt: skip
