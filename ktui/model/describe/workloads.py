"""Workloads that keep pods: what they want, what they have, what they made.

Invariant: a Deployment's new ReplicaSet is the oldest whose template is the Deployment's own.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from cluster.api.apps import (
    DaemonSet,
    Deployment,
    DeploymentCondition,
    ReplicaSet,
    ReplicaSetCondition,
    StatefulSet,
    StatefulSetSpec,
)
from cluster.api.core import PodTemplateSpec, ReplicationController, ReplicationControllerCondition
from cluster.api.labels import from_label_selector
from cluster.printers.selectors import label_text, selector_text
from ktui.model.describe.pods import controller_text, write_template
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date
from ktui.model.describe.storage import write_claim_templates

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


def write_stateful_set(sheet: Sheet, value: StatefulSet, related: Related) -> None:
    """Everything about a StatefulSet but its events."""
    meta, spec = value.metadata, value.spec
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("CreationTimestamp", date(meta.creationTimestamp))
    sheet.field("Selector", from_label_selector(spec.selector))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Replicas", f"{spec.replicas or 0} desired | {value.status.replicas} total")
    _write_strategy(sheet, spec)
    _write_phases(sheet, related)
    write_template(sheet, spec.template)
    write_claim_templates(sheet, spec.volumeClaimTemplates)


def _write_strategy(sheet: Sheet, spec: StatefulSetSpec) -> None:
    strategy = spec.updateStrategy
    sheet.field("Update Strategy", strategy.type)
    if (rolling := strategy.rollingUpdate) is not None and rolling.partition is not None:
        sheet.field("Partition", rolling.partition, 1)
        if rolling.maxUnavailable is not None:
            sheet.field("MaxUnavailable", rolling.maxUnavailable, 1)


def write_daemon_set(sheet: Sheet, value: DaemonSet, related: Related) -> None:
    """Everything about a DaemonSet but its events."""
    meta, spec, status = value.metadata, value.spec, value.status
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("Selector", from_label_selector(spec.selector))
    sheet.field("Node-Selector", label_text(spec.template.spec.nodeSelector))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    for name, count in (
        ("Desired Number of Nodes Scheduled", status.desiredNumberScheduled),
        ("Current Number of Nodes Scheduled", status.currentNumberScheduled),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updatedNumberScheduled),
        ("Number of Nodes Scheduled with Available Pods", status.numberAvailable),
        ("Number of Nodes Misscheduled", status.numberMisscheduled),
    ):
        sheet.line(f"{name}: {count}")
    _write_phases(sheet, related)
    write_template(sheet, spec.template)


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
    sheet.field("Replicas", f"{value.status.replicas} current / {value.spec.replicas or 0} desired")
    _write_phases(sheet, related)


def _write_phases(sheet: Sheet, related: Related) -> None:
    phases = Counter(pod.status.phase for pod in related.pods)
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
