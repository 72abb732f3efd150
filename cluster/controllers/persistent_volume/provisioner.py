"""A simulated provisioner: makes the volume that a claim of its storage class asks for, and deletes it after.

Between claims that the binder has handed over and the volumes it makes. Stands for a CSI driver with the
external-provisioner sidecar. Invariant: one volume a claim, named after the claim's uid.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import CSIPersistentVolumeSource, ObjectReference, PersistentVolume, PersistentVolumeClaim
from cluster.api.errors import AlreadyExists, NotFound
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES, key
from cluster.api.meta import ObjectMeta
from cluster.api.persistent_volumes import PROVISIONED_BY, PROVISIONER, SIMULATED_PROVISIONER, STORAGE, class_of
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

TAKES = 1_000
"""How long making or deleting a volume takes, in ms."""


class SimulatedProvisioner:
    """Makes and deletes the volumes of storage classes that name it."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._claims, self._volumes = api.store.table(PERSISTENT_VOLUME_CLAIMS), api.store.table(PERSISTENT_VOLUMES)
        self._claim_queue = WorkQueue(api.store, api.clock, self._provide, TAKES)
        self._volume_queue = WorkQueue(api.store, api.clock, self._remove, TAKES)
        Reader(api.store, api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)
        Reader(api.store, api.clock, PERSISTENT_VOLUMES, self._on_volume)

    def _on_claim(self, name: str, _: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if new is not None and _is_ours(new):
            words = f'External provisioner is provisioning volume for claim "{name}"'
            self._api.events.record(
                PERSISTENT_VOLUME_CLAIMS, new, "Normal", "Provisioning", words, component=SIMULATED_PROVISIONER
            )
            self._claim_queue.add(name)

    def _on_volume(self, name: str, _: PersistentVolume | None, new: PersistentVolume | None) -> None:
        if new is not None and _is_to_go(new):
            self._volume_queue.add(name)

    def _provide(self, name: str) -> None:
        claim = self._claims.get(name)
        storage_class = None if claim is None else self._api.find(STORAGE_CLASSES, class_of(claim))
        if claim is None or storage_class is None or not _is_ours(claim):
            return
        volume = f"pvc-{claim.metadata.uid}"
        spec = replace(
            PersistentVolume().spec, accessModes=claim.spec.accessModes, volumeMode=claim.spec.volumeMode,
            capacity={STORAGE: claim.spec.resources.requests[STORAGE]}, storageClassName=class_of(claim),
            persistentVolumeReclaimPolicy=storage_class.reclaimPolicy, mountOptions=storage_class.mountOptions,
            csi=CSIPersistentVolumeSource(driver=SIMULATED_PROVISIONER, volumeHandle=volume), claimRef=self._reference(claim),
        )  # fmt: skip
        try:
            meta = ObjectMeta(name=volume, annotations={PROVISIONED_BY: SIMULATED_PROVISIONER})
            self._api.create(
                PERSISTENT_VOLUMES, PersistentVolume(metadata=meta, spec=spec), actor=SIMULATED_PROVISIONER
            )
        except AlreadyExists:
            return
        words = f"Successfully provisioned volume {volume}"
        self._api.events.record(
            PERSISTENT_VOLUME_CLAIMS, claim, "Normal", "ProvisioningSucceeded", words, component=SIMULATED_PROVISIONER
        )

    def _reference(self, claim: PersistentVolumeClaim) -> ObjectReference:
        meta = claim.metadata
        return ObjectReference(
            apiVersion="v1", kind="PersistentVolumeClaim", name=meta.name, namespace=meta.namespace, uid=meta.uid,
            resourceVersion=str(self._claims.revision(key(claim))),
        )  # fmt: skip

    def _remove(self, name: str) -> None:
        volume = self._volumes.get(name)
        if volume is not None and _is_to_go(volume):
            try:
                self._api.delete(PERSISTENT_VOLUMES, name, actor=SIMULATED_PROVISIONER)
            except NotFound:
                return


def _is_ours(claim: PersistentVolumeClaim) -> bool:
    """Whether the claim waits for a volume of this provisioner."""
    return claim.metadata.annotations.get(PROVISIONER) == SIMULATED_PROVISIONER and not claim.spec.volumeName


def _is_to_go(volume: PersistentVolume) -> bool:
    ours = volume.metadata.annotations.get(PROVISIONED_BY) == SIMULATED_PROVISIONER
    return ours and volume.status.phase == "Released" and volume.spec.persistentVolumeReclaimPolicy == "Delete"
