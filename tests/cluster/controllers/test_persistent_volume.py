"""Claims and volumes with their controllers alone: binding, waiting, provisioning, losing and reclaiming."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api.core import (
    HostPathVolumeSource,
    NFSVolumeSource,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimVolumeSource,
    PersistentVolumeSpec,
    Pod,
    Volume,
    VolumeResourceRequirements,
)
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.persistent_volumes import SIMULATED_PROVISIONER
from cluster.api.quantity import Quantity
from cluster.api.storage import StorageClass
from cluster.controllers.persistent_volume import PersistentVolumeController, SimulatedProvisioner
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key, template

ONCE, MANY = "ReadWriteOnce", "ReadWriteMany"
SOURCES: dict[str, dict[str, Any]] = {
    "temporary": {"hostPath": HostPathVolumeSource(path="/tmp/data")},
    "remote": {"nfs": NFSVolumeSource(server="nfs.example.com", path="/")},
}


@pytest.fixture
def world() -> World:
    """A cluster with the controllers of volumes alone."""
    return World(PersistentVolumeController, SimulatedProvisioner)


def volume(
    world: World, name: str, size: str = "10Gi", *, modes: tuple[str, ...] = (ONCE,), storage_class: str = "",
    policy: str = "Retain", labels: dict[str, str] | None = None, claim: str = "", source: dict[str, Any] | None = None,
) -> PersistentVolume:  # fmt: skip
    """Make a volume."""
    reference = ObjectReference(kind="PersistentVolumeClaim", namespace=NAMESPACE, name=claim) if claim else None
    spec = PersistentVolumeSpec(
        accessModes=modes, capacity={"storage": Quantity(size)}, storageClassName=storage_class, claimRef=reference,
        persistentVolumeReclaimPolicy=policy, volumeMode="Filesystem",
        **(source or {"hostPath": HostPathVolumeSource(path="/data")}),
    )  # fmt: skip
    made = PersistentVolume(metadata=ObjectMeta(name=name, labels=labels or {}), spec=spec)
    return world.api.create(PERSISTENT_VOLUMES, made, actor=USER)


def claim(world: World, name: str = "data", size: str = "1Gi", *, storage_class: str | None = "", **spec: Any) -> None:
    """Make a claim."""
    given = {"accessModes": (ONCE,), "volumeMode": "Filesystem", "storageClassName": storage_class, **spec}
    made = PersistentVolumeClaim(
        metadata=ObjectMeta(name=name, namespace=NAMESPACE),
        spec=PersistentVolumeClaimSpec(
            resources=VolumeResourceRequirements(requests={"storage": Quantity(size)}), **given
        ),
    )
    world.api.create(PERSISTENT_VOLUME_CLAIMS, made, actor=USER)


def storage_class(world: World, provisioner_name: str = SIMULATED_PROVISIONER, mode: str = "Immediate") -> None:
    """Make the class `fast`."""
    made = StorageClass(
        metadata=ObjectMeta(name="fast"), provisioner=provisioner_name, reclaimPolicy="Delete", volumeBindingMode=mode
    )
    world.api.create(STORAGE_CLASSES, made, actor=USER)


def consumer(world: World, name: str, node: str = "") -> None:
    """Make a pod that uses the claim `data`."""
    spec = template().spec
    volume = Volume(name="data", persistentVolumeClaim=PersistentVolumeClaimVolumeSource(claimName="data"))
    made = Pod(
        metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=replace(spec, nodeName=node, volumes=(volume,))
    )
    world.api.create(PODS, made, actor=USER)


def claims(world: World) -> dict[str, tuple[str, str]]:
    """Phase and volume of every claim."""
    found = world.store.table(PERSISTENT_VOLUME_CLAIMS).values()
    return {each.metadata.name: (each.status.phase, each.spec.volumeName) for each in found}


def volumes(world: World) -> dict[str, str]:
    """The phase of every volume."""
    return {each.metadata.name: each.status.phase for each in world.store.table(PERSISTENT_VOLUMES).values()}


def drop_claim(world: World, name: str = "data") -> None:
    """Delete a claim for good, whatever protects it."""
    found = world.api.get(PERSISTENT_VOLUME_CLAIMS, key(name))
    if found.metadata.finalizers:
        bare = replace(found, metadata=replace(found.metadata, finalizers=()))
        world.api.update(PERSISTENT_VOLUME_CLAIMS, bare, actor=USER)
    world.api.delete(PERSISTENT_VOLUME_CLAIMS, key(name), actor=USER)
    world.run()


def test_a_claim_gets_the_smallest_volume_that_is_enough(world: World) -> None:
    """Large enough, of its class and access modes; the pair says so on both sides."""
    for name, size in (("large", "100Gi"), ("right", "5Gi"), ("small", "500Mi")):
        volume(world, name, size)
    volume(world, "other-class", "2Gi", storage_class="x")
    volume(world, "other-mode", "2Gi", modes=(MANY,))
    claim(world)
    world.run()
    assert claims(world) == {"data": ("Bound", "right")}
    assert volumes(world)["right"] == "Bound"
    assert {phase for name, phase in volumes(world).items() if name != "right"} == {"Available"}
    bound, found = world.api.get(PERSISTENT_VOLUME_CLAIMS, key("data")), world.api.get(PERSISTENT_VOLUMES, "right")
    assert bound.status.capacity == {"storage": "5Gi"}
    assert bound.status.accessModes == (ONCE,)
    assert bound.metadata.annotations == {
        "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes",
    }  # fmt: skip
    assert found.metadata.annotations == {"pv.kubernetes.io/bound-by-controller": "yes"}
    assert found.spec.claimRef is not None
    assert found.spec.claimRef.uid == bound.metadata.uid
    assert world.writes_nothing()


def test_a_claim_waits_for_its_volume(world: World) -> None:
    """Pending with an event while there is none, bound as soon as one comes."""
    claim(world)
    world.run()
    assert claims(world) == {"data": ("Pending", "")}
    assert world.messages("FailedBinding") == [
        "no persistent volumes available for this claim and no storage class is set"
    ]
    volume(world, "late")
    world.run()
    assert claims(world) == {"data": ("Bound", "late")}


def test_a_selector_chooses_among_volumes(world: World) -> None:
    """Only volumes with the labels count."""
    volume(world, "plain", "1Gi")
    volume(world, "fast-one", "50Gi", labels={"disk": "ssd"})
    claim(world, selector=LabelSelector(matchLabels={"disk": "ssd"}))
    world.run()
    assert claims(world) == {"data": ("Bound", "fast-one")}


def test_either_may_name_the_other(world: World) -> None:
    """A volume that names a claim is kept for it; a claim that names a volume gets no other."""
    volume(world, "kept", claim="second")
    claim(world, "first")
    claim(world, "third", volumeName="named")
    world.run()
    assert claims(world) == {"first": ("Pending", ""), "third": ("Pending", "named")}
    claim(world, "second")
    volume(world, "named")
    world.run()
    assert claims(world) == {"first": ("Pending", ""), "third": ("Bound", "named"), "second": ("Bound", "kept")}


def test_a_volume_that_names_a_claim_still_has_to_do(world: World) -> None:
    """It may be of another class, but not too small; the claim then takes another that is free."""
    volume(world, "other-class", storage_class="fast", claim="one")
    volume(world, "small", "100Mi", claim="two")
    claim(world, "one")
    claim(world, "two")
    world.run()
    assert claims(world) == {"one": ("Bound", "other-class"), "two": ("Pending", "")}
    assert volumes(world) == {"other-class": "Bound", "small": "Available"}
    volume(world, "free")
    world.run()
    assert claims(world)["two"] == ("Bound", "free")


def test_a_volume_with_fewer_access_modes_comes_first(world: World) -> None:
    """Even if one with more of them is smaller."""
    volume(world, "many", "1Gi", modes=(ONCE, MANY))
    volume(world, "once", "5Gi")
    claim(world)
    world.run()
    assert claims(world) == {"data": ("Bound", "once")}


def test_a_named_volume_that_does_not_fit_is_told(world: World) -> None:
    """Too small, of another class or mode, or somebody else's: the event says which."""
    volume(world, "small", "100Mi")
    claim(world, volumeName="small")
    volume(world, "taken")
    claim(world, "one", volumeName="taken")
    world.run()
    claim(world, "two", volumeName="taken")
    world.run()
    assert world.messages("VolumeMismatch") == ['Cannot bind to requested volume "small": requested PV is too small']
    assert world.messages("FailedBinding") == ['volume "taken" already bound to a different claim.']


