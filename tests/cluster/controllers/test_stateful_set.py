"""StatefulSets on a whole cluster: order, identity, claims, rollouts and what the status says."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import (
    RollingUpdateStatefulSetStrategy,
    StatefulSet,
    StatefulSetOrdinals,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetSpec,
    StatefulSetUpdateStrategy,
)
from cluster.api.cluster import DEFAULT
from cluster.api.core import PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod, VolumeResourceRequirements
from cluster.api.kinds import CONTROLLER_REVISIONS, EVENTS, NODES, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.quantity import Quantity
from cluster.controllers.pod_states import is_active, ready_since
from cluster.controllers.stateful_set import StatefulSetController
from cluster.engine import Engine
from tests.properties.world import template

KEY = "default/db"
ORDERED = "OrderedReady"
CLAIM = PersistentVolumeClaim(
    metadata=ObjectMeta(name="data"),
    spec=PersistentVolumeClaimSpec(
        accessModes=("ReadWriteOnce",), resources=VolumeResourceRequirements(requests={"storage": Quantity("1Gi")}),
        storageClassName="none",
    ),
)  # fmt: skip


def stateful(
    engine: Engine, replicas: int = 3, *, policy: str = ORDERED, partition: int = 0, most: int | None = None,
    on_delete: bool = False, settle: bool = True, **spec: object,
) -> StatefulSet:  # fmt: skip
    """Make a StatefulSet on a settled cluster, and let it settle."""
    engine.settle()
    rolling = RollingUpdateStatefulSetStrategy(partition=partition, maxUnavailable=most)
    strategy = StatefulSetUpdateStrategy(type="RollingUpdate", rollingUpdate=rolling)
    if on_delete:
        strategy = StatefulSetUpdateStrategy(type="OnDelete")
    value = StatefulSet(
        metadata=ObjectMeta(name="db", namespace="default"),
        spec=StatefulSetSpec(
            replicas=replicas, selector=LabelSelector(matchLabels={"app": "db"}), template=template("db"),
            serviceName="db", podManagementPolicy=policy, updateStrategy=strategy, **spec,  # type: ignore[arg-type]
        ),
    )  # fmt: skip
    engine.api.create(STATEFUL_SETS, value, actor="user")
    if settle:
        engine.settle()
    return current(engine)


def current(engine: Engine) -> StatefulSet:
    """The StatefulSet as it is now."""
    return engine.api.get(STATEFUL_SETS, KEY)


def change(engine: Engine, **spec: object) -> None:
    """Change its spec."""
    owner = current(engine)
    engine.api.update(STATEFUL_SETS, replace(owner, spec=replace(owner.spec, **spec)), actor="user")


def set_image(engine: Engine, image: str) -> None:
    """Change the template's image."""
    made = current(engine).spec.template
    spec = replace(made.spec, containers=(replace(made.spec.containers[0], image=image),))
    change(engine, template=replace(made, spec=spec))


def pods(engine: Engine) -> dict[str, Pod]:
    """The active pods by name."""
    return {pod.metadata.name: pod for pod in engine.api.list(PODS) if is_active(pod)}


def images(engine: Engine) -> list[str]:
    """What the active pods run, in the order of their names."""
    return [pod.spec.containers[0].image for pod in pods(engine).values()]


def told(engine: Engine) -> list[str]:
    """What the controller's events say, oldest first."""
    found = [event for event in engine.api.list(EVENTS) if event.source.component == "statefulset-controller"]
    return [event.message for event in sorted(found, key=lambda event: event.metadata.uid and event.firstTimestamp)]


def test_pods_have_names_and_places_of_their_own() -> None:
    """Name, host name, subdomain and labels follow from the ordinal; the status counts them."""
    engine = Engine(DEFAULT)
    owner = stateful(engine)
    assert list(pods(engine)) == ["db-0", "db-1", "db-2"]
    pod = pods(engine)["db-1"]
    assert (pod.spec.hostname, pod.spec.subdomain, pod.metadata.generateName) == ("db-1", "db", "db-")
    labels = dict(pod.metadata.labels)
    assert labels.pop("controller-revision-hash") == owner.status.updateRevision
    labels.pop("topology.kubernetes.io/zone")
    assert labels == {
        "app": "db", "statefulset.kubernetes.io/pod-name": "db-1", "apps.kubernetes.io/pod-index": "1",
    }  # fmt: skip
    status = owner.status
    assert (status.replicas, status.readyReplicas, status.availableReplicas) == (3, 3, 3)
    assert (status.currentReplicas, status.updatedReplicas, status.collisionCount) == (3, 3, 0)
    assert status.currentRevision == status.updateRevision


