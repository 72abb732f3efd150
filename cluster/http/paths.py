"""From a URL's path to what it names: a kind, a namespace, an object, a subresource.

Mirrors k8s.io/apiserver/pkg/endpoints/request.RequestInfo. Invariant: a path names one thing or nothing.
"""

from typing import Any

from msgspec import Struct

from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.registry import Registry

_BUILT_IN = frozenset(kind.api_version for kind in kinds.STATIC.served)


class Target(Struct, frozen=True):
    """What a path under /api or /apis names; `name` and `subresource` may be empty, `path` is what is proxied."""

    kind: Kind[Any]
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    path: str = ""

    @property
    def stored(self) -> Kind[Any]:
        """The kind that the API server's verbs work with: in the version that is kept."""
        return self.kind.stored

    @property
    def key(self) -> str:
        """The store key of the object named."""
        return kinds.key_of(self.namespace, self.name)


def target(path: str, registry: Registry) -> Target | None:
    """What the path names, or None if no resource of ours."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    if rest[0] == "namespaces" and len(rest) > 2 and not (group == "" and rest[2] in ("status", "finalize")):
        kind = registry.by_path(group, version, rest[2])
        if kind is None or not kind.namespaced:
            return None
        return _target(kind, rest[1], rest[3:])
    kind = registry.by_path(group, version, rest[0])
    if kind is None or (kind.namespaced and len(rest) > 1):
        return None
    return _target(kind, "", rest[1:])


def in_built_in_version(path: str) -> bool:
    """Whether the path is below a version that the API server serves itself, of whatever resource it may be."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"]:
        return len(parts) > 2 and parts[1] in _BUILT_IN
    return parts[:1] == ["apis"] and len(parts) > 3 and f"{parts[1]}/{parts[2]}" in _BUILT_IN


def _target(kind: Kind[Any], namespace: str, rest: list[str]) -> Target | None:
    if len(rest) > 1 and rest[1] not in kind.subresources:
        return None
    if len(rest) > 2 and rest[1] != "proxy":
        return None
    name, subresource = (*rest[:2], "", "")[:2]
    return Target(kind, namespace, name, subresource, "/".join(rest[2:]))
