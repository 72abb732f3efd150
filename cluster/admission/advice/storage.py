"""What is unwise in volumes, claims and classes, and in the volumes of pods.

On the data's way one part of the advice. Mirrors pkg/api/persistentvolume, persistentvolumeclaim and
storage. Invariant: a source that is warned of can still be written, though most no longer work.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.admission.advice import Advice, node_labels
from cluster.api import kinds, quantity
from cluster.api.core import PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec
from cluster.api.kinds import Kind
from cluster.api.storage import StorageClass

_CLASS = "volume.beta.kubernetes.io/storage-class"
_OPTIONS = "volume.beta.kubernetes.io/mount-options"
_OLD_CLASS = 'deprecated since v1.8; use "storageClassName" attribute instead'
_OLD_OPTIONS = 'deprecated since v1.31; use "mountOptions" attribute instead'
_RECYCLE = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."
_OLD_SOURCES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_SHOWN = {"storageos": "storageOS"}


def old_sources(field: str, value: Any) -> Iterator[str]:
    """Sources of volumes that are gone or going, of a pod's volume or a PersistentVolume's spec."""
    for name, said in _OLD_SOURCES.items():
        if getattr(value, name, None) is not None:
            yield f"{field}.{_SHOWN.get(name, name)}: {said}"


def claim_spec(field: str, spec: PersistentVolumeClaimSpec) -> Iterator[str]:
    """Bytes are whole."""
    for part in ("requests", "limits"):
        value = getattr(spec.resources, part).get("storage")
        if value is not None and quantity.milli(value) % 1000:
            why = f'fractional byte value "{value}" is invalid, must be an integer'
            yield f"{field}.resources.{part}[storage]: {why}"


def volume(new: PersistentVolume, _: PersistentVolume | None) -> tuple[str, ...]:
    """What is unwise in a volume."""
    found: list[str] = []
    affinity = new.spec.nodeAffinity
    required = None if affinity is None else affinity.required
    for index, term in enumerate(() if required is None else required.nodeSelectorTerms):
        found += node_labels.of_term(f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]", term)
    for key, said in ((_CLASS, _OLD_CLASS), (_OPTIONS, _OLD_OPTIONS)):
        if key in new.metadata.annotations:
            found.append(f"metadata.annotations[{key}]: {said}")
    if new.spec.persistentVolumeReclaimPolicy == "Recycle":
        found.append(f"spec.persistentVolumeReclaimPolicy: {_RECYCLE}")
    return (*found, *old_sources("spec", new.spec))


def claim(new: PersistentVolumeClaim, _: PersistentVolumeClaim | None) -> tuple[str, ...]:
    """What is unwise in a claim."""
    named = (f"metadata.annotations[{_CLASS}]: {_OLD_CLASS}",) if _CLASS in new.metadata.annotations else ()
    return (*named, *claim_spec("spec", new.spec))


def storage_class(new: StorageClass, _: StorageClass | None) -> tuple[str, ...]:
    """What is unwise in a class."""
    return tuple(
        said
        for index, term in enumerate(new.allowedTopologies)
        for number, expression in enumerate(term.matchLabelExpressions)
        for said in node_labels.of_key(
            f"allowedTopologies[{index}].matchLabelExpressions[{number}].key", expression.key
        )
    )


ADVICE: Mapping[Kind[Any], Advice] = {
    kinds.PERSISTENT_VOLUMES: volume,
    kinds.PERSISTENT_VOLUME_CLAIMS: claim,
    kinds.STORAGE_CLASSES: storage_class,
}
