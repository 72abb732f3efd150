"""A node as its kubelet registers and reports it: labels, addresses, conditions, system information, Lease.

On the data's way what a kubelet says about itself before it runs any pod. Mirrors
pkg/kubelet/nodestatus and the node Lease controller. Invariant: everything follows from the node's
name, its number and the virtual time.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from msgspec.structs import replace

from cluster import ids
from cluster.api.cluster import CAPACITY
from cluster.api.coordination import Lease, LeaseSpec
from cluster.api.core import (
    DaemonEndpoint,
    Node,
    NodeAddress,
    NodeCondition,
    NodeDaemonEndpoints,
    NodeStatus,
    NodeSystemInfo,
)
from cluster.api.meta import ObjectMeta, OwnerReference

VERSION = "v1.36.2"
LEASE_NAMESPACE = "kube-node-lease"
LEASE_SECONDS = 40
BEAT = 10_000
FIRST_ADDRESS = int(IPv4Address("172.18.0.3"))  # after the gateway and the control plane
NO_AGENT = "false"
HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
STARTED_EVENTS = (
    ("Starting", "Starting kubelet."),
    ("NodeHasSufficientMemory", "Node {name} status is now: NodeHasSufficientMemory"),
    ("NodeHasNoDiskPressure", "Node {name} status is now: NodeHasNoDiskPressure"),
    ("NodeHasSufficientPID", "Node {name} status is now: NodeHasSufficientPID"),
    ("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods"),
    ("NodeReady", "Node {name} status is now: NodeReady"),
)


def labels(name: str) -> Mapping[str, str]:
    """The labels that every kubelet gives its node."""
    return {
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
    }  # fmt: skip


def registered(node: Node, cidr: str) -> Node:
    """The node's metadata and spec with what its kubelet and the node controllers add to them."""
    meta = node.metadata
    return replace(
        node,
        metadata=replace(
            meta,
            labels={**labels(meta.name), **meta.labels},
            annotations={"node.alpha.kubernetes.io/ttl": "0", **meta.annotations},
        ),
        spec=replace(node.spec, podCIDR=cidr, podCIDRs=(cidr,) if cidr else ()),
    )


def reported(node: Node, address: str, seed: int, timestamp: str) -> NodeStatus:
    """The status of a healthy node, reported at `timestamp`; resources not given are `CAPACITY`'s."""
    old, name = node.status, node.metadata.name
    capacity = old.capacity or CAPACITY
    return replace(
        old,
        addresses=(NodeAddress(type="InternalIP", address=address), NodeAddress(type="Hostname", address=name)),
        capacity=capacity,
        allocatable=old.allocatable or capacity,
        conditions=conditions(old.conditions, timestamp),
        daemonEndpoints=NodeDaemonEndpoints(kubeletEndpoint=DaemonEndpoint(Port=10250)),
        nodeInfo=_system(name, seed),
    )


def conditions(old: tuple[NodeCondition, ...], timestamp: str) -> tuple[NodeCondition, ...]:
    """The conditions of a healthy node; a transition time changes only with its status."""
    known = {one.type: one for one in old}
    made = []
    for kind, status, reason, message in HEALTHY:
        before = known.pop(kind, None)
        since = timestamp if before is None or before.status != status else before.lastTransitionTime
        made.append(
            NodeCondition(
                type=kind, status=status, reason=reason, message=message, lastHeartbeatTime=timestamp,
                lastTransitionTime=since,
            )
        )  # fmt: skip
    return (*known.values(), *made)


def not_ready(
    conditions: tuple[NodeCondition, ...], reason: str, message: str, timestamp: str
) -> tuple[NodeCondition, ...]:
    """The conditions of a node that is not ready any more."""
    told = NodeCondition(
        type="Ready",
        status="False",
        reason=reason,
        message=message,
        lastHeartbeatTime=timestamp,
        lastTransitionTime=timestamp,
    )
    return tuple(told if one.type == "Ready" else one for one in conditions)


def ready_condition(node: Node) -> NodeCondition | None:
    """The node's Ready condition, if it was ever reported."""
    return next((one for one in node.status.conditions if one.type == "Ready"), None)


def is_ready(node: Node) -> bool:
    """Whether the node is reported Ready."""
    found = ready_condition(node)
    return found is not None and found.status == "True"


def internal_ip(number: int) -> str:
    """The address of the cluster's node of this number, counted from 0."""
    return str(IPv4Address(FIRST_ADDRESS + number))


def lease(node: Node) -> Lease:
    """The Lease of a node whose kubelet beats: its renew time is always now, so none is stored."""
    meta = node.metadata
    owner = OwnerReference(apiVersion="v1", kind="Node", name=meta.name, uid=meta.uid)
    return Lease(
        metadata=ObjectMeta(name=meta.name, namespace=LEASE_NAMESPACE, ownerReferences=(owner,)),
        spec=LeaseSpec(holderIdentity=meta.name, leaseDurationSeconds=LEASE_SECONDS),
    )


def last_beat(started: int, now: int) -> int:
    """When a kubelet that has beaten since `started` did so last (ms)."""
    return now - (now - started) % BEAT


def _system(name: str, seed: int) -> NodeSystemInfo:
    return NodeSystemInfo(
        architecture="amd64", operatingSystem="linux", kernelVersion="6.12.0-ktui", osImage="ktui simulated node",
        containerRuntimeVersion="containerd://2.1.4", kubeletVersion=VERSION,
        machineID=f"{ids.number(seed, 'machine', name):016x}{ids.number(seed, 'machine id', name):016x}",
        bootID=_uuid(seed, "boot", name), systemUUID=_uuid(seed, "system", name),
    )  # fmt: skip


def _uuid(seed: int, what: str, name: str) -> str:
    return ids.uid(seed, ids.number(seed, what, name))
