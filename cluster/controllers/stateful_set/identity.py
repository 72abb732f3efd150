"""What makes a StatefulSet's pod the one it is: its ordinal, its name, its labels and its claims.

Pure; used where pods are made, counted and mended. Mirrors pkg/controller/statefulset/
stateful_set_utils.go. Invariant: the ordinal in a pod's name decides everything else.
"""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api.apps import StatefulSet
from cluster.api.core import PersistentVolumeClaim, PersistentVolumeClaimVolumeSource, Pod, PodTemplateSpec, Volume
from cluster.api.kinds import STATEFUL_SETS
from cluster.api.meta import ObjectMeta
from cluster.controllers.history import POD_LABEL
from cluster.controllers.ownership import controller_reference

NAME_LABEL = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL = "apps.kubernetes.io/pod-index"
_ORDINAL = re.compile(r"(.*)-([0-9]+)", re.ASCII | re.DOTALL)


def ordinal_of(owner: StatefulSet, pod: Pod) -> int:
    """The pod's number; -1 if its name is none of the owner's."""
    match = _ORDINAL.fullmatch(pod.metadata.name)
    return int(match[2]) if match is not None and match[1] == owner.metadata.name else -1


def is_member(owner: StatefulSet, pod: Pod) -> bool:
    """Whether the pod's name is one of the owner's (`isMemberOf`): it adopts no other, and lets others go."""
    return ordinal_of(owner, pod) >= 0


def ordinals(owner: StatefulSet) -> range:
    """The numbers that pods should have."""
    start = owner.spec.ordinals.start if owner.spec.ordinals is not None else 0
    return range(start, start + (1 if owner.spec.replicas is None else owner.spec.replicas))


def new_pod(owner: StatefulSet, template: PodTemplateSpec, revision: str, ordinal: int) -> Pod:
    """The pod of this number, made from one revision's template (`newVersionedStatefulSetPod`)."""
    name = f"{owner.metadata.name}-{ordinal}"
    labels = {**template.metadata.labels, POD_LABEL: revision}
    pod = Pod(
        metadata=ObjectMeta(
            name=name, generateName=f"{owner.metadata.name}-", namespace=owner.metadata.namespace, labels=labels,
            annotations=template.metadata.annotations, finalizers=template.metadata.finalizers,
            ownerReferences=(controller_reference(STATEFUL_SETS, owner),),
        ),
        spec=replace(template.spec, hostname=name, subdomain=owner.spec.serviceName),
    )  # fmt: skip
    return mended(owner, pod, ordinal)


def mended(owner: StatefulSet, pod: Pod, ordinal: int) -> Pod:
    """The pod with the identity and the volumes that its number gives it; the same pod if nothing was missing."""
    labels: Mapping[str, str] = {**pod.metadata.labels, NAME_LABEL: pod.metadata.name, INDEX_LABEL: str(ordinal)}
    if labels != pod.metadata.labels:
        pod = replace(pod, metadata=replace(pod.metadata, labels=labels))
    volumes = _volumes(owner, pod, ordinal)
    return pod if volumes == pod.spec.volumes else replace(pod, spec=replace(pod.spec, volumes=volumes))


def claim_name(owner: StatefulSet, template: str, ordinal: int) -> str:
    """The name of the claim that a pod has by a claim template."""
    return f"{template}-{owner.metadata.name}-{ordinal}"


def claims(owner: StatefulSet, ordinal: int) -> list[PersistentVolumeClaim]:
    """The claims that the pod of this number needs (`getPersistentVolumeClaims`)."""
    matched = owner.spec.selector.matchLabels if owner.spec.selector is not None else {}
    return [
        replace(template, metadata=replace(
            template.metadata, name=claim_name(owner, template.metadata.name, ordinal),
            namespace=owner.metadata.namespace, labels={**template.metadata.labels, **matched},
        ))
        for template in owner.spec.volumeClaimTemplates
    ]  # fmt: skip


def _volumes(owner: StatefulSet, pod: Pod, ordinal: int) -> tuple[Volume, ...]:
    """The pod's volumes, those of claim templates in place of any of the same name."""
    wanted = {
        template.metadata.name: PersistentVolumeClaimVolumeSource(
            claimName=claim_name(owner, template.metadata.name, ordinal)
        )
        for template in owner.spec.volumeClaimTemplates
    }
    if not wanted:
        return pod.spec.volumes
    held = {volume.name: volume.persistentVolumeClaim for volume in pod.spec.volumes}
    if all(name in held and held[name] == source for name, source in wanted.items()):
        return pod.spec.volumes
    claimed = tuple(Volume(name=name, persistentVolumeClaim=source) for name, source in wanted.items())
    return (*claimed, *(volume for volume in pod.spec.volumes if volume.name not in wanted))
