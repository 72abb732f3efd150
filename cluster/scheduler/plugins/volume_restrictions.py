"""VolumeRestrictions: a disk is not mounted twice, and a ReadWriteOncePod claim has one pod.

A prefilter on the claims and a filter on what runs on the node. Invariant: pods that only read a disk
share it where its sort allows that.
"""

from collections.abc import Callable

from cluster.api.core import Volume
from cluster.scheduler.framework import Filter, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.volumes import Volumes

NAME = "VolumeRestrictions"
ONE_POD = "ReadWriteOncePod"
DISK_TAKEN = Rejection(NAME, ("node(s) had no available disk",), resolvable=True)
CLAIM_TAKEN = Rejection(
    NAME,
    ("node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",),
    resolvable=True,
)


def prefilter(pod: PodInfo, volumes: Volumes) -> Rejection | None:
    """Refuse a pod that names a claim that does not exist."""
    if pod.volumes is None:
        return None
    for claim in pod.volumes.claims:
        if claim not in pod.volumes.own and claim not in volumes.claims:
            return Rejection(NAME, (f'persistentvolumeclaim "{claim.rpartition("/")[2]}" not found',))
    return None


def prepare(pod: PodInfo, volumes: Volumes) -> Filter | None:
    """Reject nodes where a disk is taken, and every node while another pod has a claim meant for one."""
    wanted = pod.volumes
    if wanted is None:
        return None
    exclusive = [key for key in wanted.claims if ONE_POD in volumes.claims[key].spec.accessModes]
    if not exclusive and not wanted.disks:
        return None

    def filter_(_: PodInfo, node: NodeInfo) -> Rejection | None:
        if any(conflict(disk, other) for disk in wanted.disks for other in volumes.disks(node.name)):
            return DISK_TAKEN
        return CLAIM_TAKEN if any(volumes.in_use(key) for key in exclusive) else None

    return filter_


def conflict(one: Volume, other: Volume) -> bool:
    """Whether two volumes are one disk that two pods of a node cannot have (`isVolumeConflict`)."""
    return any(rule(one, other) for rule in _RULES)


def _google(one: Volume, other: Volume) -> bool:
    a, b = one.gcePersistentDisk, other.gcePersistentDisk
    return a is not None and b is not None and a.pdName == b.pdName and not (a.readOnly and b.readOnly)


def _amazon(one: Volume, other: Volume) -> bool:
    a, b = one.awsElasticBlockStore, other.awsElasticBlockStore
    return a is not None and b is not None and a.volumeID == b.volumeID


def _iscsi(one: Volume, other: Volume) -> bool:
    a, b = one.iscsi, other.iscsi
    return a is not None and b is not None and a.iqn == b.iqn and not (a.readOnly and b.readOnly)


def _ceph(one: Volume, other: Volume) -> bool:
    a, b = one.rbd, other.rbd
    if a is None or b is None or not set(a.monitors) & set(b.monitors):
        return False
    return (a.pool, a.image) == (b.pool, b.image) and not (a.readOnly and b.readOnly)


_RULES: tuple[Callable[[Volume, Volume], bool], ...] = (_google, _amazon, _iscsi, _ceph)
