"""Old apiVersions of Deployments and ReplicaSets, read as apps/v1 with a warning that says what to write.

On the way of a manifest between plain data and its type. A real API server has refused these since
1.16; tutorials still use them. Invariant: what comes out is apps/v1, and every change made is told.
"""

from typing import Any

from msgspec import Struct

APPS = "apps/v1"
_SINCE = {
    ("extensions/v1beta1", "Deployment"): "v1.9", ("extensions/v1beta1", "ReplicaSet"): "v1.9",
    ("apps/v1beta1", "Deployment"): "v1.8", ("apps/v1beta2", "Deployment"): "v1.9",
    ("apps/v1beta2", "ReplicaSet"): "v1.9",
}  # fmt: skip
_DROPPED = {"rollbackTo": "spec.rollbackTo has no effect any more: use `kubectl rollout undo`"}


class Change(Struct, frozen=True):
    """A change made on reading: the field it is about, what was done, and what to write."""

    path: tuple[str | int, ...]
    message: str
    suggestion: str = ""


def is_legacy(api_version: str, kind: str) -> bool:
    """Whether a document of this apiVersion and kind is read as apps/v1."""
    return (api_version, kind) in _SINCE


def convert(plain: dict[str, Any]) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """The same object as apps/v1, and what was changed: the selector defaults to the template's labels."""
    version, kind = plain["apiVersion"], plain["kind"]
    warnings = [
        Change(
            ("apiVersion",),
            f"{version} {kind} is deprecated in {_SINCE[version, kind]}+, unavailable in v1.16+; use {APPS} {kind}",
            f"write `apiVersion: {APPS}`",
        )
    ]
    spec = plain.get("spec")
    if isinstance(spec, dict):
        spec = {name: value for name, value in spec.items() if name not in _DROPPED}
        warnings += [Change(("spec", name), message) for name, message in _DROPPED.items() if name in plain["spec"]]
        labels = _template_labels(spec)
        if labels and spec.get("selector") is None:
            spec["selector"] = {"matchLabels": labels}
            shown = ", ".join(f"{key}: {value}" for key, value in labels.items())
            warnings.append(
                Change(
                    ("spec",), f"{APPS} wants spec.selector; the template's labels are taken, as {version} did",
                    f"write `selector: {{matchLabels: {{{shown}}}}}`",
                )
            )  # fmt: skip
    return {**plain, "apiVersion": APPS, "spec": spec}, tuple(warnings)


def _template_labels(spec: dict[str, Any]) -> dict[str, Any]:
    template = spec.get("template")
    metadata = template.get("metadata") if isinstance(template, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}
