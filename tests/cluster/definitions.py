"""Definitions of custom kinds for these tests, as manifests."""

from typing import Any

from cluster.api import codec
from cluster.api.apiextensions import CustomResourceDefinition

GROUP = "example.com"
BACKUPS = f"/apis/{GROUP}/v1/namespaces/default/backups"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["schedule"],
    "properties": {
        "schedule": {"type": "string", "pattern": r"^(\S+ ){4}\S+$"},
        "keep": {"type": "integer", "minimum": 1, "maximum": 30, "default": 7},
        "mode": {"type": "string", "enum": ["full", "incremental"]},
        "target": {"type": "object", "properties": {"bucket": {"type": "string", "maxLength": 20}}},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "replicas": {"type": "integer"},
    },
}
STATUS: dict[str, Any] = {
    "type": "object",
    "properties": {"phase": {"type": "string"}, "replicas": {"type": "integer"}, "selector": {"type": "string"}},
}


def schema(spec: Any = None, **root: Any) -> dict[str, Any]:
    """A version's schema around that of its spec."""
    return {"type": "object", "properties": {"spec": SPEC if spec is None else spec, "status": STATUS}, **root}


def version(name: str = "v1", spec: Any = None, **fields: Any) -> dict[str, Any]:
    """A version of a definition: served, and stored unless said otherwise."""
    made = {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema(spec)}}
    return {**made, **fields}


def definition(
    *versions: dict[str, Any], plural: str = "backups", kind: str = "Backup", scope: str = "Namespaced", **names: Any
) -> dict[str, Any]:
    """A CustomResourceDefinition's manifest."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP, "scope": scope, "names": {"plural": plural, "kind": kind, **names},
            "versions": list(versions or (version(),)),
        },
    }  # fmt: skip


def typed(manifest: dict[str, Any]) -> CustomResourceDefinition:
    """The definition of a manifest."""
    return codec.from_plain(CustomResourceDefinition, manifest)


def backup(name: str = "nightly", *, api_version: str = f"{GROUP}/v1", **spec: Any) -> dict[str, Any]:
    """A Backup's manifest."""
    return {
        "apiVersion": api_version, "kind": "Backup", "metadata": {"name": name},
        "spec": {"schedule": "0 2 * * *", **spec},
    }  # fmt: skip
