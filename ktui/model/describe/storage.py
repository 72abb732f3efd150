"""PersistentVolumes, claims, their classes, and the drivers of a node.

Invariant: a claim's capacity is told only once it has a volume.
"""

from collections.abc import Iterable, Sequence

from cluster.api.core import (
    NodeSelectorTerm,
    PersistentVolume,
    PersistentVolumeClaim,
    TopologySelectorTerm,
    VolumeNodeAffinity,
)
from cluster.api.meta import ObjectMeta
from cluster.api.storage import CSINode, StorageClass, VolumeAttributesClass
from cluster.printers.selectors import label_text
from cluster.printers.storage import access_modes, is_default, storage_class
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date
from ktui.model.describe.sources import write_source
from ktui.model.describe.volumes import write_attributes


def write_volume(sheet: Sheet, value: PersistentVolume, related: Related) -> None:
    """Everything about a PersistentVolume but its events."""
    meta, spec, claim = value.metadata, value.spec, value.spec.claimRef
    sheet.field("Name", meta.name)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Finalizers", _listed(meta.finalizers))
    sheet.field("StorageClass", storage_class(value))
    sheet.field("Status", _status(meta, value.status.phase, related))
    sheet.field("Claim", f"{claim.namespace}/{claim.name}" if claim else "")
    sheet.field("Reclaim Policy", spec.persistentVolumeReclaimPolicy)
    sheet.field("Access Modes", access_modes(spec.accessModes))
    if spec.volumeMode:
        sheet.field("VolumeMode", spec.volumeMode)
    sheet.field("Capacity", spec.capacity.get("storage", "0"))
    _write_affinity(sheet, spec.nodeAffinity)
    sheet.field("Message", value.status.message)
    sheet.line("Source:")
    if spec.csi is not None:
        sheet.field("Type", "CSI (a Container Storage Interface (CSI) volume source)", 2)
        sheet.field("Driver", spec.csi.driver, 2)
        sheet.field("FSType", spec.csi.fsType, 2)
        sheet.field("VolumeHandle", spec.csi.volumeHandle, 2)
        sheet.field("ReadOnly", str(spec.csi.readOnly).lower(), 2)
        write_attributes(sheet, spec.csi)
    elif not write_source(sheet, spec):
        sheet.line("<unknown>", 1)


def write_claim(sheet: Sheet, value: PersistentVolumeClaim, related: Related) -> None:
    """Everything about a PersistentVolumeClaim but its events."""
    meta, spec, bound = value.metadata, value.spec, bool(value.spec.volumeName)
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("StorageClass", storage_class(value))
    sheet.field("Status", _status(meta, value.status.phase, related))
    sheet.field("Volume", spec.volumeName)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Finalizers", _listed(meta.finalizers))
    sheet.field("Capacity", value.status.capacity.get("storage", "0") if bound else "")
    sheet.field("Access Modes", access_modes(value.status.accessModes) if bound else "")
    if spec.volumeMode:
        sheet.field("VolumeMode", spec.volumeMode)
    if spec.dataSource is not None:
        sheet.line("DataSource:")
        if spec.dataSource.apiGroup:
            sheet.field("APIGroup", spec.dataSource.apiGroup, 1)
        sheet.field("Kind", spec.dataSource.kind, 1)
        sheet.field("Name", spec.dataSource.name, 1)
    sheet.entries("Used By", sorted(pod.metadata.name for pod in related.pods))
    _write_conditions(sheet, value)


def write_claim_templates(sheet: Sheet, templates: Sequence[PersistentVolumeClaim]) -> None:
    """The claims a StatefulSet makes for each of its pods."""
    sheet.line("Volume Claims:" if templates else "Volume Claims:\t<none>")
    for template in templates:
        sheet.field("Name", template.metadata.name, 1)
        sheet.field("StorageClass", storage_class(template), 1)
        sheet.labels(template.metadata.labels, "  Labels")
        sheet.labels(template.metadata.annotations, "  Annotations")
        sheet.field("Capacity", template.spec.resources.requests.get("storage", "<default>"), 1)
        sheet.field("Access Modes", _listed(template.spec.accessModes), 1)


