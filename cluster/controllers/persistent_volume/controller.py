"""The persistent volume controller: which claim a change concerns, which volume, and what to do about it.

On the data's way between claims and volumes in the store. Mirrors pkg/controller/volume/
persistentvolume (pv_controller.go). Invariant: a volume is given to a claim in its claimRef first, so
that two claims never have one volume.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import PersistentVolume, PersistentVolumeClaim
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES, Kind, key
from cluster.api.meta import Resource
from cluster.api.persistent_volumes import (
    BETA_PROVISIONER,
    BIND_COMPLETED,
    BOUND_BY_CONTROLLER,
    CLASS_ANNOTATION,
    PROVISIONED_BY,
    PROVISIONER,
    SELECTED_NODE,
    STORAGE,
    WAIT_FOR_FIRST_CONSUMER,
    YES,
    best_match,
    class_of,
    given_to,
    is_bound,
    is_for,
    why_not,
)
from cluster.api.storage import StorageClass
from cluster.apiserver import ApiServer
from cluster.controllers.persistent_volume.consumers import Consumers
from cluster.controllers.persistent_volume.index import VolumeIndex, claim_of
from cluster.controllers.persistent_volume.plugins import driver_of, why_kept
from cluster.reconcile import Reader, WorkQueue
from cluster.table import SPEC

ACTOR = "persistentvolume-controller"
LOST_REFERENCE = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
LOST_VOLUME = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
MISBOUND = "Two claims are bound to the same volume, this one is bound incorrectly"
NO_CLASS = "no persistent volumes available for this claim and no storage class is set"
WAITS = "waiting for first consumer to be created before binding"


class PersistentVolumeController:
    """Binds claims to volumes, and says what becomes of volumes whose claim has gone."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._claims, self._volumes = api.store.table(PERSISTENT_VOLUME_CLAIMS), api.store.table(PERSISTENT_VOLUMES)
        self._classes = api.store.table(STORAGE_CLASSES)
        self._index = VolumeIndex()
        self._consumers: Consumers | None = None
        self._claim_queue = WorkQueue(api.store, api.clock, self._sync_claim)
        self._volume_queue = WorkQueue(api.store, api.clock, self._sync_volume)
        Reader(api.store, api.clock, PERSISTENT_VOLUMES, self._on_volume)
        Reader(api.store, api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)
        Reader(api.store, api.clock, STORAGE_CLASSES, self._on_class)

    def _on_volume(self, name: str, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        self._index.on_volume(name, old, new)
        self._volume_queue.add(name)
        for value in (old, new):
            if value is not None and (claim := claim_of(value)) is not None:
                self._claim_queue.add(claim)
        free = new is not None and new.spec.claimRef is None
        waiting = self._index.waiting(class_of(new)) if new is not None and free else []
        for claim in (*self._index.naming(name), *waiting):
            self._claim_queue.add(claim)

    def _on_claim(self, claim: str, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        self._index.on_claim(claim, old, new)
        self._claim_queue.add(claim)
        for volume in self._index.of_claim(claim):
            self._volume_queue.add(volume)

    def _on_class(self, name: str, _: StorageClass | None, __: StorageClass | None) -> None:
        for claim in (*self._index.waiting(name), *self._index.waiting("")):
            self._claim_queue.add(claim)

    # Claims

    def _sync_claim(self, name: str) -> None:
        claim = self._claims.get(name)
        if claim is None or (claim.metadata.deletionTimestamp and not claim.spec.volumeName):
            return  # a claim on its way out is not bound any more, but what was begun is finished
        if BIND_COMPLETED in claim.metadata.annotations:
            self._sync_bound(claim)
        elif claim.spec.volumeName:
            self._sync_named(claim)
        else:
            self._find_volume(name, claim)

    def _find_volume(self, name: str, claim: PersistentVolumeClaim) -> None:
        """Bind the best volume there is, or have one provisioned, or wait (`syncUnboundClaim`)."""
        storage_class = self._classes.get(class_of(claim))
        candidates = [self._volumes.get(each) for each in self._index.candidates(name, class_of(claim))]
        present = [volume for volume in candidates if volume is not None]
        if _is_delayed(storage_class):
            present = [volume for volume in present if is_for(volume, claim)]
        volume = best_match(claim, present)
        if volume is not None:
            self._bind(volume, claim)
            return
        if self._classified(claim):
            return
        claim = self._with_phase(claim, "Pending")
        if _waits(claim, storage_class):
            self._tell_waiting(name, claim)
        elif class_of(claim):
            self._provision(claim, storage_class)
        else:
            self._event(claim, "Normal", "FailedBinding", NO_CLASS)

    def _classified(self, claim: PersistentVolumeClaim) -> bool:
        """Give a claim without a class the default one, if there is one by now (`assignDefaultStorageClass`)."""
        if claim.spec.storageClassName is not None or CLASS_ANNOTATION in claim.metadata.annotations:
            return False
        default = self._api.policies.storage_class.get()
        if default is None:
            return False
        new = replace(claim, spec=replace(claim.spec, storageClassName=default.metadata.name))
        self._api.update(PERSISTENT_VOLUME_CLAIMS, new, actor=ACTOR, previous=claim)
        return True

    def _tell_waiting(self, name: str, claim: PersistentVolumeClaim) -> None:
        """Say whom an unbound claim waits for (`emitEventForUnboundDelayBindingClaim`)."""
        if self._consumers is None:
            self._consumers = Consumers()
            Reader(self._api.store, self._api.clock, PODS, self._consumers.on_pod, parts=SPEC)
        pods = self._consumers.of(name)
        if pods:
            words = f"waiting for pod{'s' if len(pods) > 1 else ''} {','.join(pods)} to be scheduled"
            self._event(claim, "Normal", "WaitForPodScheduled", words)
        else:
            self._event(claim, "Normal", "WaitForFirstConsumer", WAITS)

    def _provision(self, claim: PersistentVolumeClaim, storage_class: StorageClass | None) -> None:
        """Hand the claim to its class's provisioner (`provisionClaim`)."""
        if storage_class is None:
            words = f'storageclass.storage.k8s.io "{class_of(claim)}" not found'
            self._event(claim, "Warning", "ProvisioningFailed", words)
            return
        provisioner = driver_of(storage_class.provisioner)
        if not provisioner:
            words = f"no volume plugin matched name: {storage_class.provisioner}"
            self._event(claim, "Warning", "ProvisioningFailed", words)
            return
        wanted = {**claim.metadata.annotations, BETA_PROVISIONER: provisioner, PROVISIONER: provisioner}
        claim = self._annotated(claim, wanted)
        words = (
            f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
            "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
            "correctly registered."
        )
        self._event(claim, "Normal", "ExternalProvisioning", words)

    def _sync_named(self, claim: PersistentVolumeClaim) -> None:
        """A claim that names its volume: wait for it, bind it, or say that another has it."""
        volume = self._volumes.get(claim.spec.volumeName)
        if volume is None:
            self._with_phase(claim, "Pending")
        elif is_for(volume, claim):
            self._bind(volume, claim)
        elif volume.spec.claimRef is None:
            why = why_not(volume, claim)
            if why:
                words = f'Cannot bind to requested volume "{volume.metadata.name}": {why}'
                self._event(claim, "Warning", "VolumeMismatch", words)
                self._with_phase(claim, "Pending")
            else:
                self._bind(volume, claim)
        else:
            words = f'volume "{volume.metadata.name}" already bound to a different claim.'
            self._event(claim, "Warning", "FailedBinding", words)
            self._with_phase(claim, "Pending")

    def _sync_bound(self, claim: PersistentVolumeClaim) -> None:
        """A claim that was bound: it stays so, or has lost its volume (`syncBoundClaim`)."""
        volume = self._volumes.get(claim.spec.volumeName) if claim.spec.volumeName else None
        if not claim.spec.volumeName:
            self._lost(claim, "ClaimLost", LOST_REFERENCE)
        elif volume is None:
            self._lost(claim, "ClaimLost", LOST_VOLUME)
        elif volume.spec.claimRef is None or is_for(volume, claim):
            self._bind(volume, claim)
        else:
            self._lost(claim, "ClaimMisbound", MISBOUND)

    def _lost(self, claim: PersistentVolumeClaim, reason: str, message: str) -> None:
        if claim.status.phase != "Lost":
            self._with_phase(claim, "Lost")
            self._event(claim, "Warning", reason, message)

    def _bind(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
        """Write the pair's four parts in the order that lets nobody else have the volume (`bind`)."""
        volume = self._given(volume, claim)
        self._with_volume_phase(volume, "Bound")
        annotations = dict(claim.metadata.annotations)
        if not claim.spec.volumeName:
            annotations[BOUND_BY_CONTROLLER] = YES
        annotations[BIND_COMPLETED] = YES
        spec = replace(claim.spec, volumeName=volume.metadata.name)
        if spec != claim.spec or annotations != claim.metadata.annotations:
            meta = replace(claim.metadata, annotations=annotations)
            claim = self._api.update(
                PERSISTENT_VOLUME_CLAIMS, replace(claim, metadata=meta, spec=spec), actor=ACTOR, previous=claim
            )
        capacity = claim.status.capacity or {STORAGE: volume.spec.capacity[STORAGE]}
        status = replace(
            claim.status, phase="Bound", accessModes=volume.spec.accessModes, capacity=capacity,
            currentVolumeAttributesClassName=volume.spec.volumeAttributesClassName,
        )  # fmt: skip
        self._write_claim(claim, status)

    def _given(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> PersistentVolume:
        new = given_to(volume, claim, self._claims.revision(key(claim)))
        return volume if new is volume else self._api.update(PERSISTENT_VOLUMES, new, actor=ACTOR, previous=volume)

    # Volumes

    def _sync_volume(self, name: str) -> None:
        volume = self._volumes.get(name)
        if volume is None:
            return
        reference = volume.spec.claimRef
        if reference is None or not reference.uid:
            self._with_volume_phase(volume, "Available")
            return
        claim = self._claims.get(f"{reference.namespace}/{reference.name}")
        if claim is None or claim.metadata.uid != reference.uid:
            self._release(volume)
        elif is_bound(claim) and claim.spec.volumeName != name:
            self._unbind(volume)

    def _release(self, volume: PersistentVolume) -> None:
        """The claim has gone: keep the volume as it is, or delete it, as its policy says (`reclaimVolume`)."""
        if volume.status.phase not in {"Released", "Failed"}:
            volume = self._with_volume_phase(volume, "Released")
        if volume.spec.persistentVolumeReclaimPolicy != "Delete" or PROVISIONED_BY in volume.metadata.annotations:
            return
        words = why_kept(volume)
        if not words:
            if not volume.metadata.deletionTimestamp:
                self._api.delete(PERSISTENT_VOLUMES, volume.metadata.name, actor=ACTOR)
        elif volume.status.phase != "Failed":
            self._with_volume_phase(volume, "Failed", words)
            self._api.events.record(_VOLUME, volume, "Warning", "VolumeFailedDelete", words, component=ACTOR)

    def _unbind(self, volume: PersistentVolume) -> None:
        """The claim was bound to another volume meanwhile: this one is free again."""
        if BOUND_BY_CONTROLLER not in volume.metadata.annotations:
            return
        annotations = {name: text for name, text in volume.metadata.annotations.items() if name != BOUND_BY_CONTROLLER}
        new = replace(
            volume, metadata=replace(volume.metadata, annotations=annotations), spec=replace(volume.spec, claimRef=None)
        )
        self._api.update(PERSISTENT_VOLUMES, new, actor=ACTOR, previous=volume)

    # Writing

    def _annotated(self, claim: PersistentVolumeClaim, annotations: dict[str, str]) -> PersistentVolumeClaim:
        if annotations == claim.metadata.annotations:
            return claim
        new = replace(claim, metadata=replace(claim.metadata, annotations=annotations))
        return self._api.update(PERSISTENT_VOLUME_CLAIMS, new, actor=ACTOR, previous=claim)

    def _with_phase(self, claim: PersistentVolumeClaim, phase: str) -> PersistentVolumeClaim:
        return self._write_claim(claim, replace(claim.status, phase=phase, accessModes=(), capacity={}))

    def _write_claim(self, claim: PersistentVolumeClaim, status: object) -> PersistentVolumeClaim:
        if status == claim.status:
            return claim
        new = replace(claim, status=status)
        return self._api.update_status(PERSISTENT_VOLUME_CLAIMS, new, actor=ACTOR, previous=claim)

    def _with_volume_phase(self, volume: PersistentVolume, phase: str, message: str = "") -> PersistentVolume:
        if volume.status.phase == phase:
            return volume
        status = replace(
            volume.status, phase=phase, message=message, lastPhaseTransitionTime=self._api.clock.timestamp()
        )
        return self._api.update_status(PERSISTENT_VOLUMES, replace(volume, status=status), actor=ACTOR, previous=volume)

    def _event(self, claim: PersistentVolumeClaim, severity: str, reason: str, message: str) -> None:
        self._api.events.record(_CLAIM, claim, severity, reason, message, component=ACTOR)


_CLAIM: Kind[Resource] = PERSISTENT_VOLUME_CLAIMS
_VOLUME: Kind[Resource] = PERSISTENT_VOLUMES


def _waits(claim: PersistentVolumeClaim, storage_class: StorageClass | None) -> bool:
    """Whether the scheduler decides first (`IsDelayBindingMode`, and no node has been selected yet)."""
    return _is_delayed(storage_class) and SELECTED_NODE not in claim.metadata.annotations


def _is_delayed(storage_class: StorageClass | None) -> bool:
    """Whether the scheduler chooses among the volumes of a class."""
    return storage_class is not None and storage_class.volumeBindingMode == WAIT_FOR_FIRST_CONSUMER
