"""Claims that ask for more: told once, grown where the simulated driver is at work."""

import pytest
from msgspec.structs import replace

from cluster.api.core import (
    HostPathVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
    VolumeResourceRequirements,
)
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES
from cluster.api.meta import ObjectMeta
from cluster.api.persistent_volumes import SIMULATED_PROVISIONER
from cluster.api.quantity import Quantity
from cluster.api.storage import StorageClass
from cluster.controllers.persistent_volume import PersistentVolumeController, SimulatedProvisioner, SimulatedResizer
from cluster.controllers.volume_expand import EXTERNAL, VolumeExpandController
from tests.cluster.controllers.workloads import NAMESPACE, USER, World, key

ONE, TWO = {"storage": Quantity("1Gi")}, {"storage": Quantity("2Gi")}


@pytest.fixture
def world() -> World:
    """A cluster with the controllers of volumes alone, and two classes whose claims may grow."""
    world = World(PersistentVolumeController, SimulatedProvisioner, SimulatedResizer, VolumeExpandController)
    for name, provisioner in (("fast", SIMULATED_PROVISIONER), ("manual", "kubernetes.io/no-provisioner")):
        made = StorageClass(
            metadata=ObjectMeta(name=name), provisioner=provisioner, reclaimPolicy="Delete", allowVolumeExpansion=True,
            volumeBindingMode="Immediate",
        )  # fmt: skip
        world.api.create(STORAGE_CLASSES, made, actor=USER)
    return world


def claim(world: World) -> PersistentVolumeClaim:
    """The claim as it is now."""
    return world.api.get(PERSISTENT_VOLUME_CLAIMS, key("data"))


def bound(world: World, storage_class: str) -> None:
    """Make a claim of 1Gi, and let it be bound."""
    spec = PersistentVolumeClaimSpec(
        accessModes=("ReadWriteOnce",), volumeMode="Filesystem", storageClassName=storage_class,
        resources=VolumeResourceRequirements(requests=ONE),
    )  # fmt: skip
    made = PersistentVolumeClaim(metadata=ObjectMeta(name="data", namespace=NAMESPACE), spec=spec)
    world.api.create(PERSISTENT_VOLUME_CLAIMS, made, actor=USER)
    world.run(5_000)
    assert claim(world).status.capacity == ONE


def grow(world: World) -> None:
    """Ask for 2Gi."""
    old = claim(world)
    asked = replace(old.spec, resources=VolumeResourceRequirements(requests=TWO))
    world.api.update(PERSISTENT_VOLUME_CLAIMS, replace(old, spec=asked), actor=USER)


def test_a_volume_of_the_simulated_driver_grows(world: World) -> None:
    """First the claim says that it is under way, then the volume has grown, then the claim."""
    bound(world, "fast")
    name = claim(world).spec.volumeName
    grow(world)
    world.run(100)
    status = claim(world).status
    assert [(each.type, each.status) for each in status.conditions] == [("Resizing", "True")]
    assert (status.capacity, status.allocatedResources) == (ONE, TWO)
    assert status.allocatedResourceStatuses == {"storage": "ControllerResizeInProgress"}
    world.run(2_000)
    status = claim(world).status
    assert (status.conditions, status.capacity, status.allocatedResourceStatuses) == ((), TWO, {})
    assert world.api.get(PERSISTENT_VOLUMES, name).spec.capacity == TWO
    assert world.messages("ExternalExpanding") == [EXTERNAL]
    assert world.messages("Resizing") == [f"External resizer is resizing volume {name}"]
    assert world.messages("VolumeResizeSuccessful") == ["Resize volume succeeded"]
    assert world.writes_nothing()


def test_a_volume_of_nobody_does_not(world: World) -> None:
    """The claim is told that somebody else would have to, and waits."""
    spec = PersistentVolumeSpec(
        accessModes=("ReadWriteOnce",), capacity=ONE, storageClassName="manual", volumeMode="Filesystem",
        persistentVolumeReclaimPolicy="Retain", hostPath=HostPathVolumeSource(path="/data"),
    )  # fmt: skip
    world.api.create(PERSISTENT_VOLUMES, PersistentVolume(metadata=ObjectMeta(name="one"), spec=spec), actor=USER)
    bound(world, "manual")
    grow(world)
    world.run(5_000)
    assert (claim(world).status.capacity, claim(world).status.conditions) == (ONE, ())
    assert world.messages("ExternalExpanding") == [EXTERNAL]
    assert world.writes_nothing()


def test_new_controllers_finish_what_was_begun(world: World) -> None:
    """Rebuilt after every step, the volume has grown once."""
    bound(world, "fast")
    grow(world)
    for _ in range(60):
        world = world.restarted()
        world.run(26)
    assert claim(world).status.capacity == TWO
    assert [event.count for event in world.events("Resizing")] == [1]
