"""What the scheduler knows of volumes: claims, volumes, classes and drivers, and which placed pods use them.

Part of the cache, fed by the scheduler's readers and its own writes; read by the volume plugins.
Invariant: as long as `now` stays, so does every answer of those plugins.
"""

from collections import Counter as Tally

from cluster.api import quantity
from cluster.api.core import Node, PersistentVolume, PersistentVolumeClaim, Volume
from cluster.api.labels import from_label_selector
from cluster.api.persistent_volumes import WAIT_FOR_FIRST_CONSUMER, class_of
from cluster.api.storage import CSIDriver, CSINode, CSIStorageCapacity, StorageClass
from cluster.scheduler.pod_volumes import PodVolumes


class Volumes:
    """Claims by key, the others by name, and what is in use by node."""

    def __init__(self) -> None:
        self.claims: dict[str, PersistentVolumeClaim] = {}
        self.volumes: dict[str, PersistentVolume] = {}
        self.classes: dict[str, StorageClass] = {}
        self.drivers: dict[str, CSINode] = {}
        """What the drivers of each node say they can attach."""
        self._tracked: set[str] = set()
        """The drivers that publish how much storage there is."""
        self._room: dict[str, dict[str, CSIStorageCapacity]] = {}
        """Where how much storage is left, by class."""
        self.now = 1
        """Rises with every change."""
        self._of_class: dict[str, dict[str, None]] = {}
        self._users: Tally[str] = Tally()
        self._attached: dict[str, Tally[str]] = {}
        self._disks: dict[str, list[Volume]] = {}

    def set_claim(self, key: str, claim: PersistentVolumeClaim | None) -> None:
        """Take over a claim as it is now, None if it is gone."""
        self.now += 1
        if claim is None:
            self.claims.pop(key, None)
        else:
            self.claims[key] = claim

    def set_volume(self, name: str, volume: PersistentVolume | None) -> None:
        """Take over a volume as it is now, None if it is gone."""
        self.now += 1
        old = self.volumes.pop(name, None)
        if old is not None:
            self._of_class[class_of(old)].pop(name, None)
        if volume is not None:
            self.volumes[name] = volume
            self._of_class.setdefault(class_of(volume), {})[name] = None

    def set_class(self, name: str, storage_class: StorageClass | None) -> None:
        """Take over a storage class as it is now, None if it is gone."""
        self.now += 1
        if storage_class is None:
            self.classes.pop(name, None)
        else:
            self.classes[name] = storage_class

    def set_drivers(self, node: str, drivers: CSINode | None) -> None:
        """Take over what the drivers of a node say now, None if nothing."""
        self.now += 1
        if drivers is None:
            self.drivers.pop(node, None)
        else:
            self.drivers[node] = drivers

    def set_driver(self, name: str, driver: CSIDriver | None) -> None:
        """Take over what a driver says of itself now, None if it is gone."""
        self.now += 1
        if driver is not None and driver.spec.storageCapacity:
            self._tracked.add(name)
        else:
            self._tracked.discard(name)

    def set_capacity(self, key: str, old: CSIStorageCapacity | None, new: CSIStorageCapacity | None) -> None:
        """Take over how much storage is left somewhere, None if that is not told any more."""
        self.now += 1
        if old is not None:
            self._room.get(old.storageClassName, {}).pop(key, None)
        if new is not None:
            self._room.setdefault(new.storageClassName, {})[key] = new

    def has_room(self, storage_class: StorageClass, size: int, node: Node) -> bool:
        """Whether a volume of `size` (nano) can be made for the node, as far as the driver tells (`hasEnoughCapacity`)."""
        if storage_class.provisioner not in self._tracked:
            return True
        return any(
            (limit := each.maximumVolumeSize or each.capacity) is not None
            and quantity.nano(limit) >= size
            and each.nodeTopology is not None
            and from_label_selector(each.nodeTopology).matches(node.metadata.labels)
            for each in self._room.get(storage_class.metadata.name, {}).values()
        )

    def count(self, volumes: PodVolumes, node: str, change: int) -> None:
        """Count the volumes of a placed pod in (1) or out (-1)."""
        self.now += 1
        attached = self._attached.setdefault(node, Tally())
        for claim in set(volumes.claims):
            for tally in (self._users, attached):
                tally[claim] += change
                if not tally[claim]:
                    del tally[claim]
        disks = self._disks.setdefault(node, [])
        for disk in volumes.disks:
            if change > 0:
                disks.append(disk)
            else:
                disks.remove(disk)

    def in_use(self, claim: str) -> bool:
        """Whether a placed pod uses a claim."""
        return claim in self._users

    def attached(self, node: str) -> set[str]:
        """The keys of the claims that the pods of a node use."""
        return set(self._attached.get(node, ()))

    def disks(self, node: str) -> list[Volume]:
        """The disks that the pods of a node name in their specs."""
        return self._disks.get(node, [])

    def of_class(self, name: str) -> list[PersistentVolume]:
        """The volumes of a storage class ("": those without one)."""
        return [self.volumes[each] for each in self._of_class.get(name, ())]

    def waits(self, claim: PersistentVolumeClaim) -> bool:
        """Whether the claim is to be bound where its first pod goes (`IsDelayBindingMode`)."""
        storage_class = self.classes.get(class_of(claim))
        return storage_class is not None and storage_class.volumeBindingMode == WAIT_FOR_FIRST_CONSUMER
