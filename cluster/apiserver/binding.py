"""What binding makes of a pod: its node, the condition that says so, the node's topology labels.

Mirrors the binding subresource of the pod registry and the PodTopologyLabels admission plugin.
Invariant: a pod is bound once.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api.core import Node, Pod, PodCondition
from cluster.api.errors import Conflict

TOPOLOGY = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
_MEMO_SIZE = 4096
_labelled: dict[tuple[int, int], tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {}


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


def with_topology(labels: Mapping[str, str], node_labels: Mapping[str, str]) -> Mapping[str, str]:
    """A pod's labels with its node's zone and region; one shared mapping for pods of one template."""
    known = _labelled.get((id(labels), id(node_labels)))
    if known is not None and known[0] is labels and known[1] is node_labels:
        return known[2]
    added = {key: node_labels[key] for key in TOPOLOGY if key in node_labels}
    merged = {**labels, **added} if added else labels
    if len(_labelled) >= _MEMO_SIZE:
        _labelled.clear()
    _labelled[id(labels), id(node_labels)] = (labels, node_labels, merged)
    return merged
