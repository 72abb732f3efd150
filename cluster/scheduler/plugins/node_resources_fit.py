"""NodeResourcesFit: a pod goes only where all it requests is free, and best where most stays free.

A filter and a score (LeastAllocated, cpu and memory alike) on what runs on the node. Invariant: no
node is given more than its allocatable.
"""

from cluster.scheduler.framework import MAX_SCORE, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

NAME = "NodeResourcesFit"
TOO_MANY_PODS = "Too many pods"


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a node that lacks something, naming everything it lacks."""
    asks, (cpu, memory, _, pods) = pod.asks, node.allocatable
    if (
        pod.simple
        and node.pods < pods
        and (not asks.cpu or asks.cpu <= cpu - node.cpu)
        and (not asks.memory or asks.memory <= memory - node.memory)
    ):
        return None
    return _rejection(pod, node)


def _rejection(pod: PodInfo, node: NodeInfo) -> Rejection | None:
    asks, (cpu, memory, storage, pods) = pod.asks, node.allocatable
    needs = [
        ("cpu", asks.cpu, cpu, node.cpu),
        ("memory", asks.memory, memory, node.memory),
        ("ephemeral-storage", asks.storage, storage, node.storage),
        *((name, asked, node.other_allocatable.get(name, 0), node.others.get(name, 0)) for name, asked in asks.others),
    ]
    lacking = [(name, asked > has) for name, asked, has, taken in needs if asked and asked > has - taken]
    reasons = [f"Insufficient {name}" for name, _ in lacking]
    if node.pods >= pods:
        reasons.insert(0, TOO_MANY_PODS)
    if not reasons:
        return None
    return Rejection(NAME, tuple(reasons), resolvable=not any(never for _, never in lacking))


def score(pod: PodInfo, node: NodeInfo) -> int:
    """The share of cpu and memory that would stay free, 0 to 100."""
    asks, (cpu, memory, _, _) = pod.asks, node.allocatable
    total = parts = 0
    if cpu:
        parts += 1
        total += max(cpu - node.non_zero_cpu - asks.non_zero_cpu, 0) * MAX_SCORE // cpu
    if memory:
        parts += 1
        total += max(memory - node.non_zero_memory - asks.non_zero_memory, 0) * MAX_SCORE // memory
    return total // parts if parts else 0
