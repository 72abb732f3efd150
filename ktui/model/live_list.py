"""One kind's objects, kept as they are now, and everybody who wants to know told what changed.

On the data's way between a client's feed and the indexes and tables. Invariant: whoever subscribes,
whenever, is told of exactly the objects there are: what exists first, then every change in order.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from ktui.client import Change, Feed

T = TypeVar("T", bound=Resource)
OnChange = Callable[[Change[T]], None]


class LiveList(Generic[T]):
    """The objects of a kind by key; `poll` brings them up to date."""

    def __init__(self, kind: Kind[T], feed: Feed[T]) -> None:
        self.kind = kind
        self._feed = feed
        self._objects: dict[str, T] = {}
        self._subscribers: list[OnChange[T]] = []

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def objects(self) -> Mapping[str, T]:
        """Every object, by key, in the order they were first seen."""
        return self._objects

    @property
    def behind(self) -> bool:
        """Whether there is more to poll."""
        return self._feed.behind

    def subscribe(self, on_change: OnChange[T]) -> None:
        """Tell `on_change` of every object there is, and from now on of every change."""
        for key, found in self._objects.items():
            on_change(Change(key, None, found))
        self._subscribers.append(on_change)

    def unsubscribe(self, on_change: OnChange[T]) -> None:
        """Tell `on_change` nothing more."""
        self._subscribers.remove(on_change)

    def poll(self, limit: int = 1_000) -> int:
        """Take in at most `limit` writes; returns how many objects changed."""
        changes = self._feed.poll(limit)
        objects, subscribers = self._objects, self._subscribers
        for change in changes:
            if change.new is None:
                objects.pop(change.key, None)
            else:
                objects[change.key] = change.new
            for subscriber in subscribers:
                subscriber(change)
        return len(changes)
