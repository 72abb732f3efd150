"""A cluster with the Deployment and ReplicaSet controllers in it, and one Deployment to roll out."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import (
    Deployment,
    DeploymentCondition,
    DeploymentSpec,
    DeploymentStrategy,
    ReplicaSet,
    RollingUpdateDeployment,
)
from cluster.api.kinds import DEPLOYMENTS, PODS, REPLICA_SETS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.controllers.deployment import DeploymentController
from cluster.controllers.deployment.annotations import REVISION, revision
from cluster.controllers.replica_set import ReplicaSetController
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key, template

IntOrPercent = int | str


def deployment(
    replicas: int = 3, *, surge: IntOrPercent = 1, unavailable: IntOrPercent = 0, recreate: bool = False, image: str = "web:1",
    deadline: int = 600, history: int = 10, min_ready: int = 0, paused: bool = False, name: str = "web",
) -> Deployment:  # fmt: skip
    """A Deployment of app=web pods."""
    rolling = RollingUpdateDeployment(maxSurge=surge, maxUnavailable=unavailable)
    strategy = DeploymentStrategy(type="Recreate") if recreate else DeploymentStrategy(rollingUpdate=rolling)
    return Deployment(
        metadata=ObjectMeta(name=name, namespace=NAMESPACE),
        spec=DeploymentSpec(
            replicas=replicas, selector=LabelSelector(matchLabels={"app": "web"}), template=template(image),
            strategy=strategy, progressDeadlineSeconds=deadline, revisionHistoryLimit=history, minReadySeconds=min_ready,
            paused=paused,
        ),
    )  # fmt: skip


class Rollouts(World):
    """The cluster; `web` is the Deployment under test."""

    def __init__(self, wanted: Deployment | None = None, *, ready: bool = True) -> None:
        super().__init__(ReplicaSetController, DeploymentController)
        if wanted is not None:
            self.api.create(DEPLOYMENTS, wanted, actor=USER)
            self.run()
        if wanted is not None and ready:
            self.make_ready()
            self.run()

    @property
    def web(self) -> Deployment:
        """The Deployment as it is now."""
        return self.api.get(DEPLOYMENTS, key("web"))

    @property
    def sets(self) -> list[ReplicaSet]:
        """Its ReplicaSets, by revision."""
        return sorted(self.store.table(REPLICA_SETS).values(), key=revision)

    def sizes(self) -> dict[str, int | None]:
        """The replicas asked for, by revision."""
        return {found.metadata.annotations[REVISION]: found.spec.replicas for found in self.sets}

    def change(self, wanted: Deployment) -> None:
        """Write the Deployment."""
        self.api.update(DEPLOYMENTS, wanted, actor=USER)

    def set_spec(self, **fields: object) -> None:
        """Change fields of the spec."""
        self.change(replace(self.web, spec=replace(self.web.spec, **fields)))

    def set_image(self, image: str) -> None:
        """Change the template."""
        self.set_spec(template=template(image))

    def scale(self, replicas: int) -> None:
        """Change the size."""
        self.api.scale(DEPLOYMENTS, key("web"), replicas, actor=USER)

    def annotate(self, annotations: dict[str, str]) -> None:
        """Add annotations to the Deployment."""
        meta = self.web.metadata
        self.change(replace(self.web, metadata=replace(meta, annotations={**meta.annotations, **annotations})))

    def roll(self, steps: int = 12) -> None:
        """Let the rollout go on: pods become ready, and those that are deleted go."""
        for _ in range(steps):
            self.run(1_000)
            self.make_ready()
            self.finish_deletions()
        self.run()

    def bind(self) -> None:
        """Put every pod on a node, so that it terminates gracefully."""
        for pod in self.pods():
            if not pod.spec.nodeName:
                bound = replace(pod, spec=replace(pod.spec, nodeName="node-1"))
                self.store.put(PODS, kinds.key(pod), bound, USER)

    def condition(self, kind: str) -> DeploymentCondition:
        """The Deployment's condition of this type."""
        return next(found for found in self.web.status.conditions if found.type == kind)

    def reason(self, kind: str) -> tuple[str, str]:
        """The status and reason of a condition."""
        found = self.condition(kind)
        return found.status, found.reason

    def scalings(self) -> list[str]:
        """What was scaled, with ReplicaSets called by their revisions: `up 1 from 0 to 3`."""
        names = {found.metadata.name: found.metadata.annotations[REVISION] for found in self.sets}
        told = []
        for message in self.messages("ScalingReplicaSet"):
            words = message.split()
            told.append(" ".join([words[1], names[words[4]], *words[5:]]))
        return told
