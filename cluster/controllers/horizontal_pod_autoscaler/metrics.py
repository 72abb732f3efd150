"""What each metric of an autoscaler asks for, and what its status shows: from the pods' use, where it is measured.

Between the controller and the calculator. Stands for the metrics client of kube-controller-manager. Only
the resource metrics exist, with the metrics addon; custom and external ones have no server. Invariant: a
metric gives a proposal with its status, or says why not in the real controller's words.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cluster.api import quantity
from cluster.api.autoscaling import (
    ContainerResourceMetricStatus,
    ExternalMetricSource,
    HorizontalPodAutoscaler,
    HPAScalingRules,
    MetricSpec,
    MetricStatus,
    MetricTarget,
    MetricValueStatus,
    ResourceMetricStatus,
)
from cluster.api.core import Pod
from cluster.api.labels import go_text
from cluster.api.quantity import Quantity
from cluster.clock import Clock
from cluster.controllers.horizontal_pod_autoscaler.calculator import (
    CannotCompute,
    Proposal,
    Question,
    Tolerance,
    by_average,
    by_utilization,
)
from cluster.usage import Usage, measured

NO_SERVER = "the server could not find the requested resource"
NO_RESOURCE = f"unable to fetch metrics from resource metrics API: {NO_SERVER} (get pods.metrics.k8s.io)"
NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
EMPTY = "no metrics returned from resource metrics API"
NO_TARGET = (
    "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set"
)


class Asked(NamedTuple):
    """How many replicas a metric asks for, how it is called in events, and what the status shows of it."""

    replicas: int
    name: str
    status: MetricStatus


class Unknown(NamedTuple):
    """Why a metric says nothing: the reason of the event and the condition, the message, and where it is counted."""

    reason: str
    message: str
    heading: str


class Measurements:
    """The use of the pods of one target, now."""

    def __init__(
        self, autoscaler: HorizontalPodAutoscaler, current: int, pods: Sequence[Pod], clock: Clock, *, served: bool
    ) -> None:
        """`served`: whether there is a metrics server."""
        self._namespace, self._current, self._pods = autoscaler.metadata.namespace, current, pods
        self._clock, self._served = clock, served
        behavior = autoscaler.spec.behavior
        self._tolerance = Tolerance(
            _tolerance(behavior.scaleDown if behavior else None), _tolerance(behavior.scaleUp if behavior else None)
        )

    def ask(self, spec: MetricSpec) -> Asked | Unknown:
        """What a metric says (`computeReplicasForMetric`)."""
        if spec.resource is not None and spec.type == "Resource":
            return self._resource(spec.resource.name, "", spec.resource.target)
        if spec.containerResource is not None and spec.type == "ContainerResource":
            source = spec.containerResource
            return self._resource(source.name, source.container, source.target)
        return self._unserved(spec)

    def _unserved(self, spec: MetricSpec) -> Unknown:
        """Metrics of which nobody tells."""
        if spec.pods is not None and spec.type == "Pods":
            words = f"unable to get metric {spec.pods.metric.name}: {NO_CUSTOM}"
            return Unknown("FailedGetPodsMetric", words, "failed to get pods metric value")
        if spec.object is not None and spec.type == "Object":
            about, name = spec.object.describedObject, spec.object.metric.name
            words = f"unable to get metric {name}: {about.kind} on {self._namespace} {about.name}/{NO_CUSTOM}"
            heading = "failed to get object metric value"
            if spec.object.target.type == "AverageValue":
                heading += f": failed to get {name} object metric"
            return Unknown("FailedGetObjectMetric", words, heading)
        if spec.external is not None and spec.type == "External":
            return self._external(spec.external)
        return Unknown("InvalidMetricSourceType", f'unknown metric source type "{spec.type}"', "")

    def _external(self, source: ExternalMetricSource) -> Unknown:
        name, shown = source.metric.name, go_text(source.metric.selector)
        words = f"unable to get external metric {self._namespace}/{name}/{shown}: "
        words += f"unable to fetch metrics from external metrics API: {NO_SERVER} (get {name}.external.metrics.k8s.io)"
        average = source.target.averageValue is not None
        why = f"failed to get {name} external metric" if average else f"failed to get external metric {name}"
        return Unknown("FailedGetExternalMetric", words, f"failed to get {name} external metric value: {why}")

    def _resource(self, name: str, container: str, target: MetricTarget) -> Asked | Unknown:
        inside = bool(container)
        reason = "FailedGetContainerResourceMetric" if inside else "FailedGetResourceMetric"
        heading = (
            f"failed to get {container} container metric value"
            if inside
            else f"failed to get {name} resource metric value"
        )
        if target.averageValue is None and target.averageUtilization is None:
            return Unknown(reason, NO_TARGET, heading)
        what = "utilization" if target.averageValue is None else "usage"
        try:
            found = self._proposal(name, container, target)
        except CannotCompute as error:
            return Unknown(reason, f"failed to get {name} {what}: {error}", heading)
        called = f"{name} resource"
        if target.averageValue is None:
            called = f"{name}{' container' if inside else ''} resource utilization (percentage of request)"
        return Asked(found.replicas, called, _status(name, container, found))

    def _proposal(self, name: str, container: str, target: MetricTarget) -> Proposal:
        try:
            uses = self._uses(name, container)
        except CannotCompute as error:
            raise CannotCompute(f"unable to get metrics for resource {name}: {error}") from error
        asked = Question(self._current, self._pods, uses, name, self._tolerance, self._clock)
        if target.averageValue is not None:
            return by_average(asked, quantity.milli(target.averageValue))
        return by_utilization(asked, target.averageUtilization or 0, container)

    def _uses(self, name: str, container: str) -> dict[str, int]:
        """What the pods use of a resource, in thousandths, as far as it is told (`GetResourceMetric`)."""
        if not self._served:
            raise CannotCompute(NO_RESOURCE)
        told = {pod.metadata.name: dict(measured(pod, self._clock)) for pod in self._pods}
        told = {pod: containers for pod, containers in told.items() if containers}
        if not told:
            raise CannotCompute(EMPTY)
        for pod, containers in told.items():
            if container and container not in containers:
                words = f"container {container} not present in metrics for pod {self._namespace}/{pod}"
                raise CannotCompute(words)
        if name not in _AMOUNTS:
            return {}
        return {pod: sum(_amounts(name, containers, container)) for pod, containers in told.items()}


_AMOUNTS = {"cpu": lambda use: use.cpu, "memory": lambda use: 1000 * use.memory}


def _amounts(name: str, containers: Mapping[str, Usage], only: str) -> list[int]:
    return [_AMOUNTS[name](use) for container, use in containers.items() if only in {"", container}]


def _tolerance(rules: HPAScalingRules | None) -> float:
    if rules is None or rules.tolerance is None:
        return 0.1
    return quantity.nano(rules.tolerance) / 10**9


def _status(name: str, container: str, found: Proposal) -> MetricStatus:
    average: Quantity = quantity.parse(f"{found.average}m")
    current = MetricValueStatus(averageValue=average, averageUtilization=found.utilization)
    if container:
        inside = ContainerResourceMetricStatus(name=name, container=container, current=current)
        return MetricStatus(type="ContainerResource", containerResource=inside)
    return MetricStatus(type="Resource", resource=ResourceMetricStatus(name=name, current=current))
