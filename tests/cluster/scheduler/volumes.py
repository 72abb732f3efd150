"""Claims, volumes and classes for tests of the scheduler."""

from typing import Any

from cluster.api.core import (
    CSIPersistentVolumeSource,
    HostPathVolumeSource,
    NodeSelector,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeClaimVolumeSource,
    PersistentVolumeSpec,
    Pod,
    Volume,
    VolumeNodeAffinity,
    VolumeResourceRequirements,
)
from cluster.api.meta import ObjectMeta
from cluster.api.persistent_volumes import BIND_COMPLETED
from cluster.api.quantity import Quantity
from cluster.api.storage import StorageClass
from tests.cluster.scheduler.world import HOST, expression, pod, spec

ONCE, ONE_POD = "ReadWriteOnce", "ReadWriteOncePod"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def storage_class(
    name: str, provisioner: str = NO_PROVISIONER, mode: str = "WaitForFirstConsumer", **fields: Any
) -> StorageClass:
    """A storage class."""
    return StorageClass(metadata=ObjectMeta(name=name), provisioner=provisioner, volumeBindingMode=mode, **fields)


def claim(
    name: str, storage: str = "wait", size: str = "1Gi", volume: str = "", mode: str = ONCE
) -> PersistentVolumeClaim:
    """A claim of a storage class; bound, if its volume is given."""
    return PersistentVolumeClaim(
        metadata=ObjectMeta(
            name=name, namespace="default", uid=f"uid-{name}", annotations={BIND_COMPLETED: "yes"} if volume else {}
        ),
        spec=PersistentVolumeClaimSpec(
            storageClassName=storage, accessModes=(mode,), volumeName=volume, volumeMode="Filesystem",
            resources=VolumeResourceRequirements(requests={"storage": Quantity(size)}),
        ),
        status=PersistentVolumeClaimStatus(phase="Bound" if volume else "Pending"),
    )  # fmt: skip


def volume(
    name: str, *nodes: str, storage: str = "wait", size: str = "10Gi", claim: str = "", mode: str = ONCE,
    labels: dict[str, str] | None = None, driver: str = "",
) -> PersistentVolume:  # fmt: skip
    """A volume that these nodes reach (all, if none is named)."""
    demand = VolumeNodeAffinity(required=NodeSelector(nodeSelectorTerms=(expression(HOST, "In", *nodes),)))
    reference = ObjectReference(namespace="default", name=claim, uid=f"uid-{claim}") if claim else None
    return PersistentVolume(
        metadata=ObjectMeta(name=name, uid=f"uid-{name}", labels=labels or {}),
        spec=PersistentVolumeSpec(
            storageClassName=storage, accessModes=(mode,), capacity={"storage": Quantity(size)}, claimRef=reference,
            nodeAffinity=demand if nodes else None, volumeMode="Filesystem",
            csi=CSIPersistentVolumeSource(driver=driver, volumeHandle=name) if driver else None,
            hostPath=None if driver else HostPathVolumeSource(path="/data", type=""), persistentVolumeReclaimPolicy="Retain",
        ),
    )  # fmt: skip


def mounting(name: str, *claims: str, **fields: Any) -> Pod:
    """A pod with these claims."""
    volumes = tuple(
        Volume(name=each, persistentVolumeClaim=PersistentVolumeClaimVolumeSource(claimName=each)) for each in claims
    )
    return pod(name, spec(fields.pop("requests", None), volumes=volumes, **fields))
