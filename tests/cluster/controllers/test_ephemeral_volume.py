"""Generic ephemeral volumes: each pod's claims are made for it, owned by it, and never another's."""

import pytest
from msgspec.structs import replace

from cluster.api.core import (
    EphemeralVolumeSource,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimTemplate,
    Pod,
    Volume,
    VolumeResourceRequirements,
)
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PODS
from cluster.api.meta import ObjectMeta
from cluster.api.quantity import Quantity
from cluster.controllers.ephemeral_volume import EphemeralVolumeController
from cluster.controllers.ownership import controller_reference
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key, template

SPEC = PersistentVolumeClaimSpec(
    accessModes=("ReadWriteOnce",), volumeMode="Filesystem",
    resources=VolumeResourceRequirements(requests={"storage": Quantity("1Gi")}),
)  # fmt: skip


@pytest.fixture
def world() -> World:
    """A cluster with this controller alone."""
    return World(EphemeralVolumeController)


def pod(world: World, name: str = "db", spec: PersistentVolumeClaimSpec = SPEC) -> Pod:
    """Make a pod with the ephemeral volume `scratch`, and let the controller look."""
    claims = PersistentVolumeClaimTemplate(metadata=ObjectMeta(labels={"app": "db"}), spec=spec)
    volume = Volume(name="scratch", ephemeral=EphemeralVolumeSource(volumeClaimTemplate=claims))
    made = Pod(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=replace(template().spec, volumes=(volume,)))
    pod = world.api.create(PODS, made, actor=USER)
    world.run()
    return pod


def claim(world: World, name: str = "db-scratch") -> PersistentVolumeClaim | None:
    """The claim, if there is one."""
    return world.api.find(PERSISTENT_VOLUME_CLAIMS, key(name))


def drop(world: World) -> None:
    """Delete the claim for good, and let the controller look."""
    found = claim(world)
    assert found is not None
    bare = replace(found, metadata=replace(found.metadata, finalizers=()))
    world.api.update(PERSISTENT_VOLUME_CLAIMS, bare, actor=USER)
    world.api.delete(PERSISTENT_VOLUME_CLAIMS, key("db-scratch"), actor=USER)
    world.run()


def test_a_pod_gets_the_claim_of_its_template(world: World) -> None:
    """Named after pod and volume, with the template's labels, owned by the pod; once."""
    owner = pod(world)
    made = claim(world)
    assert made is not None
    assert made.metadata.labels == {"app": "db"}
    assert made.metadata.ownerReferences == (controller_reference(PODS, owner),)
    assert made.spec.resources == SPEC.resources
    assert world.events() == []
    assert world.writes_nothing()


def test_a_claim_that_is_lost_is_made_again(world: World) -> None:
    """As long as its pod is there and stays."""
    owner = pod(world)
    first = claim(world)
    drop(world)
    second = claim(world)
    assert first is not None
    assert second is not None
    assert first.metadata.uid != second.metadata.uid
    world.api.delete(PODS, key(owner.metadata.name), grace=0, actor=USER)
    drop(world)
    assert claim(world) is None


def test_a_claim_of_that_name_that_is_not_the_pods_is_left_alone(world: World) -> None:
    """The pod is told, until the other claim has gone."""
    other = PersistentVolumeClaim(metadata=ObjectMeta(name="db-scratch", namespace=NAMESPACE), spec=SPEC)
    world.api.create(PERSISTENT_VOLUME_CLAIMS, other, actor=USER)
    pod(world)
    found = claim(world)
    assert found is not None
    assert found.metadata.ownerReferences == ()
    words = "PVC shop/db-scratch was not created for pod shop/db (pod is not owner)"
    assert set(world.messages("FailedBinding")) == {f"ephemeral volume scratch: {words}"}
    drop(world)
    world.run(600_000)
    found = claim(world)
    assert found is not None
    assert found.metadata.ownerReferences[0].name == "db"


def test_new_controllers_make_what_is_missing() -> None:
    """A pod that was made while no controller ran gets its claim from the next."""
    world = World(PodsAlone)
    pod(world)
    assert claim(world) is None
    world.start(EphemeralVolumeController)
    world.run()
    assert claim(world) is not None


class PodsAlone:
    """No controller at all."""

    def __init__(self, *_: object) -> None:
        """Take what a controller takes."""
