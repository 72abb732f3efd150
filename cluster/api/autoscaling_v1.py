"""The autoscaling group in its first version (autoscaling/v1): Scale, and the older HorizontalPodAutoscaler.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""


from msgspec import field

from cluster.api.meta import Resource
from cluster.api.object import Object


class CrossVersionObjectReference(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)


class HorizontalPodAutoscalerSpec(Object, frozen=True, kw_only=True):
    maxReplicas: int = field(default_factory=int)
    minReplicas: int | None = None
    scaleTargetRef: CrossVersionObjectReference = field(default_factory=lambda: CrossVersionObjectReference())
    targetCPUUtilizationPercentage: int | None = None


class HorizontalPodAutoscalerStatus(Object, frozen=True, kw_only=True):
    currentCPUUtilizationPercentage: int | None = None
    currentReplicas: int = field(default_factory=int)
    desiredReplicas: int = field(default_factory=int)
    lastScaleTime: str = ""
    observedGeneration: int | None = None


class HorizontalPodAutoscaler(Resource, frozen=True, kw_only=True):
    spec: HorizontalPodAutoscalerSpec = field(default_factory=lambda: HorizontalPodAutoscalerSpec())
    status: HorizontalPodAutoscalerStatus = field(default_factory=lambda: HorizontalPodAutoscalerStatus())


class ScaleSpec(Object, frozen=True, kw_only=True):
    replicas: int | None = None


class ScaleStatus(Object, frozen=True, kw_only=True):
    replicas: int = field(default_factory=int)
    selector: str = ""


class Scale(Resource, frozen=True, kw_only=True):
    spec: ScaleSpec = field(default_factory=lambda: ScaleSpec())
    status: ScaleStatus = field(default_factory=lambda: ScaleStatus())
