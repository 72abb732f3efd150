"""The ReplicaSet controller: how many pods there are, whose they are, and what it says of them."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import ReplicaSet, ReplicaSetSpec
from cluster.api.core import Pod
from cluster.api.kinds import PODS, REPLICA_SETS
from cluster.api.meta import LabelSelector, ObjectMeta, OwnerReference
from cluster.controllers.ownership import controller_of
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.replicas.controller import PORTION
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key, template


@pytest.fixture
def world() -> World:
    """A cluster with the ReplicaSet controller alone."""
    return World(ReplicaSetController)


def create(world: World, replicas: int = 3, *, name: str = "web", min_ready: int = 0, **labels: str) -> ReplicaSet:
    """Make a ReplicaSet; it selects app=web if no labels are given."""
    labels = labels or {"app": "web"}
    spec = ReplicaSetSpec(
        replicas=replicas, minReadySeconds=min_ready, selector=LabelSelector(matchLabels=labels),
        template=template(**labels),
    )  # fmt: skip
    owner = ReplicaSet(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=spec)
    return world.api.create(REPLICA_SETS, owner, actor=USER)


def current(world: World, name: str = "web") -> ReplicaSet:
    """The ReplicaSet as it is now."""
    return world.api.get(REPLICA_SETS, key(name))


def bare_pod(world: World, name: str, **labels: str) -> Pod:
    """Make a pod that nobody controls."""
    pod = Pod(metadata=ObjectMeta(name=name, namespace=NAMESPACE, labels=labels), spec=template().spec)
    return world.api.create(PODS, pod, actor=USER)


def relabel(world: World, pod: Pod, **labels: str) -> None:
    """Change a pod's labels."""
    pod = world.api.get(PODS, kinds.key(pod))
    world.api.update(PODS, replace(pod, metadata=replace(pod.metadata, labels=labels)), actor=USER)


def test_it_creates_what_is_missing(world: World) -> None:
    """Pods are named after the owner, labelled by the template, controlled by the owner, and told of."""
    owner = create(world)
    world.run()
    pods = world.pods()
    assert len(pods) == 3
    assert {pod.metadata.generateName for pod in pods} == {"web-"}
    assert pods[0].metadata.labels == {"app": "web"}
    assert pods[0].metadata.ownerReferences == (
        OwnerReference(
            apiVersion="apps/v1", kind="ReplicaSet", name="web", uid=owner.metadata.uid, controller=True,
            blockOwnerDeletion=True,
        ),
    )  # fmt: skip
    assert world.messages("SuccessfulCreate") == [f"Created pod: {name}" for name in world.names()]
    assert {(event.type, event.source.component) for event in world.events()} == {("Normal", "replicaset-controller")}


def test_pods_of_one_owner_share_what_is_alike(world: World) -> None:
    """Specs, labels and owner references are the same objects, so that many replicas cost little."""
    create(world)
    world.run()
    first, *others = world.pods()
    assert all(pod.spec is first.spec for pod in others)
    assert all(pod.metadata.labels is first.metadata.labels for pod in others)
    assert all(pod.metadata.ownerReferences is first.metadata.ownerReferences for pod in others)


def test_the_status_counts_pods(world: World) -> None:
    """Replicas, labelled, ready and available pods are counted, and terminating ones apart."""
    create(world)
    world.run()
    status = current(world).status
    assert (status.replicas, status.fullyLabeledReplicas, status.readyReplicas) == (3, 3, 0)
    assert (status.terminatingReplicas, status.observedGeneration) == (0, 1)
    world.set_ready(*world.pods()[:2])
    world.run()
    status = current(world).status
    assert (status.replicas, status.readyReplicas, status.availableReplicas) == (3, 2, 2)


