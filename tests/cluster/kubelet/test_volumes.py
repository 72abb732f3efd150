"""What volumes and variables need, and the words for what is missing."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.codec import from_plain
from cluster.api.core import ConfigMap, Container, Secret, Volume
from cluster.api.meta import ObjectMeta
from cluster.kubelet.volumes import environment_references, first_trouble, volume_references
from cluster.store import Store


@pytest.fixture
def store() -> Store:
    """A store with a ConfigMap `settings` and a Secret `keys`, each with a key `a`."""
    made = Store()
    meta = ObjectMeta(name="settings", namespace="default")
    made.put(kinds.CONFIG_MAPS, "default/settings", ConfigMap(metadata=meta, data={"a": "1"}), "user")
    meta = ObjectMeta(name="keys", namespace="default")
    made.put(kinds.SECRETS, "default/keys", Secret(metadata=meta, data={"a": "MQ=="}), "user")
    return made


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        ({"configMap": {"name": "settings"}}, ""),
        ({"configMap": {"name": "settings", "items": [{"key": "b", "path": "b"}]}}, "references non-existent config key: b"),
        ({"secret": {"secretName": "keys", "items": [{"key": "b", "path": "b"}]}}, "references non-existent secret key: b"),
        ({"projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}, ""),
        ({"projected": {"sources": [{"configMap": {"name": "other"}}]}}, 'configmap "other" not found'),
        ({"projected": {"sources": [{"secret": {"name": "other", "optional": True}}, {"secret": {"name": "more"}}]}},
         'secret "more" not found'),
        ({"emptyDir": {}}, ""),
    ],
)  # fmt: skip
def test_volumes_name_what_they_miss(store: Store, volume: dict[str, Any], why: str) -> None:
    """A volume of a missing object or key says so; the root certificate and optional sources never do."""
    references = volume_references((from_plain(Volume, {"name": "v", **volume}),))
    found = first_trouble(store, "default", references)
    assert (found[1] if found else "") == why


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"envFrom": [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "keys"}}]}, ""),
        ({"envFrom": [{"secretRef": {"name": "none"}}]}, 'secret "none" not found'),
        ({"envFrom": [{"configMapRef": {"name": "none", "optional": True}}]}, ""),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "b"}}}]},
         "couldn't find key b in Secret default/keys"),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, {"name": "B", "value": "1"}]}, ""),
    ],
)  # fmt: skip
def test_variables_name_what_they_miss(store: Store, fields: dict[str, Any], why: str) -> None:
    """A container's environment from a missing object or key says so; optional sources never do."""
    references = environment_references(from_plain(Container, {"name": "c", **fields}))
    found = first_trouble(store, "default", references)
    assert (found[1] if found else "") == why
