"""Volumes and claims as their registries take them: pending, and saying twice where their data comes from.

The storage part of `strategy`. Mirrors persistentvolumeStrategy and persistentvolumeclaimStrategy.
Invariant: a claim's `dataSource` and `dataSourceRef` tell the same, unless the reference leads to
another namespace.
"""

from typing import Any

from cluster.admission.sharing import changed
from cluster.api.core import (
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeStatus,
    TypedLocalObjectReference,
    TypedObjectReference,
)
from cluster.api.kinds import Kind

_SOURCES = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
_PENDING = PersistentVolumeClaimStatus(phase="Pending")


def prepare_create(_: Kind[Any], value: PersistentVolume) -> PersistentVolume:
    """The new volume, pending from now on."""
    status = PersistentVolumeStatus(phase="Pending", lastPhaseTransitionTime=value.metadata.creationTimestamp)
    return changed(value, status=status)


def prepare_claim_create(_: Kind[Any], value: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """The new claim, pending."""
    return changed(value, status=_PENDING, spec=_both_sources(_known_source(value.spec)))


def prepare_claim_update(_: Kind[Any], new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """The changed claim with its old status."""
    spec, before = new.spec, old.spec
    if before.dataSource is None and before.dataSourceRef is None:
        spec = _known_source(spec)
    return changed(new, status=old.status, spec=_both_sources(spec))


def _known_source(spec: PersistentVolumeClaimSpec) -> PersistentVolumeClaimSpec:
    """The spec without a source that no driver of old knows, unless it is named by reference."""
    source = spec.dataSource
    if spec.dataSourceRef is not None or source is None or (source.apiGroup, source.kind) in _SOURCES:
        return spec
    return changed(spec, dataSource=None)


def _both_sources(spec: PersistentVolumeClaimSpec) -> PersistentVolumeClaimSpec:
    source, reference = spec.dataSource, spec.dataSourceRef
    if source is not None and reference is None:
        reference = TypedObjectReference(apiGroup=source.apiGroup, kind=source.kind, name=source.name)
    elif reference is not None and source is None and not reference.namespace:
        source = TypedLocalObjectReference(apiGroup=reference.apiGroup, kind=reference.kind, name=reference.name)
    return changed(spec, dataSource=source, dataSourceRef=reference)
