"""What an applied document must be to be merged, in structured-merge-diff's words."""

from typing import Any

import pytest

from cluster.api.apps import Deployment
from cluster.api.core import ConfigMap, Secret, Service
from cluster.patch import conformance
from cluster.patch.schema import Owner
from cluster.schema.merging import Merging

_WIDGET = Merging(
    "Widget",
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "size": {"type": "integer"}, "port": {"x-kubernetes-int-or-string": True},
                    "names": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                    "limits": {"type": "object", "additionalProperties": {"type": "number"}},
                    "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
            }
        },
    },
    root=True,
)  # fmt: skip
_GO = "&value.valueUnstructured{Value:"


def _template(container: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


@pytest.mark.parametrize(
    ("owner", "document", "words"),
    [
        (ConfigMap, {"data": {"a": 1}}, f".data.a: expected string, got {_GO}1}}"),
        (ConfigMap, {"data": {"a": None, "b": "c"}, "immutable": None}, ""),
        (ConfigMap, {"data": ["a"]}, ".data: expected map, got &{[a]}"),
        (ConfigMap, {"immutable": "yes"}, ".immutable: expected boolean, got &{yes}"),
        (ConfigMap, {"data": {"a": {"b": [1, True]}}},
         f'.data.a: expected string, got {_GO}map[string]interface {{}}{{"b":[]interface {{}}{{1, true}}}}}}'),
        (ConfigMap, {"dat": {}}, ".dat: field not declared in schema"),
        (ConfigMap, {"bat": {}, "dat": {}, "data": {"a": 1}}, ".bat: field not declared in schema"),
        (Deployment, _template({"name": "c", "image": True}),
         f'.spec.template.spec.containers[name="c"].image: expected string, got {_GO}true}}'),
        (Deployment, _template({"name": "c", "command": ["a", 1]}),
         f'.spec.template.spec.containers[name="c"].command[1]: expected string, got {_GO}1}}'),
        (Deployment, _template({"name": "c", "ports": [{"containerPort": "80"}]}),
         ('.spec.template.spec.containers[name="c"].ports[containerPort="80",protocol="TCP"].containerPort: '
         "expected numeric (int or float), got string")),
        (Deployment, _template({"name": "c", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}), ""),
        (Deployment, _template("c"),
         ".spec.template.spec.containers: element 0: associative list with keys may not have non-map elements"),
        (Deployment, {"spec": {"template": {"spec": {"containers": {"name": "c"}}}}},
         ".spec.template.spec.containers: expected list, got &{map[name:c]}"),
        (Deployment, {"spec": {"replicas": "3", "strategy": {"rollingUpdate": {"maxSurge": "1", "maxUnavailable": 1}}}},
         ".spec.replicas: expected numeric (int or float), got string"),
        (Service, {"spec": {"ports": [{"port": 80}, {"port": 80, "protocol": "TCP"}], "colour": "red"}},
         ".spec.colour: field not declared in schema"),
        (Service, {"spec": {"type": 1, "ports": [{"port": 80}, {"port": 80}]}},
         ('errors:\n  .spec.ports: duplicate entries for key [port=80,protocol="TCP"]\n'
         f"  .spec.type: expected string, got {_GO}1}}")),
        (Secret, {"metadata": {"labels": {"a": 1}}}, f".metadata.labels.a: expected string, got {_GO}1}}"),
        (_WIDGET, {"metadata": {"name": "w"}, "spec": {"size": "a"}},
         ".spec.size: expected numeric (int or float), got string"),
        (_WIDGET, {"spec": {"names": ["a", "b", "a"], "port": "x", "limits": {"cpu": 1.5}, "any": {"b": [1]}}},
         '.spec.names: duplicate entries for key [="a"]'),
        (_WIDGET, {"spec": {"limits": {"cpu": "1"}}}, ".spec.limits.cpu: expected numeric (int or float), got string"),
        (_WIDGET, {"spec": {"other": 1}}, ".spec.other: field not declared in schema"),
    ],
)  # fmt: skip
def test_a_document_is_of_its_type_or_says_why_not(owner: Owner, document: dict[str, Any], words: str) -> None:
    """Shapes, scalars, undeclared fields and items that cannot be told apart, each with its place."""
    assert conformance.told(owner, document) == words