def test_a_terminating_pod_is_replaced_and_counted_apart(world: World) -> None:
    """A pod with a deletion timestamp is no replica any more; it is terminating until it is gone."""
    create(world)
    world.run()
    pod = world.pods()[0]
    bound = replace(pod, spec=replace(pod.spec, nodeName="node-1"))
    world.store.put(PODS, kinds.key(pod), bound, USER)
    world.run()
    world.api.delete(PODS, kinds.key(pod), actor=USER)
    world.run()
    assert pod.metadata.name not in world.names()
    assert (current(world).status.replicas, current(world).status.terminatingReplicas) == (3, 1)
    world.finish_deletions()
    world.run()
    assert (current(world).status.replicas, current(world).status.terminatingReplicas) == (3, 0)


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_finished_pod_is_replaced(world: World, phase: str) -> None:
    """A pod that has ended is no replica, and not terminating either."""
    create(world, 1)
    world.run()
    ended = world.pods()[0]
    world.set_ready(ended, ready=False, phase=phase)
    world.run()
    assert len(world.pods()) == 1
    assert world.names() != [ended.metadata.name]
    assert current(world).status.terminatingReplicas == 0


def test_it_settles_and_then_writes_nothing(world: World) -> None:
    """A settled owner has no work left, not even a timer."""
    create(world)
    world.run()
    world.make_ready()
    world.run()
    assert world.writes_nothing()
    assert world.clock.next_time() is None


def test_it_deletes_the_surplus(world: World) -> None:
    """Scaling down deletes as many pods as are too much, and tells of each."""
    create(world, 5)
    world.run()
    before = world.names()
    world.api.scale(REPLICA_SETS, key("web"), 2, actor=USER)
    world.run()
    gone = [name for name in before if name not in world.names()]
    assert len(gone) == 3
    assert sorted(world.messages("SuccessfulDelete")) == sorted(f"Deleted pod: {name}" for name in gone)
    assert current(world).status.observedGeneration == 2


def test_pods_that_are_not_ready_go_first(world: World) -> None:
    """Scaling down spares the pods that serve."""
    create(world, 4)
    world.run()
    kept = world.pods()[1:3]
    world.set_ready(*kept)
    world.run()
    world.api.scale(REPLICA_SETS, key("web"), 2, actor=USER)
    world.run()
    assert world.names() == [pod.metadata.name for pod in kept]


def test_a_sync_creates_and_deletes_a_burst_at_a_time(world: World) -> None:
    """More than 500 pods take several syncs, each after the pods of the one before were seen."""
    create(world, 1_200)
    sizes = []
    for _ in range(4):
        world.run(25)
        sizes.append(len(world.pods()))
    assert sizes == [500, 1_000, 1_200, 1_200]
    world.api.scale(REPLICA_SETS, key("web"), 0, actor=USER)
    sizes = []
    for _ in range(4):
        world.run(25)
        sizes.append(len(world.pods()))
    assert sizes == [700, 200, 0, 0]


def test_a_burst_stays_together_and_no_item_is_long(world: World) -> None:
    """Owners that are short of pods at the same time get them one after the other, a portion in an item of work."""
    for name in ("web", "api"):
        create(world, 300, name=name, app=name)
    most, before = 0, 0
    while not world.clock.run_until(world.clock.now + 100, lambda: True):
        most = max(most, len(world.pods()) - before)
        before = len(world.pods())
    made = [pod.metadata.ownerReferences[0].name for pod in world.store.table(PODS).values()]
    assert made == ["web"] * 300 + ["api"] * 300
    assert most == PORTION
    for name in ("web", "api"):
        world.api.scale(REPLICA_SETS, key(name), 0, actor=USER)
    most = 0
    while not world.clock.run_until(world.clock.now + 100, lambda: True):
        most = max(most, before - len(world.pods()))
        before = len(world.pods())
    assert (most, before) == (PORTION, 0)


def test_matching_orphans_are_adopted_before_any_pod_is_made(world: World) -> None:
    """Bare pods that match count as replicas: only the rest is created (scenario rs-adopt-bare-pods)."""
    bare_pod(world, "pod1", app="web")
    bare_pod(world, "pod2", app="web", extra="yes")
    bare_pod(world, "other", app="db")
    world.run()
    create(world, 3)
    world.run()
    adopted = [pod.metadata.name for pod in world.pods() if controller_of(pod) is not None]
    assert adopted[:2] == ["pod1", "pod2"]
    assert len(adopted) == 3
    assert len(world.messages("SuccessfulCreate")) == 1
    assert current(world).status.fullyLabeledReplicas == 3


