"""The ReplicationController's controller: what differs from ReplicaSets."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import ReplicationController, ReplicationControllerSpec
from cluster.api.kinds import PODS, REPLICATION_CONTROLLERS
from cluster.api.meta import ObjectMeta
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.replication_controller import ReplicationManager
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key, template


def create(world: World, replicas: int = 3) -> ReplicationController:
    """Make a ReplicationController of app=web pods."""
    spec = ReplicationControllerSpec(replicas=replicas, selector={"app": "web"}, template=template())
    owner = ReplicationController(metadata=ObjectMeta(name="web", namespace=NAMESPACE), spec=spec)
    return world.api.create(REPLICATION_CONTROLLERS, owner, actor=USER)


def current(world: World) -> ReplicationController:
    """The ReplicationController as it is now."""
    return world.api.get(REPLICATION_CONTROLLERS, key("web"))


def test_it_keeps_its_pods() -> None:
    """Pods are made, counted and told of under the kind's own names (scenario rc-seed)."""
    world = World(ReplicationManager, ReplicaSetController)
    create(world)
    world.run()
    world.make_ready()
    world.run()
    reference = world.pods()[0].metadata.ownerReferences[0]
    assert (reference.apiVersion, reference.kind, reference.controller) == ("v1", "ReplicationController", True)
    status = current(world).status
    assert (status.replicas, status.fullyLabeledReplicas, status.readyReplicas, status.availableReplicas) == (
        3,
        3,
        3,
        3,
    )
    assert {event.source.component for event in world.events()} == {"replication-controller"}
    assert world.writes_nothing()


def test_scaling_follows_the_count() -> None:
    """Scaling up creates, scaling down deletes."""
    world = World(ReplicationManager)
    create(world)
    for size in (5, 1, 0, 2):
        world.api.scale(REPLICATION_CONTROLLERS, key("web"), size, actor=USER)
        world.run()
        assert len(world.pods()) == size
    assert len(world.messages("SuccessfulDelete")) == 5


def test_a_changed_selector_sorts_the_pods_anew() -> None:
    """This kind's selector may change: pods that do not match any more are released, matching orphans adopted."""
    world = World(ReplicationManager)
    create(world, 1)
    world.run()
    first = world.pods()[0]
    owner = current(world)
    spec = replace(owner.spec, selector={"app": "new"}, template=template("web:2", app="new"))
    world.api.update(REPLICATION_CONTROLLERS, replace(owner, spec=spec), actor=USER)
    world.run()
    assert world.api.get(PODS, kinds.key(first)).metadata.ownerReferences == ()
    assert [pod.metadata.labels for pod in world.pods()] == [{"app": "web"}, {"app": "new"}]
    assert current(world).status.replicas == 1


def test_pods_outlive_an_owner_deleted_alone() -> None:
    """Nothing is made again for an owner that is gone."""
    world = World(ReplicationManager)
    create(world, 2)
    world.run()
    owner = current(world)
    world.store.delete(REPLICATION_CONTROLLERS, kinds.key(owner), USER)
    world.api.delete(PODS, kinds.key(world.pods()[0]), actor=USER)
    world.run()
    assert len(world.pods()) == 1
