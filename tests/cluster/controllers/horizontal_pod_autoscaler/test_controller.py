"""Autoscalers with their controller and that of their target: what is scaled, shown and told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.apps import DaemonSet, ReplicaSet, ReplicaSetSpec
from cluster.api.autoscaling import (
    ContainerResourceMetricSource,
    CrossVersionObjectReference,
    ExternalMetricSource,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior,
    HorizontalPodAutoscalerSpec,
    HPAScalingPolicy,
    HPAScalingRules,
    MetricIdentifier,
    MetricSpec,
    MetricTarget,
    ObjectMetricSource,
    PodsMetricSource,
    ResourceMetricSource,
)
from cluster.api.cluster import Addons, Cluster
from cluster.api.core import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodTemplateSpec,
    ResourceRequirements,
)
from cluster.api.errors import Forbidden
from cluster.api.kinds import DAEMON_SETS, HORIZONTAL_POD_AUTOSCALERS, PODS, REPLICA_SETS
from cluster.api.labels import from_map
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.quantity import parse
from cluster.controllers.horizontal_pod_autoscaler import HorizontalPodAutoscalerController
from cluster.controllers.horizontal_pod_autoscaler.pods import SelectedPods
from cluster.controllers.replica_set import ReplicaSetController
from tests.cluster.controllers.workloads import NAMESPACE, USER, key
from tests.cluster.controllers.workloads import World as Bare

NO_SERVER = (
    "unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: "
    "the server could not find the requested resource (get pods.metrics.k8s.io)"
)
CPU = MetricSpec(
    type="Resource", resource=ResourceMetricSource(name="cpu", target=MetricTarget(type="Utilization", averageUtilization=50))
)  # fmt: skip


class World(Bare):
    """A cluster with ReplicaSets and autoscalers; with a metrics server, unless it is said not to have one."""

    metrics = True

    def __init__(self) -> None:
        super().__init__(ReplicaSetController, HorizontalPodAutoscalerController)

    def start(self, *controllers: type) -> None:
        """Start controllers in such a cluster."""
        config = Cluster(addons=Addons(metrics=self.metrics))
        self.controllers = [controller(self.api, config) for controller in controllers]

    def target(self, replicas: int = 2, name: str = "web", **labels: str) -> None:
        """Make a ReplicaSet whose pods request 100m each."""
        asked = ResourceRequirements(requests={"cpu": parse("100m")})
        labels = labels or {"app": "web"}
        template = PodTemplateSpec(
            metadata=ObjectMeta(labels=labels),
            spec=PodSpec(containers=(Container(name="c", image="c", resources=asked),)),
        )
        spec = ReplicaSetSpec(replicas=replicas, selector=LabelSelector(matchLabels=labels), template=template)
        made = ReplicaSet(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=spec)
        self.api.create(REPLICA_SETS, made, actor=USER)

    def autoscaler(self, *metrics: MetricSpec, name: str = "web", kind: str = "ReplicaSet", **spec: Any) -> None:
        """Make an autoscaler of the target."""
        reference = CrossVersionObjectReference(apiVersion="apps/v1", kind=kind, name=spec.pop("target", "web"))
        wanted = HorizontalPodAutoscalerSpec(**{
            "scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 10, "metrics": metrics or (CPU,), **spec,
        })  # fmt: skip
        made = HorizontalPodAutoscaler(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=wanted)
        self.api.create(HORIZONTAL_POD_AUTOSCALERS, made, actor=USER)

    def use(self, cpu: str) -> None:
        """Have every pod run, ready for long, and use so much."""
        for pod in self.pods():
            long_ago, now = self.clock.timestamp(0), self.clock.timestamp(0)
            running = ContainerStatus(name="c", state=ContainerState(running=ContainerStateRunning(startedAt=now)))
            condition = PodCondition(type="Ready", status="True", lastTransitionTime=long_ago)
            status = replace(
                pod.status, phase="Running", startTime=long_ago, conditions=(condition,), containerStatuses=(running,)
            )
            meta = replace(pod.metadata, annotations={"sim.ktui.dev/cpu-use": cpu})
            written = self.api.update(PODS, replace(pod, metadata=meta), actor=USER)
            self.api.update_status(PODS, replace(written, status=status), actor=USER)

    def status(self, name: str = "web") -> Any:
        """The status of an autoscaler."""
        return self.api.get(HORIZONTAL_POD_AUTOSCALERS, key(name)).status

    def conditions(self, name: str = "web") -> dict[str, tuple[str, str, str]]:
        """The conditions of an autoscaler."""
        return {each.type: (each.status, each.reason, each.message) for each in self.status(name).conditions}

    def size(self, name: str = "web") -> int | None:
        """The size of the target."""
        return self.api.get(REPLICA_SETS, key(name)).spec.replicas


class Unmeasured(World):
    """A cluster without a metrics server."""

    metrics = False


def scaled(world: World, seconds: int, cpu: str) -> int | None:
    """The size after so long, while all pods, and those that come, use so much."""
    for _ in range(seconds // 15):
        world.run(15_000)
        world.use(cpu)
    return world.size()


def test_without_a_metrics_server() -> None:
    """After 15 s the autoscaler says why it does nothing; then it only says it again."""
    world = Unmeasured()
    world.target()
    world.autoscaler()
    world.run(14_000)
    assert world.status().conditions == ()
    world.run(2_000)
    why = f"failed to get cpu utilization: {NO_SERVER}"
    assert world.conditions() == {
        "AbleToScale": ("True", "SucceededGetScale", "the HPA controller was able to get the target's current scale"),
        "ScalingActive": (
            "False", "FailedGetResourceMetric", f"the HPA was unable to compute the replica count: {why}"
        ),
    }  # fmt: skip
    assert (world.status().currentReplicas, world.status().desiredReplicas) == (2, 0)
    assert [each.type for each in world.status().currentMetrics] == [""]
    assert world.messages("FailedGetResourceMetric") == [why]
    assert world.messages("FailedComputeMetricsReplicas") == [
        f"invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}"
    ]
    revision = world.store.table(HORIZONTAL_POD_AUTOSCALERS).revision(key("web"))
    world.run(60_000)
    assert world.store.table(HORIZONTAL_POD_AUTOSCALERS).revision(key("web")) == revision
    assert [event.count for event in world.events("FailedGetResourceMetric")] == [5]


def test_nothing_is_due_without_autoscalers() -> None:
    """Neither before the first nor after the last."""
    world = World()
    world.target()
    world.run()
    assert world.clock.next_time() is None
    world.autoscaler()
    world.run(20_000)
    world.api.delete(HORIZONTAL_POD_AUTOSCALERS, key("web"), actor=USER)
    world.run(60_000)
    assert world.clock.next_time() is None


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("ReplicaSet", 'replicasets/scale.apps "web" not found'),
        ("StatefulSet", 'statefulsets.apps "web" not found'),
        ("Thing", 'no matches for kind "Thing" in group "apps"'),
        ("DaemonSet", "the server could not find the requested resource"),
    ],
)
def test_a_target_without_a_scale(kind: str, why: str) -> None:
    """It is not there, or not of a kind that can be scaled."""
    world = World()
    daemons = DaemonSet(metadata=ObjectMeta(name="web", namespace=NAMESPACE))
    world.store.put(DAEMON_SETS, key("web"), daemons, USER)
    world.autoscaler(kind=kind)
    world.run(16_000)
    words = f"the HPA controller was unable to get the target's current scale: {why}"
    assert world.conditions() == {"AbleToScale": ("False", "FailedGetScale", words)}
    assert world.messages("FailedGetScale") == [why]


def test_use_above_the_target_makes_more() -> None:
    """As many as the ratio asks for; the status shows the use that asked, and when."""
    world = World()
    world.target()
    world.autoscaler()
    assert scaled(world, 15, "90m") == 2
    world.run(15_000)
    assert world.size() == 4
    status = world.status()
    assert (status.currentReplicas, status.desiredReplicas, status.lastScaleTime) == (
        2,
        4,
        world.clock.timestamp(15_000),
    )
    [shown] = status.currentMetrics
    assert (shown.resource.name, shown.resource.current.averageUtilization) == ("cpu", 90)
    assert shown.resource.current.averageValue == "90m"
    assert world.conditions() == {
        "AbleToScale": ("True", "SucceededRescale", "the HPA controller was able to update the target scale to 4"),
        "ScalingActive": (
            "True", "ValidMetricFound",
            "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)",
        ),
        "ScalingLimited": ("False", "DesiredWithinRange", "the desired count is within the acceptable range"),
    }  # fmt: skip
    assert world.messages("SuccessfulRescale") == [
        "New size: 4; reason: cpu resource utilization (percentage of request) above target"
    ]


def test_use_far_above_the_target_ends_at_the_maximum() -> None:
    """The double each time, and no further."""
    world = World()
    world.target()
    world.autoscaler(maxReplicas=6)
    assert scaled(world, 60, "900m") == 6
    assert world.conditions()["ScalingLimited"] == (
        "True", "TooManyReplicas", "the desired replica count is more than the maximum replica count"
    )  # fmt: skip
    revision = world.store.table(REPLICA_SETS).revision(key("web"))
    scaled(world, 60, "900m")
    assert world.api.get(REPLICA_SETS, key("web")).spec.replicas == 6
    assert world.messages("SuccessfulRescale")[-1].startswith("New size: 6;")
    assert world.store.table(REPLICA_SETS).revision(key("web")) >= revision


def test_use_below_the_target_makes_fewer_in_time() -> None:
    """Five minutes after the last higher recommendation."""
    world = World()
    world.target(4)
    world.autoscaler(minReplicas=2)
    scaled(world, 15, "50m")
    assert scaled(world, 60, "10m") == 4
    assert world.conditions()["AbleToScale"][1] == "ScaleDownStabilized"
    assert scaled(world, 300, "10m") == 2
    assert world.messages("SuccessfulRescale") == ["New size: 2; reason: All metrics below target"]
    assert world.conditions()["ScalingLimited"][1] == "TooFewReplicas"


def test_a_behaviour_says_how_fast() -> None:
    """One pod a minute down, without a window; nothing up."""
    world = World()
    world.target(4)
    slow = HPAScalingRules(
        policies=(HPAScalingPolicy(type="Pods", value=1, periodSeconds=60),), stabilizationWindowSeconds=0
    )
    never = HPAScalingRules(selectPolicy="Disabled")
    world.autoscaler(behavior=HorizontalPodAutoscalerBehavior(scaleDown=slow, scaleUp=never))
    scaled(world, 15, "10m")
    assert scaled(world, 45, "10m") == 3
    assert scaled(world, 60, "10m") == 2
    assert scaled(world, 120, "900m") == 2
    assert world.conditions()["ScalingLimited"][1] == "ScaleUpLimit"


@pytest.mark.parametrize(
    ("replicas", "size", "words"),
    [
        (1, 3, "New size: 3; reason: Current number of replicas below Spec.MinReplicas"),
        (9, 5, "New size: 5; reason: Current number of replicas above Spec.MaxReplicas"),
    ],
)
def test_the_bounds_need_no_metrics(replicas: int, size: int, words: str) -> None:
    """A target out of them is brought back at once."""
    world = Unmeasured()
    world.target(replicas)
    world.autoscaler(minReplicas=3, maxReplicas=5)
    world.run(16_000)
    assert (world.size(), world.messages("SuccessfulRescale")) == (size, [words])
    assert world.status().desiredReplicas == size


def test_a_target_of_none_is_left_alone() -> None:
    """Who scales to zero wants to have it so."""
    world = World()
    world.target(0)
    world.autoscaler()
    world.run(16_000)
    words = "scaling is disabled since the replica count of the target is zero"
    assert world.conditions()["ScalingActive"] == ("False", "ScalingDisabled", words)
    assert world.size() == 0


def test_pods_of_two_autoscalers() -> None:
    """Neither scales them."""
    world = World()
    world.target()
    world.autoscaler(name="one")
    world.autoscaler(name="two")
    world.run(50_000)
    words = "pods by selector app=web are controlled by multiple HPAs: [shop/one shop/two]"
    assert world.conditions("one")["ScalingActive"] == ("False", "AmbiguousSelector", words)
    assert world.conditions("two")["ScalingActive"] == ("False", "AmbiguousSelector", words)
    world.api.delete(HORIZONTAL_POD_AUTOSCALERS, key("two"), actor=USER)
    scaled(world, 30, "90m")
    assert world.conditions("one")["ScalingActive"][1] == "ValidMetricFound"


CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
EXTERNAL = (
    "unable to fetch metrics from external metrics API: "
    "the server could not find the requested resource (get rate.external.metrics.k8s.io)"
)
RATE, VALUE = MetricIdentifier(name="rate"), MetricTarget(type="Value", value=parse("5"))
INGRESS = CrossVersionObjectReference(apiVersion="networking.k8s.io/v1", kind="Ingress", name="main")


@pytest.mark.parametrize(
    ("spec", "reason", "why"),
    [
        (
            MetricSpec(type="Pods", pods=PodsMetricSource(metric=RATE, target=MetricTarget(type="AverageValue", averageValue=parse("5")))),
            "FailedGetPodsMetric", f"unable to get metric rate: {CUSTOM}",
        ),
        (
            MetricSpec(type="Object", object=ObjectMetricSource(metric=RATE, describedObject=INGRESS, target=VALUE)),
            "FailedGetObjectMetric", f"unable to get metric rate: Ingress on shop main/{CUSTOM}",
        ),
        (
            MetricSpec(type="External", external=ExternalMetricSource(metric=RATE, target=VALUE)),
            "FailedGetExternalMetric",
            f"unable to get external metric shop/rate/nil: {EXTERNAL}",
        ),
    ],
)  # fmt: skip
def test_metrics_that_nobody_serves(spec: MetricSpec, reason: str, why: str) -> None:
    """They keep a target from shrinking; growing by another metric is well."""
    world = World()
    world.target(3)
    world.autoscaler(CPU, spec)
    assert scaled(world, 360, "10m") == 3
    assert world.conditions()["ScalingActive"] == (
        "False", reason, f"the HPA was unable to compute the replica count: {why}"
    )  # fmt: skip
    assert world.messages(reason) == [why]
    assert [each.type for each in world.status().currentMetrics] == ["Resource", ""]
    assert scaled(world, 30, "90m") == 6
    assert world.conditions()["ScalingActive"][1] == "ValidMetricFound"


AVERAGE = MetricTarget(type="AverageValue", averageValue=parse("5"))
INSIDE = ContainerResourceMetricSource(
    name="cpu", container="web", target=MetricTarget(type="Utilization", averageUtilization=50)
)


@pytest.mark.parametrize(
    ("spec", "heading"),
    [
        (MetricSpec(type="ContainerResource", containerResource=INSIDE), "failed to get web container metric value"),
        (
            MetricSpec(type="Object", object=ObjectMetricSource(metric=RATE, describedObject=INGRESS, target=AVERAGE)),
            "failed to get object metric value: failed to get rate object metric",
        ),
        (
            MetricSpec(type="External", external=ExternalMetricSource(metric=RATE, target=AVERAGE)),
            "failed to get rate external metric value: failed to get rate external metric",
        ),
        (
            MetricSpec(type="External", external=ExternalMetricSource(metric=RATE, target=VALUE)),
            "failed to get rate external metric value: failed to get external metric rate",
        ),
    ],
)  # fmt: skip
def test_what_kept_from_counting_is_told_with_where(spec: MetricSpec, heading: str) -> None:
    """The event of the whole computation says it in full, the condition only the reason."""
    world = Unmeasured()
    world.target()
    world.autoscaler(spec)
    world.run(16_000)
    [words] = world.messages("FailedComputeMetricsReplicas")
    why = world.conditions()["ScalingActive"][2].removeprefix("the HPA was unable to compute the replica count: ")
    assert words == f"invalid metrics (1 invalid out of 1), first error is: {heading}: {why}"


def test_a_target_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the API server says against it is told; the next look tries again."""
    world = World()
    world.target(20)
    world.autoscaler()

    def refuse(*_: Any, **__: Any) -> None:
        raise Forbidden("not now")

    monkeypatch.setattr(world.api, "scale", refuse)
    world.run(16_000)
    reason = "Current number of replicas above Spec.MaxReplicas"
    assert world.messages("FailedRescale") == [f"New size: 10; reason: {reason}; error: not now"]
    words = "the HPA controller was unable to update the target scale: not now"
    assert world.conditions()["AbleToScale"] == ("False", "FailedUpdateScale", words)
    monkeypatch.undo()
    world.run(16_000)
    assert world.size() == 10