def test_an_orphan_too_many_is_adopted_and_deleted(world: World) -> None:
    """A bare pod that matches a satisfied owner goes: it is adopted, and the youngest of the surplus."""
    create(world, 3)
    world.run()
    world.make_ready()
    world.run()
    bare_pod(world, "late", app="web")
    world.run()
    assert world.messages("SuccessfulDelete") == ["Deleted pod: late"]
    assert len(world.names()) == 3


def test_a_pod_that_stops_matching_is_released_and_replaced(world: World) -> None:
    """A pod whose label is changed keeps running without a controller; given back, one pod too many goes."""
    create(world, 2)
    world.run()
    world.make_ready()
    world.run()
    released = world.pods()[0]
    relabel(world, released, app="quarantine")
    world.run()
    assert world.api.get(PODS, kinds.key(released)).metadata.ownerReferences == ()
    assert len(world.pods()) == 3
    assert current(world).status.replicas == 2
    relabel(world, released, app="web")
    world.run()
    assert len(world.pods()) == 2
    assert current(world).status.replicas == 2


def test_terminating_orphans_and_pods_of_others_are_left_alone(world: World) -> None:
    """Only an active pod without a controller is adopted."""
    create(world, 1, name="other", app="other")
    world.run()
    theirs = world.pods()[0]
    relabel(world, theirs, app="web")
    world.run(1)
    ended = bare_pod(world, "ended", app="web")
    world.set_ready(ended, ready=False, phase="Failed")
    create(world, 1)
    world.run()
    assert world.api.get(PODS, key("ended")).metadata.ownerReferences == ()
    assert current(world).status.replicas == 1


def test_an_owner_that_is_being_deleted_does_nothing_more(world: World) -> None:
    """Foreground deletion leaves the pods to the garbage collector."""
    create(world, 2)
    world.run()
    world.api.delete(REPLICA_SETS, key("web"), propagation="Foreground", actor=USER)
    world.api.delete(PODS, kinds.key(world.pods()[0]), actor=USER)
    world.run()
    assert len(world.pods()) == 1
    assert current(world).status.replicas == 1


def test_pods_become_available_after_min_ready_seconds(world: World) -> None:
    """Ready pods count as available when they have been ready for long enough, without anything else happening."""
    create(world, 2, min_ready=10)
    world.run(1_000)
    first, second = world.pods()
    world.set_ready(first)
    world.run(4_000)
    world.set_ready(second)
    world.run(5_900)
    assert (current(world).status.readyReplicas, current(world).status.availableReplicas) == (2, 0)
    world.run(200)
    assert current(world).status.availableReplicas == 1
    world.run(4_000)
    assert current(world).status.availableReplicas == 2
    assert world.writes_nothing()


def test_a_flapping_pod_starts_to_wait_anew(world: World) -> None:
    """A pod that was not ready in between is available minReadySeconds after it became ready last."""
    create(world, 1, min_ready=10)
    world.run(1_000)
    world.make_ready()
    world.run(9_000)
    world.set_ready(*world.pods(), ready=False)
    world.run(1_000)
    world.make_ready()
    world.run(9_900)
    assert current(world).status.availableReplicas == 0
    world.run(200)
    assert current(world).status.availableReplicas == 1


def test_a_changed_min_ready_seconds_counts_at_once(world: World) -> None:
    """The pods that are ready now are judged by the new time."""
    create(world, 1, min_ready=1_000)
    world.run(1_000)
    world.make_ready()
    world.run(5_000)
    owner = current(world)
    world.api.update(REPLICA_SETS, replace(owner, spec=replace(owner.spec, minReadySeconds=2)), actor=USER)
    world.run(100)
    assert current(world).status.availableReplicas == 1


