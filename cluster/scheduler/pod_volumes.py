"""The volumes of a pod that bind it to nodes: its claims, and the disks that two pods cannot share.

Made from a pod; most pods have none. Mirrors what the volume plugins of the scheduler look at of a
spec. Invariant: it is None exactly if no volume plugin has anything to say about the pod.
"""

from typing import NamedTuple

from cluster.api.core import Pod, Volume
from cluster.api.kinds import key_of


class PodVolumes(NamedTuple):
    """The keys of the claims, those of them that are made for the pod itself, and the disks named in the spec."""

    claims: tuple[str, ...]
    own: frozenset[str]
    disks: tuple[Volume, ...]


def volumes_of(pod: Pod) -> PodVolumes | None:
    """What of a pod's volumes the scheduler has to heed."""
    claims: list[str] = []
    own: list[str] = []
    disks: list[Volume] = []
    meta = pod.metadata
    for volume in pod.spec.volumes:
        if volume.persistentVolumeClaim is not None:
            claims.append(key_of(meta.namespace, volume.persistentVolumeClaim.claimName))
        elif volume.ephemeral is not None:
            own.append(key_of(meta.namespace, f"{meta.name}-{volume.name}"))
            claims.append(own[-1])
        elif is_disk(volume):
            disks.append(volume)
    return PodVolumes(tuple(claims), frozenset(own), tuple(disks)) if claims or disks else None


def is_disk(volume: Volume) -> bool:
    """Whether it is of a sort that one node, or one pod of a node, has to itself."""
    sources = (volume.gcePersistentDisk, volume.awsElasticBlockStore, volume.iscsi, volume.rbd)
    return any(source is not None for source in sources)
