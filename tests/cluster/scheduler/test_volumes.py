"""Pods with volumes: which nodes they may go to, what is written for them, and what they wait for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import (
    AWSElasticBlockStoreVolumeSource,
    EphemeralVolumeSource,
    GCEPersistentDiskVolumeSource,
    ISCSIVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    RBDVolumeSource,
    TopologySelectorLabelRequirement,
    TopologySelectorTerm,
    Volume,
)
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from cluster.api.meta import LabelSelector, ObjectMeta, OwnerReference
from cluster.api.persistent_volumes import BIND_COMPLETED, SELECTED_NODE
from cluster.api.quantity import Quantity
from cluster.api.storage import (
    CSIDriver,
    CSIDriverSpec,
    CSINode,
    CSINodeDriver,
    CSINodeSpec,
    CSIStorageCapacity,
    VolumeNodeResources,
)
from cluster.scheduler.plugins.volume_restrictions import conflict
from tests.cluster.scheduler.volumes import ONE_POD, claim, mounting, storage_class, volume
from tests.cluster.scheduler.world import ZONE, World, node, pod, spec

NODES = (node("n1", zone="z1"), node("n2", zone="z2"), node("n3", zone="z3"))
WAIT = storage_class("wait")
MAKER = "example.com/maker"


def claim_of(world: World, name: str) -> PersistentVolumeClaim:
    """A claim as it is now."""
    found = world.store.table(PERSISTENT_VOLUME_CLAIMS).get(f"default/{name}")
    assert found is not None
    return found


def volume_of(world: World, name: str) -> PersistentVolume:
    """A volume as it is now."""
    found = world.store.table(PERSISTENT_VOLUMES).get(name)
    assert found is not None
    return found


def bind(world: World, name: str, to: str) -> None:
    """Bind a claim for good, as the binder does."""
    found = claim_of(world, name)
    annotations = {**found.metadata.annotations, BIND_COMPLETED: "yes"}
    meta = replace(found.metadata, annotations=annotations)
    world.put(replace(found, metadata=meta, spec=replace(found.spec, volumeName=to)))


def refused(world: World, *objects: Any) -> str:
    """What a pod says that no node will have."""
    world.put(*objects).run(1_000)
    assert world.where("p") == ""
    return world.says("p")


# Before any node is looked at


def test_a_claim_that_does_not_exist() -> None:
    """The pod waits for it, and goes at once when it is there and bound."""
    world = World(*NODES)
    words = '0/3 nodes are available: persistentvolumeclaim "data" not found. not found'
    assert refused(world, mounting("p", "data")) == words
    [event] = [each for each in world.events("p") if each.reason == "FailedScheduling"]
    assert event.message == words
    world.put(volume("v", "n2", claim="data"), claim("data", volume="v")).run(1_500)
    assert world.where("p") == "n2"


@pytest.mark.parametrize("storage", ["", "none", "now"])
def test_a_claim_that_does_not_wait_for_the_pod(storage: str) -> None:
    """An unbound claim without a class, of an unknown one or of an immediate one is to be bound first."""
    world = World(*NODES, storage_class("now", MAKER, "Immediate"), claim("data", storage))
    words = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    assert refused(world, mounting("p", "data")) == words
    world.put(volume("v", "n3", claim="data"))
    bind(world, "data", "v")
    assert world.run(1_500).where("p") == "n3"


def test_a_claim_that_names_its_volume_is_bound_first() -> None:
    """Even if its class waits: the node has no say in it."""
    world = World(*NODES, WAIT, replace(claim("data"), spec=replace(claim("data").spec, volumeName="v")), volume("v"))
    words = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    assert refused(world, mounting("p", "data")) == words


def test_claims_that_are_lost_or_going() -> None:
    """They are no use to a new pod."""
    lost = claim("data", volume="v")
    lost = replace(lost, status=replace(lost.status, phase="Lost"))
    words = 'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"'
    assert refused(World(*NODES, lost), mounting("p", "data")) == f"0/3 nodes are available: {words}. not found"
    going = claim("data", volume="v")
    going = replace(going, metadata=replace(going.metadata, deletionTimestamp="2026-01-01T00:00:00Z"))
    words = 'persistentvolumeclaim "data" is being deleted'
    assert refused(World(*NODES, going), mounting("p", "data")) == f"0/3 nodes are available: {words}. not found"
    words = 'persistentvolume "v" not found'
    world = World(*NODES, claim("data", volume="v"))
    assert refused(world, mounting("p", "data")) == f"0/3 nodes are available: {words}. not found"


def test_the_claim_of_an_ephemeral_volume() -> None:
    """It is made for the pod; one of the same name that is not its own will not do."""
    volumes = (Volume(name="scratch", ephemeral=EphemeralVolumeSource()),)
    world = World(*NODES, WAIT, volume("v"))
    words = 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"'
    world.put(pod("p", spec(volumes=volumes)), pod("q", spec(volumes=volumes))).run(100)
    assert world.says("p") == f"0/3 nodes are available: {words}. not found"
    assert world.says("q") == f"0/3 nodes are available: {words.replace('p-', 'q-')}. not found"
    made = claim("p-scratch", volume="v")
    words = "PVC default/p-scratch was not created for pod default/p (pod is not owner)"
    assert refused(world, made) == f"0/3 nodes are available: {words}. not found"
    owner = OwnerReference(apiVersion="v1", kind="Pod", name="p", uid="uid-p", controller=True)
    world.put(replace(made, metadata=replace(made.metadata, ownerReferences=(owner,)))).run(20_000)
    assert (world.where("p") != "", world.where("q")) == (True, "")


def test_no_pod_goes_for_one_whose_claim_is_not_bound() -> None:
    """Preemption would not bind it."""
    world = World(node("n1", cpu="1"), pod("low", spec({"cpu": "1"}, nodeName="n1")), claim("data", ""))
    world.put(mounting("p", "data", requests={"cpu": "1"}, priority=100)).run(2_000)
    assert [each.metadata.name for each in world.store.table(PODS).values()] == ["low", "p"]


# Volumes that are there


def test_a_bound_volume_keeps_its_pod_to_its_nodes() -> None:
    """The others are rejected, each pod of a class apart; preemption would not help."""
    world = World(*NODES[:2], volume("v", "n3", claim="data"), claim("data", volume="v"))
    words = "2 node(s) didn't match PersistentVolume's node affinity."
    assert refused(world, mounting("p", "data")) == (
        f"0/2 nodes are available: {words} no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    explained = world.scheduler.explain("default/p")
    assert explained is not None
    assert [each.rejection and each.rejection.plugin for each in explained.nodes] == ["VolumeBinding"] * 2
    assert world.put(NODES[2]).run(1_500).where("p") == "n3"


def test_the_zone_that_a_volume_is_labelled_with() -> None:
    """It binds the pod to nodes there, unless they say nothing of zones."""
    labels = {"failure-domain.beta.kubernetes.io/zone": "z2__z9"}
    world = World(NODES[0], NODES[2], volume("v", claim="data", labels=labels), claim("data", volume="v"))
    assert refused(world, mounting("p", "data")).startswith(
        "0/2 nodes are available: 2 node(s) had no available volume zone."
    )
    assert world.put(NODES[1]).run(1_500).where("p") == "n2"
    world = World(node("n"), volume("v", claim="data", labels={ZONE: "z2"}), claim("data", volume="v"))
    assert world.put(mounting("p", "data")).run(100).where("p") == "n"


def test_a_claim_for_one_pod_has_one_pod() -> None:
    """The next waits until it has gone, on whatever node."""
    world = World(*NODES, volume("v", claim="data", mode=ONE_POD), claim("data", volume="v", mode=ONE_POD))
    world.put(mounting("first", "data")).run(100)
    assert refused(world, mounting("p", "data")).startswith(
        "0/3 nodes are available: 3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode."
    )
    world.delete(PODS, "default/first")
    assert world.run(2_000).where("p") != ""


DISKS = [
    (Volume(gcePersistentDisk=GCEPersistentDiskVolumeSource(pdName="d")), True),
    (Volume(gcePersistentDisk=GCEPersistentDiskVolumeSource(pdName="d", readOnly=True)), False),
    (Volume(awsElasticBlockStore=AWSElasticBlockStoreVolumeSource(volumeID="d", readOnly=True)), True),
    (Volume(iscsi=ISCSIVolumeSource(iqn="i")), True),
    (Volume(iscsi=ISCSIVolumeSource(iqn="i", readOnly=True)), False),
    (Volume(rbd=RBDVolumeSource(monitors=("a", "b"), pool="p", image="i")), True),
    (Volume(rbd=RBDVolumeSource(monitors=("a", "b"), pool="p", image="i", readOnly=True)), False),
]


@pytest.mark.parametrize(("disk", "clashes"), DISKS)
def test_a_disk_is_mounted_once(disk: Volume, clashes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Unless all its pods only read it and its sort allows that; other disks are no matter."""
    assert conflict(disk, disk) is clashes
    world = World(node("n1"), pod("first", spec(nodeName="n1", volumes=(disk,))))
    world.put(pod("p", spec(volumes=(disk,)))).run(100)
    assert (world.where("p") == "") is clashes
    if clashes:
        assert world.says("p").startswith("0/1 nodes are available: 1 node(s) had no available disk.")


