"""Configurations of webhooks, and webhooks that answer as told, for these tests."""

import base64
import json
from collections.abc import Callable
from typing import Any

from cluster.admission.validating_policies.matching import Webhook

GROUP = "/apis/admissionregistration.k8s.io/v1"
Answer = Callable[[dict[str, Any]], dict[str, Any]]


def hook(name: str = "check.example.com", url: str = "https://127.0.0.1:9443/check", **fields: Any) -> dict[str, Any]:
    """A webhook that is asked about ConfigMaps."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
    return {
        "name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None", "rules": [rule],
        "clientConfig": {"url": url}, **fields,
    }  # fmt: skip


def configuration(kind: str, *hooks: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path and the manifest of a configuration, `Validating` or `Mutating`."""
    manifest = {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": f"{kind}WebhookConfiguration",
        "metadata": {"name": "hooks"}, "webhooks": list(hooks),
    }  # fmt: skip
    return f"{GROUP}/{kind.lower()}webhookconfigurations", manifest


def allowed(**response: Any) -> Answer:
    """An answer that lets the request through."""
    return lambda review: _review({"uid": review["request"]["uid"], "allowed": True, **response})


def denied(**status: Any) -> Answer:
    """An answer that does not."""
    return lambda review: _review({"uid": review["request"]["uid"], "allowed": False, "status": status})


def patched(*operations: dict[str, Any]) -> Answer:
    """An answer that changes the object."""
    return allowed(patch=base64.b64encode(json.dumps(operations).encode()).decode(), patchType="JSONPatch")


def _review(response: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


class Callees:
    """Webhooks by name, and the reviews they were sent."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def call(self, asked: Webhook, review: dict[str, Any]) -> Any:
        """Answer as told."""
        name = asked.name.partition(".")[0]
        self.asked.append((name, review["request"]))
        return self.answers[name](review)
