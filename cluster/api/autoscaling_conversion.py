"""HorizontalPodAutoscaler between autoscaling/v2, which is kept, and autoscaling/v1, which knows CPU utilization only.

Used by `conversion` alone. Mirrors pkg/apis/autoscaling/v1/conversion.go: v1 carries the other metrics,
the behavior and the conditions as JSON in annotations, in the shapes those annotations have always had.
Invariant: there and back again is the same object.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from cluster.api import autoscaling as v2
from cluster.api import autoscaling_v1 as v1
from cluster.api.codec import decode_hook, encode, to_plain

PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT_METRICS = PREFIX + "metrics", PREFIX + "current-metrics"
CONDITIONS, BEHAVIOR = PREFIX + "conditions", PREFIX + "behavior"
_SOURCES = ("object", "pods", "resource", "containerResource", "external")


def autoscaler_to_v1(value: v2.HorizontalPodAutoscaler) -> v1.HorizontalPodAutoscaler:
    """The autoscaler as autoscaling/v1 tells it."""
    spec, status = value.spec, value.status
    others = [_metric_to_v1(metric) for metric in to_plain(spec.metrics) if not _is_cpu(metric)]
    told: dict[str, Any] = {
        METRICS: others,
        CURRENT_METRICS: [_status_to_v1(metric) for metric in to_plain(status.currentMetrics)],
        CONDITIONS: to_plain(status.conditions),
        BEHAVIOR: _capitalized(to_plain(spec.behavior)) if spec.behavior else None,
    }
    annotations = {name: encode(said).decode() for name, said in told.items() if said}
    reference = spec.scaleTargetRef
    return v1.HorizontalPodAutoscaler(
        metadata=replace(value.metadata, annotations={**value.metadata.annotations, **annotations}),
        spec=v1.HorizontalPodAutoscalerSpec(
            maxReplicas=spec.maxReplicas, minReplicas=spec.minReplicas, targetCPUUtilizationPercentage=_target(spec),
            scaleTargetRef=v1.CrossVersionObjectReference(
                apiVersion=reference.apiVersion, kind=reference.kind, name=reference.name
            ),
        ),
        status=v1.HorizontalPodAutoscalerStatus(
            currentCPUUtilizationPercentage=_utilization(status), currentReplicas=status.currentReplicas,
            desiredReplicas=status.desiredReplicas, lastScaleTime=status.lastScaleTime,
            observedGeneration=status.observedGeneration,
        ),
    )  # fmt: skip


def autoscaler_from_v1(value: v1.HorizontalPodAutoscaler) -> v2.HorizontalPodAutoscaler:
    """The autoscaler that autoscaling/v1 tells of; annotations that cannot be read are only dropped."""
    spec, status, meta = value.spec, value.status, value.metadata
    told = {name: _read(meta.annotations.get(name)) for name in (METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR)}
    kept = {name: text for name, text in meta.annotations.items() if name not in told}
    metrics = [_metric_from_v1(metric) for metric in _items(told[METRICS])]
    current = [_status_from_v1(metric) for metric in _items(told[CURRENT_METRICS])]
    if spec.targetCPUUtilizationPercentage is not None:
        target = {"type": "Utilization", "averageUtilization": spec.targetCPUUtilizationPercentage}
        metrics.append({"type": "Resource", "resource": {"name": "cpu", "target": target}})
    if not current and status.currentCPUUtilizationPercentage is not None:
        shown = {"averageUtilization": status.currentCPUUtilizationPercentage}
        current.append({"type": "Resource", "resource": {"name": "cpu", "current": shown}})
    reference = spec.scaleTargetRef
    return v2.HorizontalPodAutoscaler(
        metadata=meta if len(kept) == len(meta.annotations) else replace(meta, annotations=kept),
        spec=v2.HorizontalPodAutoscalerSpec(
            maxReplicas=spec.maxReplicas, minReplicas=spec.minReplicas,
            metrics=_typed(tuple[v2.MetricSpec, ...], metrics, ()),
            behavior=_typed(v2.HorizontalPodAutoscalerBehavior, _uncapitalized(told[BEHAVIOR]), None),
            scaleTargetRef=v2.CrossVersionObjectReference(
                apiVersion=reference.apiVersion, kind=reference.kind, name=reference.name
            ),
        ),
        status=v2.HorizontalPodAutoscalerStatus(
            conditions=_typed(tuple[v2.HorizontalPodAutoscalerCondition, ...], _items(told[CONDITIONS]), ()),
            currentMetrics=_typed(tuple[v2.MetricStatus, ...], current, ()), currentReplicas=status.currentReplicas,
            desiredReplicas=status.desiredReplicas, lastScaleTime=status.lastScaleTime,
            observedGeneration=status.observedGeneration,
        ),
    )  # fmt: skip


def _is_cpu(metric: Mapping[str, Any]) -> bool:
    source = metric.get("resource") or {}
    return (
        metric["type"] == "Resource" and source.get("name") == "cpu"
        and "averageUtilization" in (source.get("target") or {})
    )  # fmt: skip


def _target(spec: v2.HorizontalPodAutoscalerSpec) -> int | None:
    sources = (metric.resource for metric in spec.metrics if metric.type == "Resource" and metric.resource)
    return next((source.target.averageUtilization for source in sources if source.name == "cpu"), None)


def _utilization(status: v2.HorizontalPodAutoscalerStatus) -> int | None:
    sources = (metric.resource for metric in status.currentMetrics if metric.type == "Resource" and metric.resource)
    used = [source.current.averageUtilization for source in sources if source.name == "cpu"]
    return next((percent for percent in used if percent is not None), None)


def _metric_to_v1(metric: Mapping[str, Any]) -> dict[str, Any]:
    """A metric in the shape of the annotation: flat, with `targetAverageValue` for `target.averageValue`."""
    told: dict[str, Any] = {"type": metric["type"]}
    for name in _SOURCES:
        if name not in metric:
            continue
        source, target = metric[name], metric[name].get("target") or {}
        flat = _named(source, name)
        if name == "object":
            flat = {"target": source["describedObject"], **flat, "targetValue": target.get("value", "0")}
            flat["averageValue"] = target.get("averageValue")
        else:
            flat["targetAverageUtilization"] = target.get("averageUtilization")
            flat["targetAverageValue"] = target.get("averageValue")
            flat["targetValue"] = target.get("value")
        told[name] = {key: value for key, value in flat.items() if value is not None}
    return told


def _metric_from_v1(metric: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": metric.get("type", "")}
    for name in _SOURCES:
        flat = metric.get(name)
        if not isinstance(flat, Mapping):
            continue
        average = flat.get("averageValue") if name == "object" else flat.get("targetAverageValue")
        value = None if name == "object" and average is not None else flat.get("targetValue")
        percent = flat.get("targetAverageUtilization")
        target = {"averageUtilization": percent, "averageValue": average, "value": value}
        kind = "Utilization" if percent is not None else "AverageValue" if average is not None else "Value"
        told[name] = {**_unnamed(flat, name), "target": {"type": kind, **_present(target)}}
        if name == "object":
            told[name]["describedObject"] = flat.get("target")
    return told


def _status_to_v1(metric: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": metric["type"]}
    for name in _SOURCES:
        if name not in metric:
            continue
        source, current = metric[name], metric[name].get("current") or {}
        flat = _named(source, name)
        average = current.get("averageValue")
        if name == "object":
            flat = {"target": source["describedObject"], **flat, "currentValue": current.get("value", "0")}
            flat["averageValue"] = average
        else:
            flat["currentAverageUtilization"] = current.get("averageUtilization")
            flat["currentAverageValue"] = average
            flat["currentValue"] = current.get("value")
        told[name] = _present(flat)
    return told


def _status_from_v1(metric: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": metric.get("type", "")}
    for name in _SOURCES:
        flat = metric.get(name)
        if not isinstance(flat, Mapping):
            continue
        average = flat.get("averageValue") if name == "object" else flat.get("currentAverageValue")
        current = {
            "averageUtilization": flat.get("currentAverageUtilization"), "averageValue": average,
            "value": flat.get("currentValue"),
        }  # fmt: skip
        told[name] = {**_unnamed(flat, name), "current": _present(current)}
        if name == "object":
            told[name]["describedObject"] = flat.get("target")
    return told


def _named(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is measured: a resource (of a container), or a metric with a selector."""
    if name in ("resource", "containerResource"):
        return _present({"name": source["name"], "container": source.get("container")})
    metric = source["metric"]
    return _present(
        {
            "metricName": metric["name"],
            "metricSelector" if name == "external" else "selector": metric.get("selector"),
        }
    )


def _unnamed(flat: Mapping[str, Any], name: str) -> dict[str, Any]:
    if name in ("resource", "containerResource"):
        return _present({"name": flat.get("name"), "container": flat.get("container")})
    selector = flat.get("metricSelector" if name == "external" else "selector")
    return {"metric": _present({"name": flat.get("metricName"), "selector": selector})}


def _present(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _capitalized(data: Any) -> Any:
    """Names as in Go: the behavior's annotation is written from a type without JSON names."""
    if isinstance(data, Mapping):
        return {name[:1].upper() + name[1:]: _capitalized(value) for name, value in data.items()}
    return [_capitalized(item) for item in data] if isinstance(data, list) else data


def _uncapitalized(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name[:1].lower() + name[1:]: _uncapitalized(value) for name, value in data.items() if value is not None}
    return [_uncapitalized(item) for item in data] if isinstance(data, list) else data


def _read(text: str | None) -> Any:
    try:
        return msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return None


def _items(data: Any) -> list[Mapping[str, Any]]:
    return [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []


def _typed(hint: Any, data: Any, otherwise: Any) -> Any:
    try:
        return msgspec.convert(data, hint, dec_hook=decode_hook) if data else otherwise
    except msgspec.ValidationError:
        return otherwise
