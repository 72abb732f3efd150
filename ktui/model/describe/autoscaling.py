"""HorizontalPodAutoscalers: what they measure, how they may scale, and what came of it.

Invariant: a metric that was never measured is `<unknown>`.
"""

import json

from cluster.api.autoscaling import HorizontalPodAutoscaler, HPAScalingRules, MetricSpec
from cluster.printers.autoscaling import Metric, metric
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date


def write_autoscaler(sheet: Sheet, value: HorizontalPodAutoscaler, _related: Related) -> None:
    """Everything about a HorizontalPodAutoscaler but its events."""
    meta, spec, status = value.metadata, value.spec, value.status
    sheet.head(meta)
    sheet.field("CreationTimestamp", date(meta.creationTimestamp))
    sheet.field("Reference", f"{spec.scaleTargetRef.kind}/{spec.scaleTargetRef.name}")
    sheet.field("Metrics", "( current / target )")
    for index, item in enumerate(spec.metrics):
        measured = status.currentMetrics[index] if index < len(status.currentMetrics) else None
        sheet.line(_line(item, metric(item, measured)), 1)
    sheet.field("Min replicas", "<unset>" if spec.minReplicas is None else spec.minReplicas)
    sheet.field("Max replicas", spec.maxReplicas)
    if spec.behavior is not None:
        sheet.line("Behavior:")
        _write_rules(sheet, "Scale Up", spec.behavior.scaleUp)
        _write_rules(sheet, "Scale Down", spec.behavior.scaleDown)
    counts = f"{status.currentReplicas} current / {status.desiredReplicas} desired"
    sheet.field(f"{spec.scaleTargetRef.kind} pods", counts)
    if status.conditions:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tReason\tMessage", 1)
        sheet.line("----\t------\t------\t-------", 1)
    for condition in status.conditions:
        sheet.line(f"{condition.type}\t{condition.status}\t{condition.reason}\t{condition.message}", 1)


def _line(spec: MetricSpec, found: Metric | None) -> str:
    if found is None:
        return f"<unknown metric type {_quoted(spec.type)}>"
    if spec.external is not None:
        average = found.target.averageValue is not None
        told = "(target average value)" if average else "(target value)"
        # An average is not known before there is a number; a plain value is known with its metric.
        known = not average or (found.current is not None and found.current.averageValue is not None)
        return f"{_quoted(spec.external.metric.name)} {told}:\t{_amounts(found, average=average, known=known)}"
    if spec.pods is not None:
        return f"{_quoted(spec.pods.metric.name)} on pods:\t{_amounts(found, average=True)}"
    if spec.object is not None:
        about, average = spec.object.describedObject, found.target.type == "AverageValue"
        told = "(target average value)" if average else "(target value)"
        name = f'"{spec.object.metric.name}" on {about.kind}/{about.name}'
        return f"{name} {told}:\t{_amounts(found, average=average)}"
    container = "" if spec.containerResource is None else f' of container "{spec.containerResource.container}"'
    name = f"resource {found.resource}{container} on pods"
    if found.target.averageValue is not None:
        return f"{name}:\t{_amounts(found, average=True)}"
    return f"{name}  (as a percentage of request):\t{_percents(found)}"


def _amounts(found: Metric, *, average: bool, known: bool = True) -> str:
    current, target = found.current, found.target
    wanted = target.averageValue if average else target.value
    if current is None or not known:
        return f"<unknown> / {wanted or '<nil>'}"
    return f"{(current.averageValue if average else current.value) or '<nil>'} / {wanted or '<nil>'}"


def _percents(found: Metric) -> str:
    current, wanted = found.current, found.target.averageUtilization
    told = "<unknown>"
    if current is not None and current.averageUtilization is not None:
        told = f"{current.averageUtilization}% ({current.averageValue or '<nil>'})"
    return f"{told} / {'<auto>' if wanted is None else f'{wanted}%'}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write_rules(sheet: Sheet, title: str, rules: HPAScalingRules | None) -> None:
    if rules is None:
        return
    sheet.line(f"{title}:", 1)
    if rules.stabilizationWindowSeconds is not None:
        sheet.line(f"Stabilization Window: {rules.stabilizationWindowSeconds} seconds", 2)
    if rules.policies:
        sheet.line(f"Select Policy: {rules.selectPolicy or 'Max'}", 2)
        sheet.line("Policies:", 2)
    for policy in rules.policies:
        sheet.line(f"- Type: {policy.type}\tValue: {policy.value}\tPeriod: {policy.periodSeconds} seconds", 3)
