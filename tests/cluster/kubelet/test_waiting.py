"""Who waits for Services, and when they are woken."""

from collections.abc import Callable

from cluster.clock import Clock
from cluster.kubelet.waiting import GATHERED, Waiting
from cluster.network import Network
from cluster.store import Store


class Changes:
    """A network of which only the changes count."""

    def __init__(self) -> None:
        self.followers: list[Callable[[str], None]] = []

    def follow(self, wake: Callable[[str], None]) -> None:
        """Remember who wants to know."""
        self.followers.append(wake)

    def happen(self, service: str) -> None:
        """A Service changes."""
        for wake in self.followers:
            wake(service)


def test_a_waiter_is_woken_once_for_many_changes() -> None:
    """Changes shortly after each other wake whoever waits once; who wants to be woken again says so again."""
    store, clock, changes, woken = Store(), Clock(), Changes(), list[str]()
    store.derived[Network] = changes
    waiting = Waiting(store, clock, woken.append)
    assert not changes.followers
    waiting.note(["default/web", "default/db"], "first")
    waiting.note(["default/web"], "second")
    for _ in range(3):
        changes.happen("default/web")
    changes.happen("default/other")
    clock.run_until(GATHERED)
    assert woken == ["first", "second"]
    changes.happen("default/web")
    clock.run_until(3 * GATHERED)
    assert woken == ["first", "second"]
    assert len(changes.followers) == 1
    changes.happen("default/db")
    clock.run_until(5 * GATHERED)
    assert woken == ["first", "second", "first"]
