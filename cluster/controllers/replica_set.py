"""The ReplicaSet controller: the shared engine, told how ReplicaSets say what they want.

Between Deployments' ReplicaSets and pods. Mirrors pkg/controller/replicaset. Invariant: whatever both
kinds do alike is in `replicas`.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.apps import ReplicaSet, ReplicaSetCondition, ReplicaSetStatus
from cluster.api.cluster import Cluster
from cluster.api.core import PodTemplateSpec
from cluster.api.kinds import REPLICA_SETS
from cluster.api.labels import Selector
from cluster.apiserver import ApiServer
from cluster.controllers.replicas.conditions import with_failure
from cluster.controllers.replicas.controller import Counts, Failure, ReplicaController

ACTOR = "replicaset-controller"


class ReplicaSetController(ReplicaController[ReplicaSet]):
    """Keeps `spec.replicas` pods of every ReplicaSet."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        super().__init__(api, REPLICA_SETS, ACTOR)

    def selector(self, owner: ReplicaSet) -> tuple[Selector, Mapping[str, str]]:
        """What the owner selects, and labels that all it selects have."""
        selector = owner.spec.selector
        return labels.from_label_selector(selector), {} if selector is None else selector.matchLabels

    def template(self, owner: ReplicaSet) -> PodTemplateSpec:
        """What its pods are made from."""
        return owner.spec.template

    def with_status(self, owner: ReplicaSet, counts: Counts, failure: Failure | None) -> ReplicaSet:
        """The owner with the status that these counts and this failure make."""
        present = owner.status.conditions
        status = ReplicaSetStatus(
            replicas=counts.replicas, fullyLabeledReplicas=counts.fully_labelled, readyReplicas=counts.ready,
            availableReplicas=counts.available, terminatingReplicas=counts.terminating,
            observedGeneration=owner.metadata.generation,
            conditions=with_failure(present, ReplicaSetCondition, failure, self.timestamp()),
        )  # fmt: skip
        return replace(owner, status=status)
