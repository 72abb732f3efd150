"""A simulated resizer: lets the volumes that the simulated provisioner made grow with their claims.

Between claims that ask for more and their volumes. Stands for the external-resizer sidecar of a CSI driver
that needs nothing of the node. Invariant: the volume has grown before its claim says so.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimCondition
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from cluster.api.persistent_volumes import SIMULATED_PROVISIONER, STORAGE, is_bound, is_for, wants_more
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

COMPONENT = f"external-resizer {SIMULATED_PROVISIONER}"
TAKES = 1_000
"""How long growing a volume takes, in ms."""
RESIZING = "Resizing"
UNDER_WAY = "ControllerResizeInProgress"


class SimulatedResizer:
    """Grows the volumes of claims that ask for more."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)

    def _on_claim(self, key: str, _: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is not None and wants_more(new):
            self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        """Begin, or finish what has been under way for long enough; in how many ms to look again."""
        claim = self._api.find(PERSISTENT_VOLUME_CLAIMS, key)
        if claim is None or not is_bound(claim) or not wants_more(claim):
            return None
        volume = self._api.find(PERSISTENT_VOLUMES, claim.spec.volumeName)
        if volume is None or not is_for(volume, claim) or not _is_ours(volume):
            return None
        begun = next((each.lastTransitionTime for each in claim.status.conditions if each.type == RESIZING), "")
        if not begun:
            self._begin(claim, volume)
            return TAKES
        left = self._api.clock.milliseconds(begun) + TAKES - self._api.clock.now
        if left > 0:
            return left
        self._finish(claim, volume)
        return None

    def _begin(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> None:
        self._tell(claim, "Resizing", f"External resizer is resizing volume {volume.metadata.name}")
        condition = PersistentVolumeClaimCondition(
            type=RESIZING, status="True", lastTransitionTime=self._api.clock.timestamp()
        )
        status = replace(
            claim.status, conditions=(*claim.status.conditions, condition), allocatedResourceStatuses={STORAGE: UNDER_WAY},
            allocatedResources={STORAGE: claim.spec.resources.requests[STORAGE]},
        )  # fmt: skip
        new = replace(claim, status=status)
        self._api.update_status(PERSISTENT_VOLUME_CLAIMS, new, actor=COMPONENT, previous=claim)

    def _finish(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> None:
        size = {STORAGE: claim.spec.resources.requests[STORAGE]}
        grown = replace(volume, spec=replace(volume.spec, capacity={**volume.spec.capacity, **size}))
        self._api.update(PERSISTENT_VOLUMES, grown, actor=COMPONENT, previous=volume)
        others = tuple(each for each in claim.status.conditions if each.type != RESIZING)
        status = replace(
            claim.status, capacity={**claim.status.capacity, **size}, conditions=others, allocatedResourceStatuses={},
            allocatedResources=size,
        )  # fmt: skip
        new = replace(claim, status=status)
        self._api.update_status(PERSISTENT_VOLUME_CLAIMS, new, actor=COMPONENT, previous=claim)
        self._tell(claim, "VolumeResizeSuccessful", "Resize volume succeeded")

    def _tell(self, claim: PersistentVolumeClaim, reason: str, message: str) -> None:
        self._api.events.record(PERSISTENT_VOLUME_CLAIMS, claim, "Normal", reason, message, component=COMPONENT)


def _is_ours(volume: PersistentVolume) -> bool:
    return volume.spec.csi is not None and volume.spec.csi.driver == SIMULATED_PROVISIONER
