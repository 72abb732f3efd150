"""HorizontalPodAutoscalers: bounds, target, metrics, behaviour.

On the data's way one of the kinds' validations. Mirrors pkg/apis/autoscaling/validation. Invariant: a
metric has the one source that its type names.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import NOT_POSITIVE, Causes, dns_label, nonnegative, one_of, path_segment
from cluster.admission.validation.resources import container_name
from cluster.admission.validation.rules import Rules
from cluster.api import kinds, names, quantity
from cluster.api.autoscaling import (
    ContainerResourceMetricSource,
    CrossVersionObjectReference,
    ExternalMetricSource,
    HorizontalPodAutoscaler,
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
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

MAX_PERIOD, MAX_WINDOW = 1800, 3600
_TYPES = {
    "ContainerResource": "containerResource", "External": "external", "Object": "object", "Pods": "pods",
    "Resource": "resource",
}  # fmt: skip
_POPULATED = "must populate information for the given metric source"


def create(value: HorizontalPodAutoscaler) -> list[StatusCause]:
    """What is wrong with a new autoscaler."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _spec(value.spec, least=1, versions=True)


def update(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[StatusCause]:
    """What is wrong with a changed autoscaler."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    moved = new.spec.scaleTargetRef != old.spec.scaleTargetRef
    return causes + _spec(new.spec, least=0 if old.spec.minReplicas == 0 else 1, versions=moved)


def status_update(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[StatusCause]:
    """What is wrong with a changed status of an autoscaler."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += nonnegative("status.currentReplicas", new.status.currentReplicas)
    return causes + list(nonnegative("status.desiredReplicas", new.status.desiredReplicas))


def _spec(spec: HorizontalPodAutoscalerSpec, *, least: int, versions: bool) -> list[StatusCause]:
    causes = list(_bounds(spec, least))
    causes += _reference("spec.scaleTargetRef", spec.scaleTargetRef, versions=versions)
    for index, metric in enumerate(spec.metrics):
        causes += _metric(f"spec.metrics[{index}]", metric)
    if spec.minReplicas == 0 and not any(metric.type in ("Object", "External") for metric in spec.metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        causes.append(error.forbidden("spec.metrics", why))
    if spec.behavior is not None:
        for name in ("scaleUp", "scaleDown"):
            causes += _rules(f"spec.behavior.{name}", getattr(spec.behavior, name))
    return causes


def _bounds(spec: HorizontalPodAutoscalerSpec, least: int) -> Causes:
    if spec.minReplicas is not None and spec.minReplicas < least:
        yield error.invalid("spec.minReplicas", spec.minReplicas, f"must be greater than or equal to {least}")
    if spec.maxReplicas == 0:
        yield error.required("spec.maxReplicas", "must be set and greater than 0")
    elif spec.maxReplicas < 0:
        yield error.invalid("spec.maxReplicas", spec.maxReplicas, "must be greater than 0")
    if spec.minReplicas is not None and spec.maxReplicas < spec.minReplicas:
        why = "must be greater than or equal to `minReplicas`"
        yield error.invalid("spec.maxReplicas", spec.maxReplicas, why)


def _reference(field: str, reference: CrossVersionObjectReference, *, versions: bool) -> Causes:
    if versions:
        yield from _api_version(f"{field}.apiVersion", reference.apiVersion)
    for name in ("kind", "name"):
        value = getattr(reference, name)
        if value:
            yield from path_segment(f"{field}.{name}", value)
        else:
            yield error.required(f"{field}.{name}")


def _api_version(field: str, version: str) -> Causes:
    if version.count("/") > 1:
        yield error.invalid(field, version, f"unexpected GroupVersion string: {version}")
    elif "/" not in version and version != "v1":
        yield error.invalid(field, version, "apiVersion must specify API group")


def _metric(field: str, metric: MetricSpec) -> Causes:
    if not metric.type:
        yield error.required(f"{field}.type", "must specify a metric source type")
    yield from one_of(f"{field}.type", metric.type, _TYPES)
    given = [name for name in _SOURCES if getattr(metric, name) is not None]
    if given:
        yield from _SOURCES[given[0]](f"{field}.{given[0]}", getattr(metric, given[0]))
    wanted = _TYPES.get(metric.type, "")
    if wanted and wanted not in given:
        yield error.required(f"{field}.{wanted}", _POPULATED)
    if not wanted:
        yield error.not_supported(f"{field}.type", metric.type, _TYPES)
    if len(given) != 1:
        for name in given:
            if name != wanted:
                yield error.forbidden(f"{field}.{name}", "must populate the given metric source only")


def _object(field: str, source: ObjectMetricSource) -> Causes:
    yield from _reference(f"{field}.describedObject", source.describedObject, versions=True)
    yield from _identifier(f"{field}.metric", source.metric)
    yield from _target(f"{field}.target", source.target)
    if source.target.value is None and source.target.averageValue is None:
        yield error.required(f"{field}.target.averageValue", "must set either a target value or averageValue")


def _external(field: str, source: ExternalMetricSource) -> Causes:
    yield from _identifier(f"{field}.metric", source.metric)
    yield from _target(f"{field}.target", source.target)
    value, average = source.target.value, source.target.averageValue
    if value is None and average is None:
        why = "must set either a target value for metric or a per-pod target"
        yield error.required(f"{field}.target.averageValue", why)
    if value is not None and average is not None:
        why = "may not set both a target value for metric and a per-pod target"
        yield error.forbidden(f"{field}.target.value", why)


def _pods(field: str, source: PodsMetricSource) -> Causes:
    yield from _identifier(f"{field}.metric", source.metric)
    yield from _target(f"{field}.target", source.target)
    if source.target.averageValue is None:
        yield error.required(f"{field}.target.averageValue", "must specify a positive target averageValue")


def _resource(field: str, source: ResourceMetricSource) -> Causes:
    if not source.name:
        yield error.required(f"{field}.name", "must specify a resource name")
    yield from _resource_target(f"{field}.target", source.target)


def _container_resource(field: str, source: ContainerResourceMetricSource) -> Causes:
    if source.name:
        yield from container_name(f"{field}.name", source.name)
    else:
        yield error.required(f"{field}.name", "must specify a resource name")
    if source.container:
        yield from dns_label(f"{field}.container", source.container)
    else:
        yield error.required(f"{field}.container", "must specify a container")
    yield from _resource_target(f"{field}.target", source.target)


_SOURCES: dict[str, Callable[[str, Any], Causes]] = {
    "object": _object,
    "external": _external,
    "pods": _pods,
    "resource": _resource,
    "containerResource": _container_resource,
}


def _identifier(field: str, value: MetricIdentifier) -> Causes:
    if value.name:
        yield from path_segment(f"{field}.name", value.name)
    else:
        yield error.required(f"{field}.name", "must specify a metric name")


def _resource_target(field: str, target: MetricTarget) -> Causes:
    yield from _target(field, target)
    if target.averageUtilization is None and target.averageValue is None:
        why = "must set either a target raw value or a target utilization"
        yield error.required(f"{field}.averageUtilization", why)
    if target.averageUtilization is not None and target.averageValue is not None:
        why = "may not set both a target raw value and a target utilization"
        yield error.forbidden(f"{field}.averageValue", why)


def _target(field: str, target: MetricTarget) -> Causes:
    if not target.type:
        yield error.required(f"{field}.type", "must specify a metric target type")
    if target.type not in ("Utilization", "Value", "AverageValue"):
        yield error.invalid(f"{field}.type", target.type, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        value = getattr(target, name)
        if value is not None and quantity.nano(value) <= 0:
            yield error.invalid(f"{field}.{name}", value, "must be positive")
    if target.averageUtilization is not None and target.averageUtilization < 1:
        yield error.invalid(f"{field}.averageUtilization", target.averageUtilization, "must be greater than 0")


def _rules(field: str, rules: HPAScalingRules | None) -> Causes:
    if rules is None:
        return
    window = rules.stabilizationWindowSeconds
    if window is not None and window < 0:
        here = f"{field}.stabilizationWindowSeconds"
        yield error.invalid(here, window, "must be greater than or equal to zero")
    if window is not None and window > MAX_WINDOW:
        here = f"{field}.stabilizationWindowSeconds"
        yield error.invalid(here, window, f"must be less than or equal to {MAX_WINDOW}")
    if rules.selectPolicy:
        yield from one_of(f"{field}.selectPolicy", rules.selectPolicy, ("Disabled", "Max", "Min"))
    if not rules.policies:
        yield error.required(f"{field}.policies", "must specify at least one Policy")
    for index, policy in enumerate(rules.policies):
        yield from _policy(f"{field}.policies[{index}]", policy)
    if rules.tolerance is not None and quantity.nano(rules.tolerance) < 0:
        yield error.invalid(f"{field}.tolerance", rules.tolerance, "must be greater than or equal to 0")


def _policy(field: str, policy: HPAScalingPolicy) -> Causes:
    yield from one_of(f"{field}.type", policy.type, ("Percent", "Pods"))
    for name in ("value", "periodSeconds"):
        value = getattr(policy, name)
        if value <= 0:
            yield error.invalid(f"{field}.{name}", value, NOT_POSITIVE)
    if policy.periodSeconds > MAX_PERIOD:
        why = f"must be less than or equal to {MAX_PERIOD}"
        yield error.invalid(f"{field}.periodSeconds", policy.periodSeconds, why)


RULES: Mapping[Kind[Any], Rules] = {kinds.HORIZONTAL_POD_AUTOSCALERS: Rules(create, update, status_update)}
