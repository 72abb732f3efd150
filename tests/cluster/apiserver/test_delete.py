"""Deleting: grace, finalizers, propagation, preconditions."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import Namespace, ReplicationController, ReplicationControllerSpec
from cluster.api.errors import Conflict, NotFound
from cluster.api.meta import ObjectMeta
from tests.cluster.apiserver.server import Server, config_map, deployment, pod, started


def bound_pod(server: Server) -> None:
    """A pod that runs on a node."""
    server.api.create(kinds.PODS, pod("a"), actor="user")
    server.api.bind("default/a", "node-1", actor="default-scheduler")


def test_what_nothing_holds_is_gone_at_once() -> None:
    """An object without finalizers is removed by the request itself."""
    server = started()
    server.api.create(kinds.CONFIG_MAPS, config_map("a"), actor="user")
    assert server.api.delete(kinds.CONFIG_MAPS, "default/a", actor="user") is None
    with pytest.raises(NotFound, match=r'^configmaps "a" not found$'):
        server.api.delete(kinds.CONFIG_MAPS, "default/a", actor="user")


def test_a_pod_on_no_node_needs_no_grace() -> None:
    """A pod that was never scheduled is gone at once."""
    server = started()
    server.api.create(kinds.PODS, pod("a"), actor="user")
    assert server.api.delete(kinds.PODS, "default/a", actor="user") is None


def test_a_running_pod_gets_its_grace() -> None:
    """Deletion marks a bound pod with the time it has; a repeat changes nothing; grace 0 removes it."""
    server = started()
    bound_pod(server)
    marked = server.api.delete(kinds.PODS, "default/a", actor="user")
    assert marked is not None
    meta = marked.metadata
    assert (meta.deletionTimestamp, meta.deletionGracePeriodSeconds, meta.generation) == ("2026-01-01T00:00:30Z", 30, 2)
    assert server.api.delete(kinds.PODS, "default/a", actor="user") is marked
    assert server.api.delete(kinds.PODS, "default/a", actor="kubelet", grace=0) is None


def test_grace_can_be_shortened_but_not_lengthened() -> None:
    """A second delete may bring the deadline nearer, counted from the first request."""
    server = started()
    bound_pod(server)
    server.api.delete(kinds.PODS, "default/a", actor="user")
    server.clock.run_until(4_000)
    shorter = server.api.delete(kinds.PODS, "default/a", actor="user", grace=10)
    assert shorter is not None
    assert (shorter.metadata.deletionTimestamp, shorter.metadata.deletionGracePeriodSeconds) == (
        "2026-01-01T00:00:10Z",
        10,
    )
    assert server.api.delete(kinds.PODS, "default/a", actor="user", grace=60) is shorter


def test_a_finalizer_holds_an_object_until_it_is_taken_away() -> None:
    """With finalizers the object is marked; taking the last one away removes it."""
    server = started()
    server.api.create(kinds.CONFIG_MAPS, config_map("a", ("example.com/hold",)), actor="user")
    marked = server.api.delete(kinds.CONFIG_MAPS, "default/a", actor="user")
    assert marked is not None
    assert marked.metadata.deletionGracePeriodSeconds == 0
    server.api.update(
        kinds.CONFIG_MAPS, replace(marked, metadata=replace(marked.metadata, finalizers=())), actor="user"
    )
    assert server.api.find(kinds.CONFIG_MAPS, "default/a") is None


@pytest.mark.parametrize(("policy", "finalizers"), [("Foreground", ("foregroundDeletion",)), ("Orphan", ("orphan",))])
def test_propagation_is_a_finalizer(policy: str, finalizers: tuple[str, ...]) -> None:
    """Foreground and orphan deletion leave the object to the garbage collector."""
    server = started()
    server.api.create(kinds.DEPLOYMENTS, deployment(), actor="user")
    marked = server.api.delete(kinds.DEPLOYMENTS, "default/web", actor="user", propagation=policy)
    assert marked is not None
    assert marked.metadata.finalizers == finalizers


def test_the_default_is_background_but_for_replication_controllers() -> None:
    """apps/v1 objects go at once; a v1 ReplicationController orphans its pods, as it always has."""
    server = started()
    server.api.create(kinds.DEPLOYMENTS, deployment(), actor="user")
    assert server.api.delete(kinds.DEPLOYMENTS, "default/web", actor="user") is None
    template = deployment().spec.template
    spec = ReplicationControllerSpec(replicas=0, selector={"app": "web"}, template=template)
    controller = ReplicationController(metadata=ObjectMeta(name="rc", namespace="default"), spec=spec)
    server.api.create(kinds.REPLICATION_CONTROLLERS, controller, actor="user")
    marked = server.api.delete(kinds.REPLICATION_CONTROLLERS, "default/rc", actor="user")
    assert marked is not None
    assert marked.metadata.finalizers == ("orphan",)


def test_preconditions_name_the_very_object() -> None:
    """A delete that means another uid or version is a conflict."""
    server = started()
    server.api.create(kinds.CONFIG_MAPS, config_map("a"), actor="user")
    with pytest.raises(Conflict, match="Precondition failed: UID in precondition: other, UID in object meta: "):
        server.api.delete(kinds.CONFIG_MAPS, "default/a", actor="user", uid="other")
    with pytest.raises(Conflict, match="Precondition failed: ResourceVersion in precondition: 1, "):
        server.api.delete(kinds.CONFIG_MAPS, "default/a", actor="user", resource_version="1")


def test_a_namespace_terminates_first_and_goes_when_finalized() -> None:
    """A namespace is Terminating until its spec's finalizers are gone."""
    server = started()
    server.api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name="x")), actor="user")
    marked = server.api.delete(kinds.NAMESPACES, "x", actor="user")
    assert marked is not None
    assert marked.status.phase == "Terminating"
    assert server.api.finalize_namespace("x", (), actor="namespace-controller") is None
    assert server.api.find(kinds.NAMESPACES, "x") is None


def test_a_collection_goes_as_one() -> None:
    """delete_collection deletes what its selectors match."""
    server = started()
    for name in ("a", "b"):
        server.api.create(kinds.CONFIG_MAPS, config_map(name), actor="user")
    gone = server.api.delete_collection(kinds.CONFIG_MAPS, actor="user", namespace="default")
    assert [found.metadata.name for found in gone] == ["a", "b"]
    assert server.api.list(kinds.CONFIG_MAPS) == []
