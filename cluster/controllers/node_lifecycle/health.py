"""A node's health as values: when it was heard of last, its conditions when it is silent, its taints.

Pure functions behind the controller. Mirrors tryUpdateNodeHealth and the tables of
pkg/controller/nodelifecycle. Invariant: what a node should look like follows from the node, its
Lease and the time.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api.coordination import Lease
from cluster.api.core import Node, NodeCondition, Taint
from cluster.clock import Clock

PERIOD = 5_000
"""How often nodes are looked at (--node-monitor-period), ms."""
GRACE = 40_000
"""How long a node may be silent (--node-monitor-grace-period), ms."""
STARTUP_GRACE = 60_000
"""How long a node that has never reported may be silent (--node-startup-grace-period), ms."""

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
REPORTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
CONDITION_TAINTS: Mapping[tuple[str, str], str] = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
OURS = frozenset(CONDITION_TAINTS.values()) | {UNSCHEDULABLE}
EVICTING: Mapping[str, str] = {"False": NOT_READY, "Unknown": UNREACHABLE}
"""The NoExecute taint for a Ready condition's status."""


def ready_condition(node: Node) -> NodeCondition | None:
    """The node's Ready condition, if it has one."""
    return next((condition for condition in node.status.conditions if condition.type == "Ready"), None)


def ready_status(node: Node) -> str:
    """The Ready condition's status, "Unknown" if there is none."""
    condition = ready_condition(node)
    return "Unknown" if condition is None else condition.status


def last_beat(node: Node, lease: Lease | None, clock: Clock) -> int | None:
    """When the node was heard of last (ms), None if it beats now: its Lease then has no renew time."""
    if lease is not None and not lease.spec.renewTime:
        return None
    ready = ready_condition(node)
    times = [node.metadata.creationTimestamp] if lease is None else [lease.spec.renewTime]
    if ready is not None and ready.lastHeartbeatTime:
        times.append(ready.lastHeartbeatTime)
    return max(clock.milliseconds(time) for time in times)


def deadline(node: Node, beat: int) -> int:
    """Until when (ms) a node last heard of at `beat` counts as healthy."""
    return beat + (STARTUP_GRACE if ready_condition(node) is None else GRACE)


def silent(node: Node, timestamp: str) -> Node:
    """The node with every condition that its kubelet reports Unknown."""
    conditions = {condition.type: condition for condition in node.status.conditions}
    for name in REPORTED:
        found = conditions.get(name)
        if found is None:
            conditions[name] = NodeCondition(
                type=name, status="Unknown", reason="NodeStatusNeverUpdated",
                message="Kubelet never posted node status.", lastHeartbeatTime=node.metadata.creationTimestamp,
                lastTransitionTime=timestamp,
            )  # fmt: skip
        elif found.status != "Unknown":
            conditions[name] = replace(
                found, status="Unknown", reason="NodeStatusUnknown",
                message="Kubelet stopped posting node status.", lastTransitionTime=timestamp,
            )  # fmt: skip
    return replace(node, status=replace(node.status, conditions=tuple(conditions.values())))


def scheduling_keys(node: Node) -> list[str]:
    """The keys of the NoSchedule taints that the node's conditions and spec call for."""
    found = ((condition.type, condition.status) for condition in node.status.conditions)
    keys = [CONDITION_TAINTS[pair] for pair in found if pair in CONDITION_TAINTS]
    return [*keys, UNSCHEDULABLE] if node.spec.unschedulable else keys


def scheduling_taints_right(node: Node) -> bool:
    """Whether the node has just the NoSchedule taints it should have."""
    present = {taint.key for taint in node.spec.taints if taint.effect == "NoSchedule" and taint.key in OURS}
    return present == set(scheduling_keys(node))


def with_taints(node: Node, effect: str, wanted: list[str], timestamp: str) -> Node:
    """The node with the taints of an effect that this controller sets being those `wanted`."""
    mine = OURS if effect == "NoSchedule" else frozenset(EVICTING.values())
    kept = [
        taint for taint in node.spec.taints if taint.effect != effect or taint.key not in mine or taint.key in wanted
    ]
    present = {taint.key for taint in kept if taint.effect == effect}
    added = [Taint(key=key, effect=effect, timeAdded=timestamp) for key in wanted if key not in present]
    return replace(node, spec=replace(node.spec, taints=(*kept, *added)))


def evicting_keys(node: Node) -> list[str]:
    """The keys of this controller's NoExecute taints that the node has."""
    mine = frozenset(EVICTING.values())
    return [taint.key for taint in node.spec.taints if taint.effect == "NoExecute" and taint.key in mine]
