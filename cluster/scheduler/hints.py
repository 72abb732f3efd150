"""Which events could help which parked pods (the queueing hints, reduced to "could it help?").

Asked by the scheduler when the cluster changed. Invariant: a pod that an event makes schedulable is
never left parked; one that is tried in vain costs only the attempt.
"""

from cluster.api.core import Node
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import NODE_OBJECT_PLUGINS, VOLUME_PLUGINS

ROOM = frozenset({"NodeResourcesFit", "NodePorts"})
NEIGHBOURS = frozenset({"PodTopologySpread", "InterPodAffinity"})

SHARED = frozenset({"VolumeRestrictions", "NodeVolumeLimits"})
"""Those that reject for what other pods use."""
VOLUMES = frozenset(plugin.name for plugin in VOLUME_PLUGINS)


def differs(old: Node, new: Node) -> bool:
    """Whether anything of a node changed that a plugin looks at."""
    return (
        old.metadata.labels != new.metadata.labels
        or old.spec.taints != new.spec.taints
        or old.spec.unschedulable != new.spec.unschedulable
        or old.status.allocatable != new.status.allocatable
        or old.status.images != new.status.images
    )


def node_helps(pod: PodInfo, plugins: tuple[str, ...], node: NodeInfo) -> bool:
    """A node came or changed: it may take the pod itself, or change the domains that spreading goes by."""
    return not NEIGHBOURS.isdisjoint(plugins) or object_rejection(pod, node) is None


def node_gone_helps(plugins: tuple[str, ...]) -> bool:
    """A node is gone: only spreading goes by nodes that a pod is not put on."""
    return not NEIGHBOURS.isdisjoint(plugins)


def pod_gone_helps(pod: PodInfo, plugins: tuple[str, ...], node: NodeInfo) -> bool:
    """A pod has left a node: there may be room on it, and its topology domains have one pod less."""
    if not NEIGHBOURS.isdisjoint(plugins) or not SHARED.isdisjoint(plugins):
        return True
    return not ROOM.isdisjoint(plugins) and object_rejection(pod, node) is None


def pod_came_helps(pod: PodInfo, plugins: tuple[str, ...], namespace: str) -> bool:
    """A pod was assigned, or an assigned one has other labels: spreading may see it."""
    return not NEIGHBOURS.isdisjoint(plugins) and (namespace == pod.namespace or "InterPodAffinity" in plugins)


def namespace_helps(plugins: tuple[str, ...]) -> bool:
    """A namespace came, went or has other labels: terms that choose namespaces may mean it."""
    return "InterPodAffinity" in plugins


def claim_helps(pod: PodInfo, claim: str) -> bool:
    """A claim came, changed or went: it helps the pods that name it."""
    return pod.volumes is not None and claim in pod.volumes.claims


def volume_helps(plugins: tuple[str, ...]) -> bool:
    """A volume, a storage class or a driver came or changed: there may be something to bind now."""
    return not VOLUMES.isdisjoint(plugins)


def object_rejection(pod: PodInfo, node: NodeInfo) -> Rejection | None:
    """The first rejection by what the node object alone says."""
    for plugin in NODE_OBJECT_PLUGINS:
        if plugin.filter and plugin.filters(pod):
            rejection = plugin.filter(pod, node)
            if rejection is not None:
                return rejection
    return None
