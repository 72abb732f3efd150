"""The client of the cluster in this process: each verb reaches the API server, or is refused."""

import pytest

from cluster.api.errors import ApiError, Conflict, Forbidden, NotFound
from cluster.api.kinds import DEPLOYMENTS, NODES, PODS
from ktui.client.simulated import SimulatedClient
from tests.ktui import engines


async def test_verbs_reach_the_cluster() -> None:
    """What is applied, scaled, patched and deleted is so, and whoever paces the engine is woken."""
    engine, woken = engines.started(), list[int]()
    client = SimulatedClient(engine, wake=lambda: woken.append(engine.clock.now))
    plain = engines.deployment()
    plain["metadata"]["namespace"] = "default"
    await client.apply(DEPLOYMENTS, plain, manager="test")
    await client.scale(DEPLOYMENTS, "default/web", 5)
    patched = await client.patch(DEPLOYMENTS, "default/web", {"metadata": {"labels": {"x": "y"}}})
    assert patched.metadata.labels == {"app": "web", "x": "y"}
    engine.run_for(engines.SETTLED)
    assert len(client.list(PODS, namespace="default")) == 5
    await client.delete(DEPLOYMENTS, "default/web")
    assert client.find(DEPLOYMENTS, "default/web") is None
    assert len(woken) == 8


async def test_an_update_of_something_changed_meanwhile_is_a_conflict() -> None:
    """`previous` is the object the writer looked at; another is not overwritten."""
    engine = engines.started()
    engines.apply(engine, engines.deployment())
    client = SimulatedClient(engine)
    looked_at = client.get(DEPLOYMENTS, "default/web")
    await client.scale(DEPLOYMENTS, "default/web", 1)
    with pytest.raises(Conflict):
        await client.update(DEPLOYMENTS, looked_at, previous=looked_at)
    assert client.revision(DEPLOYMENTS, "default/web") > 0


async def test_a_read_only_client_reads() -> None:
    """Every verb that writes is refused with a reason, and nothing changes."""
    engine = engines.started()
    client = SimulatedClient(engine, read_only=True)
    revision = engine.store.revision
    for refused in (
        client.delete(NODES, "node-1"),
        client.patch(NODES, "node-1", {}),
        client.set_node_up("node-1", up=False),
    ):
        with pytest.raises(Forbidden, match="read-only"):
            await refused
    assert engine.store.revision == revision
    assert client.get(NODES, "node-1").metadata.name == "node-1"


async def test_a_node_goes_down_and_comes_back() -> None:
    """The client says at once whether a node is up, before any condition changes."""
    engine = engines.started()
    client = SimulatedClient(engine)
    assert client.is_node_up("node-2")
    await client.set_node_up("node-2", up=False)
    assert not client.is_node_up("node-2")
    assert client.is_node_up("node-1")
    await client.set_node_up("node-2", up=True)
    assert client.is_node_up("node-2")


async def test_what_is_not_there_is_an_error_of_the_api() -> None:
    """Errors are the API server's own."""
    client = SimulatedClient(engines.started())
    with pytest.raises(NotFound, match='pods "x" not found'):
        await client.delete(PODS, "default/x")
    with pytest.raises(ApiError):
        client.get(PODS, "default/x")
