"""What binding makes of a pod: its node, the condition that says so, the node's topology labels.

Mirrors the binding subresource of the pod registry. Invariant: a pod is bound once.
"""

from msgspec.structs import replace

from cluster.admission.plugins.topology import with_topology
from cluster.admission.sharing import IdentityMemo
from cluster.api.core import Node, Pod, PodCondition, PodStatus
from cluster.api.errors import Conflict

_SCHEDULED: IdentityMemo[PodStatus] = IdentityMemo()


def bound(pod: Pod, node: str, target: Node | None, timestamp: str) -> Pod:
    """The pod as it is once assigned to `node`; Conflict if it is assigned or being deleted."""
    meta = pod.metadata
    if meta.deletionTimestamp:
        raise Conflict.of("pods/binding", meta.name, f"pod {meta.name} is being deleted, cannot be assigned to a host")
    if pod.spec.nodeName:
        raise Conflict.of(
            "pods/binding", meta.name, f'pod {meta.name} is already assigned to node "{pod.spec.nodeName}"'
        )
    labels = with_topology(meta.labels, target.metadata.labels) if target is not None else meta.labels
    return replace(
        pod,
        metadata=meta if labels is meta.labels else replace(meta, labels=labels),
        spec=replace(pod.spec, nodeName=node),
        status=_scheduled(pod.status, timestamp, meta.generation),
    )


def _scheduled(status: PodStatus, timestamp: str, generation: int) -> PodStatus:
    """The status with the condition; pods bound in one second share it, as they shared the one before."""
    known = _SCHEDULED.get(status, (timestamp, generation))
    if known is not None:
        return known
    scheduled = PodCondition(
        type="PodScheduled", status="True", lastTransitionTime=timestamp, observedGeneration=generation
    )
    others = tuple(condition for condition in status.conditions if condition.type != "PodScheduled")
    return _SCHEDULED.put(status, replace(status, conditions=(*others, scheduled)), (timestamp, generation))
