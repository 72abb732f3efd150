"""The ReplicationController's controller: the shared engine, told how the older kind says what it wants.

Between ReplicationControllers and pods. Mirrors pkg/controller/replication. Invariant: whatever both
kinds do alike is in `replicas`; this kind does not count terminating pods.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.cluster import Cluster
from cluster.api.core import (
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerCondition,
    ReplicationControllerStatus,
)
from cluster.api.kinds import REPLICATION_CONTROLLERS
from cluster.api.labels import NOTHING, Selector
from cluster.apiserver import ApiServer
from cluster.controllers.replicas.conditions import with_failure
from cluster.controllers.replicas.controller import Counts, Failure, ReplicaController

ACTOR = "replication-controller"


class ReplicationManager(ReplicaController[ReplicationController]):
    """Keeps `spec.replicas` pods of every ReplicationController."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        super().__init__(api, REPLICATION_CONTROLLERS, ACTOR)

    def selector(self, owner: ReplicationController) -> tuple[Selector, Mapping[str, str]]:
        """What the owner selects, and labels that all it selects have."""
        selector = owner.spec.selector
        return labels.from_map(selector) if selector else NOTHING, selector

    def template(self, owner: ReplicationController) -> PodTemplateSpec:
        """What its pods are made from."""
        return owner.spec.template or PodTemplateSpec()

    def with_status(
        self, owner: ReplicationController, counts: Counts, failure: Failure | None
    ) -> ReplicationController:
        """The owner with the status that these counts and this failure make."""
        present = owner.status.conditions
        status = ReplicationControllerStatus(
            replicas=counts.replicas, fullyLabeledReplicas=counts.fully_labelled, readyReplicas=counts.ready,
            availableReplicas=counts.available, observedGeneration=owner.metadata.generation,
            conditions=with_failure(present, ReplicationControllerCondition, failure, self.timestamp()),
        )  # fmt: skip
        return replace(owner, status=status)
