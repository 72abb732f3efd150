"""Rolling updates, as the oracle's deploy-* scenarios recorded them."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.kinds import DEPLOYMENTS, REPLICA_SETS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.controllers.deployment.annotations import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from cluster.controllers.deployment.templates import POD_TEMPLATE_HASH
from cluster.controllers.ownership import controller_of
from tests.cluster.controllers.deployment.rollouts import Rollouts, deployment
from tests.cluster.controllers.workloads import USER, key, template


def test_a_new_deployment_makes_one_replica_set() -> None:
    """It has the template with a hash, revision 1 and the sizes in annotations (deploy-create-scale)."""
    world = Rollouts(deployment(surge="25%", unavailable="25%"))
    (found,) = world.sets
    hashed = found.metadata.labels[POD_TEMPLATE_HASH]
    assert found.metadata.name == f"web-{hashed}"
    assert found.metadata.labels == {"app": "web", POD_TEMPLATE_HASH: hashed}
    assert found.spec.selector is not None
    assert found.spec.selector.matchLabels == found.spec.template.metadata.labels == found.metadata.labels
    assert found.metadata.annotations == {REVISION: "1", DESIRED_REPLICAS: "3", MAX_REPLICAS: "4"}
    assert world.web.metadata.annotations == {REVISION: "1"}
    assert found.spec.template.spec is world.web.spec.template.spec
    controller = controller_of(found)
    assert controller is not None
    assert (controller.kind, controller.uid) == ("Deployment", world.web.metadata.uid)
    assert world.messages("ScalingReplicaSet") == [f"Scaled up replica set web-{hashed} from 0 to 3"]
    assert world.pods()[0].metadata.labels == found.metadata.labels


def test_a_complete_deployment_says_so_and_rests() -> None:
    """Every count is there, unavailable replicas are left out, and nothing is written any more."""
    world = Rollouts(deployment())
    status = world.web.status
    assert (status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas) == (3, 3, 3, 3)
    assert (status.unavailableReplicas, status.terminatingReplicas, status.observedGeneration) == (0, 0, 1)
    assert [(found.type, found.status, found.reason, found.message) for found in status.conditions] == [
        ("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        (
            "Progressing", "True", "NewReplicaSetAvailable",
            f'ReplicaSet "{world.sets[0].metadata.name}" has successfully progressed.',
        ),
    ]  # fmt: skip
    assert world.writes_nothing()
    assert world.clock.next_time() is None


def test_an_update_rolls_one_pod_at_a_time() -> None:
    """With maxSurge 1 and maxUnavailable 0: one up, one down (deploy-set-image-rolling)."""
    world = Rollouts(deployment(2))
    world.set_image("web:2")
    world.roll()
    assert world.scalings() == [
        "up 1 from 0 to 2", "up 2 from 0 to 1", "down 1 from 2 to 1", "up 2 from 1 to 2", "down 1 from 1 to 0",
    ]  # fmt: skip
    assert {pod.spec.containers[0].image for pod in world.pods()} == {"web:2"}
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    assert [found.metadata.generation for found in world.sets] == [3, 2]
    assert world.writes_nothing()


def test_an_update_without_surge_takes_down_first() -> None:
    """With maxSurge 0 and maxUnavailable 1 the new ReplicaSet starts at 0 (deploy-restart)."""
    world = Rollouts(deployment(2, surge=0, unavailable=1))
    world.set_image("web:2")
    world.roll()
    assert sorted(world.scalings()[1:]) == [
        "down 1 from 1 to 0", "down 1 from 2 to 1", "up 2 from 0 to 1", "up 2 from 1 to 2",
    ]  # fmt: skip


def test_a_rollout_that_cannot_go_on_stops_at_the_limits() -> None:
    """25% of 10 is 3 up and 2 down: 8 old and 5 new; scaled to 15 they become 12 and 7 (deploy-percent-surge-stuck)."""
    world = Rollouts(deployment(10, surge="25%", unavailable="25%"))
    world.set_image("web:2")
    world.run(60_000)
    assert world.sizes() == {"1": 8, "2": 5}
    assert world.scalings() == ["up 1 from 0 to 10", "up 2 from 0 to 3", "down 1 from 10 to 8", "up 2 from 3 to 5"]
    status = world.web.status
    assert (status.replicas, status.updatedReplicas, status.availableReplicas) == (13, 5, 8)
    assert (status.unavailableReplicas, status.terminatingReplicas) == (5, 0)
    assert world.reason("Progressing") == ("True", "ReplicaSetUpdated")
    assert world.condition("Progressing").message == f'ReplicaSet "{world.sets[1].metadata.name}" is progressing.'
    world.scale(15)
    world.run(1_000)
    world.set_ready(*[pod for pod in world.pods() if pod.spec.containers[0].image == "web:1"])
    world.run(60_000)
    assert world.sizes() == {"1": 12, "2": 7}
    assert [found.metadata.annotations[MAX_REPLICAS] for found in world.sets] == ["19", "19"]
    status = world.web.status
    assert (status.replicas, status.updatedReplicas, status.availableReplicas) == (19, 7, 12)
    assert world.reason("Progressing") == ("True", "ReplicaSetUpdated")


def test_a_change_back_uses_the_old_replica_set_again() -> None:
    """The ReplicaSet of the template is the new one, with the next revision and the last in its history."""
    world = Rollouts(deployment(1))
    first = world.sets[0].metadata.name
    world.set_image("web:2")
    world.roll()
    world.set_image("web:1")
    world.roll()
    assert world.sizes() == {"2": 0, "3": 1}
    newest = world.sets[1]
    assert newest.metadata.name == first
    assert newest.metadata.annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert world.web.metadata.annotations[REVISION] == "3"


def test_a_change_in_mid_rollout_leaves_no_pod_of_the_half_done() -> None:
    """The unhealthy pods of the abandoned ReplicaSet go first."""
    world = Rollouts(deployment(4, surge=1, unavailable=1))
    world.set_image("web:bad")
    world.run(5_000)
    assert world.sizes() == {"1": 3, "2": 2}
    world.set_image("web:3")
    world.run(5_000)
    assert world.sizes() == {"1": 3, "2": 0, "3": 2}
    world.roll(20)
    assert world.sizes() == {"1": 0, "2": 0, "3": 4}
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")


def test_scaling_alone_makes_no_revision() -> None:
    """One ReplicaSet takes the whole change, up, down and to nothing (deploy-create-scale)."""
    world = Rollouts(deployment(surge="25%", unavailable="25%"))
    for size in (5, 1, 0):
        world.scale(size)
        world.roll(2)
    assert world.scalings() == ["up 1 from 0 to 3", "up 1 from 3 to 5", "down 1 from 5 to 1", "down 1 from 1 to 0"]
    assert world.sets[0].metadata.generation == 4
    assert world.sets[0].metadata.annotations == {REVISION: "1", DESIRED_REPLICAS: "0", MAX_REPLICAS: "0"}
    assert world.web.status.replicas == 0
    assert world.reason("Available") == ("True", "MinimumReplicasAvailable")
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")


def test_a_scale_and_a_template_in_one_write_scale_first() -> None:
    """The old ReplicaSet takes the size, then the rollout starts (deploy-apply-twice)."""
    world = Rollouts(deployment(3, surge="25%", unavailable="25%"))
    world.set_spec(replicas=1, template=template("web:2"))
    world.roll()
    assert world.scalings() == ["up 1 from 0 to 3", "down 1 from 3 to 1", "up 2 from 0 to 1", "down 1 from 1 to 0"]
    assert [found.metadata.generation for found in world.sets] == [3, 1]


def test_availability_is_waited_for() -> None:
    """With minReadySeconds the rollout goes on only when a pod has been ready for as long."""
    world = Rollouts(deployment(2, min_ready=10), ready=False)
    world.make_ready()
    world.run(11_000)
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    world.set_image("web:2")
    world.run(1_000)
    world.make_ready()
    world.run(9_000)
    assert world.sizes() == {"1": 2, "2": 1}
    world.run(2_000)
    assert world.sizes() == {"1": 1, "2": 2}


def test_min_ready_seconds_of_a_deployment_reaches_its_replica_set() -> None:
    """A change of it makes no new ReplicaSet."""
    world = Rollouts(deployment())
    world.set_spec(minReadySeconds=7)
    world.run()
    assert [found.spec.minReadySeconds for found in world.sets] == [7]


def test_a_matching_replica_set_without_owner_is_adopted() -> None:
    """It becomes one of the Deployment's, and the new one if it has the template."""
    world = Rollouts(deployment(1))
    orphan = world.sets[0]
    world.store.delete(DEPLOYMENTS, key("web"), USER)
    world.api.update(
        REPLICA_SETS, replace(orphan, metadata=replace(orphan.metadata, ownerReferences=())), actor=USER
    )  # fmt: skip
    world.run()
    created = world.api.create(DEPLOYMENTS, deployment(2), actor=USER)
    world.roll(2)
    (found,) = world.sets
    controller = controller_of(found)
    assert (found.metadata.uid, found.spec.replicas) == (orphan.metadata.uid, 2)
    assert controller is not None
    assert controller.uid == created.metadata.uid


