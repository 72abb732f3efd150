"""HorizontalPodAutoscalers as rows: what is measured, against what it should be.

Invariant: a metric without a current value is `<unknown>`, and at most two metrics are shown.
"""

from msgspec import Struct

from cluster.api.autoscaling import (
    HorizontalPodAutoscaler,
    MetricSpec,
    MetricStatus,
    MetricTarget,
    MetricValueStatus,
)
from cluster.printers.column import AGE, NAME, Printer, texts
from cluster.printers.now import Now

_SHOWN = 2


class Metric(Struct, frozen=True):
    """What one metric of an HPA is of, what it should be, and what it is (None if not known)."""

    resource: str
    target: MetricTarget
    current: MetricValueStatus | None


def metric(spec: MetricSpec, status: MetricStatus | None) -> Metric | None:
    """The metric in either of its places, by its type; None if the type is not known."""
    if spec.type == "Resource" and spec.resource is not None:
        found = status.resource if status else None
        return Metric(spec.resource.name, spec.resource.target, found.current if found else None)
    if spec.type == "ContainerResource" and spec.containerResource is not None:
        inside = status.containerResource if status else None
        return Metric(spec.containerResource.name, spec.containerResource.target, inside.current if inside else None)
    if spec.type == "Pods" and spec.pods is not None:
        pods = status.pods if status else None
        return Metric("", spec.pods.target, pods.current if pods else None)
    if spec.type == "Object" and spec.object is not None:
        about = status.object if status else None
        return Metric("", spec.object.target, about.current if about else None)
    if spec.type == "External" and spec.external is not None:
        outside = status.external if status else None
        return Metric("", spec.external.target, outside.current if outside else None)
    return None


def _target(spec: MetricSpec, status: MetricStatus | None) -> str:
    found = metric(spec, status)
    if found is None:
        return "<unknown type>"
    target, current = found.target, found.current or MetricValueStatus()
    if target.averageValue is not None:
        text = f"{current.averageValue or '<unknown>'}/{target.averageValue}"
        average = spec.type in {"Object", "External"}
        return f"{found.resource}: {text}" if found.resource else f"{text} (avg)" if average else text
    if found.resource:
        return f"{found.resource}: {_percent(current.averageUtilization, '<unknown>')}/" + _percent(
            target.averageUtilization, "<auto>"
        )
    return f"{current.value or '<unknown>'}/{target.value or '0'}"


def _percent(value: int | None, absent: str) -> str:
    return absent if value is None else f"{value}%"


def _targets(value: HorizontalPodAutoscaler) -> str:
    specs, statuses = value.spec.metrics, value.status.currentMetrics
    if not specs:
        return "<none>"
    shown = ", ".join(
        _target(spec, statuses[index] if index < len(statuses) else None) for index, spec in enumerate(specs[:_SHOWN])
    )
    return f"{shown} + {len(specs) - _SHOWN} more..." if len(specs) > _SHOWN else shown


def _cells(value: HorizontalPodAutoscaler, now: Now) -> tuple[str, ...]:
    spec = value.spec
    return (
        value.metadata.name,
        f"{spec.scaleTargetRef.kind}/{spec.scaleTargetRef.name}",
        _targets(value),
        "<unset>" if spec.minReplicas is None else str(spec.minReplicas),
        str(spec.maxReplicas),
        str(value.status.currentReplicas),
        now.since(value.metadata.creationTimestamp),
    )


HORIZONTAL_POD_AUTOSCALER = Printer(
    (NAME, *texts("Reference", "Targets", "MinPods", "MaxPods", "Replicas"), AGE), _cells
)
