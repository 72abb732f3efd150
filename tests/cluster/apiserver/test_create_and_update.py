"""Creating, reading and updating objects."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds, labels
from cluster.api.core import PodStatus
from cluster.api.errors import AlreadyExists, Conflict, Forbidden, Invalid, MethodNotAllowed, NotFound
from cluster.api.fields import parse as parse_fields
from tests.cluster.apiserver.server import config_map, deployment, pod, started


def test_a_created_object_has_what_only_the_server_gives() -> None:
    """The server stamps uid and creation time, fills in defaults, and starts the status afresh."""
    server = started()
    server.clock.run_until(5_000)
    made = server.api.create(kinds.PODS, replace(pod("a"), status=PodStatus(phase="Running")), actor="user")
    assert made.metadata.creationTimestamp == "2026-01-01T00:00:05Z"
    assert len(made.metadata.uid) == 36
    assert (made.status.phase, made.spec.restartPolicy, made.metadata.generation) == ("Pending", "Always", 1)
    assert server.api.get(kinds.PODS, "default/a") is made


def test_generated_names_are_new_and_follow_from_the_seed() -> None:
    """A name prefix gives distinct names, the same ones in another run of the same seed."""
    names = [[started_name(server) for _ in range(3)] for server in (started(), started())]
    assert names[0] == names[1]
    assert len(set(names[0])) == 3


def started_name(server: object) -> str:
    """The name of a pod made with a prefix."""
    return server.api.create(kinds.PODS, pod(prefix="web-"), actor="user").metadata.name  # type: ignore[attr-defined, no-any-return]


def test_what_cannot_be_created_is_refused_in_kubernetes_words() -> None:
    """A taken name, a missing namespace and a broken rule each have their error, and nothing is written."""
    server = started()
    server.api.create(kinds.PODS, pod("a"), actor="user")
    revision = server.store.revision
    with pytest.raises(AlreadyExists, match=r'^pods "a" already exists$'):
        server.api.create(kinds.PODS, pod("a"), actor="user")
    elsewhere = replace(pod("a"), metadata=replace(pod("a").metadata, namespace="nowhere"))
    with pytest.raises(NotFound, match=r'^namespaces "nowhere" not found$'):
        server.api.create(kinds.PODS, elsewhere, actor="user")
    with pytest.raises(Invalid) as refused:
        server.api.create(kinds.PODS, pod("Not_A_Name"), actor="user")
    assert refused.value.details is not None
    assert refused.value.details.causes[0].field == "metadata.name"
    assert server.store.revision == revision


def test_a_dry_run_writes_nothing() -> None:
    """A dry run answers as the real request would and leaves no trace."""
    server = started()
    revision = server.store.revision
    made = server.api.create(kinds.PODS, pod("a"), actor="user", dry_run=True)
    assert made.spec.serviceAccountName == "default"
    assert (server.store.revision, server.api.find(kinds.PODS, "default/a")) == (revision, None)


def test_lists_come_in_key_order_and_by_selectors() -> None:
    """List sorts by key and takes a namespace, a label selector and a field selector."""
    server = started()
    for name in ("c", "a", "b"):
        server.api.create(kinds.PODS, pod(name), actor="user")
    names = [found.metadata.name for found in server.api.list(kinds.PODS)]
    assert names == ["a", "b", "c"]
    assert server.api.list(kinds.PODS, labels=labels.parse("app!=web")) == []
    assert [found.metadata.name for found in server.api.list(kinds.PODS, fields=parse_fields("metadata.name=b"))] == [
        "b"
    ]
    assert server.api.list(kinds.PODS, namespace="kube-system") == []


def test_an_update_keeps_status_and_raises_the_generation() -> None:
    """A new spec is a new generation; the status in the request is not taken."""
    server = started()
    made = server.api.create(kinds.DEPLOYMENTS, deployment(), actor="user")
    wanted = replace(made, spec=replace(made.spec, replicas=5), status=replace(made.status, replicas=99))
    new = server.api.update(kinds.DEPLOYMENTS, wanted, actor="user")
    assert (new.spec.replicas, new.metadata.generation, new.status.replicas) == (5, 2, 0)


def test_a_write_that_changes_nothing_is_no_write() -> None:
    """An update equal to what is stored makes no revision."""
    server = started()
    made = server.api.create(kinds.CONFIG_MAPS, config_map("a", x="1"), actor="user")
    revision = server.store.revision
    assert server.api.update(kinds.CONFIG_MAPS, config_map("a", x="1"), actor="user") is made
    assert server.store.revision == revision


def test_a_stale_write_is_a_conflict() -> None:
    """Who writes on the ground of an old version is refused, by identity or by resourceVersion."""
    server = started()
    old = server.api.create(kinds.CONFIG_MAPS, config_map("a", x="1"), actor="user")
    seen = str(server.store.table(kinds.CONFIG_MAPS).revision("default/a"))
    server.api.update(kinds.CONFIG_MAPS, config_map("a", x="2"), actor="user")
    with pytest.raises(
        Conflict, match=r'^Operation cannot be fulfilled on configmaps "a": the object has been modified'
    ):
        server.api.update(kinds.CONFIG_MAPS, config_map("a", x="3"), actor="user", previous=old)
    stale = replace(config_map("a", x="3"), metadata=replace(old.metadata, resourceVersion=seen))
    with pytest.raises(Conflict):
        server.api.update(kinds.CONFIG_MAPS, stale, actor="user")


def test_a_status_update_changes_only_the_status() -> None:
    """Through the status subresource the spec stays as it is."""
    server = started()
    made = server.api.create(kinds.PODS, pod("a"), actor="user")
    wanted = replace(made, spec=replace(made.spec, nodeName="node-1"), status=replace(made.status, phase="Running"))
    new = server.api.update_status(kinds.PODS, wanted, actor="kubelet")
    assert (new.status.phase, new.spec.nodeName, new.metadata.generation) == ("Running", "", 1)


def test_scale_sets_the_replicas_of_what_can_scale() -> None:
    """The scale subresource exists for scalable kinds, and refuses a negative number."""
    server = started()
    server.api.create(kinds.DEPLOYMENTS, deployment(), actor="user")
    assert server.api.scale(kinds.DEPLOYMENTS, "default/web", 7, actor="user").spec.replicas == 7
    with pytest.raises(Invalid, match="must be greater than or equal to 0"):
        server.api.scale(kinds.DEPLOYMENTS, "default/web", -1, actor="user")
    server.api.create(kinds.CONFIG_MAPS, config_map("a"), actor="user")
    with pytest.raises(MethodNotAllowed):
        server.api.scale(kinds.CONFIG_MAPS, "default/a", 1, actor="user")


def test_a_pod_is_bound_once() -> None:
    """Binding sets the node and the PodScheduled condition; a second binding is a conflict."""
    server = started()
    server.api.create(kinds.PODS, pod("a"), actor="user")
    bound = server.api.bind("default/a", "node-1", actor="default-scheduler")
    assert bound.spec.nodeName == "node-1"
    assert [(condition.type, condition.status) for condition in bound.status.conditions] == [("PodScheduled", "True")]
    with pytest.raises(Conflict, match='pod a is already assigned to node "node-1"'):
        server.api.bind("default/a", "node-2", actor="default-scheduler")


def test_nothing_new_comes_into_a_namespace_on_its_way_out() -> None:
    """A terminating namespace takes no new objects."""
    server = started()
    with pytest.raises(Forbidden):
        server.api.delete(kinds.NAMESPACES, "default", actor="user")