def test_pods_start_one_after_the_other() -> None:
    """No pod is made before the one before it is ready."""
    engine = Engine(DEFAULT)
    stateful(engine, settle=False)
    for _ in range(100):
        engine.run_for(100)
        found = list(pods(engine).values())
        assert all(ready_since(pod) is not None for pod in found[:-1])
    assert len(pods(engine)) == 3


def test_the_last_go_first_and_one_at_a_time() -> None:
    """Scaled down, the highest ordinal goes, and is gone before the next."""
    engine = Engine(DEFAULT)
    stateful(engine, 4)
    change(engine, replicas=1)
    seen = []
    for _ in range(100):
        engine.run_for(50)
        dying = [pod.metadata.name for pod in engine.api.list(PODS) if pod.metadata.deletionTimestamp]
        assert len(dying) <= 1
        seen += [name for name in dying if name not in seen]
    assert seen == ["db-3", "db-2", "db-1"]
    assert list(pods(engine)) == ["db-0"]


def test_parallel_sets_do_not_wait() -> None:
    """All pods are made at once, and all surplus ones are deleted at once."""
    engine = Engine(DEFAULT)
    stateful(engine, 3, policy="Parallel", settle=False)
    engine.run_for(60)
    assert list(pods(engine)) == ["db-0", "db-1", "db-2"]
    engine.settle()
    change(engine, replicas=0)
    engine.run_for(60)
    assert list(pods(engine)) == []


def test_a_pod_that_is_deleted_or_ends_comes_back_under_its_name() -> None:
    """With a new uid; a failed one with an event first."""
    engine = Engine(DEFAULT)
    stateful(engine)
    before = pods(engine)
    engine.api.delete(PODS, "default/db-0", actor="user")
    engine.settle()
    failed = pods(engine)["db-1"]
    engine.api.update_status(PODS, replace(failed, status=replace(failed.status, phase="Failed")), actor="kubelet")
    engine.settle()
    after = pods(engine)
    assert list(after) == ["db-0", "db-1", "db-2"]
    assert [after[name].metadata.uid == before[name].metadata.uid for name in after] == [False, False, True]
    assert "StatefulSet default/db is recreating failed Pod db-1" in told(engine)


def test_ordinals_may_start_anywhere() -> None:
    """`ordinals.start` moves the range; pods outside of it go."""
    engine = Engine(DEFAULT)
    stateful(engine, 2, ordinals=StatefulSetOrdinals(start=5))
    assert list(pods(engine)) == ["db-5", "db-6"]
    change(engine, ordinals=StatefulSetOrdinals(start=6))
    engine.settle()
    assert list(pods(engine)) == ["db-6", "db-7"]


def test_an_update_rolls_from_the_last_to_the_first() -> None:
    """One pod at a time, highest first; the current revision follows when all are new and ready."""
    engine = Engine(DEFAULT)
    before = stateful(engine).status.currentRevision
    set_image(engine, "db:2")
    seen = []
    for _ in range(200):
        engine.run_for(100)
        dying = [pod.metadata.name for pod in engine.api.list(PODS) if pod.metadata.deletionTimestamp]
        assert len(dying) <= 1
        seen += [name for name in dying if name not in seen]
        status = current(engine).status
        assert (status.currentRevision == before) is (images(engine) != ["db:2"] * 3 or status.readyReplicas < 3)
    assert seen == ["db-2", "db-1", "db-0"]
    assert images(engine) == ["db:2"] * 3


def test_a_partition_holds_the_update_back() -> None:
    """Pods below it stay as they are, and come back as they were."""
    engine = Engine(DEFAULT)
    stateful(engine, partition=2)
    set_image(engine, "db:2")
    engine.settle()
    assert images(engine) == ["nginx:1", "nginx:1", "db:2"]
    engine.api.delete(PODS, "default/db-0", actor="user")
    engine.settle()
    assert images(engine) == ["nginx:1", "nginx:1", "db:2"]
    status = current(engine).status
    assert (status.currentReplicas, status.updatedReplicas) == (2, 1)
    assert status.currentRevision != status.updateRevision


def test_on_delete_waits_for_the_user() -> None:
    """Nothing rolls; what a user deletes comes back new."""
    engine = Engine(DEFAULT)
    stateful(engine, on_delete=True)
    set_image(engine, "db:2")
    engine.settle()
    assert images(engine) == ["nginx:1"] * 3
    engine.api.delete(PODS, "default/db-1", actor="user")
    engine.settle()
    assert images(engine) == ["nginx:1", "db:2", "nginx:1"]