def test_a_driver_attaches_no_more_than_it_can() -> None:
    """What its CSINode says counts; a volume that is attached already counts once."""
    limits = CSINode(
        metadata=ObjectMeta(name="n1"),
        spec=CSINodeSpec(drivers=(CSINodeDriver(name=MAKER, allocatable=VolumeNodeResources(count=1)),)),
    )
    pairs = [
        each for name in ("a", "b") for each in (volume(f"v{name}", claim=name, driver=MAKER), claim(name, volume=f"v{name}"))
    ]  # fmt: skip
    world = World(NODES[0], limits, *pairs, mounting("first", "a", nodeName="n1"))
    world.put(mounting("same", "a")).run(100)
    assert world.where("same") == "n1"
    assert refused(world, mounting("p", "b")).startswith("0/1 nodes are available: 1 node(s) exceed max volume count.")
    more = replace(limits.spec.drivers[0], allocatable=VolumeNodeResources(count=2))
    world.put(replace(limits, spec=CSINodeSpec(drivers=(more,)))).run(1_500)
    assert world.where("p") == "n1"


# Volumes that are bound for the pod


def test_the_volume_of_the_node_is_given_to_the_claim() -> None:
    """The smallest that will do, on a node that reaches it; the pod follows when the claim is bound."""
    world = World(*NODES, WAIT, volume("big", "n1", size="20Gi"), volume("v", "n2"), volume("other", storage="x"))
    world.put(claim("data", size="5Gi"), mounting("p", "data", nodeSelector={ZONE: "z2"})).run(500)
    reference = volume_of(world, "v").spec.claimRef
    assert reference is not None
    assert (reference.name, reference.uid, world.where("p")) == ("data", "uid-data", "")
    assert not world.events("p")
    bind(world, "data", "v")
    assert world.run(100).where("p") == "n2"
    assert [event.reason for event in world.events("p")] == ["Scheduled"]