def test_two_claims_never_have_one_volume(world: World) -> None:
    """The second waits."""
    volume(world, "only")
    claim(world, "one")
    claim(world, "two")
    world.run()
    assert sorted(claims(world).values()) == [("Bound", "only"), ("Pending", "")]


def test_a_volume_outlives_its_claim_or_not(world: World) -> None:
    """Retained it is released; to be deleted it goes, unless nobody can delete what it is or where it lies."""
    for name, policy in (("keep", "Retain"), ("drop", "Delete"), ("temporary", "Delete"), ("remote", "Delete")):
        volume(world, name, policy=policy, source=SOURCES.get(name))
        claim(world, name, volumeName=name)
    world.run()
    for name in ("keep", "drop", "temporary", "remote"):
        drop_claim(world, name)
    gone = world.api.find(PERSISTENT_VOLUMES, "temporary")
    assert gone is not None
    assert gone.metadata.deletionTimestamp
    assert volumes(world) == {"keep": "Released", "drop": "Failed", "temporary": "Released", "remote": "Failed"}
    assert world.messages("VolumeFailedDelete") == [
        "host_path deleter only supports /tmp/.+ but received provided /data",
        'error getting deleter volume plugin for volume "remote": no deletable volume plugin matched',
    ]
    claim(world, "again", volumeName="keep")
    world.run()
    assert claims(world) == {"again": ("Pending", "keep")}


