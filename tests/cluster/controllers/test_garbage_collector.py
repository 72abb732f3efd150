"""The garbage collector: background, foreground, orphans, and owners that never were."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import ConfigMap, Namespace, Node
from cluster.api.kinds import CONFIG_MAPS, EVENTS, NAMESPACES, NODES, PODS
from cluster.api.meta import ObjectMeta, OwnerReference, Resource
from cluster.controllers.garbage_collector import GarbageCollector
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


def plane() -> Plane:
    """A control plane with the collector."""
    return Plane(GarbageCollector)


def refer(owner: Resource, *, block: bool = False, kind: str = "ConfigMap", api_version: str = "v1") -> OwnerReference:
    """A reference to an owner."""
    meta = owner.metadata
    return OwnerReference(apiVersion=api_version, kind=kind, name=meta.name, uid=meta.uid, blockOwnerDeletion=block)


def make(
    world: Plane, name: str, *owners: OwnerReference, finalizers: tuple[str, ...] = (), namespace: str = NAMESPACE
) -> ConfigMap:
    """Create a ConfigMap with owners."""
    meta = ObjectMeta(name=name, namespace=namespace, ownerReferences=owners, finalizers=finalizers)
    return world.api.create(CONFIG_MAPS, ConfigMap(metadata=meta), actor=USER)


def left(world: Plane) -> list[str]:
    """The names of the ConfigMaps there are."""
    return sorted(found.metadata.name for found in world.store.table(CONFIG_MAPS).values())


def delete(world: Plane, name: str, propagation: str | None = None) -> None:
    """Delete a ConfigMap."""
    world.api.delete(CONFIG_MAPS, key(name), actor=USER, propagation=propagation)


def test_background() -> None:
    """The owner is gone at once, then its dependents, and theirs."""
    world = plane()
    owner = make(world, "owner")
    child = make(world, "child", refer(owner))
    make(world, "grandchild", refer(child))
    make(world, "other")
    delete(world, "owner")
    assert left(world) == ["child", "grandchild", "other"]
    world.run()
    assert left(world) == ["other"]
    assert world.quiet()


def test_foreground() -> None:
    """The owner waits for the dependents that block it, and goes last."""
    world = plane()
    owner = make(world, "owner")
    child = make(world, "child", refer(owner, block=True), finalizers=("example.com/hold",))
    make(world, "grandchild", refer(child, block=True))
    world.run()
    delete(world, "owner", "Foreground")
    world.run()
    assert left(world) == ["child", "owner"]
    assert world.quiet()
    held = world.api.get(CONFIG_MAPS, key("child"))
    assert held.metadata.finalizers == ("example.com/hold",)
    freed = replace(held, metadata=replace(held.metadata, finalizers=()))
    world.api.update(CONFIG_MAPS, freed, actor=USER)
    world.run()
    assert left(world) == []


def test_foreground_does_not_wait_for_others() -> None:
    """A dependent that does not block is deleted without the owner waiting."""
    world = plane()
    owner = make(world, "owner")
    make(world, "child", refer(owner), finalizers=("example.com/hold",))
    world.run()
    delete(world, "owner", "Foreground")
    world.run()
    assert left(world) == ["child"]


def test_pods_are_waited_for() -> None:
    """Pods that stop gracefully hold a foreground owner until they are gone."""
    world = plane()
    owner = make(world, "owner")
    pod = world.running("web-1", 1)
    owned = replace(pod, metadata=replace(pod.metadata, ownerReferences=(refer(owner, block=True),)))
    world.api.update(PODS, owned, actor=USER)
    world.run()
    delete(world, "owner", "Foreground")
    world.run()
    assert world.api.get(PODS, key("web-1")).metadata.deletionTimestamp
    assert left(world) == ["owner"]
    world.remove("web-1")
    world.run()
    assert left(world) == []


def test_orphan() -> None:
    """Orphaned dependents lose the reference and stay."""
    world = plane()
    owner, second = make(world, "owner"), make(world, "second")
    make(world, "child", refer(owner))
    make(world, "shared", refer(owner), refer(second))
    world.run()
    delete(world, "owner", "Orphan")
    world.run()
    assert left(world) == ["child", "second", "shared"]
    assert world.api.get(CONFIG_MAPS, key("child")).metadata.ownerReferences == ()
    assert [own.name for own in world.api.get(CONFIG_MAPS, key("shared")).metadata.ownerReferences] == ["second"]
    assert world.quiet()


def test_one_owner_left() -> None:
    """An object with an owner left stays, and forgets the owner that is gone."""
    world = plane()
    first, second = make(world, "first"), make(world, "second")
    make(world, "child", refer(first), refer(second))
    delete(world, "first")
    world.run()
    assert [own.name for own in world.api.get(CONFIG_MAPS, key("child")).metadata.ownerReferences] == ["second"]
    delete(world, "second")
    world.run()
    assert left(world) == []


def test_absent_owner() -> None:
    """An object made with an owner that is not there, or is another of the same name, is deleted."""
    world = plane()
    owner = make(world, "owner")
    make(world, "nobody", OwnerReference(apiVersion="v1", kind="ConfigMap", name="nobody", uid="u-1"))
    make(world, "namesake", replace(refer(owner), uid="u-2"))
    make(world, "unknown", OwnerReference(apiVersion="example.com/v1", kind="Widget", name="w", uid="u-3"))
    world.run()
    assert left(world) == ["owner", "unknown"]


def test_owner_in_another_namespace() -> None:
    """A namespaced owner in another namespace counts as gone, with a warning that says so."""
    world = plane()
    world.api.create(NAMESPACES, Namespace(metadata=ObjectMeta(name="far")), actor=USER)
    owner = make(world, "owner", namespace="far")
    make(world, "child", refer(owner))
    world.run()
    assert left(world) == ["owner"]
    (event,) = world.store.table(EVENTS).values()
    assert (event.reason, event.type) == ("OwnerRefInvalidNamespace", "Warning")
    assert event.message == (
        f"ownerRef [v1/ConfigMap, namespace: {NAMESPACE}, name: owner, uid: {owner.metadata.uid}] "
        f'does not exist in namespace "{NAMESPACE}"'
    )


def test_scopes() -> None:
    """A cluster-scoped owner owns in every namespace; a cluster-scoped object with a namespaced owner is left alone."""
    world = plane()
    node = world.api.get(NODES, "node-a")
    make(world, "child", refer(node, kind="Node"))
    owner = make(world, "owner")
    odd = Node(metadata=ObjectMeta(name="odd", ownerReferences=(refer(owner),)))
    world.api.create(NODES, odd, actor=USER)
    delete(world, "owner")
    world.run()
    assert left(world) == ["child"]
    assert world.api.find(NODES, "odd") is not None
    world.api.delete(NODES, "node-a", actor=USER)
    world.run()
    assert left(world) == []


def test_circle_in_the_foreground() -> None:
    """Two objects that own and block each other are both deleted."""
    world = plane()
    first = make(world, "first")
    second = make(world, "second", refer(first, block=True))
    world.api.update(
        CONFIG_MAPS,
        replace(first, metadata=replace(first.metadata, ownerReferences=(refer(second, block=True),))),
        actor=USER,
    )
    world.run()
    delete(world, "first", "Foreground")
    world.run()
    assert left(world) == []


@pytest.mark.parametrize("propagation", ["Background", "Foreground", "Orphan"])
def test_rebuilt_collector_goes_on(propagation: str) -> None:
    """A collector that starts after the deletion finds the work undone."""
    world = plane()
    owner = make(world, "owner")
    make(world, "child", refer(owner, block=True))
    world.run()
    delete(world, "owner", propagation)
    world.restart(GarbageCollector)
    world.run()
    assert left(world) == (["child"] if propagation == "Orphan" else [])
    world.restart(GarbageCollector)
    assert world.quiet()


NAMES = [f"c{number}" for number in range(7)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sets(st.integers(0, 6), max_size=2), st.booleans()), min_size=7, max_size=7),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["Background", "Foreground", "Orphan"])), max_size=5),
)
def test_no_object_outlives_all_its_owners(
    owners: list[tuple[set[int], bool]], deletions: list[tuple[str, str]]
) -> None:
    """After any deletions, what has owners has one that exists, nothing is stuck, and nothing more is written."""
    world = plane()
    made: list[ConfigMap] = []
    for number, (above, block) in enumerate(owners):
        references = [refer(made[index], block=block) for index in sorted(above) if index < number]
        made.append(make(world, NAMES[number], *references))
    for name, propagation in deletions:
        if world.api.find(CONFIG_MAPS, key(name)) is not None:
            delete(world, name, propagation)
        world.run(40)
    world.run(5_000)
    uids = {found.metadata.uid for found in world.store.table(CONFIG_MAPS).values()}
    for found in world.store.table(CONFIG_MAPS).values():
        assert not found.metadata.deletionTimestamp
        assert {reference.uid for reference in found.metadata.ownerReferences} <= uids
    assert world.quiet()
