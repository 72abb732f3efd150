"""The storage group (storage.k8s.io/v1): StorageClasses and what CSI drivers say of themselves.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from cluster.api.core import PersistentVolumeSpec, TopologySelectorTerm
from cluster.api.meta import LabelSelector, Resource
from cluster.api.object import ListType, Object
from cluster.api.quantity import Quantity


class TokenRequest(Object, frozen=True, kw_only=True):
    audience: str = field(default_factory=str)
    expirationSeconds: int | None = None


class CSIDriverSpec(Object, frozen=True, kw_only=True):
    attachRequired: bool | None = None
    fsGroupPolicy: str = ""
    nodeAllocatableUpdatePeriodSeconds: int | None = None
    podInfoOnMount: bool | None = None
    preventPodSchedulingIfMissing: bool | None = None
    requiresRepublish: bool | None = None
    seLinuxMount: bool | None = None
    serviceAccountTokenInSecrets: bool | None = None
    storageCapacity: bool | None = None
    tokenRequests: tuple[TokenRequest, ...] = ()
    volumeLifecycleModes: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()


class CSIDriver(Resource, frozen=True, kw_only=True):
    spec: CSIDriverSpec = field(default_factory=lambda: CSIDriverSpec())


class VolumeNodeResources(Object, frozen=True, kw_only=True):
    count: int | None = None


class CSINodeDriver(Object, frozen=True, kw_only=True):
    allocatable: VolumeNodeResources | None = None
    name: str = field(default_factory=str)
    nodeID: str = field(default_factory=str)
    topologyKeys: tuple[str, ...] = ()


class CSINodeSpec(Object, frozen=True, kw_only=True):
    drivers: Annotated[tuple[CSINodeDriver, ...], ListType("map", ("name",), "merge", "name")] = ()


class CSINode(Resource, frozen=True, kw_only=True):
    spec: CSINodeSpec = field(default_factory=lambda: CSINodeSpec())


class CSIStorageCapacity(Resource, frozen=True, kw_only=True):
    capacity: Quantity | None = None
    maximumVolumeSize: Quantity | None = None
    nodeTopology: LabelSelector | None = None
    storageClassName: str = field(default_factory=str)


class StorageClass(Resource, frozen=True, kw_only=True):
    allowVolumeExpansion: bool | None = None
    allowedTopologies: tuple[TopologySelectorTerm, ...] = ()
    mountOptions: tuple[str, ...] = ()
    parameters: Mapping[str, str] = {}
    provisioner: str = field(default_factory=str)
    reclaimPolicy: str = ""
    volumeBindingMode: str = ""


class VolumeAttachmentSource(Object, frozen=True, kw_only=True):
    inlineVolumeSpec: PersistentVolumeSpec | None = None
    persistentVolumeName: str = ""


class VolumeAttachmentSpec(Object, frozen=True, kw_only=True):
    attacher: str = field(default_factory=str)
    nodeName: str = field(default_factory=str)
    source: VolumeAttachmentSource = field(default_factory=lambda: VolumeAttachmentSource())


class VolumeError(Object, frozen=True, kw_only=True):
    errorCode: int | None = None
    message: str = ""
    time: str = ""


class VolumeAttachmentStatus(Object, frozen=True, kw_only=True):
    attachError: VolumeError | None = None
    attached: bool = field(default_factory=bool)
    attachmentMetadata: Mapping[str, str] = {}
    detachError: VolumeError | None = None


class VolumeAttachment(Resource, frozen=True, kw_only=True):
    spec: VolumeAttachmentSpec = field(default_factory=lambda: VolumeAttachmentSpec())
    status: VolumeAttachmentStatus = field(default_factory=lambda: VolumeAttachmentStatus())


class VolumeAttributesClass(Resource, frozen=True, kw_only=True):
    driverName: str = field(default_factory=str)
    parameters: Mapping[str, str] = {}
