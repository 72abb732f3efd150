"""VolumeBinding: a pod goes where its volumes can be had: those it has, those that are free, or new ones.

A prefilter on the claims and a filter on the node; the same search says what to write when a node has
been chosen. Mirrors pkg/scheduler/framework/plugins/volumebinding. Invariant: a claim that does not
wait for its pod is bound before the pod is placed.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cluster.api import quantity
from cluster.api.core import Node, PersistentVolume, PersistentVolumeClaim
from cluster.api.persistent_volumes import (
    SELECTED_NODE,
    STORAGE,
    best_match,
    class_of,
    is_bound,
    not_made_for,
    reachable,
)
from cluster.api.quantity import Quantity
from cluster.api.storage import StorageClass
from cluster.scheduler.framework import Filter, Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.volumes import Volumes

NAME = "VolumeBinding"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
OUT_OF_REACH = "node(s) didn't match PersistentVolume's node affinity"
NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
TOO_LITTLE = "node(s) did not have enough free storage"
VOLUME_GONE = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"


class Plan(NamedTuple):
    """What a node means for a pod's claims: volumes to give, claims to have provisioned, or why it will not do."""

    given: tuple[tuple[PersistentVolume, PersistentVolumeClaim], ...] = ()
    provisioned: tuple[PersistentVolumeClaim, ...] = ()
    reasons: tuple[str, ...] = ()


def prefilter(pod: PodInfo, volumes: Volumes) -> Rejection | None:
    """Refuse a pod whose claims are missing, lost, going, or not bound and not waiting for it."""
    claims = pod.volumes.claims if pod.volumes else ()
    reason = next((reason for each in claims if (reason := _fault(each, pod, volumes))), "")
    if not reason and any(_is_late(volumes.claims[each], volumes) for each in claims):
        reason = UNBOUND
    return Rejection(NAME, (reason,)) if reason else None


def _fault(key: str, pod: PodInfo, volumes: Volumes) -> str:
    name, claim = key.rpartition("/")[2], volumes.claims.get(key)
    is_own = pod.volumes is not None and key in pod.volumes.own
    if claim is None:
        return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
    if claim.status.phase == "Lost":
        return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{claim.spec.volumeName}"'
    if claim.metadata.deletionTimestamp:
        return f'persistentvolumeclaim "{name}" is being deleted'
    return not_made_for(pod.pod, claim) if is_own else ""


def _is_late(claim: PersistentVolumeClaim, volumes: Volumes) -> bool:
    return not is_bound(claim) and (bool(claim.spec.volumeName) or not volumes.waits(claim))


def prepare(pod: PodInfo, volumes: Volumes) -> Filter | None:
    """Reject nodes where the volumes cannot be had."""
    if pod.volumes is None or not pod.volumes.claims:
        return None

    def filter_(found: PodInfo, node: NodeInfo) -> Rejection | None:
        reasons = plan(found, node.node, volumes).reasons
        return Rejection(NAME, reasons) if reasons else None

    return filter_


def plan(pod: PodInfo, node: Node, volumes: Volumes) -> Plan:
    """What there is to do so that a pod has its volumes on a node (`FindPodVolumes`)."""
    claims = [volumes.claims[key] for key in dict.fromkeys(pod.volumes.claims)] if pod.volumes else []
    bound = [volumes.volumes.get(claim.spec.volumeName) for claim in claims if is_bound(claim)]
    reasons = [OUT_OF_REACH] if any(volume is not None and not reachable(volume, node) for volume in bound) else []
    gone = [VOLUME_GONE] if None in bound else []
    found = _to_bind([claim for claim in claims if not is_bound(claim)], node, volumes)
    if isinstance(found, str):
        return Plan(reasons=(*reasons, found, *gone))
    return Plan(*found, reasons=(*reasons, *gone))


Bindings = tuple[tuple[tuple[PersistentVolume, PersistentVolumeClaim], ...], tuple[PersistentVolumeClaim, ...]]


def _to_bind(claims: Sequence[PersistentVolumeClaim], node: Node, volumes: Volumes) -> Bindings | str:
    """For each claim the best free volume, the smallest claim first, or a new volume; why not, if that cannot be."""
    given: list[tuple[PersistentVolume, PersistentVolumeClaim]] = []
    provisioned: list[PersistentVolumeClaim] = []
    lacks_room = False
    for claim in sorted(claims, key=_size):
        selected = claim.metadata.annotations.get(SELECTED_NODE)
        if selected not in {None, node.metadata.name}:
            return NONE_TO_BIND
        taken = {volume.metadata.name for volume, _ in given}
        free = [volume for volume in volumes.of_class(class_of(claim)) if volume.metadata.name not in taken]
        match = None if selected else best_match(claim, free, node)
        if match is not None:
            given.append((match, claim))
            continue
        storage_class = volumes.classes.get(class_of(claim))
        if storage_class is None or not _provisions(storage_class, node):
            return NONE_TO_BIND
        provisioned.append(claim)
        lacks_room = lacks_room or not volumes.has_room(storage_class, _size(claim), node)
    return TOO_LITTLE if lacks_room else (tuple(given), tuple(provisioned))


def _size(claim: PersistentVolumeClaim) -> int:
    return quantity.nano(claim.spec.resources.requests.get(STORAGE, Quantity("0")))


def _provisions(storage_class: StorageClass, node: Node) -> bool:
    """Whether the class makes volumes that the node can reach (`checkVolumeProvisions`)."""
    if storage_class.provisioner in {"", NO_PROVISIONER}:
        return False
    terms, labels = storage_class.allowedTopologies, node.metadata.labels
    return not terms or any(
        all(labels.get(each.key) in each.values for each in term.matchLabelExpressions) for term in terms
    )
