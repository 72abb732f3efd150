"""Defaults of HorizontalPodAutoscalers.

On the data's way between decoding and admission. Mirrors pkg/apis/autoscaling/v2/defaults.go.
Invariant: who says anything of the behaviour gets all of it spelled out, who says nothing gets none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission.sharing import changed
from cluster.api import kinds
from cluster.api.autoscaling import (
    HorizontalPodAutoscaler,
    HPAScalingPolicy,
    HPAScalingRules,
    MetricSpec,
    MetricTarget,
    ResourceMetricSource,
)
from cluster.api.kinds import Kind

CPU_UTILIZATION = 80
_PERCENT = HPAScalingPolicy(type="Percent", value=100, periodSeconds=15)
_SCALE_UP = HPAScalingRules(
    stabilizationWindowSeconds=0,
    selectPolicy="Max",
    policies=(HPAScalingPolicy(type="Pods", value=4, periodSeconds=15), _PERCENT),
)
_SCALE_DOWN = HPAScalingRules(selectPolicy="Max", policies=(_PERCENT,))
_CPU = MetricSpec(
    type="Resource",
    resource=ResourceMetricSource(
        name="cpu", target=MetricTarget(type="Utilization", averageUtilization=CPU_UTILIZATION)
    ),
)


def autoscaler(value: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    """The autoscaler that keeps one pod and 80% of the CPU asked for, unless it is told otherwise."""
    spec = value.spec
    behavior = spec.behavior
    if behavior is not None:
        behavior = changed(
            behavior,
            scaleUp=_filled(behavior.scaleUp, _SCALE_UP),
            scaleDown=_filled(behavior.scaleDown, _SCALE_DOWN),
        )
    spec = changed(
        spec,
        minReplicas=1 if spec.minReplicas is None else spec.minReplicas,
        metrics=spec.metrics or (_CPU,),
        behavior=behavior,
    )
    return changed(value, spec=spec)


def _filled(given: HPAScalingRules | None, usual: HPAScalingRules) -> HPAScalingRules:
    if given is None:
        return usual
    window = given.stabilizationWindowSeconds
    return changed(
        given,
        selectPolicy=given.selectPolicy or usual.selectPolicy,
        stabilizationWindowSeconds=usual.stabilizationWindowSeconds if window is None else window,
        policies=given.policies or usual.policies,
    )


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {kinds.HORIZONTAL_POD_AUTOSCALERS: autoscaler}
