"""Accounts that list the secrets their pods may use."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.errors import Forbidden
from tests.cluster.admission.requests import View, created, pod, read, view

ENV = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "other", "key": "k"}}}]
BECAUSE = "is not allowed because service account default does not reference that"


def strict(annotation: str = "true") -> View:
    """A namespace whose account lists one secret to mount, and one to pull with."""
    api = view()
    meta = {"annotations": {"kubernetes.io/enforce-mountable-secrets": annotation}}
    account = {"metadata": meta, "secrets": [{"name": "own"}], "imagePullSecrets": [{"name": "registry"}]}
    api.put(read(kinds.SERVICE_ACCOUNTS, account, "default"))
    return api


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            {"volumes": [{"name": "v", "secret": {"secretName": "other"}}]},
            f'volume with secret.secretName="other" {BECAUSE} secret',
        ),
        (
            {"initContainers": [{"name": "first", "image": "x", "env": ENV}]},
            f'init container first with envVar KEY referencing secret.secretName="other" {BECAUSE} secret',
        ),
        (
            {"containers": [{"name": "web", "image": "x", "envFrom": [{"secretRef": {"name": "other"}}]}]},
            f'container web with envFrom referencing secret.secretName="other" {BECAUSE} secret',
        ),
        (
            {"imagePullSecrets": [{"name": "registry"}, {"name": "other"}]},
            f'imagePullSecrets[1].name="other" {BECAUSE} imagePullSecret',
        ),
    ],
)
def test_other_secrets(spec: dict[str, Any], told: str) -> None:
    """A pod that refers to any other secret is refused, wherever it does."""
    with pytest.raises(Forbidden) as caught:
        created(kinds.PODS, pod(**spec), strict())
    assert caught.value.message == f'pods "web" is forbidden: {told}'
    assert created(kinds.PODS, pod(**spec), strict("false")).spec.serviceAccountName == "default"


def test_listed_secrets() -> None:
    """What is listed may be used, and the token needs no listing."""
    value = created(kinds.PODS, pod(volumes=[{"name": "v", "secret": {"secretName": "own"}}]), strict())
    assert [reference.name for reference in value.spec.imagePullSecrets] == ["registry"]