@pytest.mark.parametrize("most", [None, 3])
def test_pods_roll_one_at_a_time(most: int | None) -> None:
    """Even in parallel, and whatever maxUnavailable says: this release does not take it."""
    engine = Engine(DEFAULT)
    stateful(engine, 4, most=most, policy="Parallel")
    assert current(engine).spec.updateStrategy.rollingUpdate == RollingUpdateStatefulSetStrategy(partition=0)
    set_image(engine, "db:2")
    seen = 4
    for _ in range(200):
        engine.run_for(50)
        seen = min(seen, sum(ready_since(pod) is not None for pod in pods(engine).values()))
    assert (seen, images(engine)) == (3, ["db:2"] * 4)


@pytest.mark.parametrize(
    ("phase", "severity", "words"),
    [
        ("Failed", "Warning", "StatefulSet default/db is recreating failed Pod db-0"),
        ("Succeeded", "Normal", "StatefulSet default/db is recreating terminated Pod db-0"),
    ],
)
def test_a_pod_that_has_ended_is_made_again(phase: str, severity: str, words: str) -> None:
    """Which is a warning only if it has failed."""
    engine = Engine(DEFAULT)
    stateful(engine, 1)
    pod = pods(engine)["db-0"]
    engine.api.update_status(PODS, replace(pod, status=replace(pod.status, phase=phase)), actor="user")
    engine.settle()
    assert pods(engine)["db-0"].metadata.uid != pod.metadata.uid
    found = [each for each in engine.api.list(EVENTS) if each.reason.startswith("Recreating")]
    assert [(each.type, each.message) for each in found] == [(severity, words)]


def test_every_pod_has_its_claims() -> None:
    """A claim a template and pod, made before the pod, with the set's labels, and kept when the set goes."""
    engine = Engine(DEFAULT)
    stateful(engine, 1, volumeClaimTemplates=(CLAIM,))
    [claim] = engine.api.list(PERSISTENT_VOLUME_CLAIMS)
    assert (claim.metadata.name, claim.metadata.labels) == ("data-db-0", {"app": "db"})
    [volume] = [each for each in pods(engine)["db-0"].spec.volumes if each.persistentVolumeClaim is not None]
    assert (volume.name, volume.persistentVolumeClaim and volume.persistentVolumeClaim.claimName) == (
        "data",
        "data-db-0",
    )
    assert told(engine)[:2] == [
        "Create Claim data-db-0 Pod db-0 in StatefulSet db success", "Create Pod db-0 in StatefulSet db successful",
    ]  # fmt: skip
    engine.api.delete(STATEFUL_SETS, KEY, actor="user")
    engine.settle()
    assert pods(engine) == {}
    assert [each.metadata.ownerReferences for each in engine.api.list(PERSISTENT_VOLUME_CLAIMS)] == [()]


def test_claims_may_go_with_the_set_or_the_pod() -> None:
    """By the retention policy they are owned by the set, or by the pod once it is one too many."""
    engine = Engine(DEFAULT)
    policy = StatefulSetPersistentVolumeClaimRetentionPolicy(whenDeleted="Delete", whenScaled="Delete")
    owner = stateful(
        engine, 2, volumeClaimTemplates=(CLAIM,), persistentVolumeClaimRetentionPolicy=policy, policy="Parallel"
    )
    claims = {each.metadata.name: each for each in engine.api.list(PERSISTENT_VOLUME_CLAIMS)}
    assert {name: [ref.uid for ref in each.metadata.ownerReferences] for name, each in claims.items()} == {
        "data-db-0": [owner.metadata.uid], "data-db-1": [owner.metadata.uid],
    }  # fmt: skip
    change(engine, replicas=1)
    engine.settle(60_000)
    assert [each.metadata.name for each in engine.api.list(PERSISTENT_VOLUME_CLAIMS)
            if not each.metadata.deletionTimestamp] == ["data-db-0"]  # fmt: skip