label_sets = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))


@given(
    st.lists(label_sets, min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 4), st.none() | label_sets), max_size=12),
    st.integers(0, 12),
)
def test_the_index_of_pods_equals_a_look_at_all(
    selectors: list[dict[str, str]], story: list[tuple[int, dict[str, str] | None]], when: int
) -> None:
    """Whenever the autoscalers come, and however pods come, change and go."""
    world = Bare()
    table = world.store.table(PODS)
    index = SelectedPods(table)
    for step, (number, labels) in enumerate([*story, (0, None)]):
        if step == min(when, len(story)):
            for owner, selector in enumerate(selectors):
                index.define(f"{NAMESPACE}/{owner}", from_map(selector))
        name, old = key(f"p{number}"), table.get(key(f"p{number}"))
        if labels is not None:
            made = Pod(metadata=ObjectMeta(name=f"p{number}", namespace=NAMESPACE, labels=labels))
            world.store.put(PODS, name, made, USER)
        elif old is not None:
            world.store.delete(PODS, name, USER)
        index.on_pod(name, old, table.get(name))
    for owner, selector in enumerate(selectors):
        expected = [pod for _, pod in sorted(table.items()) if from_map(selector).matches(pod.metadata.labels)]
        assert index.of(f"{NAMESPACE}/{owner}") == expected
        rivals = {
            f"{NAMESPACE}/{other}" for other, also in enumerate(selectors) for pod in expected
            if from_map(also).matches(pod.metadata.labels)
        }  # fmt: skip
        assert index.rivals(f"{NAMESPACE}/{owner}") == sorted(rivals)