def _write_conditions(sheet: Sheet, value: PersistentVolumeClaim) -> None:
    if value.status.conditions:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage", 1)
        sheet.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for item in value.status.conditions:
        times = f"{date(item.lastProbeTime)} \t{date(item.lastTransitionTime)}"
        sheet.line(f"{item.type} \t{item.status} \t{times} \t{item.reason} \t{item.message}", 1)


def _status(meta: ObjectMeta, phase: str, related: Related) -> str:
    return f"Terminating (lasts {related.now.since(meta.deletionTimestamp)})" if meta.deletionTimestamp else phase


def _listed(words: Iterable[str]) -> str:
    """Words as Go prints a slice of them: `[a b]`."""
    return f"[{' '.join(words)}]"


def _write_affinity(sheet: Sheet, affinity: VolumeNodeAffinity | None) -> None:
    if affinity is None or affinity.required is None:
        sheet.field("Node Affinity", "<none>")
        return
    sheet.field("Node Affinity", "")
    terms = affinity.required.nodeSelectorTerms
    sheet.field("Required Terms", "" if terms else "<none>", 1)
    for index, term in enumerate(terms):
        _write_term(sheet, index, _node_terms(term), 2)


def _node_terms(term: NodeSelectorTerm) -> list[str]:
    return [_expression(item.key, item.operator.lower(), item.values) for item in term.matchExpressions]


def _topology_terms(term: TopologySelectorTerm) -> list[str]:
    return [_expression(item.key, "in", item.values) for item in term.matchLabelExpressions]


def _expression(key: str, operator: str, values: Sequence[str]) -> str:
    return f"{key} {operator} [{', '.join(values)}]" if values else f"{key} {operator}"


def _write_term(sheet: Sheet, index: int, expressions: Sequence[str], level: int) -> None:
    first, *rest = expressions or ["<none>"]
    sheet.field(f"Term {index}", first, level)
    for expression in rest:
        sheet.line(f"\t{expression}", level)


def write_storage_class(sheet: Sheet, value: StorageClass, _related: Related) -> None:
    """Everything about a StorageClass but its events."""
    expandable = value.allowVolumeExpansion
    sheet.field("Name", value.metadata.name)
    sheet.field("IsDefaultClass", "Yes" if is_default(value) else "No")
    sheet.field("Annotations", label_text(value.metadata.annotations))
    sheet.field("Provisioner", value.provisioner)
    sheet.field("Parameters", label_text(value.parameters))
    sheet.field("AllowVolumeExpansion", "<unset>" if expandable is None else expandable)
    sheet.line("MountOptions:" if value.mountOptions else "MountOptions:\t<none>")
    for option in value.mountOptions:
        sheet.line(option, 1)
    if value.reclaimPolicy:
        sheet.field("ReclaimPolicy", value.reclaimPolicy)
    if value.volumeBindingMode:
        sheet.field("VolumeBindingMode", value.volumeBindingMode)
    if value.allowedTopologies:
        sheet.field("AllowedTopologies", "")
    for index, term in enumerate(value.allowedTopologies):
        _write_term(sheet, index, _topology_terms(term), 1)


def write_attributes_class(sheet: Sheet, value: VolumeAttributesClass, _related: Related) -> None:
    """Everything about a VolumeAttributesClass but its events."""
    sheet.field("Name", value.metadata.name)
    sheet.field("Annotations", label_text(value.metadata.annotations))
    sheet.field("DriverName", value.driverName)
    sheet.field("Parameters", label_text(value.parameters))


def write_csi_node(sheet: Sheet, value: CSINode, _related: Related) -> None:
    """Everything about a CSINode but its events."""
    meta = value.metadata
    sheet.field("Name", meta.name)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("CreationTimestamp", date(meta.creationTimestamp))
    sheet.line("Spec:")
    if value.spec.drivers:
        sheet.line("Drivers:", 1)
    for driver in value.spec.drivers:
        sheet.line(f"{driver.name}:", 2)
        sheet.field("Node ID", driver.nodeID, 3)
        if driver.allocatable is not None and driver.allocatable.count is not None:
            sheet.line("Allocatables:", 3)
            sheet.field("Count", driver.allocatable.count, 4)
        if driver.topologyKeys:
            sheet.field("Topology Keys", _listed(driver.topologyKeys), 3)
