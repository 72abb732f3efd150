"""The autoscaling group (autoscaling/v2): HorizontalPodAutoscalers.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from typing import Annotated

from msgspec import field

from cluster.api.meta import LabelSelector, Resource
from cluster.api.object import ListType, Object
from cluster.api.quantity import Quantity


class MetricTarget(Object, frozen=True, kw_only=True):
    averageUtilization: int | None = None
    averageValue: Quantity | None = None
    type: str = field(default_factory=str)
    value: Quantity | None = None


class ContainerResourceMetricSource(Object, frozen=True, kw_only=True):
    container: str = field(default_factory=str)
    name: str = field(default_factory=str)
    target: MetricTarget = field(default_factory=lambda: MetricTarget())


class MetricValueStatus(Object, frozen=True, kw_only=True):
    averageUtilization: int | None = None
    averageValue: Quantity | None = None
    value: Quantity | None = None


class ContainerResourceMetricStatus(Object, frozen=True, kw_only=True):
    container: str = field(default_factory=str)
    current: MetricValueStatus = field(default_factory=lambda: MetricValueStatus())
    name: str = field(default_factory=str)


class CrossVersionObjectReference(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)


class MetricIdentifier(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    selector: LabelSelector | None = None


class ExternalMetricSource(Object, frozen=True, kw_only=True):
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())
    target: MetricTarget = field(default_factory=lambda: MetricTarget())


class ExternalMetricStatus(Object, frozen=True, kw_only=True):
    current: MetricValueStatus = field(default_factory=lambda: MetricValueStatus())
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())


class HPAScalingPolicy(Object, frozen=True, kw_only=True):
    periodSeconds: int = field(default_factory=int)
    type: str = field(default_factory=str)
    value: int = field(default_factory=int)


class HPAScalingRules(Object, frozen=True, kw_only=True):
    policies: tuple[HPAScalingPolicy, ...] = ()
    selectPolicy: str = ""
    stabilizationWindowSeconds: int | None = None
    tolerance: Quantity | None = None


class HorizontalPodAutoscalerBehavior(Object, frozen=True, kw_only=True):
    scaleDown: HPAScalingRules | None = None
    scaleUp: HPAScalingRules | None = None


class ObjectMetricSource(Object, frozen=True, kw_only=True):
    describedObject: CrossVersionObjectReference = field(default_factory=lambda: CrossVersionObjectReference())
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())
    target: MetricTarget = field(default_factory=lambda: MetricTarget())


class PodsMetricSource(Object, frozen=True, kw_only=True):
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())
    target: MetricTarget = field(default_factory=lambda: MetricTarget())


class ResourceMetricSource(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    target: MetricTarget = field(default_factory=lambda: MetricTarget())


class MetricSpec(Object, frozen=True, kw_only=True):
    containerResource: ContainerResourceMetricSource | None = None
    external: ExternalMetricSource | None = None
    object: ObjectMetricSource | None = None
    pods: PodsMetricSource | None = None
    resource: ResourceMetricSource | None = None
    type: str = field(default_factory=str)


class HorizontalPodAutoscalerSpec(Object, frozen=True, kw_only=True):
    behavior: HorizontalPodAutoscalerBehavior | None = None
    maxReplicas: int = field(default_factory=int)
    metrics: tuple[MetricSpec, ...] = ()
    minReplicas: int | None = None
    scaleTargetRef: CrossVersionObjectReference = field(default_factory=lambda: CrossVersionObjectReference())


class HorizontalPodAutoscalerCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class ObjectMetricStatus(Object, frozen=True, kw_only=True):
    current: MetricValueStatus = field(default_factory=lambda: MetricValueStatus())
    describedObject: CrossVersionObjectReference = field(default_factory=lambda: CrossVersionObjectReference())
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())


class PodsMetricStatus(Object, frozen=True, kw_only=True):
    current: MetricValueStatus = field(default_factory=lambda: MetricValueStatus())
    metric: MetricIdentifier = field(default_factory=lambda: MetricIdentifier())


class ResourceMetricStatus(Object, frozen=True, kw_only=True):
    current: MetricValueStatus = field(default_factory=lambda: MetricValueStatus())
    name: str = field(default_factory=str)


class MetricStatus(Object, frozen=True, kw_only=True):
    containerResource: ContainerResourceMetricStatus | None = None
    external: ExternalMetricStatus | None = None
    object: ObjectMetricStatus | None = None
    pods: PodsMetricStatus | None = None
    resource: ResourceMetricStatus | None = None
    type: str = field(default_factory=str)


class HorizontalPodAutoscalerStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[HorizontalPodAutoscalerCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    currentMetrics: tuple[MetricStatus, ...] = ()
    currentReplicas: int = 0
    desiredReplicas: int = field(default_factory=int)
    lastScaleTime: str = ""
    observedGeneration: int | None = None


class HorizontalPodAutoscaler(Resource, frozen=True, kw_only=True):
    spec: HorizontalPodAutoscalerSpec = field(default_factory=lambda: HorizontalPodAutoscalerSpec())
    status: HorizontalPodAutoscalerStatus = field(default_factory=lambda: HorizontalPodAutoscalerStatus())
