"""Pausing, deadlines, history and failures: what a Deployment says while it rolls out, or does not."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.kinds import DEPLOYMENTS, REPLICA_SETS
from cluster.controllers.deployment.annotations import CHANGE_CAUSE, LAST_APPLIED, REVISION
from cluster.controllers.deployment.status import NO_LIMIT
from tests.cluster.controllers.deployment.rollouts import Rollouts, deployment
from tests.cluster.controllers.workloads import USER, key


def test_a_paused_deployment_gathers_changes() -> None:
    """No ReplicaSet is made while it is paused, scaling works, and one rollout follows (deploy-pause-resume)."""
    world = Rollouts(deployment(2))
    world.set_spec(paused=True)
    world.run()
    assert world.reason("Progressing") == ("Unknown", "DeploymentPaused")
    assert world.condition("Progressing").message == "Deployment is paused"
    world.set_image("web:2")
    world.set_image("web:3")
    world.scale(3)
    world.roll(2)
    status = world.web.status
    assert (status.replicas, status.updatedReplicas, status.availableReplicas) == (3, 0, 3)
    assert world.sizes() == {"1": 3}
    assert world.writes_nothing()
    world.set_spec(paused=False)
    world.run(27)
    assert world.reason("Progressing")[0] in ("True", "Unknown")
    world.roll()
    assert world.sizes() == {"1": 0, "2": 3}
    assert world.web.metadata.annotations == {REVISION: "2"}
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")


def test_a_resumed_deployment_says_so() -> None:
    """Without anything to roll out the word stays."""
    world = Rollouts(deployment(2))
    world.set_spec(paused=True)
    world.run()
    world.set_spec(paused=False)
    world.run()
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")


def test_a_deployment_made_paused_makes_nothing() -> None:
    """It reports, and waits to be resumed."""
    world = Rollouts(deployment(2, paused=True))
    assert world.sets == []
    assert world.web.status.observedGeneration == 1
    assert world.reason("Available") == ("False", "MinimumReplicasUnavailable")
    world.set_spec(paused=False)
    world.roll(3)
    assert world.sizes() == {"1": 2}


def test_a_rollout_is_late_after_its_deadline() -> None:
    """Without progress for progressDeadlineSeconds the condition turns False, once; progress turns it back."""
    world = Rollouts(deployment(3, deadline=60))
    world.set_image("web:2")
    world.run(58_000)
    assert world.reason("Progressing") == ("True", "ReplicaSetUpdated")
    world.run(5_000)
    name = world.sets[1].metadata.name
    assert world.reason("Progressing") == ("False", "ProgressDeadlineExceeded")
    assert world.condition("Progressing").message == f'ReplicaSet "{name}" has timed out progressing.'
    assert world.writes_nothing()
    assert world.clock.next_time() is None
    world.roll()
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")


def test_progress_starts_the_deadline_anew() -> None:
    """Every pod that becomes available gives the rollout its whole time again."""
    world = Rollouts(deployment(3, deadline=60))
    world.set_image("web:2")
    started = world.condition("Progressing").lastTransitionTime
    for _ in range(2):
        world.run(50_000)
        assert world.reason("Progressing") == ("True", "ReplicaSetUpdated")
        world.make_ready()
    world.run(1_000)
    assert world.condition("Progressing").lastTransitionTime == started
    world.run(70_000)
    assert world.reason("Progressing") == ("False", "ProgressDeadlineExceeded")


def test_a_complete_deployment_is_never_late() -> None:
    """Pods that fail later are no lack of progress, and no timer waits for it."""
    world = Rollouts(deployment(3, deadline=60))
    world.set_ready(world.pods()[0], ready=False)
    world.run(200_000)
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    assert world.reason("Available") == ("False", "MinimumReplicasUnavailable")
    assert world.web.status.unavailableReplicas == 1
    assert world.clock.next_time() is None


def test_no_deadline_means_no_progressing_condition() -> None:
    """The largest number stands for no deadline."""
    world = Rollouts(deployment(3, deadline=NO_LIMIT))
    assert [condition.type for condition in world.web.status.conditions] == ["Available"]


def test_the_history_keeps_as_many_as_it_may() -> None:
    """Of the old ReplicaSets without replicas the lowest revisions go."""
    world = Rollouts(deployment(1, history=2))
    for number in range(2, 6):
        world.set_image(f"web:{number}")
        world.roll(5)
    assert world.sizes() == {"3": 0, "4": 0, "5": 1}
    assert world.writes_nothing()


def test_a_history_of_nothing_and_of_everything() -> None:
    """0 keeps no old ReplicaSet, the largest number keeps all."""
    world = Rollouts(deployment(1, history=0))
    world.set_image("web:2")
    world.roll(5)
    assert world.sizes() == {"2": 1}
    world.set_spec(revisionHistoryLimit=NO_LIMIT)
    for number in range(3, 6):
        world.set_image(f"web:{number}")
        world.roll(5)
    assert len(world.sets) == 4


def test_annotations_are_copied_to_the_new_replica_set() -> None:
    """All but kubectl's and the controller's own; what is taken off the Deployment stays on the ReplicaSet."""
    world = Rollouts(deployment(1))
    world.annotate({CHANGE_CAUSE: "version one", LAST_APPLIED: "{}"})
    world.run()
    copied = world.sets[0].metadata.annotations
    assert copied[CHANGE_CAUSE] == "version one"
    assert LAST_APPLIED not in copied
    world.change(replace(world.web, metadata=replace(world.web.metadata, annotations={REVISION: "1"})))
    world.run()
    assert world.sets[0].metadata.annotations[CHANGE_CAUSE] == "version one"


def test_a_replica_failure_is_passed_on() -> None:
    """The ReplicaSet's condition is the Deployment's, until it goes."""
    world = Rollouts()
    world.api.delete(kinds.SERVICE_ACCOUNTS, key("default"), actor=USER)
    world.api.create(DEPLOYMENTS, deployment(2), actor=USER)
    world.run(500)
    assert world.reason("ReplicaFailure") == ("True", "FailedCreate")
    assert world.condition("ReplicaFailure").message == world.sets[0].status.conditions[0].message
    world.create_service_account()
    world.run(60_000)
    assert "ReplicaFailure" not in {condition.type for condition in world.web.status.conditions}


def test_conditions_stand_in_the_order_they_were_set() -> None:
    """A condition that changes moves to the end."""
    world = Rollouts(deployment(2))
    world.set_ready(*world.pods(), ready=False)
    world.run()
    assert [condition.type for condition in world.web.status.conditions] == ["Progressing", "Available"]


def test_a_lost_revision_comes_back() -> None:
    """The Deployment's annotation follows its new ReplicaSet's."""
    world = Rollouts(deployment(2))
    world.change(replace(world.web, metadata=replace(world.web.metadata, annotations={})))
    world.run()
    assert world.web.metadata.annotations == {REVISION: "1"}


def test_a_found_replica_set_starts_progress() -> None:
    """A Deployment that never had a deadline gets a word of progress when it is given one."""
    world = Rollouts(deployment(2, deadline=NO_LIMIT))
    world.set_ready(world.pods()[0], ready=False)
    world.run()
    world.set_spec(progressDeadlineSeconds=30)
    world.run()
    assert world.reason("Progressing") == ("True", "FoundNewReplicaSet")
    assert world.condition("Progressing").message == f'Found new replica set "{world.sets[0].metadata.name}"'
    world.run(40_000)
    assert world.reason("Progressing") == ("False", "ProgressDeadlineExceeded")


def test_a_replica_set_that_cannot_be_made_is_told_of() -> None:
    """The condition and an event name the ReplicaSet and the error."""
    world = Rollouts()
    wanted = deployment(1, name="web")
    world.api.create(DEPLOYMENTS, wanted, actor=USER)
    # A namespace that is gone refuses the ReplicaSet, and the Deployment is still there to hear of it.
    world.store.delete(kinds.NAMESPACES, "shop", USER)
    world.run(200)
    assert world.store.table(REPLICA_SETS).get(key("web")) is None
    assert world.reason("Progressing") == ("False", "ReplicaSetCreateError")
    assert world.condition("Progressing").message.startswith('Failed to create new replica set "web-')
    assert world.events("ReplicaSetCreateError")[0].type == "Warning"
