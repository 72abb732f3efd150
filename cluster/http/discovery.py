"""What the server has: versions, groups and resources, in both forms that clients ask for.

A corner of the facade, made from the registry of kinds. Mirrors the API server's legacy and
aggregated discovery. Invariant: what is listed here is what `paths` answers to, and both forms say the same.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from cluster.api.custom import version_priority
from cluster.api.kinds import Kind
from cluster.http.messages import Request, Response, answer
from cluster.registry import Registry

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
ORDER = (
    "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "networking.k8s.io",
    "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io",
    "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io",
)  # fmt: skip
"""The groups by their priority, which decides what a short name means; custom ones come after them."""


class Subresource(Struct, frozen=True):
    """What can be done with a subresource, and what it answers with: the owner's kind, or another (of another group)."""

    verbs: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""


_CHANGED = ("get", "patch", "update")
_CONNECTED = ("create", "get")
SUBRESOURCES: Mapping[str, Subresource] = {
    "attach": Subresource(_CONNECTED, "PodAttachOptions"), "binding": Subresource(("create",), "Binding"),
    "ephemeralcontainers": Subresource(_CHANGED), "eviction": Subresource(("create",), "Eviction", "policy", "v1"),
    "exec": Subresource(_CONNECTED, "PodExecOptions"), "finalize": Subresource(("update",)), "log": Subresource(("get",)),
    "proxy": Subresource(("create", "delete", "get", "patch", "update"), "{}ProxyOptions"),
    "portforward": Subresource(_CONNECTED, "PodPortForwardOptions"), "resize": Subresource(_CHANGED),
    "scale": Subresource(_CHANGED, "Scale", "autoscaling", "v1"), "status": Subresource(_CHANGED),
    "token": Subresource(("create",), "TokenRequest", "authentication.k8s.io", "v1"),
}  # fmt: skip


def document(request: Request, registry: Registry) -> Response | None:
    """The discovery document of a path, or None."""
    path = request.path.rstrip("/")
    parts, groups = path.split("/")[1:], _groups(registry)
    if path == "/api":
        return _aggregated(request, groups, core=True) or answer(
            {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": _addresses(request)}
        )
    if path == "/apis":
        listed = [_group(name, found) for name, found in groups.items() if name]
        return _aggregated(request, groups, core=False) or answer(
            {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        )
    if len(parts) == 2 and parts[0] == "apis" and parts[1] in groups:
        return answer({"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], groups[parts[1]])})
    if path == "/api/v1" or (len(parts) == 3 and parts[0] == "apis"):
        return _resources("/".join(parts[1:]), registry)
    return None


def paths(registry: Registry) -> list[str]:
    """Every path with a document about a group or version."""
    found = ["/api", "/api/v1", "/apis", "/apis/"]
    for name, members in _groups(registry).items():
        if name:
            found += [f"/apis/{name}", *(f"/apis/{name}/{version}" for version in _versions(members))]
    return found


def _addresses(request: Request) -> list[dict[str, str]]:
    return [{"clientCIDR": "0.0.0.0/0", "serverAddress": request.headers.get("host", "")}]


def _groups(registry: Registry) -> dict[str, list[Kind[Any]]]:
    """The kinds by their groups, in the groups' order."""
    found: dict[str, list[Kind[Any]]] = {name: [] for name in ("", *ORDER)}
    for kind in registry.listed:
        found.setdefault(kind.group, []).append(kind)
    return {name: members for name, members in found.items() if members}


def _group(name: str, found: list[Kind[Any]]) -> dict[str, Any]:
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in _versions(found)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _versions(found: list[Kind[Any]]) -> list[str]:
    """The versions of a group, the preferred one first."""
    versions = list(dict.fromkeys(kind.version for kind in found))
    return sorted(versions, key=version_priority)


def _resources(group_version: str, registry: Registry) -> Response | None:
    found = [kind for kind in registry.listed if kind.api_version == group_version]
    if not found:
        return None
    listed = [entry for kind in sorted(found, key=lambda kind: kind.plural) for entry in _legacy(kind)]
    head = {"kind": "APIResourceList", "groupVersion": group_version, "resources": listed}
    return answer(head if group_version == "v1" else {**head, "apiVersion": "v1"})


def _legacy(kind: Kind[Any]) -> Iterator[dict[str, Any]]:
    yield {
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": kind.verbs,
        **({"shortNames": kind.short_names} if kind.short_names else {}),
        **({"categories": kind.categories} if kind.categories else {}),
        **({"storageVersionHash": _hash(kind.stored)} if "update" in kind.verbs else {}),
    }  # fmt: skip
    for name in sorted(kind.subresources):
        row = SUBRESOURCES[name]
        yield {
            "name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced,
            **({"group": row.group, "version": row.version} if row.version else {}),
            "kind": row.kind.format(kind.kind) or kind.kind, "verbs": row.verbs,
        }  # fmt: skip


def _hash(kind: Kind[Any]) -> str:
    """Tells the versions in which a kind may be kept apart (`discovery.StorageVersionHash`)."""
    version = kind.custom.storage_version.rpartition("/")[2] if kind.custom else kind.version
    named = f"{kind.group}/{version}/{kind.kind}".encode()
    return base64.b64encode(hashlib.sha256(named).digest()[:8]).decode()


def _aggregated(request: Request, groups: Mapping[str, list[Kind[Any]]], *, core: bool) -> Response | None:
    if not any("g=apidiscovery.k8s.io" in media_type for media_type in request.accepts):
        return None
    items = [_aggregated_group(name, found) for name, found in groups.items() if (name == "") is core]
    response = answer(
        {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}
    )
    return Response(response.status, response.body, AGGREGATED)


def _aggregated_group(name: str, found: list[Kind[Any]]) -> dict[str, Any]:
    ordered = sorted(found, key=lambda kind: kind.plural)
    versions = [
        {
            "version": version,
            "resources": [_aggregated_resource(kind) for kind in ordered if kind.version == version],
            "freshness": "Current",
        }
        for version in _versions(found)
    ]
    return {"metadata": {"creationTimestamp": None, **({"name": name} if name else {})}, "versions": versions}


def _aggregated_resource(kind: Kind[Any]) -> dict[str, Any]:
    subresources = []
    for name in sorted(kind.subresources):
        row = SUBRESOURCES[name]
        group, version = (row.group, row.version) if row.version else (kind.group, kind.version)
        response = {"group": group, "version": version, "kind": row.kind.format(kind.kind) or kind.kind}
        subresources.append({"subresource": name, "responseKind": response, "verbs": row.verbs})
    return {
        "resource": kind.plural, "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster", "singularResource": kind.singular, "verbs": kind.verbs,
        **({"shortNames": kind.short_names} if kind.short_names else {}),
        **({"categories": kind.categories} if kind.categories else {}),
        **({"subresources": subresources} if subresources else {}),
    }  # fmt: skip