def test_a_claim_that_loses_its_volume_is_lost(world: World) -> None:
    """And is told so, once."""
    volume(world, "only")
    claim(world)
    world.run()
    found = world.api.get(PERSISTENT_VOLUMES, "only")
    world.api.update(PERSISTENT_VOLUMES, replace(found, metadata=replace(found.metadata, finalizers=())), actor=USER)
    world.api.delete(PERSISTENT_VOLUMES, "only", actor=USER)
    world.run()
    assert claims(world) == {"data": ("Lost", "only")}
    lost = world.api.get(PERSISTENT_VOLUME_CLAIMS, key("data")).status
    assert (lost.accessModes, lost.capacity) == ((), {})
    assert world.messages("ClaimLost") == ["Bound claim has lost its PersistentVolume. Data on the volume is lost!"]
    assert world.writes_nothing()


def test_a_class_has_volumes_provisioned(world: World) -> None:
    """The simulated provisioner makes the volume, and deletes it when the claim goes."""
    storage_class(world)
    claim(world, storage_class="fast")
    world.run(5_000)
    [(phase, name)] = claims(world).values()
    uid = world.api.get(PERSISTENT_VOLUME_CLAIMS, key("data")).metadata.uid
    assert (phase, name) == ("Bound", f"pvc-{uid}")
    made = world.api.get(PERSISTENT_VOLUMES, name)
    assert (made.spec.persistentVolumeReclaimPolicy, made.spec.capacity) == ("Delete", {"storage": "1Gi"})
    assert world.messages("ProvisioningSucceeded") == [f"Successfully provisioned volume {name}"]
    drop_claim(world)
    world.run(5_000)
    left = world.api.find(PERSISTENT_VOLUMES, name)
    assert left is None or left.metadata.deletionTimestamp
    assert world.writes_nothing()


def test_a_class_that_is_missing_or_has_nobody_is_told(world: World) -> None:
    """A class not there is an error until it is; a provisioner that is not there is waited for."""
    claim(world, storage_class="fast")
    world.run()
    assert world.messages("ProvisioningFailed") == ['storageclass.storage.k8s.io "fast" not found']
    storage_class(world, "example.com/nfs")
    world.run()
    [words] = world.messages("ExternalProvisioning")
    assert words.startswith(
        "Waiting for a volume to be created either by the external provisioner 'example.com/nfs' or"
    )
    assert claims(world) == {"data": ("Pending", "")}


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("kubernetes.io/no-provisioner", "ProvisioningFailed", "no volume plugin matched name: {}"),
        ("kubernetes.io/glusterfs", "ProvisioningFailed", "no volume plugin matched name: {}"),
        ("kubernetes.io/aws-ebs", "ExternalProvisioning", "'ebs.csi.aws.com'"),
    ],
)
def test_provisioners_that_were_built_in(world: World, name: str, reason: str, words: str) -> None:
    """Their drivers are asked instead, where there are any; the rest have no plugin."""
    storage_class(world, name)
    claim(world, storage_class="fast")
    world.run()
    [message] = world.messages(reason)
    assert words.format(name) in message


