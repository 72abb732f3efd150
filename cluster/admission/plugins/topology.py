"""A pod's labels with its node's zone and region, so that the pod itself can read them (downward API).

One of the pod plugins, for pods that come with a node, and for binding. Mirrors the PodTopologyLabels
plugin. Invariant: pods of one template on nodes with one label set share one mapping.
"""

from collections.abc import Mapping

TOPOLOGY = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
_MEMO_SIZE = 4096
_labelled: dict[tuple[int, int], tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {}


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
