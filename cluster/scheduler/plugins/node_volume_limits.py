"""NodeVolumeLimits: a driver attaches no more volumes to a node than its CSINode says.

A filter on what runs on the node. Invariant: a volume that several pods of a node use counts once.
"""

from collections import Counter as Tally

from cluster.api.persistent_volumes import class_of
from cluster.scheduler.framework import Filter, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.volumes import Volumes

TOO_MANY = Rejection("NodeVolumeLimits", ("node(s) exceed max volume count",), resolvable=True)
Attachment = tuple[str, str]
"""A driver and the handle that it knows a volume by."""


def prepare(pod: PodInfo, volumes: Volumes) -> Filter | None:
    """Reject nodes whose driver would have to attach too much."""
    if pod.volumes is None:
        return None
    wanted = {each for claim in pod.volumes.claims if (each := attachment(claim, volumes)) is not None}
    if not wanted:
        return None

    def filter_(_: PodInfo, node: NodeInfo) -> Rejection | None:
        drivers = volumes.drivers.get(node.name)
        if drivers is None:
            return None
        there = {each for claim in volumes.attached(node.name) if (each := attachment(claim, volumes)) is not None}
        used, more = Tally(driver for driver, _ in there), Tally(driver for driver, _ in wanted - there)
        for driver in drivers.spec.drivers:
            limit = driver.allocatable.count if driver.allocatable else None
            if limit is not None and more[driver.name] and used[driver.name] + more[driver.name] > limit:
                return TOO_MANY
        return None

    return filter_


def attachment(key: str, volumes: Volumes) -> Attachment | None:
    """What a claim has, or will have, attached by a driver; None if no driver is asked."""
    claim = volumes.claims.get(key)
    if claim is None:
        return None
    if not claim.spec.volumeName:
        storage_class = volumes.classes.get(class_of(claim))
        return None if storage_class is None else (storage_class.provisioner, key)
    volume = volumes.volumes.get(claim.spec.volumeName)
    if volume is None or volume.spec.csi is None:
        return None
    return volume.spec.csi.driver, volume.spec.csi.volumeHandle
