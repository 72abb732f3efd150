"""Persistent volumes and claims: which class a claim has, and which volume it may be bound to.

A value of the API, asked by the binder and by the scheduler. Mirrors component-helpers/storage/volume
(FindMatchingVolume). Invariant: the answer depends on the two objects, and the node if one is given.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from cluster.api import labels, quantity
from cluster.api.core import Node, ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod
from cluster.api.node_selectors import term_matches
from cluster.api.quantity import Quantity

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
BETA_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer"
STORAGE = "storage"
SIMULATED_PROVISIONER = "sim.ktui.dev"
"""The provisioner that a StorageClass names to have its volumes simulated."""
YES = "yes"
_NONE = Quantity("0")


def class_of(value: PersistentVolume | PersistentVolumeClaim) -> str:
    """The name of the storage class; "" if there is none."""
    return value.metadata.annotations.get(CLASS_ANNOTATION, "") or value.spec.storageClassName or ""


def is_bound(claim: PersistentVolumeClaim) -> bool:
    """Whether the claim has been bound for good."""
    return bool(claim.spec.volumeName) and BIND_COMPLETED in claim.metadata.annotations


def asked_size(claim: PersistentVolumeClaim) -> int:
    """How much storage the claim asks for, in thousand-millionths of a byte."""
    return quantity.nano(claim.spec.resources.requests.get(STORAGE, _NONE))


def wants_more(claim: PersistentVolumeClaim) -> bool:
    """Whether the claim has storage and asks for more than that."""
    held = claim.status.capacity.get(STORAGE)
    return held is not None and asked_size(claim) > quantity.nano(held)


def is_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether the volume's claimRef means this claim (a claimRef without a uid means any of that name)."""
    wanted, meta = volume.spec.claimRef, claim.metadata
    if wanted is None or (wanted.namespace, wanted.name) != (meta.namespace, meta.name):
        return False
    return wanted.uid in {"", meta.uid}


def not_made_for(pod: Pod, claim: PersistentVolumeClaim) -> str:
    """Why a claim with the name of a pod's ephemeral volume is not its own (`VolumeIsForPod`); "" if it is."""
    meta, own = pod.metadata, claim.metadata
    if any(owner.controller and owner.uid == meta.uid for owner in own.ownerReferences):
        return ""
    return f"PVC {own.namespace}/{own.name} was not created for pod {meta.namespace}/{meta.name} (pod is not owner)"


def given_to(volume: PersistentVolume, claim: PersistentVolumeClaim, revision: int) -> PersistentVolume:
    """The volume with a claimRef that means this claim and no other (`GetBindVolumeToClaim`); `revision` is the claim's."""
    held, meta = volume.spec.claimRef, claim.metadata
    if held is not None and held.uid == meta.uid:
        return volume
    reference = ObjectReference(
        apiVersion="v1", kind="PersistentVolumeClaim", name=meta.name, namespace=meta.namespace, uid=meta.uid,
        resourceVersion=str(revision),
    )  # fmt: skip
    annotations = volume.metadata.annotations
    if held is None:
        annotations = {**annotations, BOUND_BY_CONTROLLER: YES}
    new = replace(volume.metadata, annotations=annotations)
    return replace(volume, metadata=new, spec=replace(volume.spec, claimRef=reference))


def why_not(volume: PersistentVolume, claim: PersistentVolumeClaim) -> str:
    """What keeps a claim from a volume it names (`checkVolumeSatisfyClaim`); "" if nothing does."""
    if volume.metadata.deletionTimestamp:
        return f'the volume is marked for deletion "{volume.metadata.name}"'
    if not _is_enough(volume, claim):
        return "requested PV is too small"
    if class_of(volume) != class_of(claim):
        return "storageClassName does not match"
    if _mode(volume) != _mode(claim):
        return "incompatible volumeMode"
    return "" if _has_modes(volume, claim) else "incompatible accessMode"


def best_match(
    claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume], node: Node | None = None
) -> PersistentVolume | None:
    """The volume for the claim: one that names it, else the smallest that is free and large enough.

    With a `node`, as the scheduler asks, only volumes that can be reached from it count, and one that names
    the claim and cannot be means that there is none. Without, as the binder asks, fewer access modes come first.
    """
    suitable = [volume for volume in volumes if _suits(volume, claim)]
    if node is not None:
        named = next((volume for volume in suitable if is_for(volume, claim)), None)
        if named is not None:
            return named if reachable(named, node) else None
        suitable = [volume for volume in suitable if reachable(volume, node)]
    able = [volume for volume in suitable if is_for(volume, claim) or _is_free(volume, claim)]
    return min(
        able,
        key=lambda volume: (
            len(set(volume.spec.accessModes)) if node is None else 0, not is_for(volume, claim), *_order(volume)
        ),
        default=None,
    )  # fmt: skip


def reachable(volume: PersistentVolume, node: Node) -> bool:
    """Whether the volume's node affinity allows the node."""
    affinity = volume.spec.nodeAffinity
    if affinity is None or affinity.required is None:
        return True
    return any(term_matches(term, node) for term in affinity.required.nodeSelectorTerms)


def _suits(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether the volume can be the claim's, whoever it is meant for."""
    if volume.metadata.deletionTimestamp or not _is_enough(volume, claim) or _mode(volume) != _mode(claim):
        return False
    wanted = claim.spec.volumeAttributesClassName or ""
    return _has_modes(volume, claim) and wanted == volume.spec.volumeAttributesClassName


def _is_free(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    if volume.spec.claimRef is not None or class_of(volume) != class_of(claim):
        return False
    selector = claim.spec.selector
    return selector is None or labels.from_label_selector(selector).matches(volume.metadata.labels)


def _is_enough(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    asked = claim.spec.resources.requests.get(STORAGE, _NONE)
    return quantity.compare(volume.spec.capacity.get(STORAGE, _NONE), asked) >= 0


def _has_modes(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    return set(claim.spec.accessModes) <= set(volume.spec.accessModes)


def _order(volume: PersistentVolume) -> tuple[int, str]:
    return quantity.nano(volume.spec.capacity.get(STORAGE, _NONE)), volume.metadata.name


def _mode(value: PersistentVolume | PersistentVolumeClaim) -> str:
    return value.spec.volumeMode or "Filesystem"
