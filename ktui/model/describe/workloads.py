"""Deployments, ReplicaSets and ReplicationControllers: what they want, what they have, what they made.

Invariant: a Deployment's new ReplicaSet is the oldest whose template is the Deployment's own.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from cluster.api.apps import Deployment, DeploymentCondition, ReplicaSet, ReplicaSetCondition
from cluster.api.core import PodTemplateSpec, ReplicationController, ReplicationControllerCondition
from cluster.printers.selectors import label_text, selector_text
from ktui.model.describe.pods import controller_text, write_template
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date

_HASH = "pod-template-hash"
Conditions = Iterable[DeploymentCondition] | Iterable[ReplicaSetCondition] | Iterable[ReplicationControllerCondition]


def write_deployment(sheet: Sheet, value: Deployment, related: Related) -> None:
    """Everything about a Deployment but its events."""
    meta, spec, status = value.metadata, value.spec, value.status
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("CreationTimestamp", date(meta.creationTimestamp))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Selector", selector_text(spec.selector))
    sheet.field(
        "Replicas",
        f"{spec.replicas or 0} desired | {status.updatedReplicas} updated | {status.replicas} total | "
        f"{status.availableReplicas} available | {status.unavailableReplicas} unavailable",
    )
    sheet.field("StrategyType", spec.strategy.type)
    sheet.field("MinReadySeconds", spec.minReadySeconds)
    if (rolling := spec.strategy.rollingUpdate) is not None:
        bounds = f"{rolling.maxUnavailable} max unavailable, {rolling.maxSurge} max surge"
        sheet.field("RollingUpdateStrategy", bounds)
    write_template(sheet, spec.template)
    _write_conditions(sheet, status.conditions)
    if related.replica_sets:
        new, old = generations(value, related.replica_sets)
        sheet.field("OldReplicaSets", _replica_sets(old))
        sheet.field("NewReplicaSet", _replica_sets([new] if new else []))


def write_replica_set(sheet: Sheet, value: ReplicaSet, related: Related) -> None:
    """Everything about a ReplicaSet but its events."""
    _write_head(sheet, value, selector_text(value.spec.selector))
    if controller := controller_text(value.metadata):
        sheet.field("Controlled By", controller)
    _write_counts(sheet, value, related)
    write_template(sheet, value.spec.template)
    _write_conditions(sheet, value.status.conditions)


def write_replication_controller(sheet: Sheet, value: ReplicationController, related: Related) -> None:
    """Everything about a ReplicationController but its events."""
    _write_head(sheet, value, label_text(value.spec.selector))
    _write_counts(sheet, value, related)
    write_template(sheet, value.spec.template)
    _write_conditions(sheet, value.status.conditions)


def generations(value: Deployment, owned: Iterable[ReplicaSet]) -> tuple[ReplicaSet | None, list[ReplicaSet]]:
    """The ReplicaSet of the current template, if there is one, and the others, oldest first."""
    ordered = sorted(owned, key=lambda item: (item.metadata.creationTimestamp, item.metadata.name))
    wanted = _without_hash(value.spec.template)
    new = next((item for item in ordered if _without_hash(item.spec.template) == wanted), None)
    return new, [item for item in ordered if item is not new]


def _without_hash(template: PodTemplateSpec) -> PodTemplateSpec:
    labels = {key: text for key, text in template.metadata.labels.items() if key != _HASH}
    return replace(template, metadata=replace(template.metadata, labels=labels))


def _replica_sets(sets: Iterable[ReplicaSet]) -> str:
    texts = (
        f"{item.metadata.name} ({item.status.replicas}/{item.spec.replicas or 0} replicas created)" for item in sets
    )
    return ", ".join(texts) or "<none>"


def _write_head(sheet: Sheet, value: ReplicaSet | ReplicationController, selector: str) -> None:
    meta = value.metadata
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("Selector", selector)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)


def _write_counts(sheet: Sheet, value: ReplicaSet | ReplicationController, related: Related) -> None:
    phases = Counter(pod.status.phase for pod in related.pods)
    sheet.field("Replicas", f"{value.status.replicas} current / {value.spec.replicas or 0} desired")
    sheet.field(
        "Pods Status",
        f"{phases['Running']} Running / {phases['Pending']} Waiting / {phases['Succeeded']} Succeeded / {phases['Failed']} Failed",
    )


def _write_conditions(sheet: Sheet, conditions: Conditions) -> None:
    rows = [f"{item.type} \t{item.status}\t{item.reason}" for item in conditions]
    if rows:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tReason", 1)
        sheet.line("----\t------\t------", 1)
    for row in rows:
        sheet.line(row, 1)
