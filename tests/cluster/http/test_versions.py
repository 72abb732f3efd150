"""Two versions of one kind: either is read, written, watched and listed, and one is kept."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster import manifests
from cluster.api import autoscaling, conversion, core, kinds
from cluster.api.meta import ObjectMeta
from cluster.api.quantity import parse
from tests.cluster.http.client import MERGE, TABLE, Client, lines

OLD = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers"
NEW = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"
APPLY = {"content-type": "application/apply-patch+yaml"}
REFERENCE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}


def old(name: str, **spec: Any) -> dict[str, Any]:
    """An autoscaler as autoscaling/v1 writes it."""
    return {
        "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
        "spec": {"maxReplicas": 5, "scaleTargetRef": REFERENCE, **spec},
    }  # fmt: skip


@pytest.fixture
def client() -> Client:
    """A cluster without autoscalers."""
    return Client()


def test_an_old_autoscaler_is_kept_as_the_new(client: Client) -> None:
    """What autoscaling/v1 creates is a metric of autoscaling/v2, and each version shows its own form."""
    code, made = client.plain("POST", OLD, old("web", minReplicas=1, targetCPUUtilizationPercentage=60))
    assert (code, made["apiVersion"], made["spec"]["targetCPUUtilizationPercentage"]) == (201, "autoscaling/v1", 60)
    _, new = client.plain("GET", f"{NEW}/web")
    assert (new["apiVersion"], new["spec"]["metrics"], new["spec"]["minReplicas"]) == ("autoscaling/v2", [CPU], 1)
    _, again = client.plain("GET", f"{OLD}/web")
    assert again["spec"] == {
        "maxReplicas": 5, "minReplicas": 1, "scaleTargetRef": REFERENCE, "targetCPUUtilizationPercentage": 60,
    }  # fmt: skip
    assert again["metadata"]["resourceVersion"] == new["metadata"]["resourceVersion"]


def test_every_verb_takes_either_version(client: Client) -> None:
    """List, watch, patch, update, apply, Tables and delete of one version are those of the other."""
    client.plain("POST", OLD, old("web", minReplicas=1, targetCPUUtilizationPercentage=60))
    stream = client.watch(OLD, resourceVersion=str(client.store.revision))
    client.plain("PATCH", f"{NEW}/web", {"spec": {"maxReplicas": 7}}, MERGE)
    client.plain("PATCH", f"{OLD}/web", {"spec": {"targetCPUUtilizationPercentage": 30}}, MERGE)
    told = lines(stream)
    assert [(event, value["apiVersion"], value["spec"]["maxReplicas"]) for event, value in told] == [
        ("MODIFIED", "autoscaling/v1", 7)
    ] * 2
    _, listed = client.plain("GET", OLD)
    assert (listed["kind"], listed["apiVersion"]) == ("HorizontalPodAutoscalerList", "autoscaling/v1")
    assert listed["items"][0]["spec"]["targetCPUUtilizationPercentage"] == 30
    _, whole = client.plain("GET", f"{OLD}/web")
    assert client.plain("PUT", f"{OLD}/web", {**whole, "spec": {**whole["spec"], "maxReplicas": 9}})[0] == 200
    code, applied = client.plain(
        "PATCH", f"{OLD}/web", old("web", minReplicas=2), APPLY, fieldManager="me", force="true"
    )
    assert (code, applied["spec"]["minReplicas"], applied["spec"]["maxReplicas"]) == (200, 2, 5)
    _, table = client.plain("GET", OLD, headers=TABLE)
    assert table["rows"][0]["object"]["metadata"]["name"] == "web"
    assert [column["name"] for column in table["columnDefinitions"]][:2] == ["Name", "Reference"]
    assert client.plain("DELETE", f"{OLD}/web")[1]["status"] == "Success"
    assert client.plain("GET", f"{NEW}/web")[0] == 404


def test_what_the_old_version_cannot_say_is_in_annotations(client: Client) -> None:
    """Other metrics and the behavior stand as JSON in annotations, and an update through v1 keeps them."""
    memory = {
        "type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
    }  # fmt: skip
    pods = {
        "type": "Pods",
        "pods": {"metric": {"name": "hits"}, "target": {"type": "AverageValue", "averageValue": "5"}},
    }
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max"}}
    spec = {"maxReplicas": 5, "scaleTargetRef": REFERENCE, "metrics": [memory, pods, CPU], "behavior": behavior}
    made = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": spec,
    }
    assert client.plain("POST", NEW, made)[0] == 201
    _, shown = client.plain("GET", f"{OLD}/web")
    told = {name.rpartition("/")[2]: json.loads(text) for name, text in shown["metadata"]["annotations"].items()}
    assert told["metrics"] == [
        {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "1Gi"}},
        {"type": "Pods", "pods": {"metricName": "hits", "targetAverageValue": "5"}},
    ]
    assert told["behavior"]["ScaleDown"]["StabilizationWindowSeconds"] == 60
    shown["spec"]["maxReplicas"] = 6
    assert client.plain("PUT", f"{OLD}/web", shown)[0] == 200
    _, kept = client.plain("GET", f"{NEW}/web")
    assert kept["spec"]["metrics"] == [memory, pods, CPU]
    assert kept["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 60
    assert "annotations" not in kept["metadata"]


def test_events_of_both_groups_are_the_same_events(client: Client) -> None:
    """An event of events.k8s.io is one of v1 under other names, and is selected by those names."""
    event = {
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "one"}, "note": "hello", "reason": "Tried",
        "action": "Try", "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "me", "type": "Normal",
        "reportingInstance": "me-1", "regarding": {"kind": "Pod", "name": "web", "namespace": "default"},
    }  # fmt: skip
    assert client.plain("POST", EVENTS, event)[0] == 201
    _, kept = client.plain("GET", "/api/v1/namespaces/default/events/one")
    assert (kept["message"], kept["involvedObject"]["name"], kept["reportingComponent"]) == ("hello", "web", "me")
    _, found = client.plain("GET", EVENTS, fieldSelector="regarding.name=web")
    assert [item["note"] for item in found["items"]] == ["hello"]
    assert client.plain("GET", EVENTS, fieldSelector="involvedObject.name=web")[0] == 400


def test_manifests_may_use_either_version() -> None:
    """A file with autoscaling/v1 is read as the version that is kept."""
    document = manifests.read(json.dumps(old("web", targetCPUUtilizationPercentage=60))).documents[0]
    assert document.kind is kinds.HORIZONTAL_POD_AUTOSCALERS
    assert (document.plain["apiVersion"], document.plain["spec"]["metrics"]) == ("autoscaling/v2", [CPU])


QUANTITIES = st.integers(1, 900).map(lambda number: parse(f"{number}m"))
REFERENCES = st.builds(
    autoscaling.CrossVersionObjectReference, kind=st.just("Service"), name=st.sampled_from(["a", "b"])
)
METRIC_NAMES = st.builds(autoscaling.MetricIdentifier, name=st.sampled_from(["hits", "depth"]))
PERCENTS = st.builds(autoscaling.MetricTarget, type=st.just("Utilization"), averageUtilization=st.integers(1, 99))
AVERAGES = st.builds(autoscaling.MetricTarget, type=st.just("AverageValue"), averageValue=QUANTITIES)
VALUES = st.builds(autoscaling.MetricTarget, type=st.just("Value"), value=QUANTITIES)
METRICS = st.one_of(
    st.builds(
        autoscaling.MetricSpec, type=st.just("Resource"),
        resource=st.builds(autoscaling.ResourceMetricSource, name=st.just("memory"), target=PERCENTS | AVERAGES),
    ),
    st.builds(
        autoscaling.MetricSpec, type=st.just("ContainerResource"),
        containerResource=st.builds(
            autoscaling.ContainerResourceMetricSource, name=st.just("cpu"), container=st.just("app"), target=PERCENTS
        ),
    ),
    st.builds(
        autoscaling.MetricSpec, type=st.just("Pods"),
        pods=st.builds(autoscaling.PodsMetricSource, metric=METRIC_NAMES, target=AVERAGES),
    ),
    st.builds(
        autoscaling.MetricSpec, type=st.just("Object"),
        object=st.builds(
            autoscaling.ObjectMetricSource, describedObject=REFERENCES, metric=METRIC_NAMES, target=VALUES
        ),
    ),
    st.builds(
        autoscaling.MetricSpec, type=st.just("External"),
        external=st.builds(autoscaling.ExternalMetricSource, metric=METRIC_NAMES, target=VALUES | AVERAGES),
    ),
)  # fmt: skip
POLICIES = st.builds(
    autoscaling.HPAScalingPolicy, type=st.just("Pods"), value=st.integers(1, 9), periodSeconds=st.just(60)
)
RULES = st.builds(
    autoscaling.HPAScalingRules, policies=st.lists(POLICIES, max_size=2).map(tuple), selectPolicy=st.just("Max"),
    stabilizationWindowSeconds=st.none() | st.integers(1, 99),
)  # fmt: skip
SPECS = st.builds(
    autoscaling.HorizontalPodAutoscalerSpec,
    maxReplicas=st.integers(1, 9), minReplicas=st.none() | st.integers(1, 9), scaleTargetRef=REFERENCES,
    metrics=st.lists(METRICS, max_size=3).map(tuple),
    behavior=st.none() | st.builds(autoscaling.HorizontalPodAutoscalerBehavior, scaleUp=RULES),
)  # fmt: skip


@settings(max_examples=80, deadline=None, derandomize=True)
@given(SPECS)
def test_there_and_back_again_is_the_same_autoscaler(spec: autoscaling.HorizontalPodAutoscalerSpec) -> None:
    """No metric, behavior or count is lost between the versions."""
    kind = kinds.OLD_AUTOSCALERS
    value = autoscaling.HorizontalPodAutoscaler(metadata=ObjectMeta(name="a"), spec=spec)
    assert conversion.to_stored(kind, conversion.from_stored(kind, value)) == value


def test_annotations_that_are_no_json_are_only_dropped() -> None:
    """A v1 autoscaler whose metrics annotation is rubbish is one without those metrics."""
    made = conversion.from_stored(kinds.OLD_AUTOSCALERS, autoscaling.HorizontalPodAutoscaler())
    meta = ObjectMeta(annotations={"autoscaling.alpha.kubernetes.io/metrics": "{", "keep": "me"})
    read = conversion.to_stored(kinds.OLD_AUTOSCALERS, type(made)(metadata=meta))
    assert (read.metadata.annotations, read.spec.metrics) == ({"keep": "me"}, ())


def test_a_kind_of_one_version_is_itself() -> None:
    """Conversion leaves everything else alone."""
    value = core.Pod()
    assert conversion.to_stored(kinds.PODS, value) is conversion.from_stored(kinds.PODS, value) is value
