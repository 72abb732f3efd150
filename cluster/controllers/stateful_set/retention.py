"""Who owns a StatefulSet's claims, so that they go when the set or the pod goes, or stay.

Pure; asked when pods are made, mended or condemned. Mirrors updateClaimOwnerRefForSetAndPod
(pkg/controller/statefulset). Invariant: only the references to the set and to the pod change.
"""

from msgspec.structs import replace

from cluster.api.apps import StatefulSet
from cluster.api.core import PersistentVolumeClaim, Pod
from cluster.api.kinds import PODS, STATEFUL_SETS, Kind
from cluster.api.meta import OwnerReference, Resource

DELETE = "Delete"


def with_owner(claim: PersistentVolumeClaim, owner: StatefulSet, pod: Pod, *, condemned: bool) -> PersistentVolumeClaim:
    """The claim owned as the retention policy says; the same claim if it is so already."""
    policy = owner.spec.persistentVolumeClaimRetentionPolicy
    deleted = policy is not None and policy.whenDeleted == DELETE
    scaled = policy is not None and policy.whenScaled == DELETE
    by_pod, by_set = scaled and condemned, deleted and not (scaled and condemned)
    kept = [
        reference
        for reference in claim.metadata.ownerReferences
        if not (_is(reference, STATEFUL_SETS, owner) and not by_set) and not (_is(reference, PODS, pod) and not by_pod)
    ]
    for needed, kind, value in ((by_set, STATEFUL_SETS, owner), (by_pod, PODS, pod)):
        if needed and not any(reference.uid == value.metadata.uid for reference in kept):
            kept.append(_reference(kind, value))
    if tuple(kept) == claim.metadata.ownerReferences:
        return claim
    return replace(claim, metadata=replace(claim.metadata, ownerReferences=tuple(kept)))


def _is(reference: OwnerReference, kind: Kind[Resource] | Kind[StatefulSet] | Kind[Pod], value: Resource) -> bool:
    return reference.kind == kind.kind and reference.name == value.metadata.name


def _reference(kind: Kind[StatefulSet] | Kind[Pod], value: Resource) -> OwnerReference:
    meta = value.metadata
    return OwnerReference(apiVersion=kind.api_version, kind=kind.kind, name=meta.name, uid=meta.uid)