def test_a_template_that_changed_leaves_pods_less_than_fully_labelled(world: World) -> None:
    """Pods of an older template stay; they lack the labels that it has now."""
    create(world, 2)
    world.run()
    owner = current(world)
    changed = template("web:2", app="web", tier="front")
    world.api.update(REPLICA_SETS, replace(owner, spec=replace(owner.spec, template=changed)), actor=USER)
    world.run()
    assert current(world).status.fullyLabeledReplicas == 0
    world.api.scale(REPLICA_SETS, key("web"), 3, actor=USER)
    world.run()
    assert [pod.spec.containers[0].image for pod in world.pods()] == ["web:1", "web:1", "web:2"]
    assert current(world).status.fullyLabeledReplicas == 1


def test_a_refused_pod_is_told_of_and_tried_again() -> None:
    """One pod is tried at a time, later and later; a condition tells of it until a sync succeeds."""
    world = World(ReplicaSetController, service_account=False)
    create(world, 3)
    world.run(100)
    failure = current(world).status.conditions[0]
    assert (failure.type, failure.status, failure.reason) == ("ReplicaFailure", "True", "FailedCreate")
    assert 'error looking up service account shop/default: serviceaccount "default" not found' in failure.message
    event = world.events("FailedCreate")[0]
    assert (event.type, event.message.startswith("Error creating: pods ")) == ("Warning", True)
    attempts = sum(event.count for event in world.events("FailedCreate"))
    world.run(10_000)
    assert sum(event.count for event in world.events("FailedCreate")) < attempts + 12
    world.create_service_account()
    world.run(60_000)
    assert len(world.pods()) == 3
    assert current(world).status.conditions == ()


def test_a_controller_that_starts_late_goes_on(world: World) -> None:
    """Nothing is remembered but what the store holds: a new controller counts the same."""
    create(world, 3)
    world.run()
    world.make_ready()
    world.run()
    late = world.restarted()
    assert late.writes_nothing()
    late.api.scale(REPLICA_SETS, key("web"), 5, actor=USER)
    late.run()
    assert len(late.pods()) == 5
    assert current(late).status.replicas == 5


def test_a_controller_that_starts_in_the_middle_goes_on(world: World) -> None:
    """Pods that a predecessor made or deleted are counted, whether it had seen them or not."""
    create(world, 700, min_ready=5)
    world.run(26)
    world.make_ready()
    world = world.restarted()
    world.run(100)
    assert len(world.pods()) == 700
    world.api.scale(REPLICA_SETS, key("web"), 600, actor=USER)
    world.run(26)
    world = world.restarted()
    world.run(10_000)
    assert len(world.pods()) == 600
    assert current(world).status.availableReplicas == 500
    assert world.writes_nothing()


def test_pods_deleted_by_hand_are_part_of_the_surplus(world: World) -> None:
    """A pod that is gone, seen or not, is not deleted for: only what is still too much goes."""
    create(world, 6)
    world.run()
    world.api.scale(REPLICA_SETS, key("web"), 3, actor=USER)
    world.run(22)
    for pod in world.pods()[:2]:
        world.api.delete(PODS, kinds.key(pod), actor=USER)
    world.run()
    assert len(world.pods()) == 3
    assert len(world.messages("SuccessfulDelete")) == 1


def test_owners_with_the_same_selector_do_not_fight(world: World) -> None:
    """Each owner counts the pods it controls."""
    create(world, 2, name="one")
    create(world, 2, name="two")
    world.run()
    assert len(world.pods()) == 4
    assert world.writes_nothing()


def test_an_owner_made_again_under_its_name_adopts_what_is_left(world: World) -> None:
    """Pods that a deleted owner left behind are the new one's only when nothing else controls them."""
    create(world, 2)
    world.run()
    world.api.delete(REPLICA_SETS, key("web"), propagation="Background", actor=USER)
    for pod in world.pods():
        world.api.update(PODS, replace(pod, metadata=replace(pod.metadata, ownerReferences=())), actor=USER)
    world.run()
    before = world.names()
    again = create(world, 2)
    world.run()
    assert world.names() == before
    assert {reference.uid for pod in world.pods() for reference in pod.metadata.ownerReferences} == {again.metadata.uid}
