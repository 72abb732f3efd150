"""The apps group (apps/v1): the workload controllers' objects.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import field

from cluster.api.core import PersistentVolumeClaim, PodTemplateSpec
from cluster.api.meta import LabelSelector, Resource
from cluster.api.object import ListType, MapType, Object


class ControllerRevision(Resource, frozen=True, kw_only=True):
    data: Mapping[str, Any] = {}
    revision: int = field(default_factory=int)


class RollingUpdateDaemonSet(Object, frozen=True, kw_only=True):
    maxSurge: int | str | None = None
    maxUnavailable: int | str | None = None


class DaemonSetUpdateStrategy(Object, frozen=True, kw_only=True):
    rollingUpdate: RollingUpdateDaemonSet | None = None
    type: str = ""


class DaemonSetSpec(Object, frozen=True, kw_only=True):
    minReadySeconds: int = 0
    revisionHistoryLimit: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    updateStrategy: DaemonSetUpdateStrategy = field(default_factory=lambda: DaemonSetUpdateStrategy())


class DaemonSetCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class DaemonSetStatus(Object, frozen=True, kw_only=True):
    collisionCount: int | None = None
    conditions: Annotated[tuple[DaemonSetCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    currentNumberScheduled: int = field(default_factory=int)
    desiredNumberScheduled: int = field(default_factory=int)
    numberAvailable: int = 0
    numberMisscheduled: int = field(default_factory=int)
    numberReady: int = field(default_factory=int)
    numberUnavailable: int = 0
    observedGeneration: int = 0
    updatedNumberScheduled: int = 0


class DaemonSet(Resource, frozen=True, kw_only=True):
    spec: DaemonSetSpec = field(default_factory=lambda: DaemonSetSpec())
    status: DaemonSetStatus = field(default_factory=lambda: DaemonSetStatus())


class RollingUpdateDeployment(Object, frozen=True, kw_only=True):
    maxSurge: int | str | None = None
    maxUnavailable: int | str | None = None


class DeploymentStrategy(Object, frozen=True, kw_only=True):
    rollingUpdate: RollingUpdateDeployment | None = None
    type: str = ""


class DeploymentSpec(Object, frozen=True, kw_only=True):
    minReadySeconds: int = 0
    paused: bool = False
    progressDeadlineSeconds: int | None = None
    replicas: int | None = None
    revisionHistoryLimit: int | None = None
    selector: LabelSelector | None = None
    strategy: Annotated[DeploymentStrategy, MapType("granular", "retainKeys")] = field(default_factory=lambda: DeploymentStrategy())
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class DeploymentCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    lastUpdateTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class DeploymentStatus(Object, frozen=True, kw_only=True):
    availableReplicas: int = 0
    collisionCount: int | None = None
    conditions: Annotated[tuple[DeploymentCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    observedGeneration: int = 0
    readyReplicas: int = 0
    replicas: int = 0
    terminatingReplicas: int | None = None
    unavailableReplicas: int = 0
    updatedReplicas: int = 0


class Deployment(Resource, frozen=True, kw_only=True):
    spec: DeploymentSpec = field(default_factory=lambda: DeploymentSpec())
    status: DeploymentStatus = field(default_factory=lambda: DeploymentStatus())


class ReplicaSetSpec(Object, frozen=True, kw_only=True):
    minReadySeconds: int = 0
    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class ReplicaSetCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class ReplicaSetStatus(Object, frozen=True, kw_only=True):
    availableReplicas: int = 0
    conditions: Annotated[tuple[ReplicaSetCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    fullyLabeledReplicas: int = 0
    observedGeneration: int = 0
    readyReplicas: int = 0
    replicas: int = field(default_factory=int)
    terminatingReplicas: int | None = None


class ReplicaSet(Resource, frozen=True, kw_only=True):
    spec: ReplicaSetSpec = field(default_factory=lambda: ReplicaSetSpec())
    status: ReplicaSetStatus = field(default_factory=lambda: ReplicaSetStatus())


class RollingUpdateStatefulSetStrategy(Object, frozen=True, kw_only=True):
    maxUnavailable: int | str | None = None
    partition: int | None = None


class StatefulSetOrdinals(Object, frozen=True, kw_only=True):
    start: int = 0


class StatefulSetPersistentVolumeClaimRetentionPolicy(Object, frozen=True, kw_only=True):
    whenDeleted: str = ""
    whenScaled: str = ""


class StatefulSetUpdateStrategy(Object, frozen=True, kw_only=True):
    rollingUpdate: RollingUpdateStatefulSetStrategy | None = None
    type: str = ""


class StatefulSetSpec(Object, frozen=True, kw_only=True):
    minReadySeconds: int = 0
    ordinals: StatefulSetOrdinals | None = None
    persistentVolumeClaimRetentionPolicy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = None
    podManagementPolicy: str = ""
    replicas: int | None = None
    revisionHistoryLimit: int | None = None
    selector: LabelSelector | None = None
    serviceName: str = ""
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    updateStrategy: StatefulSetUpdateStrategy = field(default_factory=lambda: StatefulSetUpdateStrategy())
    volumeClaimTemplates: tuple[PersistentVolumeClaim, ...] = ()


class StatefulSetCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class StatefulSetStatus(Object, frozen=True, kw_only=True):
    availableReplicas: int = field(default_factory=int)
    collisionCount: int | None = None
    conditions: Annotated[tuple[StatefulSetCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    currentReplicas: int = 0
    currentRevision: str = ""
    observedGeneration: int = 0
    readyReplicas: int = 0
    replicas: int = field(default_factory=int)
    updateRevision: str = ""
    updatedReplicas: int = 0


class StatefulSet(Resource, frozen=True, kw_only=True):
    spec: StatefulSetSpec = field(default_factory=lambda: StatefulSetSpec())
    status: StatefulSetStatus = field(default_factory=lambda: StatefulSetStatus())
