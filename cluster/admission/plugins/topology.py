"""A pod's labels with its node's zone and region, so that the pod itself can read them (downward API).

One of the pod plugins, for pods that come with a node, and for binding. Mirrors the PodTopologyLabels
plugin. Invariant: pods of one template in one zone share one mapping.
"""

from collections.abc import Mapping

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
TOPOLOGY = (ZONE, REGION)
_MEMO_SIZE = 4096
_labelled: dict[tuple[int, str | None, str | None], tuple[Mapping[str, str], Mapping[str, str]]] = {}


def with_topology(labels: Mapping[str, str], node_labels: Mapping[str, str]) -> Mapping[str, str]:
    """A pod's labels with its node's zone and region; one shared mapping for pods of one template in one zone."""
    key = (id(labels), node_labels.get(ZONE), node_labels.get(REGION))
    known = _labelled.get(key)
    if known is not None and known[0] is labels:
        return known[1]
    added = {name: node_labels[name] for name in TOPOLOGY if name in node_labels}
    merged = {**labels, **added} if added else labels
    if len(_labelled) >= _MEMO_SIZE:
        _labelled.clear()
    _labelled[key] = (labels, merged)
    return merged
