"""Objects to and from plain data and JSON."""

from typing import Any

import msgspec
import pytest

from cluster.api import codec
from cluster.api.apps import Deployment, StatefulSet, StatefulSetSpec
from cluster.api.autoscaling import HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus
from cluster.api.core import (
    Container,
    PersistentVolumeClaim,
    Pod,
    PodCondition,
    PodReadinessGate,
    PodSpec,
    PodStatus,
    ResourceRequirements,
)
from cluster.api.kinds import DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, KINDS, PODS, STATEFUL_SETS, Kind
from cluster.api.meta import ObjectMeta
from cluster.api.quantity import Quantity, parse

POD = Pod(
    metadata=ObjectMeta(name="web", namespace="default", labels={"b": "2", "a": "1"}),
    spec=PodSpec(
        containers=(
            Container(name="app", image="nginx", resources=ResourceRequirements(limits={"memory": parse("1Gi"), "cpu": parse("1")})),
        )
    ),
)  # fmt: skip


def test_round_trips() -> None:
    """An object comes back from plain data and from JSON as it was, quantities as quantities."""
    assert codec.from_plain(Pod, codec.to_plain(POD)) == POD
    assert codec.from_plain(Pod, codec.to_wire(PODS, POD)) == POD
    back = codec.decode(Pod, codec.encode(POD))
    assert back == POD
    resources = back.spec.containers[0].resources
    assert resources is not None
    assert type(resources.limits["cpu"]) is Quantity


def test_quantities_are_read_as_kubernetes_reads_them() -> None:
    """A number is a quantity too, and texts become canonical."""
    limits = {"cpu": 0.5, "memory": "1024Ki"}
    plain = {"spec": {"containers": [{"name": "a", "resources": {"limits": limits}}]}}
    resources = codec.from_plain(Pod, plain).spec.containers[0].resources
    assert resources is not None
    assert resources.limits == {"cpu": "500m", "memory": "1Mi"}


def test_strict() -> None:
    """Unknown fields, wrong types and unreadable quantities are errors that say where."""
    with pytest.raises(msgspec.ValidationError, match=r"unknown field `imag` - at `\$.spec.containers\[0\]`"):
        codec.from_plain(Pod, {"spec": {"containers": [{"name": "a", "imag": "x"}]}})
    with pytest.raises(msgspec.ValidationError, match="Expected `int"):
        codec.from_plain(Deployment, {"spec": {"replicas": "3"}})
    bad = {"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": "two"}}}]}}
    with pytest.raises(msgspec.ValidationError, match="quantities must match the regular expression"):
        codec.from_plain(Pod, bad)


def test_null_means_absent() -> None:
    """A null says nothing, wherever it stands."""
    assert codec.from_plain(Pod, {"metadata": {"name": "a", "labels": None}, "spec": None}) == Pod(
        metadata=ObjectMeta(name="a")
    )
    assert codec.decode(Pod, '{"metadata": {"name": "a", "labels": null}}') == Pod(metadata=ObjectMeta(name="a"))


def test_wire_form() -> None:
    """Clients get apiVersion, kind and resourceVersion, every map in alphabetical order."""
    wire = codec.to_wire(PODS, POD, 7)
    assert list(wire) == ["apiVersion", "kind", "metadata", "spec", "status"]
    assert list(wire["metadata"])[-1] == "resourceVersion"
    assert wire["metadata"]["resourceVersion"] == "7"
    assert list(wire["metadata"]["labels"]) == ["a", "b"]
    assert list(wire["spec"]["containers"][0]["resources"]["limits"]) == ["cpu", "memory"]
    assert (wire["apiVersion"], wire["kind"]) == ("v1", "Pod")
    assert codec.to_wire(DEPLOYMENTS, Deployment())["apiVersion"] == "apps/v1"


def test_wire_form_is_sorted_for_every_kind() -> None:
    """Whatever the kind, its keys are in order and its lists are lists."""
    for kind in KINDS:
        wire = codec.to_wire(kind, kind.type(metadata=ObjectMeta(finalizers=("x",))), 1)
        assert list(wire) == sorted(wire)
        assert wire["metadata"]["finalizers"] == ["x"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.plural)
def test_the_short_way_to_json_says_the_same(kind: Kind[Any]) -> None:
    """An object as JSON in one step is what it is as plain data, in a list and on its own, with and without revision."""
    value = kind.type(metadata=ObjectMeta(name="a", labels={"b": "2", "a": "1"}))
    for revision in (None, 7):
        wire = codec.to_wire(kind, value, revision)
        assert msgspec.json.decode(codec.to_json(kind, value, revision)) == wire
        listed = {name: item for name, item in wire.items() if name not in ("apiVersion", "kind")}
        assert msgspec.json.decode(codec.to_json(kind, value, revision, typed=False)) == listed
    assert msgspec.json.decode(codec.metadata_json(value.metadata, 7)) == codec.to_wire(kind, value, 7)["metadata"]


def test_what_clients_get_beside_the_fields_is_in_json_too() -> None:
    """A StatefulSet's claims have their kind, an autoscaler's metrics are null rather than absent, either way."""
    claims = (PersistentVolumeClaim(metadata=ObjectMeta(name="data")),)
    value = StatefulSet(metadata=ObjectMeta(name="a"), spec=StatefulSetSpec(volumeClaimTemplates=claims))
    shown = msgspec.json.decode(codec.to_json(STATEFUL_SETS, value, 1))
    assert shown == codec.to_wire(STATEFUL_SETS, value, 1)
    assert shown["spec"]["volumeClaimTemplates"][0]["kind"] == "PersistentVolumeClaim"
    gates = PodSpec(readinessGates=(PodReadinessGate(conditionType="example.com/warm"),))
    conditions = (PodCondition(type="example.com/warm", status="True"),)
    pod = Pod(metadata=ObjectMeta(name="p"), spec=gates, status=PodStatus(conditions=conditions))
    told = msgspec.json.decode(codec.to_json(PODS, pod, 1))
    assert told == codec.to_wire(PODS, pod, 1)
    assert told["status"]["conditions"] == [{"type": "example.com/warm", "status": "True", "lastTransitionTime": None}]
    status = HorizontalPodAutoscalerStatus(currentReplicas=1)
    told = codec.to_wire(HORIZONTAL_POD_AUTOSCALERS, HorizontalPodAutoscaler(status=status), 1)
    assert told["status"]["currentMetrics"] is None
