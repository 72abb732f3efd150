"""Namespaces: what is in them goes first, and the conditions say what is left."""

from msgspec.structs import replace

from cluster.api.core import ConfigMap, Namespace
from cluster.api.kinds import CONFIG_MAPS, EVENTS, NAMESPACES, PODS, SERVICES
from cluster.api.meta import ObjectMeta
from cluster.controllers.namespace import NamespaceController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


def plane() -> Plane:
    """A control plane with the controller."""
    return Plane(NamespaceController)


def hold(world: Plane, *finalizers: str) -> None:
    """Create a ConfigMap with finalizers, or replace them."""
    found = world.api.find(CONFIG_MAPS, key("held"))
    if found is None:
        meta = ObjectMeta(name="held", namespace=NAMESPACE, finalizers=finalizers)
        world.api.create(CONFIG_MAPS, ConfigMap(metadata=meta), actor=USER)
    else:
        new = replace(found, metadata=replace(found.metadata, finalizers=finalizers))
        world.api.update(CONFIG_MAPS, new, actor=USER)


def namespace(world: Plane) -> Namespace | None:
    """The namespace, if it is there."""
    return world.api.find(NAMESPACES, NAMESPACE)


def conditions(world: Plane) -> dict[str, tuple[str, str, str]]:
    """The namespace's conditions."""
    found = namespace(world)
    assert found is not None
    return {each.type: (each.status, each.reason, each.message) for each in found.status.conditions}


def test_everything_goes() -> None:
    """After five seconds everything in the namespace is deleted, and the namespace with it; others stay."""
    world = plane()
    world.service()
    hold(world)
    world.api.create(NAMESPACES, Namespace(metadata=ObjectMeta(name="shop-2")), actor=USER)
    world.api.create(CONFIG_MAPS, ConfigMap(metadata=ObjectMeta(name="other", namespace="shop-2")), actor=USER)
    world.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    world.run(4_900)
    assert namespace(world) is not None
    assert len(world.store.table(SERVICES)) == 1
    world.run(200)
    assert namespace(world) is None
    assert list(world.store.table(CONFIG_MAPS)) == ["shop-2/other"]
    assert len(world.store.table(SERVICES)) == 0
    assert world.quiet()


def test_held_by_a_finalizer() -> None:
    """An object with a finalizer holds the namespace, which says so; it is looked at again until it is free."""
    world = plane()
    hold(world, "example.com/hold")
    world.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    world.run(6_000)
    assert conditions(world) == {
        "NamespaceDeletionDiscoveryFailure": (
            "False", "ResourcesDiscovered", "All resources successfully discovered",
        ),
        "NamespaceDeletionGroupVersionParsingFailure": (
            "False", "ParsedGroupVersions", "All legacy kube types successfully parsed",
        ),
        "NamespaceDeletionContentFailure": (
            "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization",
        ),
        "NamespaceContentRemaining": (
            "True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances",
        ),
        "NamespaceFinalizersRemaining": (
            "True", "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
        ),
    }  # fmt: skip
    assert world.quiet()
    hold(world)
    world.run(8_000)
    assert namespace(world) is None
    assert world.quiet()


def test_pods_first() -> None:
    """While pods are stopping nothing else is deleted; five seconds after a change it is looked again."""
    world = plane()
    world.running("web-1", 1)
    world.service()
    world.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    world.run(6_000)
    assert world.api.get(PODS, key("web-1")).metadata.deletionTimestamp
    assert conditions(world)["NamespaceContentRemaining"][2] == (
        "Some resources are remaining: pods. has 1 resource instances"
    )
    assert len(world.store.table(SERVICES)) == 1
    world.remove("web-1")
    world.run(3_000)
    assert namespace(world) is not None
    world.run(2_000)
    assert namespace(world) is None
    assert len(world.store.table(SERVICES)) == 0


def test_what_is_made_meanwhile_goes_too() -> None:
    """Events that report the end of the namespace's pods are deleted before the namespace."""
    world = plane()
    pod = world.running("web-1", 1)
    world.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    world.run(6_000)
    world.api.events.record(PODS, pod, "Normal", "Killing", "Stopping container web", component="kubelet")
    world.remove("web-1")
    world.run(20_000)
    assert namespace(world) is None
    assert len(world.store.table(EVENTS)) == 0


def test_rebuilt_controller_goes_on() -> None:
    """A controller that starts later empties a namespace that was deleted before."""
    world = plane()
    hold(world)
    world.api.delete(NAMESPACES, NAMESPACE, actor=USER)
    world.restart(NamespaceController)
    world.run(6_000)
    assert namespace(world) is None
