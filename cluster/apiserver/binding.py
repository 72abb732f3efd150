"""What binding makes of a pod: its node, the condition that says so, the node's topology labels.

Mirrors the binding subresource of the pod registry. Invariant: a pod is bound once.
"""

from msgspec.structs import replace

from cluster.admission.plugins.topology import with_topology
from cluster.api.core import Node, Pod, PodCondition
from cluster.api.errors import Conflict


def bound(pod: Pod, node: str, target: Node | None, timestamp: str) -> Pod:
    """The pod as it is once assigned to `node`; Conflict if it is assigned or being deleted."""
    meta = pod.metadata
    if meta.deletionTimestamp:
        raise Conflict.of("pods/binding", meta.name, f"pod {meta.name} is being deleted, cannot be assigned to a host")
    if pod.spec.nodeName:
        raise Conflict.of(
            "pods/binding", meta.name, f'pod {meta.name} is already assigned to node "{pod.spec.nodeName}"'
        )
    scheduled = PodCondition(
        type="PodScheduled", status="True", lastTransitionTime=timestamp, observedGeneration=meta.generation
    )
    others = tuple(condition for condition in pod.status.conditions if condition.type != "PodScheduled")
    labels = with_topology(meta.labels, target.metadata.labels) if target is not None else meta.labels
    return replace(
        pod,
        metadata=meta if labels is meta.labels else replace(meta, labels=labels),
        spec=replace(pod.spec, nodeName=node),
        status=replace(pod.status, conditions=(*others, scheduled)),
    )
