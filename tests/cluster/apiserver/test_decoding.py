"""From plain data to objects, in the words of Go's decoder."""

import json
from typing import Any

import pytest

from cluster.api import codec, kinds
from cluster.api.core import PersistentVolumeClaim
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind
from cluster.apiserver.binary import corrupt_at
from cluster.apiserver.decoding import IGNORE, STRICT, WARN, Decoder


def container(**fields: Any) -> dict[str, Any]:
    """A pod of one container."""
    return {"spec": {"containers": [fields]}}


INTO = "json: cannot unmarshal {} into Go struct field {} of type {}"
QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


@pytest.mark.parametrize(
    ("kind", "plain", "why"),
    [
        (kinds.DEPLOYMENTS, {"spec": "x"}, INTO.format("string", "Deployment.spec", "v1.DeploymentSpec")),
        (kinds.DEPLOYMENTS, {"spec": {"replicas": "3"}}, INTO.format("string", "DeploymentSpec.spec.replicas", "int32")),
        (kinds.DEPLOYMENTS, {"spec": {"replicas": 1.5}},
         INTO.format("number 1.5", "DeploymentSpec.spec.replicas", "int32")),
        (kinds.DEPLOYMENTS, {"spec": {"replicas": 2**31}},
         INTO.format("number 2147483648", "DeploymentSpec.spec.replicas", "int32")),
        (kinds.PODS, {"spec": {"activeDeadlineSeconds": 2**63}},
         INTO.format("number 9223372036854775808", "PodSpec.spec.activeDeadlineSeconds", "int64")),
        (kinds.HORIZONTAL_POD_AUTOSCALERS, {"spec": 1},
         INTO.format("number", "HorizontalPodAutoscaler.spec", "v2.HorizontalPodAutoscalerSpec")),
        (kinds.PODS, {"metadata": {"labels": {"a": 1}}}, INTO.format("number", "ObjectMeta.metadata.labels", "string")),
        (kinds.PODS, {"metadata": {"labels": ["a"]}},
         INTO.format("array", "ObjectMeta.metadata.labels", "map[string]string")),
        (kinds.PODS, container(env=[{"name": "A", "value": True}]),
         INTO.format("bool", "EnvVar.spec.containers.env.value", "string")),
        (kinds.PODS, container(command="run"), INTO.format("string", "Container.spec.containers.command", "[]string")),
        (kinds.PODS, container(resources={"limits": {"cpu": "two"}}), QUANTITY),
        (kinds.PODS, container(resources={"limits": {"cpu": "5e"}}), "unable to parse quantity's suffix"),
        (kinds.SERVICES, {"spec": {"ports": [{"targetPort": True}]}},
         "json: cannot unmarshal bool into Go value of type int32"),
        (kinds.SECRETS, {"data": {"a": "abcde"}}, "illegal base64 data at input byte 4"),
        (kinds.SECRETS, {"data": {"a": 5}}, INTO.format("number", "Secret.data", "[]uint8")),
        (kinds.CONFIG_MAPS, {"binaryData": {"a": "*"}}, "illegal base64 data at input byte 0"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_type(kind: Kind[Any], plain: dict[str, Any], why: str) -> None:
    """The first value that does not fit is told by its struct, its path without indices, and its Go type."""
    with pytest.raises(BadRequest) as refusal:
        Decoder().decode(kind, plain)
    assert str(refusal.value) == f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}'


UNKNOWN = {"spec": {"foo": 1, "containers": [{"name": "c", "bar": 1}]}}
BOTH = 'unknown field "spec.foo"', 'unknown field "spec.containers[0].bar"'


def test_unknown_fields() -> None:
    """A strict request is refused with every one of them, another is warned of them, or not."""
    with pytest.raises(BadRequest) as refusal:
        Decoder(STRICT).decode(kinds.PODS, UNKNOWN)
    assert str(refusal.value).endswith(f"a Pod: strict decoding error: {', '.join(BOTH)}")
    for validation, expected in ((WARN, BOTH), (IGNORE, ())):
        decoder = Decoder(validation)
        assert decoder.decode(kinds.PODS, UNKNOWN).spec.containers[0].name == "c"
        assert decoder.warnings.texts == expected


def test_claims_inside_a_stateful_set() -> None:
    """They may say what kind they are, as objects of their own do, and are shown so."""
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    found = Decoder().decode(kinds.STATEFUL_SETS, {"spec": {"volumeClaimTemplates": [claim]}})
    (template,) = found.spec.volumeClaimTemplates
    assert isinstance(template, PersistentVolumeClaim)
    assert codec.from_plain(kinds.STATEFUL_SETS.type, {"spec": {"volumeClaimTemplates": [claim]}}) == found
    shown = codec.to_wire(kinds.STATEFUL_SETS, found)["spec"]["volumeClaimTemplates"][0]
    assert (shown["apiVersion"], shown["kind"], shown["metadata"]) == ("v1", "PersistentVolumeClaim", {"name": "data"})
    text = codec.encode(codec.to_json(kinds.STATEFUL_SETS, found))
    assert json.loads(text)["spec"]["volumeClaimTemplates"] == [shown]


def test_an_autoscaler_without_metrics() -> None:
    """The metrics of an autoscaler that has none yet are null, and the others stand beside them in order."""
    found = Decoder().decode(kinds.HORIZONTAL_POD_AUTOSCALERS, {"spec": {"maxReplicas": 3}})
    shown = codec.to_wire(kinds.HORIZONTAL_POD_AUTOSCALERS, found)
    assert list(shown["status"].items()) == [("currentMetrics", None), ("desiredReplicas", 0)]
    assert json.loads(codec.encode(codec.to_json(kinds.HORIZONTAL_POD_AUTOSCALERS, found))) == shown


@pytest.mark.parametrize(
    ("text", "position"),
    [("", None), ("YQ==", None), ("YWI=", None), ("YW\nJj\r\n", None), ("YQ", 0), ("YWJ", 0), ("a", 0), ("=", 0),
     ("YQ=", 3), ("YQ=x", 3), ("YQ==x", 4), ("YWI=YQ==", 4), ("YW Jj", 2), ("abcdä", 4)],
)  # fmt: skip
def test_base64(text: str, position: int | None) -> None:
    """Where Go says that a text stops being base64."""
    assert corrupt_at(text) == position
