"""OpenAPI v3: what kubectl validates against and explains from, one document for each group version.

A corner of the facade, made of the published schemas, our own descriptions, and the registry of kinds.
Mirrors the documents under /openapi/v3. Invariant: a field is in a document exactly if the server takes it.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from cluster.api import codec
from cluster.api.kinds import STATIC, Kind
from cluster.http import custom_openapi, openapi_schemas
from cluster.http.health import VERSION
from cluster.http.messages import Request, Response, answer
from cluster.http.openapi_paths import gvk, operations
from cluster.registry import Registry

PREFIX = "/openapi/v3"
REFERENCE = openapi_schemas.REFERENCE
IMMUTABLE = (("Cache-Control", "public, immutable"),)
NAMES = {
    "autoscaling": "io.k8s.api.autoscaling.v2", "autoscaling_v1": "io.k8s.api.autoscaling.v1",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
    "meta": "io.k8s.apimachinery.pkg.apis.meta.v1",
}  # fmt: skip


def document(request: Request, registry: Registry) -> Response | None:
    """The index of documents, or the document of one group version; None for other paths."""
    path = request.path.rstrip("/")
    versions = dict.fromkeys(kind.api_version for kind in (*STATIC.listed, *registry.custom.served))
    if path == PREFIX:
        return answer({"paths": {root(version): _link(version, registry) for version in versions}})
    for version in versions:
        if path == f"{PREFIX}/{root(version)}":
            content = _content(version, registry)
            return Response(200, content, headers=IMMUTABLE if request.param("hash") == _hash(content) else ())
    return None


def root(api_version: str) -> str:
    """The path of a group version, without the slash before it."""
    return f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"


def _link(version: str, registry: Registry) -> dict[str, str]:
    """Where a document is; the hash lets clients keep it until it changes."""
    return {"serverRelativeURL": f"{PREFIX}/{root(version)}?hash={_hash(_content(version, registry))}"}


@cache
def _hash(content: bytes) -> str:
    return hashlib.sha512(content).hexdigest().upper()


def _content(version: str, registry: Registry) -> bytes:
    if any(kind.api_version == version for kind in STATIC.listed):
        return _encoded(version)
    return codec.encode(whole(*custom_openapi.group_version(version, registry)))


@cache
def _encoded(version: str) -> bytes:
    return codec.encode(group_version(version))


def group_version(api_version: str) -> dict[str, Any]:
    """The whole document of one group version that every cluster serves."""
    kinds = [kind for kind in STATIC.listed if kind.api_version == api_version]
    paths = {path: item for kind in kinds for path, item in operations(kind, schema_name(kind)).items()}
    return whole(paths, openapi_schemas.reachable(roots(kinds)))


def whole(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A document of paths and the schemas they speak of."""
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def roots(kinds: Iterable[Kind[Any]]) -> list[str]:
    """The names of the schemas that kinds and their lists have."""
    names = [name for kind in kinds for name in (schema_name(kind), f"{schema_name(kind)}List")]
    others = ("DeleteOptions", "Patch", "Status", "WatchEvent")
    return [name for name in (*names, *(f"{NAMES['meta']}.{name}" for name in others)) if openapi_schemas.known(name)]


def schema_name(kind: Kind[Any]) -> str:
    """The name of a kind's schema: `io.k8s.api.core.v1.Pod`."""
    module = kind.type.__module__.rpartition(".")[2]
    return f"{NAMES.get(module, f'io.k8s.api.{module}.v1')}.{kind.type.__name__}"


__all__ = [
    "PREFIX",
    "REFERENCE",
    "document",
    "group_version",
    "gvk",
    "operations",
    "root",
    "roots",
    "schema_name",
    "whole",
]