def test_nothing_to_bind() -> None:
    """A class without a provisioner and without a free volume leaves no node; a new volume helps."""
    world = World(*NODES, WAIT, volume("v", "n1", size="1Gi"), claim("data", size="5Gi"))
    words = "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind."
    assert refused(world, mounting("p", "data")).startswith(words)
    world.put(volume("w", "n3")).run(1_500)
    bind(world, "data", "w")
    assert world.run(100).where("p") == "n3"


def test_a_volume_is_made_where_the_pod_goes() -> None:
    """The claim says on which node, one that the class allows; its place there is kept meanwhile."""
    zone = TopologySelectorTerm(matchLabelExpressions=(TopologySelectorLabelRequirement(key=ZONE, values=("z2",)),))
    made = storage_class("made", MAKER, allowedTopologies=(zone,))
    world = World(*NODES, made, claim("data", "made"), mounting("p", "data", requests={"cpu": "3"})).run(100)
    assert (claim_of(world, "data").metadata.annotations[SELECTED_NODE], world.where("p")) == ("n2", "")
    world.put(pod("thief", spec({"cpu": "3"}, nodeSelector={ZONE: "z2"}))).run(100)
    assert world.says("thief").startswith("0/3 nodes are available: 1 Insufficient cpu")
    world.put(volume("v", claim="data", storage="made"))
    bind(world, "data", "v")
    assert world.run(20_000).where("p") == "n2"
    assert world.where("thief") == ""


def test_a_choice_outlives_the_scheduler() -> None:
    """A scheduler that starts anew goes on with the node that the claim names."""
    world = World(*NODES, storage_class("made", MAKER), claim("data", "made"), mounting("p", "data")).run(100)
    chosen = claim_of(world, "data").metadata.annotations[SELECTED_NODE]
    world.rebuild()
    world.run(100).put(*[pod(f"q{number}", spec({"cpu": "1"})) for number in range(3)]).run(100)
    assert claim_of(world, "data").metadata.annotations[SELECTED_NODE] == chosen
    world.put(volume("v", claim="data", storage="made"))
    bind(world, "data", "v")
    assert world.run(100).where("p") == chosen


def test_a_pod_that_goes_meanwhile_leaves_its_place() -> None:
    """Others may have it."""
    world = World(node("n1", cpu="1"), storage_class("made", MAKER), claim("data", "made"))
    world.put(mounting("p", "data", requests={"cpu": "1"})).run(100)
    world.put(pod("next", spec({"cpu": "1"}))).run(100)
    assert world.where("next") == ""
    world.delete(PODS, "default/p")
    assert world.run(2_000).where("next") == "n1"