def test_a_claim_without_a_class_gets_the_default_later(world: World) -> None:
    """As soon as there is a default class; a claim that asks for no class keeps none."""
    claim(world, "open", storage_class=None)
    claim(world, "closed", storage_class="")
    world.run()
    marked = ObjectMeta(name="fast", annotations={"storageclass.kubernetes.io/is-default-class": "true"})
    made = StorageClass(metadata=marked, provisioner=SIMULATED_PROVISIONER, volumeBindingMode="Immediate")
    world.api.create(STORAGE_CLASSES, made, actor=USER)
    world.run(5_000)
    found = {each.metadata.name: each for each in world.store.table(PERSISTENT_VOLUME_CLAIMS).values()}
    assert (found["open"].spec.storageClassName, found["open"].status.phase) == ("fast", "Bound")
    assert (found["closed"].spec.storageClassName, found["closed"].status.phase) == ("", "Pending")


def test_a_claim_that_waits_says_for_which_pods(world: World) -> None:
    """Pods without a node that name it, or bring it along; none of those that have one."""
    storage_class(world, "kubernetes.io/no-provisioner", "WaitForFirstConsumer")
    consumer(world, "one")
    claim(world, storage_class="fast")
    world.run()
    consumer(world, "two")
    consumer(world, "placed", node="node-1")
    world.run()
    for mark in ("a", "b"):
        found = world.api.get(PERSISTENT_VOLUME_CLAIMS, key("data"))
        if mark == "b":
            for name in ("one", "two"):
                world.api.delete(PODS, key(name), grace=0, actor=USER)
            world.run()
        new = replace(found, metadata=replace(found.metadata, annotations={"mark": mark}))
        world.api.update(PERSISTENT_VOLUME_CLAIMS, new, actor=USER)
        world.run()
    assert world.messages("WaitForPodScheduled") == [
        "waiting for pod one to be scheduled", "waiting for pods one,two to be scheduled"
    ]  # fmt: skip
    assert world.messages("WaitForFirstConsumer") == ["waiting for first consumer to be created before binding"]


def test_some_claims_wait_for_a_pod(world: World) -> None:
    """With WaitForFirstConsumer nothing is bound before the scheduler has chosen a node."""
    storage_class(world, "kubernetes.io/no-provisioner", "WaitForFirstConsumer")
    volume(world, "local", storage_class="fast")
    claim(world, storage_class="fast")
    world.run()
    assert claims(world) == {"data": ("Pending", "")}
    assert world.messages("WaitForFirstConsumer") == ["waiting for first consumer to be created before binding"]
    found = world.api.get(PERSISTENT_VOLUMES, "local")
    reference = ObjectReference(kind="PersistentVolumeClaim", namespace=NAMESPACE, name="data")
    world.api.update(PERSISTENT_VOLUMES, replace(found, spec=replace(found.spec, claimRef=reference)), actor=USER)
    world.run()
    assert claims(world) == {"data": ("Bound", "local")}


def test_a_claim_on_its_way_out_is_bound_if_that_was_begun(world: World) -> None:
    """What protects a claim keeps it: one that has a volume is bound to it, one that has none gets none any more."""
    volume(world, "only")
    volume(world, "free")
    claim(world, volumeName="only")
    claim(world, "late")
    for name in ("data", "late"):
        world.api.delete(PERSISTENT_VOLUME_CLAIMS, key(name), actor=USER)
    world.run()
    assert claims(world) == {"data": ("Bound", "only"), "late": ("Pending", "")}
    assert volumes(world) == {"only": "Bound", "free": "Available"}


def test_new_controllers_go_on_from_the_store(world: World) -> None:
    """Rebuilt after every step of a binding, the pair is the same."""
    volume(world, "only")
    claim(world)
    for _ in range(8):
        world = world.restarted()
        world.run(26)
    assert claims(world) == {"data": ("Bound", "only")}
