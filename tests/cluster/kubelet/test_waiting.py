"""Who waits for Services, and when they are woken."""

from cluster.kubelet.waiting import GATHERED, Waiting
from cluster.network import Client, Wait, network_of
from tests.cluster.proxy.town import WEB, Town

REFUSED, SOMEBODY = "Connection refused", "somebody"


def wait(found: str, service: str = "default/web", address: str = "10.96.0.80") -> Wait:
    """What a client found at a Service's port."""
    return Wait(service, Client("10.244.0.9", "node-1"), "TCP", address, 80, found)


def test_a_waiter_is_woken_when_it_would_find_something_else() -> None:
    """Whoever found nobody is woken when there is somebody, once; what it knows to go on with does not wake it again."""
    town, woken = Town(WEB), list[str]()
    waiting = Waiting(town.engine.store, town.engine.clock, woken.append, lambda _: True)
    waiting.note([wait(REFUSED)], "first")
    waiting.note([wait(REFUSED, "default/other", "10.96.0.81")], "second")
    town.server("slow", "node-1", told='sim.ktui.dev/ready: "false"')
    town.engine.run_for(GATHERED)
    assert not woken
    town.server("web-1", "node-1")
    assert woken == ["first"]
    waiting.note([wait(SOMEBODY)], "first")
    town.server("web-2", "node-2")
    town.engine.run_for(GATHERED)
    assert woken == ["first"]


def test_who_does_not_count_any_more_is_forgotten() -> None:
    """A waiter that has gone is not woken, nor asked about again."""
    town, woken = Town(WEB), list[str]()
    living = {"first"}
    waiting = Waiting(town.engine.store, town.engine.clock, woken.append, living.__contains__)
    waiting.note([wait(REFUSED)], "first")
    living.clear()
    town.server("web-1", "node-1")
    living.add("first")
    town.server("web-2", "node-1")
    assert not woken


def test_a_cluster_without_a_network_wakes_nobody() -> None:
    """Where no network is there nothing is found to wait for."""
    town, woken = Town(), list[str]()
    town.engine.store.derived.clear()
    assert network_of(town.engine.store) is None
    waiting = Waiting(town.engine.store, town.engine.clock, woken.append, lambda _: True)
    waiting.note([], "first")
    town.apply(WEB)
    assert not woken