def test_a_replica_set_that_stops_matching_is_released() -> None:
    """Its pods stay, and the Deployment makes another."""
    world = Rollouts(deployment(1))
    found = world.sets[0]
    meta = replace(found.metadata, labels={"app": "other"})
    world.api.update(REPLICA_SETS, replace(found, metadata=meta), actor=USER)
    world.run()
    assert controller_of(world.api.get(REPLICA_SETS, kinds.key(found))) is None
    assert "Available" in {condition.type for condition in world.web.status.conditions}


def test_a_selector_of_everything_is_refused() -> None:
    """Nothing is made; an event and the observed generation are all."""
    world = Rollouts()
    wanted = deployment()
    everything = replace(wanted.spec, selector=LabelSelector())
    stored = replace(
        wanted, spec=everything, metadata=ObjectMeta(name="web", namespace="shop", uid="1", generation=1)
    )  # fmt: skip
    world.store.put(DEPLOYMENTS, key("web"), stored, USER)
    world.run()
    assert world.messages("SelectingAll") == [
        "This deployment is selecting all pods. A non-empty selector is required."
    ]  # fmt: skip
    assert world.web.status.observedGeneration == 1
    assert world.sets == []


def test_a_deployment_that_is_being_deleted_only_reports() -> None:
    """Nothing is scaled any more."""
    world = Rollouts(deployment(2))
    world.set_image("web:2")
    world.api.delete(DEPLOYMENTS, key("web"), propagation="Foreground", actor=USER)
    world.run()
    assert len(world.sets) == 1
    assert world.web.status.observedGeneration == world.web.metadata.generation


