"""The expand controller: a claim that asks for more than it has is handed to whoever can grow its volume.

Between the reader of claims and the API server. Mirrors pkg/controller/volume/expand, which has no plugin
of its own any more. Invariant: a claim is told once each time it asks for more.
"""

from cluster.api.cluster import Cluster
from cluster.api.core import PersistentVolumeClaim
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from cluster.api.persistent_volumes import asked_size, is_bound, is_for, wants_more
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

COMPONENT = "volume_expand"
EXTERNAL = "waiting for an external controller to expand this PVC"


class VolumeExpandController:
    """Tells of claims that wait for their volume to grow."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)

    def _on_claim(self, key: str, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is None or not wants_more(new):
            return
        if old is None or asked_size(new) > asked_size(old):
            self._queue.add(key)

    def _reconcile(self, key: str) -> None:
        claim = self._api.find(PERSISTENT_VOLUME_CLAIMS, key)
        if claim is None or not is_bound(claim) or not wants_more(claim):
            return
        volume = self._api.find(PERSISTENT_VOLUMES, claim.spec.volumeName)
        if volume is not None and is_for(volume, claim):
            self._api.events.record(
                PERSISTENT_VOLUME_CLAIMS, claim, "Normal", "ExternalExpanding", EXTERNAL, component=COMPONENT
            )
