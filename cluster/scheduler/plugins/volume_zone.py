"""VolumeZone: a pod goes to the zone and region that the labels of its volumes name.

A prefilter on the claims and a filter on the node's labels. Invariant: a node without any such label
will do for every volume.
"""

from cluster.scheduler.framework import Filter, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.volumes import Volumes

NAME = "VolumeZone"
OTHER_ZONE = Rejection(NAME, ("node(s) had no available volume zone",))
BETA = "failure-domain.beta.kubernetes.io/"
STABLE = "topology.kubernetes.io/"
LABELS = (f"{BETA}zone", f"{BETA}region", f"{STABLE}zone", f"{STABLE}region")
BETWEEN = "__"
"""What stands between the zones of a volume that is in several."""


def prefilter(pod: PodInfo, volumes: Volumes) -> Rejection | None:
    """Refuse a pod whose claim is bound to a volume that does not exist."""
    for claim in pod.volumes.claims if pod.volumes else ():
        name = volumes.claims[claim].spec.volumeName
        if name and name not in volumes.volumes:
            return Rejection(NAME, (f'persistentvolume "{name}" not found',))
    return None


def prepare(pod: PodInfo, volumes: Volumes) -> Filter | None:
    """Reject nodes in other zones than the bound volumes."""
    wanted: list[tuple[str, frozenset[str]]] = []
    for claim in pod.volumes.claims if pod.volumes else ():
        volume = volumes.volumes.get(volumes.claims[claim].spec.volumeName)
        labels = volume.metadata.labels if volume is not None else {}
        wanted += [(label, frozenset(labels[label].split(BETWEEN))) for label in LABELS if label in labels]
    if not wanted:
        return None

    def filter_(_: PodInfo, node: NodeInfo) -> Rejection | None:
        labels = node.node.metadata.labels
        if not any(label in labels for label in LABELS):
            return None
        for label, values in wanted:
            if labels.get(label, labels.get(label.replace(BETA, STABLE))) not in values:
                return OTHER_ZONE
        return None

    return filter_
