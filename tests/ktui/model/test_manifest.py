"""YAML as kubectl prints it."""

from cluster.api.core import ConfigMap
from cluster.api.kinds import CONFIG_MAPS
from cluster.api.meta import ObjectMeta
from ktui.model.manifest import to_yaml


def test_texts_are_quoted_as_kubectl_quotes_them() -> None:
    """What would be read as a number, a time or a boolean stands in double quotes; several lines are a block."""
    data = {"n": "44", "t": "true", "w": "2026-11-23T11:35:36Z", "plain": "a b", "empty": "", "text": "a\nb\n"}
    shown = to_yaml(CONFIG_MAPS, ConfigMap(metadata=ObjectMeta(name="x", namespace="default"), data=data), 7)
    assert shown == (
        'apiVersion: v1\ndata:\n  empty: ""\n  "n": "44"\n  plain: a b\n  t: "true"\n  text: |\n    a\n    b\n'
        '  w: "2026-11-23T11:35:36Z"\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: default\n'
        '  resourceVersion: "7"\n'
    )
