"""Defaults of the workload controllers' objects: replicas, strategy, and their pod template.

On the data's way between decoding and admission. Mirrors pkg/apis/apps/v1/defaults.go and
SetDefaults_ReplicationController. Invariant: only ReplicationControllers take their selector and
labels from the template; the others must be told.
"""

from cluster.admission.defaults.pods import template
from cluster.admission.defaults.storage import claim
from cluster.admission.sharing import changed, each
from cluster.api.apps import (
    DaemonSet,
    DaemonSetUpdateStrategy,
    Deployment,
    DeploymentStrategy,
    ReplicaSet,
    RollingUpdateDaemonSet,
    RollingUpdateDeployment,
    RollingUpdateStatefulSetStrategy,
    StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetUpdateStrategy,
)
from cluster.api.core import PodTemplate, ReplicationController

REVISION_HISTORY = 10
PROGRESS_SECONDS = 600
_SHARE = "25%"


def replication_controller(value: ReplicationController) -> ReplicationController:
    """The controller with one replica and, where absent, the template's labels as its own and as its selector."""
    spec = value.spec
    pods = None if spec.template is None else template(spec.template)
    labels = {} if pods is None else pods.metadata.labels
    if labels:
        metadata = changed(value.metadata, labels=value.metadata.labels or labels)
        value, spec = changed(value, metadata=metadata), changed(spec, selector=spec.selector or labels)
    return changed(value, spec=changed(spec, template=pods, replicas=1 if spec.replicas is None else spec.replicas))


def replica_set(value: ReplicaSet) -> ReplicaSet:
    """The ReplicaSet with one replica and its template's defaults."""
    spec = value.spec
    replicas = 1 if spec.replicas is None else spec.replicas
    return changed(value, spec=changed(spec, template=template(spec.template), replicas=replicas))


def deployment(value: Deployment) -> Deployment:
    """The Deployment with one replica, a rolling update by quarters, and its limits."""
    spec = value.spec
    history, deadline = spec.revisionHistoryLimit, spec.progressDeadlineSeconds
    return changed(
        value,
        spec=changed(
            spec,
            template=template(spec.template),
            replicas=1 if spec.replicas is None else spec.replicas,
            strategy=_strategy(spec.strategy),
            revisionHistoryLimit=REVISION_HISTORY if history is None else history,
            progressDeadlineSeconds=PROGRESS_SECONDS if deadline is None else deadline,
        ),
    )


def _strategy(value: DeploymentStrategy) -> DeploymentStrategy:
    value = changed(value, type=value.type or "RollingUpdate")
    if value.type != "RollingUpdate":
        return value
    rolling = value.rollingUpdate or RollingUpdateDeployment()
    rolling = changed(
        rolling,
        maxSurge=_SHARE if rolling.maxSurge is None else rolling.maxSurge,
        maxUnavailable=_SHARE if rolling.maxUnavailable is None else rolling.maxUnavailable,
    )
    return changed(value, rollingUpdate=rolling)


def stateful_set(value: StatefulSet) -> StatefulSet:
    """The StatefulSet with one replica, kept in order, that keeps its claims."""
    spec = value.spec
    history = spec.revisionHistoryLimit
    keep = spec.persistentVolumeClaimRetentionPolicy or StatefulSetPersistentVolumeClaimRetentionPolicy()
    keep = changed(keep, whenDeleted=keep.whenDeleted or "Retain", whenScaled=keep.whenScaled or "Retain")
    spec = changed(
        spec,
        template=template(spec.template),
        volumeClaimTemplates=each(spec.volumeClaimTemplates, claim),
        podManagementPolicy=spec.podManagementPolicy or "OrderedReady",
        updateStrategy=_stateful_strategy(spec.updateStrategy),
        persistentVolumeClaimRetentionPolicy=keep,
        replicas=1 if spec.replicas is None else spec.replicas,
        revisionHistoryLimit=REVISION_HISTORY if history is None else history,
    )
    return changed(value, spec=spec)


def _stateful_strategy(value: StatefulSetUpdateStrategy) -> StatefulSetUpdateStrategy:
    rolling = value.rollingUpdate
    if not value.type:
        rolling = rolling or RollingUpdateStatefulSetStrategy()
        value = changed(value, type="RollingUpdate")
    if value.type != "RollingUpdate" or rolling is None:
        return value
    return changed(value, rollingUpdate=rolling if rolling.partition is not None else changed(rolling, partition=0))


def daemon_set(value: DaemonSet) -> DaemonSet:
    """The DaemonSet that is renewed one pod at a time."""
    spec = value.spec
    history = spec.revisionHistoryLimit
    spec = changed(
        spec,
        template=template(spec.template),
        updateStrategy=_daemon_strategy(spec.updateStrategy),
        revisionHistoryLimit=REVISION_HISTORY if history is None else history,
    )
    return changed(value, spec=spec)


def _daemon_strategy(value: DaemonSetUpdateStrategy) -> DaemonSetUpdateStrategy:
    value = changed(value, type=value.type or "RollingUpdate")
    if value.type != "RollingUpdate":
        return value
    rolling = value.rollingUpdate or RollingUpdateDaemonSet()
    rolling = changed(
        rolling,
        maxSurge=0 if rolling.maxSurge is None else rolling.maxSurge,
        maxUnavailable=1 if rolling.maxUnavailable is None else rolling.maxUnavailable,
    )
    return changed(value, rollingUpdate=rolling)


def pod_template(value: PodTemplate) -> PodTemplate:
    """The template with the defaults that templates get."""
    return changed(value, template=template(value.template))
