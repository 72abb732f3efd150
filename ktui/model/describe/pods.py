"""Pods and pod templates in full.

Invariant: what is told of a template is told of its pods in the same words.
"""

from cluster.api.core import Pod, PodTemplateSpec
from cluster.api.meta import ObjectMeta
from ktui.model.describe.containers import write_containers, write_resources
from ktui.model.describe.placement import write_group, write_spreading, write_tolerations
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date
from ktui.model.describe.volumes import write_volumes


def write_pod(sheet: Sheet, pod: Pod, related: Related) -> None:
    """Everything about a pod but its events."""
    spec, status = pod.spec, pod.status
    _write_origin(sheet, pod)
    _write_phase(sheet, pod, related)
    _write_addresses(sheet, pod)
    if spec.resources is not None:
        sheet.line("Resources:")
        write_resources(sheet, spec.resources, 1)
    if spec.initContainers:
        write_containers(sheet, "Init Containers", spec.initContainers, status.initContainerStatuses, pod)
    write_containers(sheet, "Containers", spec.containers, status.containerStatuses, pod)
    if spec.ephemeralContainers:
        statuses = status.ephemeralContainerStatuses
        write_containers(sheet, "Ephemeral Containers", spec.ephemeralContainers, statuses, pod)
    _write_conditions(sheet, pod)
    write_volumes(sheet, spec.volumes)
    sheet.field("QoS Class", status.qosClass)
    sheet.labels(spec.nodeSelector, "Node-Selectors")
    write_tolerations(sheet, spec)
    write_spreading(sheet, spec)
    write_group(sheet, spec)


def controller_text(meta: ObjectMeta) -> str:
    """The object's controller as `ReplicaSet/web-5d`, or an empty text."""
    return next((f"{owner.kind}/{owner.name}" for owner in meta.ownerReferences if owner.controller), "")


def write_template(sheet: Sheet, template: PodTemplateSpec | None) -> None:
    """The Pod Template section."""
    sheet.line("Pod Template:")
    if template is None:
        sheet.line("<unset>", 1)
        return
    meta, spec = template.metadata, template.spec
    sheet.labels(meta.labels, "  Labels")
    if meta.annotations:
        sheet.annotations(meta.annotations, "  Annotations")
    if spec.serviceAccountName:
        sheet.field("Service Account", spec.serviceAccountName, 1)
    if spec.initContainers:
        write_containers(sheet, "Init Containers", spec.initContainers, indent="  ")
    write_containers(sheet, "Containers", spec.containers, indent="  ")
    write_volumes(sheet, spec.volumes, indent="  ")
    write_spreading(sheet, spec, indent="  ")
    if spec.priorityClassName:
        sheet.field("Priority Class Name", spec.priorityClassName, 1)
    sheet.labels(spec.nodeSelector, "  Node-Selectors")
    write_tolerations(sheet, spec, indent="  ")
    write_group(sheet, spec, indent="  ")


def _write_origin(sheet: Sheet, pod: Pod) -> None:
    meta, spec = pod.metadata, pod.spec
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    if spec.priority is not None:
        sheet.field("Priority", spec.priority)
    if spec.priorityClassName:
        sheet.field("Priority Class Name", spec.priorityClassName)
    if spec.runtimeClassName:
        sheet.field("Runtime Class Name", spec.runtimeClassName)
    if spec.serviceAccountName:
        sheet.field("Service Account", spec.serviceAccountName)
    sheet.field("Node", f"{spec.nodeName}/{pod.status.hostIP}" if spec.nodeName else "<none>")
    if pod.status.startTime:
        sheet.field("Start Time", date(pod.status.startTime))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)


def _write_phase(sheet: Sheet, pod: Pod, related: Related) -> None:
    meta, status = pod.metadata, pod.status
    if meta.deletionTimestamp and status.phase not in {"Failed", "Succeeded"}:
        sheet.field("Status", f"Terminating (lasts {related.now.since(meta.deletionTimestamp)})")
        sheet.field("Termination Grace Period", f"{meta.deletionGracePeriodSeconds or 0}s")
    else:
        sheet.field("Status", status.phase)
    if status.reason:
        sheet.field("Reason", status.reason)
    if status.message:
        sheet.field("Message", status.message)
    profile = pod.spec.securityContext.seccompProfile if pod.spec.securityContext else None
    if profile is not None:
        sheet.field("SeccompProfile", profile.type)
        if profile.type == "Localhost":
            sheet.field("LocalhostProfile", profile.localhostProfile)


def _write_addresses(sheet: Sheet, pod: Pod) -> None:
    status = pod.status
    sheet.field("IP", status.podIP)
    sheet.line("IPs:" if status.podIPs else "IPs:\t<none>")
    for address in status.podIPs:
        sheet.field("IP", address.ip, 1)
    if controller := controller_text(pod.metadata):
        sheet.field("Controlled By", controller)
    if status.nominatedNodeName:
        sheet.field("NominatedNodeName", status.nominatedNodeName)


def _write_conditions(sheet: Sheet, pod: Pod) -> None:
    conditions = pod.status.conditions
    if pod.spec.readinessGates:
        sheet.line("Readiness Gates:")
        sheet.line("Type\tStatus", 1)
    for gate in pod.spec.readinessGates:
        found = next((item.status for item in conditions if item.type == gate.conditionType), "<none>")
        sheet.line(f"{gate.conditionType} \t{found} ", 1)
    if conditions:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus", 1)
    for item in conditions:
        sheet.line(f"{item.type} \t{item.status} ", 1)
