"""Defaults of the workload controllers' objects: replicas, strategy, and their pod template.

On the data's way between decoding and admission. Mirrors pkg/apis/apps/v1/defaults.go and
SetDefaults_ReplicationController. Invariant: only ReplicationControllers take their selector and
labels from the template; the others must be told.
"""

from cluster.admission.defaults.pods import template
from cluster.admission.sharing import changed
from cluster.api.apps import Deployment, DeploymentStrategy, ReplicaSet, RollingUpdateDeployment
from cluster.api.core import ReplicationController

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
