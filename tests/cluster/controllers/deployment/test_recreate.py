"""The Recreate strategy: never two templates at once."""

from cluster.api.kinds import DEPLOYMENTS
from tests.cluster.controllers.deployment.rollouts import Rollouts, deployment


def test_every_old_pod_is_gone_before_a_new_one_comes() -> None:
    """The new ReplicaSet is made only when the last old pod has terminated."""
    world = Rollouts(deployment(3, recreate=True))
    world.bind()
    world.run()
    world.set_image("web:2")
    world.run(5_000)
    assert world.sizes() == {"1": 0}
    assert (world.web.status.replicas, world.web.status.terminatingReplicas) == (0, 3)
    assert world.reason("Available") == ("False", "MinimumReplicasUnavailable")
    world.finish_deletions()
    world.run(1_000)
    assert world.sizes() == {"1": 0, "2": 3}
    assert world.scalings() == ["up 1 from 0 to 3", "down 1 from 3 to 0", "up 2 from 0 to 3"]
    world.roll(2)
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    assert world.writes_nothing()


def test_a_change_before_the_pods_were_counted_waits_for_them() -> None:
    """A ReplicaSet whose controller has not caught up may have pods yet."""
    world = Rollouts()
    world.api.create(DEPLOYMENTS, deployment(2, recreate=True), actor="tester")
    world.run(52)  # the pods exist, and nobody has counted them
    assert (len(world.pods()), world.sets[0].status.replicas) == (2, 0)
    world.set_image("web:2")
    world.roll()
    assert world.sizes() == {"1": 0, "2": 2}
    images = [pod.spec.containers[0].image for pod in world.pods()]
    assert images == ["web:2", "web:2"]


def test_scaling_with_recreate_takes_the_whole_size() -> None:
    """There are no limits to share."""
    world = Rollouts(deployment(2, recreate=True))
    world.scale(5)
    world.roll(2)
    assert world.sizes() == {"1": 5}
    assert world.sets[0].metadata.annotations["deployment.kubernetes.io/max-replicas"] == "5"
