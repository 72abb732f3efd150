"""Whether a node has what a pod asks of it: the scheduler's filters, read anew and without its caches.

Asked of every binding, and of every pod that is still waiting when the cluster is at rest.
"""

from collections.abc import Iterator

from cluster.api import kinds, labels, quantity
from cluster.api.core import Node, Pod, PodAffinityTerm, Taint
from tests.properties.simulation.state import State

HOST = "kubernetes.io/hostname"
UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")


def lacks(pod: Pod, node: Node, state: State) -> Iterator[str]:
    """What a node lacks whoever looks: the state has the pod on it already."""
    if not _usable(pod, node):
        yield f"{node.metadata.name} is none that it may have"
    yield from _room(pod, node, state)
    yield from _neighbours(pod, node, state)


def refuses(pod: Pod, node: Node) -> Iterator[str]:
    """What keeps the pod away for now, which one whose view is old may not know yet."""
    if node.spec.unschedulable and not _tolerates(pod, UNSCHEDULABLE):
        yield f"{node.metadata.name} is cordoned"
    yield from _taints(pod, node)


def place(pod: Pod) -> str:
    """The node that a DaemonSet's pod is for, or on; empty for one that was adopted while it waits."""
    return target(pod) or pod.spec.nodeName


def target(pod: Pod) -> str:
    """The node that a DaemonSet's pod is for, by its affinity; empty for other pods."""
    affinity = pod.spec.affinity
    wanted = affinity.nodeAffinity if affinity is not None else None
    required = wanted.requiredDuringSchedulingIgnoredDuringExecution if wanted is not None else None
    for term in required.nodeSelectorTerms if required is not None else ():
        for field in term.matchFields:
            return field.values[0]
    return ""


def _room(pod: Pod, node: Node, state: State) -> Iterator[str]:
    there = state.pods_on(node.metadata.name)
    for resource in ("cpu", "memory"):
        asked = sum(_requests(each, resource) for each in there)
        if asked > quantity.milli(node.status.allocatable[resource]) and _requests(pod, resource):
            yield f"{node.metadata.name} is asked for {asked}m {resource}"
    if len(there) > quantity.value(node.status.allocatable["pods"]):
        yield f"{node.metadata.name} has {len(there)} pods"
    taken = [port for each in there if each is not pod for port in _host_ports(each)]
    if set(taken) & set(_host_ports(pod)):
        yield f"a port of {node.metadata.name} is taken"


def _requests(pod: Pod, resource: str) -> int:
    amounts = [one.resources.requests.get(resource) for one in pod.spec.containers if one.resources.requests]
    return sum(quantity.milli(amount) for amount in amounts if amount is not None)


def _host_ports(pod: Pod) -> list[int]:
    return [port.hostPort for one in pod.spec.containers for port in one.ports if port.hostPort]


def _taints(pod: Pod, node: Node) -> Iterator[str]:
    for taint in node.spec.taints:
        if taint.effect == "PreferNoSchedule":
            continue
        if not _tolerates(pod, taint):
            yield f"it does not tolerate {taint.key} of {node.metadata.name}"


def _tolerates(pod: Pod, taint: Taint) -> bool:
    return any(
        (not each.key or each.key == taint.key) and each.effect in ("", taint.effect)
        and (each.operator == "Exists" or each.value == taint.value)
        for each in pod.spec.tolerations
    )  # fmt: skip


def _neighbours(pod: Pod, node: Node, state: State) -> Iterator[str]:
    """Required anti-affinity holds, both the pod's own and that of those that are there."""
    for other in state.of(kinds.PODS).values():
        where = state.node(other.spec.nodeName) if other is not pod and other.spec.nodeName else None
        if where is None or other.status.phase in ("Succeeded", "Failed"):
            continue
        for mine, yours in ((pod, other), (other, pod)):
            for term in _anti_affinity(mine):
                if _excludes(term, mine, yours) and _same(term.topologyKey, node, where):
                    yield f"it is kept apart from {other.metadata.name} by {term.topologyKey}"


def _anti_affinity(pod: Pod) -> tuple[PodAffinityTerm, ...]:
    affinity = pod.spec.affinity
    apart = affinity.podAntiAffinity if affinity is not None else None
    return apart.requiredDuringSchedulingIgnoredDuringExecution if apart is not None else ()


def _excludes(term: PodAffinityTerm, mine: Pod, yours: Pod) -> bool:
    same = mine.metadata.namespace == yours.metadata.namespace
    return same and labels.from_label_selector(term.labelSelector).matches(yours.metadata.labels)


def _same(topology: str, left: Node, right: Node) -> bool:
    here = left.metadata.labels.get(topology)
    return here is not None and here == right.metadata.labels.get(topology)


def crowds(pod: Pod, node: Node, state: State) -> Iterator[str]:
    """A hard constraint over hosts: the pod's host has at most `maxSkew` more than the emptiest that it may use."""
    for constraint in pod.spec.topologySpreadConstraints:
        if constraint.whenUnsatisfiable != "DoNotSchedule" or constraint.topologyKey != HOST:
            continue
        wanted = labels.from_label_selector(constraint.labelSelector)
        counts = [
            sum(
                each.metadata.namespace == pod.metadata.namespace and not each.metadata.deletionTimestamp
                and wanted.matches(each.metadata.labels)
                for each in state.pods_on(name)
            )
            for name in (node.metadata.name, *_domains(pod, state))
        ]  # fmt: skip
        if counts[0] - min(counts) > constraint.maxSkew:
            yield f"{node.metadata.name} has {counts[0]} of its like, another {min(counts)}"


def _domains(pod: Pod, state: State) -> list[str]:
    """The nodes that count for a pod's spread over hosts; one that no kubelet has registered yet is no host."""
    return [name for name, node in state.of(kinds.NODES).items() if HOST in node.metadata.labels and _usable(pod, node)]


def _usable(pod: Pod, node: Node) -> bool:
    """Whether the pod's own choice of nodes takes this one in, which is whether the node counts for its spread."""
    chosen = all(node.metadata.labels.get(key) == value for key, value in pod.spec.nodeSelector.items())
    return chosen and target(pod) in ("", node.metadata.name)
