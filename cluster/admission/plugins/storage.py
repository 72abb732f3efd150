"""Claims and volumes: the default class, the finalizers that protect what is in use, and growth.

Three of the plugins. Mirrors DefaultStorageClass, StorageObjectInUseProtection and
PersistentVolumeClaimResize. Invariant: every claim and volume is protected from its first revision on.
"""

from collections.abc import Mapping

from cluster.admission.plugins.view import ApiView
from cluster.admission.sharing import changed
from cluster.api import quantity
from cluster.api.core import PersistentVolume, PersistentVolumeClaim
from cluster.api.errors import Forbidden
from cluster.api.kinds import STORAGE_CLASSES
from cluster.api.meta import ObjectMeta

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"
NOT_EXPANDABLE = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


def new_claim(api: ApiView, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """The claim with a class, if the cluster has a default one, and its finalizer."""
    spec = claim.spec
    if spec.storageClassName is None and CLASS_ANNOTATION not in claim.metadata.annotations:
        default = api.policies.storage_class.get()
        if default is not None:
            spec = changed(spec, storageClassName=default.metadata.name)
    return changed(claim, spec=spec, metadata=_protected(claim.metadata, CLAIM_PROTECTION))


def new_volume(volume: PersistentVolume) -> PersistentVolume:
    """The volume with its finalizer."""
    return changed(volume, metadata=_protected(volume.metadata, VOLUME_PROTECTION))


def _protected(meta: ObjectMeta, finalizer: str) -> ObjectMeta:
    return meta if finalizer in meta.finalizers else changed(meta, finalizers=(*meta.finalizers, finalizer))


def check_growth(api: ApiView, new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> None:
    """Forbidden if the claim asks for more storage and its class does not let claims grow."""
    if _storage(new.spec.resources.requests) <= _storage(old.spec.resources.requests):
        return
    asked = new.metadata.annotations.get(CLASS_ANNOTATION) or new.spec.storageClassName
    found = api.find(STORAGE_CLASSES, asked) if asked else None
    if found is None or not found.allowVolumeExpansion:
        raise Forbidden.of("persistentvolumeclaims", old.metadata.name, NOT_EXPANDABLE)


def _storage(amounts: Mapping[str, str]) -> int:
    return quantity.nano(amounts.get("storage", "0"))
