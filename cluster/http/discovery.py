"""What the server has: versions, groups and resources, in both forms that clients ask for.

A corner of the facade, made from the registry of kinds. Mirrors the API server's legacy and
aggregated discovery. Invariant: what is listed here is what `paths` answers to.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.api.custom import version_priority
from cluster.api.kinds import Kind
from cluster.http.messages import Request, Response, answer
from cluster.registry import Registry

VERSION = {
    "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "clean", "buildDate": "2026-06-01T00:00:00Z",
    "goVersion": "none", "compiler": "none", "platform": "linux/amd64",
}  # fmt: skip
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
SUBRESOURCE_VERBS: Mapping[str, tuple[str, ...]] = {
    "binding": ("create",), "eviction": ("create",), "finalize": ("update",), "resize": ("get", "patch", "update"),
    "scale": ("get", "patch", "update"), "status": ("get", "patch", "update"),
}  # fmt: skip
HEALTH = ("/healthz", "/livez", "/readyz")


def document(request: Request, registry: Registry) -> Response | None:
    """The discovery document of a path, or None."""
    path = request.path.rstrip("/")
    if path in HEALTH:
        return Response(200, b"ok", "text/plain; charset=utf-8")
    if path == "/version":
        return answer(VERSION)
    parts, groups = path.split("/")[1:], _groups(registry)
    if path == "/api":
        return _aggregated(request, registry, core=True) or answer({"kind": "APIVersions", "versions": ["v1"]})
    if path == "/apis":
        return _aggregated(request, registry, core=False) or answer(
            {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [_group(name, found) for name, found in groups.items() if name],
            }
        )
    if len(parts) == 2 and parts[0] == "apis" and parts[1] in groups:
        return answer({**_group(parts[1], groups[parts[1]]), "kind": "APIGroup", "apiVersion": "v1"})
    if path == "/api/v1" or (len(parts) == 3 and parts[0] == "apis"):
        return _resources("/".join(parts[1:]), registry)
    return None


def _groups(registry: Registry) -> dict[str, list[Kind[Any]]]:
    found: dict[str, list[Kind[Any]]] = {}
    for kind in registry.served:
        found.setdefault(kind.group, []).append(kind)
    return found


def _group(name: str, found: list[Kind[Any]]) -> dict[str, Any]:
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in _versions(found)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _versions(found: list[Kind[Any]]) -> list[str]:
    """The versions of a group, the preferred one first."""
    versions = list(dict.fromkeys(kind.version for kind in found))
    return sorted(versions, key=version_priority) if any(kind.custom for kind in found) else versions


def _resources(group_version: str, registry: Registry) -> Response | None:
    found = [kind for kind in registry.served if kind.api_version == group_version]
    if not found:
        return None
    listed = [entry for kind in sorted(found, key=lambda kind: kind.plural) for entry in _legacy(kind)]
    return answer({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": listed})


def _legacy(kind: Kind[Any]) -> Iterator[dict[str, Any]]:
    yield {
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": VERBS,
        **({"shortNames": kind.short_names} if kind.short_names else {}),
        **({"categories": kind.categories} if kind.categories else {}),
    }  # fmt: skip
    for name in sorted(kind.subresources):
        yield {
            "name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced,
            **_response_kind(kind, name), "verbs": SUBRESOURCE_VERBS[name],
        }  # fmt: skip


def _response_kind(kind: Kind[Any], subresource: str) -> dict[str, str]:
    if subresource == "scale":
        return {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    if subresource == "eviction":
        return {"group": "policy", "version": "v1", "kind": "Eviction"}
    return {"kind": "Binding" if subresource == "binding" else kind.kind}


def _aggregated(request: Request, registry: Registry, *, core: bool) -> Response | None:
    if not any("g=apidiscovery.k8s.io" in media_type for media_type in request.accepts):
        return None
    items = [_aggregated_group(name, found) for name, found in _groups(registry).items() if (name == "") is core]
    response = answer(
        {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}
    )
    return Response(response.status, response.body, AGGREGATED)


def _aggregated_group(name: str, found: list[Kind[Any]]) -> dict[str, Any]:
    versions = [
        {
            "version": version,
            "freshness": "Current",
            "resources": [_aggregated_resource(kind) for kind in found if kind.version == version],
        }
        for version in _versions(found)
    ]
    return {"metadata": {"name": name} if name else {}, "versions": versions}


def _aggregated_resource(kind: Kind[Any]) -> dict[str, Any]:
    subresources = []
    for name in sorted(kind.subresources):
        response = {"group": kind.group, "version": kind.version, **_response_kind(kind, name)}
        subresources.append({"subresource": name, "responseKind": response, "verbs": SUBRESOURCE_VERBS[name]})
    return {
        "resource": kind.plural, "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster", "singularResource": kind.singular, "verbs": VERBS,
        **({"shortNames": kind.short_names} if kind.short_names else {}),
        **({"categories": kind.categories} if kind.categories else {}),
        **({"subresources": subresources} if subresources else {}),
    }  # fmt: skip
