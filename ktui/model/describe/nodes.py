"""Nodes: their state and what is left of them.

Invariant: the sums at the end are those of the pods listed above them.
"""

from cluster.api import pod_requests, quantity
from cluster.api.core import Node
from cluster.api.pod_requests import Amounts
from cluster.printers.nodes import roles
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date

_SUMMED = ("cpu", "memory", "ephemeral-storage")


def write_node(sheet: Sheet, node: Node, related: Related) -> None:
    """Everything about a Node but its events."""
    meta, spec = node.metadata, node.spec
    sheet.field("Name", meta.name)
    sheet.field("Roles", ",".join(roles(node)) or "<none>")
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("CreationTimestamp", date(meta.creationTimestamp))
    taints = sorted(spec.taints, key=lambda taint: f"{taint.effect},{taint.key}")
    sheet.entries(
        "Taints", (f"{taint.key}{'=' if taint.value else ''}{taint.value}:{taint.effect}" for taint in taints)
    )
    sheet.field("Unschedulable", "true" if spec.unschedulable else "false")
    _write_lease(sheet, node, related)
    _write_status(sheet, node)
    _write_system(sheet, node)
    _write_pods(sheet, node, related)
    _write_allocated(sheet, node, related)


def _write_lease(sheet: Sheet, node: Node, related: Related) -> None:
    if related.lease is None:
        sheet.field("Lease", f'Failed to get lease: leases.coordination.k8s.io "{node.metadata.name}" not found')
        return
    spec = related.lease.spec
    sheet.line("Lease:")
    sheet.field("HolderIdentity", "<unset>" if spec.holderIdentity is None else spec.holderIdentity, 1)
    sheet.field("AcquireTime", date(spec.acquireTime) if spec.acquireTime else "<unset>", 1)
    sheet.field("RenewTime", date(spec.renewTime) if spec.renewTime else "<unset>", 1)


def _write_status(sheet: Sheet, node: Node) -> None:
    status = node.status
    if status.conditions:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage", 1)
        sheet.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for item in status.conditions:
        times = f"{date(item.lastHeartbeatTime)} \t{date(item.lastTransitionTime)}"
        sheet.line(f"{item.type} \t{item.status} \t{times} \t{item.reason} \t{item.message}", 1)
    sheet.line("Addresses:")
    for address in status.addresses:
        sheet.field(address.type, address.address, 1)
    for title, amounts in (("Capacity", status.capacity), ("Allocatable", status.allocatable)):
        if amounts:
            sheet.line(f"{title}:")
        for name in sorted(amounts):
            sheet.field(name, amounts[name], 1)


def _write_system(sheet: Sheet, node: Node) -> None:
    info, spec = node.status.nodeInfo, node.spec
    sheet.line("System Info:")
    for name, text in (
        ("Machine ID", info.machineID), ("System UUID", info.systemUUID), ("Boot ID", info.bootID),
        ("Kernel Version", info.kernelVersion), ("OS Image", info.osImage), ("Operating System", info.operatingSystem),
        ("Architecture", info.architecture), ("Container Runtime Version", info.containerRuntimeVersion),
        ("Kubelet Version", info.kubeletVersion),
    ):  # fmt: skip
        sheet.field(name, text, 1)
    for name, text in (
        ("PodCIDR", spec.podCIDR),
        ("PodCIDRs", ",".join(spec.podCIDRs)),
        ("ProviderID", spec.providerID),
    ):
        if text:
            sheet.field(name, text)


def _write_pods(sheet: Sheet, node: Node, related: Related) -> None:
    sheet.field("Non-terminated Pods", f"({len(related.pods)} in total)")
    sheet.line("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge", 1)
    sheet.line("---------\t----\t\t------------\t----------\t---------------\t-------------\t---", 1)
    for pod in related.pods:
        requests, limits = pod_requests.effective_requests(pod), pod_requests.effective_limits(pod)
        shares = [_share(amounts, name, node) for name in ("cpu", "memory") for amounts in (requests, limits)]
        age = related.now.since(pod.metadata.creationTimestamp)
        sheet.line("\t".join([pod.metadata.namespace, pod.metadata.name, "", *shares, age]), 1)


def _write_allocated(sheet: Sheet, node: Node, related: Related) -> None:
    sheet.line("Allocated resources:")
    sheet.line("(Total limits may be over 100 percent, i.e., overcommitted.)", 1)
    sheet.line("Resource\tRequests\tLimits", 1)
    sheet.line("--------\t--------\t------", 1)
    requests = pod_requests.total(pod_requests.requests(pod.spec) for pod in related.pods)
    limits = pod_requests.total(pod_requests.limits(pod.spec) for pod in related.pods)
    known = _allocatable(node)
    for name in (*_SUMMED, *sorted(name for name in known if name.startswith("hugepages-"))):
        sheet.line(f"{name}\t{_share(requests, name, node)}\t{_share(limits, name, node)}", 1)
    for name in sorted(known):
        if name not in {*_SUMMED, "pods"} and not name.startswith("hugepages-"):
            sheet.line(f"{name}\t{requests.get(name, '0')}\t{limits.get(name, '0')}", 1)


def _allocatable(node: Node) -> Amounts:
    return node.status.allocatable or node.status.capacity


def _share(amounts: Amounts, name: str, node: Node) -> str:
    """An amount, and how many percent of the node it is: `250m (25%)`."""
    amount, measure = amounts.get(name, "0"), quantity.milli if name == "cpu" else quantity.value
    whole = measure(_allocatable(node).get(name, "0"))
    return f"{amount} ({int(measure(amount) / whole * 100) if whole else 0}%)"
