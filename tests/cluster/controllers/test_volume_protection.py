"""What is in use stays, however often it is deleted."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from cluster.controllers.volume_protection import ClaimProtection, VolumeProtection
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


@pytest.fixture
def plane() -> Plane:
    """A control plane with both controllers, and a claim."""
    plane = Plane(ClaimProtection, VolumeProtection)
    claim(plane)
    return plane


def claim(plane: Plane, name: str = "data") -> None:
    """Create a claim."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    plain = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
    plane.api.create(PERSISTENT_VOLUME_CLAIMS, codec.from_plain(PERSISTENT_VOLUME_CLAIMS.type, plain), actor=USER)


def pod(plane: Plane, name: str = "db", node: str = "node-a", **volume: Any) -> None:
    """Create a pod with one volume, the claim `data` if no other is given."""
    volumes = [{"name": "v", **(volume or {"persistentVolumeClaim": {"claimName": "data"}})}]
    spec = {"containers": [{"name": "db", "image": "x"}], "volumes": volumes, **({"nodeName": node} if node else {})}
    plain = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
    plane.api.create(PODS, codec.from_plain(PODS.type, plain), actor=USER)


def deleted(plane: Plane, name: str = "data") -> bool:
    """Delete a claim; whether it is gone after a while."""
    plane.api.delete(PERSISTENT_VOLUME_CLAIMS, key(name), actor=USER)
    plane.run()
    return plane.api.find(PERSISTENT_VOLUME_CLAIMS, key(name)) is None


def test_a_claim_that_nobody_uses_goes(plane: Plane) -> None:
    """Its finalizer is taken off at once; a pod without a node is no user."""
    pod(plane, node="")
    assert deleted(plane)


def test_a_claim_in_use_stays_until_the_last_pod_is_gone(plane: Plane) -> None:
    """Even a pod that has finished uses its claims."""
    pod(plane, "one")
    pod(plane, "two")
    plane.state("one", phase="Succeeded", ready=False)
    assert not deleted(plane)
    plane.remove("two")
    plane.run()
    assert plane.api.find(PERSISTENT_VOLUME_CLAIMS, key("data")) is not None
    plane.remove("one")
    plane.run()
    assert plane.api.find(PERSISTENT_VOLUME_CLAIMS, key("data")) is None


def test_binding_makes_a_user(plane: Plane) -> None:
    """A pod uses its claims from the moment it has a node."""
    pod(plane, node="")
    plane.api.bind(key("db"), "node-a", actor=USER)
    plane.run()
    assert not deleted(plane)


def test_ephemeral_claims(plane: Plane) -> None:
    """A pod uses the claims that are made for it."""
    claim(plane, "db-v")
    pod(
        plane,
        ephemeral={
            "volumeClaimTemplate": {
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
            }
        },
    )
    plane.run()
    assert not deleted(plane, "db-v")


def test_a_finalizer_that_was_taken_off_comes_back(plane: Plane) -> None:
    """What is not deleted is protected, whoever changes it."""
    found = plane.api.get(PERSISTENT_VOLUME_CLAIMS, key("data"))
    bare = replace(found, metadata=replace(found.metadata, finalizers=()))
    plane.api.update(PERSISTENT_VOLUME_CLAIMS, bare, actor=USER)
    plane.run()
    assert plane.api.get(PERSISTENT_VOLUME_CLAIMS, key("data")).metadata.finalizers == ("kubernetes.io/pvc-protection",)
    assert plane.quiet()


@pytest.mark.parametrize(("phase", "stays"), [("Bound", True), ("Available", False), ("Released", False)])
def test_volumes(plane: Plane, phase: str, stays: bool) -> None:  # noqa: FBT001
    """A volume is in use while it is bound."""
    spec = {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"},
        "persistentVolumeReclaimPolicy": "Retain",
    }  # fmt: skip
    plain = {"metadata": {"name": "disk"}, "spec": spec}
    made = plane.api.create(PERSISTENT_VOLUMES, codec.from_plain(PERSISTENT_VOLUMES.type, plain), actor=USER)
    plane.api.update_status(PERSISTENT_VOLUMES, replace(made, status=replace(made.status, phase=phase)), actor=USER)
    plane.api.delete(PERSISTENT_VOLUMES, "disk", actor=USER)
    plane.run()
    found = plane.api.find(PERSISTENT_VOLUMES, "disk")
    assert (found is not None) is stays
    if found is not None:
        plane.api.update_status(
            PERSISTENT_VOLUMES, replace(found, status=replace(found.status, phase="Released")), actor=USER
        )
        plane.run()
        assert plane.api.find(PERSISTENT_VOLUMES, "disk") is None


def test_a_restart_goes_on(plane: Plane) -> None:
    """Who uses what is known again from the store."""
    pod(plane)
    assert not deleted(plane)
    plane.restart(ClaimProtection)
    plane.run()
    assert plane.api.find(kinds.PERSISTENT_VOLUME_CLAIMS, key("data")) is not None
    plane.remove("db")
    plane.run()
    assert plane.api.find(kinds.PERSISTENT_VOLUME_CLAIMS, key("data")) is None
