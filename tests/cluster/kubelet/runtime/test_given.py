"""What the kubelet puts into volumes: a projected one shows its parts as volumes of their own would."""

from typing import Any

import pytest

from cluster.api.codec import from_plain
from cluster.api.core import Volume
from cluster.kubelet.runtime.given import modes, shows_pod

ITEM = {"path": "name", "mode": 0o400, "fieldRef": {"fieldPath": "metadata.name"}}
KEY = {"key": "a", "path": "name", "mode": 0o400}
PARTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("configMap", {"name": "x", "items": [KEY]}, {"name": "x", "items": [KEY]}),
    ("secret", {"secretName": "x", "items": [KEY]}, {"name": "x", "items": [KEY]}),
    ("downwardAPI", {"items": [ITEM]}, {"items": [ITEM]}),
]


@pytest.mark.parametrize(("kind", "alone", "part"), PARTS)
def test_a_projected_volume_is_its_parts(kind: str, alone: dict[str, Any], part: dict[str, Any]) -> None:
    """The modes of single files count in either, and so does that the pod itself is shown."""
    found = from_plain(Volume, {"name": "v", kind: {**alone, "defaultMode": 0o640}})
    projected = from_plain(Volume, {"name": "v", "projected": {"sources": [{kind: part}], "defaultMode": 0o640}})
    assert modes(found) == modes(projected) == (0o640, {"name": 0o400})
    assert shows_pod(found) is shows_pod(projected) is (kind == "downwardAPI")