def test_a_provisioner_that_gives_up() -> None:
    """When it takes the node from the claim, the pod is scheduled anew."""
    world = World(*NODES, storage_class("made", MAKER), claim("data", "made"), mounting("p", "data")).run(100)
    found = claim_of(world, "data")
    world.put(replace(found, metadata=replace(found.metadata, annotations={}))).run(100)
    words = 'running PreBind plugin "VolumeBinding": binding volumes: selectedNode annotation reset for PVC "data"'
    assert [event.message for event in world.events("p")] == [words]
    assert world.says("p") == words
    world.run(5_000)
    assert SELECTED_NODE in claim_of(world, "data").metadata.annotations


def test_a_volume_that_cannot_be_written() -> None:
    """The API server's refusal is told, and the pod is tried again without its old place."""
    broken = volume("v")
    broken = replace(broken, spec=replace(broken.spec, hostPath=None))
    world = World(node("n1", cpu="1"), WAIT, broken, claim("data"))
    world.put(mounting("p", "data", requests={"cpu": "1"})).run(100)
    assert world.says("p") == (
        'running PreBind plugin "VolumeBinding": binding volumes: '
        'PersistentVolume "v" is invalid: spec: Required value: must specify a volume type'
    )
    world.delete(PERSISTENT_VOLUMES, "v")
    world.put(volume("w", "n1"), pod("next", spec({"cpu": "1"}))).run(20)
    assert world.where("next") == "n1"


def test_volumes_that_take_too_long() -> None:
    """After ten minutes the scheduler says so, and tries again."""
    world = World(*NODES, storage_class("made", MAKER), claim("data", "made"), mounting("p", "data")).run(599_000)
    assert not world.events("p")
    world.run(2_000)
    words = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'
    assert [event.message for event in world.events("p")] == [words]


reach = st.sets(st.sampled_from(["n0", "n1", "n2"]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(reach, st.integers(1, 4)), max_size=5), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_volume_is_given_once_and_within_reach(volumes: list[tuple[set[str], int]], sizes: list[int]) -> None:
    """Whatever volumes and claims: a pod goes where its claim's volume is, the smallest free one there, or waits."""
    world = World(*[node(f"n{number}") for number in range(3)], WAIT)
    world.put(*[volume(f"v{number}", *sorted(nodes), size=f"{size}Gi") for number, (nodes, size) in enumerate(volumes)])
    free = dict(enumerate(volumes))
    for number, size in enumerate(sizes):
        world.put(claim(f"c{number}", size=f"{size}Gi"), mounting(f"p{number}", f"c{number}")).run(100)
        given_ = [
            each for each in range(len(volumes))
            if (held := volume_of(world, f"v{each}").spec.claimRef) is not None and held.name == f"c{number}"
        ]  # fmt: skip
        fitting = {each for each in free if free[each][1] >= size}
        assert len(given_) == bool(fitting)
        for each in given_:
            bind(world, f"c{number}", f"v{each}")
            world.run(100)
            nodes, found = free.pop(each)
            where = world.where(f"p{number}")
            assert each in fitting
            assert where in nodes
            assert found == min(volumes[other][1] for other in fitting if where in volumes[other][0])


def room(name: str, size: str, zone: str, **fields: Any) -> CSIStorageCapacity:
    """How much storage of the class `made` is left in a zone."""
    return CSIStorageCapacity(
        metadata=ObjectMeta(name=name, namespace="default"), storageClassName="made", capacity=Quantity(size),
        nodeTopology=LabelSelector(matchLabels={ZONE: zone}), **fields,
    )  # fmt: skip


def test_a_driver_that_tells_its_room_is_believed() -> None:
    """A volume is made only where there is enough; what the driver says of other zones or too small volumes is no help."""
    world = World(*NODES)
    tells = CSIDriver(metadata=ObjectMeta(name=MAKER), spec=CSIDriverSpec(storageCapacity=True))
    made = storage_class("made", MAKER)
    largest = {"maximumVolumeSize": Quantity("1Gi")}
    words = refused(
        world, tells, made, room("one", "1Gi", "z1"), room("two", "9Gi", "z2", **largest), claim("c", "made", "5Gi"),
        mounting("p", "c"),
    )  # fmt: skip
    assert words.startswith("0/3 nodes are available: 3 node(s) did not have enough free storage. ")
    world.put(room("three", "5Gi", "z3")).run(60_000)
    assert claim_of(world, "c").metadata.annotations[SELECTED_NODE] == "n3"
