"""Controllers of objects, and the index of who might adopt what."""

from cluster.api.apps import ReplicaSet
from cluster.api.kinds import REPLICA_SETS
from cluster.api.labels import EVERYTHING, from_map
from cluster.api.meta import ObjectMeta, OwnerReference
from cluster.controllers.ownership import (
    Orphans,
    adopted,
    controller_of,
    controller_reference,
    released,
)

OWNER = ReplicaSet(metadata=ObjectMeta(name="web", namespace="ns", uid="1"))


def test_only_a_controlling_owner_is_the_controller() -> None:
    """Other owners are owners only; releasing takes away the one of the uid."""
    other = OwnerReference(apiVersion="v1", kind="ConfigMap", name="config", uid="9")
    meta = adopted(ObjectMeta(ownerReferences=(other,)), controller_reference(REPLICA_SETS, OWNER))
    found = controller_of(ReplicaSet(metadata=meta))
    assert found is not None
    assert (found.uid, found.apiVersion, found.blockOwnerDeletion) == ("1", "apps/v1", True)
    assert released(meta, "1").ownerReferences == (other,)
    assert controller_of(ReplicaSet(metadata=released(meta, "1"))) is None


def test_orphans_meet_owners_whoever_comes_first() -> None:
    """An orphan is offered to owners there are, an owner gets the orphans there are; both can leave."""
    orphans = Orphans()
    assert orphans.put("ns/p1", "ns", {"app": "web"}) == []
    orphans.put_owner("ns/web", "ns", from_map({"app": "web"}), {"app": "web"})
    orphans.put_owner("ns/all", "ns", EVERYTHING, {})
    assert orphans.put("ns/p2", "ns", {"app": "web"}) == ["ns/all", "ns/web"]
    assert list(orphans.of("ns/web")) == ["ns/p1", "ns/p2"]
    assert orphans.put("ns/p1", "ns", {"app": "db"}) == ["ns/all"]
    assert list(orphans.of("ns/web")) == ["ns/p2"]
    orphans.discard("ns/p2")
    assert ("ns/p2" in orphans, "ns/p1" in orphans) == (False, True)
    assert list(orphans.of("ns/web")) == []
    orphans.discard_owner("ns/all")
    orphans.discard("ns/p1")
    assert list(orphans.of("ns/all")) == []