def test_revisions_are_numbered_and_the_oldest_forgotten() -> None:
    """Going back numbers the old one anew; beyond the limit the oldest idle ones go."""
    engine = Engine(DEFAULT)
    stateful(engine, 1, revisionHistoryLimit=1)
    for image in ("db:2", "nginx:1", "db:3"):
        set_image(engine, image)
        engine.settle()
    found = {each.revision: each for each in engine.api.list(CONTROLLER_REVISIONS)}
    assert sorted(found) == [3, 4]
    assert found[4].metadata.name == current(engine).status.updateRevision
    assert found[3].data["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1"


def test_a_new_controller_goes_on_from_the_store() -> None:
    """Built anew in the middle of a rollout it finishes, and a settled set writes nothing more."""
    engine = Engine(DEFAULT)
    stateful(engine)
    set_image(engine, "db:2")
    engine.run_for(1_500)
    StatefulSetController(engine.api, DEFAULT)
    engine.settle()
    assert images(engine) == ["db:2"] * 3
    revision = engine.store.revision
    engine.run_for(3_600_000)
    assert engine.store.revision == revision


def test_bare_pods_that_match_are_adopted_by_their_name_alone() -> None:
    """A pod named as one of the set's becomes its pod; deleting the set orphaning leaves the pods."""
    engine = Engine(DEFAULT)
    stateful(engine, 1)
    engine.api.delete(STATEFUL_SETS, KEY, propagation="Orphan", actor="user")
    engine.settle()
    uid = pods(engine)["db-0"].metadata.uid
    assert pods(engine)["db-0"].metadata.ownerReferences == ()
    stateful(engine, 1)
    assert pods(engine)["db-0"].metadata.uid == uid
    assert [ref.kind for ref in pods(engine)["db-0"].metadata.ownerReferences] == ["StatefulSet"]
    assert kinds.key(pods(engine)["db-0"]) == "default/db-0"


def test_a_pod_of_another_name_is_left_alone() -> None:
    """What the selector matches is adopted only under a name of the set's, and let go of if it has another."""
    engine = Engine(DEFAULT)
    engine.settle()
    other = Pod(metadata=ObjectMeta(name="db", namespace="default", labels={"app": "db"}), spec=template("db").spec)
    engine.api.create(PODS, other, actor="user")
    stateful(engine, 1)
    assert pods(engine)["db"].metadata.ownerReferences == ()
    owned = replace(other.metadata, name="db-x", ownerReferences=pods(engine)["db-0"].metadata.ownerReferences)
    engine.api.create(PODS, replace(other, metadata=owned), actor="user")
    engine.settle()
    assert pods(engine)["db-x"].metadata.ownerReferences == ()
    assert current(engine).status.replicas == 1


def test_a_set_that_goes_in_the_foreground_is_gone_with_its_pods() -> None:
    """Its revision, which is collected first, is not made again and again while the pods stop."""
    engine = Engine(DEFAULT)
    stateful(engine, 2)
    written = engine.store.table(CONTROLLER_REVISIONS).end
    engine.api.delete(STATEFUL_SETS, KEY, propagation="Foreground", actor="user")
    assert engine.settle()
    assert not engine.api.list(STATEFUL_SETS)
    assert not engine.api.list(CONTROLLER_REVISIONS)
    assert engine.store.table(CONTROLLER_REVISIONS).end - written < 10


def test_a_waiting_pod_gets_its_claims_again() -> None:
    """A claim deleted under a pod that waits for a node is made anew, once the old one has gone, and the pod goes on."""
    engine = Engine(DEFAULT)
    stateful(engine, 1, volumeClaimTemplates=(replace(CLAIM, spec=replace(CLAIM.spec, storageClassName="standard")),))
    for node in engine.api.list(NODES):
        engine.api.update(NODES, replace(node, spec=replace(node.spec, unschedulable=True)), actor="user")
    engine.api.delete(PODS, "default/db-0", actor="user")
    engine.settle()
    old = engine.api.get(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0").metadata.uid
    assert pods(engine)["db-0"].status.phase == "Pending"
    engine.api.delete(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0", actor="user")
    engine.settle()
    assert engine.api.get(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0").metadata.uid != old
    for node in engine.api.list(NODES):
        engine.api.update(NODES, replace(node, spec=replace(node.spec, unschedulable=False)), actor="user")
    engine.settle()
    assert pods(engine)["db-0"].status.phase == "Running"


def test_no_pod_is_made_on_a_claim_that_goes() -> None:
    """A pod whose claim is being deleted is not made before the claim is gone, which is told."""
    engine = Engine(DEFAULT)
    stateful(engine, 1, volumeClaimTemplates=(CLAIM,))
    claim = engine.api.get(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0")
    held = replace(claim.metadata, finalizers=(*claim.metadata.finalizers, "example.com/held"))
    engine.api.update(PERSISTENT_VOLUME_CLAIMS, replace(claim, metadata=held), actor="user")
    engine.api.delete(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0", actor="user")
    engine.api.delete(PODS, "default/db-0", actor="user", grace=0)
    engine.run_for(10_000)
    assert pods(engine) == {}
    assert "Create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted" in told(engine)
    claim = engine.api.get(PERSISTENT_VOLUME_CLAIMS, "default/data-db-0")
    engine.api.update(
        PERSISTENT_VOLUME_CLAIMS, replace(claim, metadata=replace(claim.metadata, finalizers=())), actor="user"
    )
    engine.run_for(60_000)
    assert list(pods(engine)) == ["db-0"]