@pytest.mark.parametrize("after", [1, 30, 60, 400, 2_100, 4_444])
def test_a_controller_that_starts_in_mid_rollout_goes_on(after: int) -> None:
    """Whatever the moment, a new controller ends where the old one would have."""
    world = Rollouts(deployment(4))
    world.set_image("web:2")
    world.run(after)
    again = Rollouts.__new__(Rollouts)
    again.__dict__.update(world.restarted().__dict__)
    again.roll()
    assert again.sizes() == {"1": 0, "2": 4}
    assert again.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    assert again.writes_nothing()


def test_a_name_that_is_taken_is_counted_and_avoided() -> None:
    """A ReplicaSet of the same name that is somebody else's makes the hash differ."""
    probe = Rollouts(deployment())
    taken = probe.sets[0]
    world = Rollouts()
    foreign = replace(
        taken,
        metadata=ObjectMeta(name=taken.metadata.name, namespace="shop", labels={"app": "x"}),
        spec=replace(
            taken.spec, replicas=0, template=template(app="x"),
            selector=LabelSelector(matchLabels={"app": "x"}),
        ),
    )  # fmt: skip
    world.api.create(REPLICA_SETS, foreign, actor=USER)
    world.api.create(DEPLOYMENTS, deployment(), actor=USER)
    world.roll(3)
    assert world.web.status.collisionCount == 1
    ours = [found for found in world.sets if controller_of(found) is not None]
    assert len(ours) == 1
    assert ours[0].metadata.name != taken.metadata.name
    assert world.web.status.availableReplicas == 3
