"""The client of the cluster in this process: every verb is a call of its API server.

Invariant: it holds no truth of its own, and every write wakes whoever paces the engine, so that what
follows from it happens at once.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cluster.api.errors import Forbidden
from cluster.api.kinds import LEASES, Kind, KindNames, key_of
from cluster.api.labels import EVERYTHING, Selector
from cluster.api.meta import Resource
from cluster.engine import Engine
from cluster.printers import Now
from cluster.watch import Watch
from ktui.client import Feed, PatchType
from ktui.client.follow import Follower

T = TypeVar("T", bound=Resource)
R = TypeVar("R")
ACTOR = "ktui"


class SimulatedClient:
    """A `Client` of an engine. `wake` is called before and after every write."""

    def __init__(self, engine: Engine, *, read_only: bool = False, wake: Callable[[], None] | None = None) -> None:
        self.read_only = read_only
        self._engine, self._api = engine, engine.api
        self._wake = wake or _nobody

    @property
    def kinds(self) -> KindNames:
        """Every kind that the cluster serves."""
        return self._api.registry

    def now(self) -> Now:
        """The cluster's time."""
        return Now.of(self._engine.clock)

    def follow(self, kind: Kind[T]) -> Feed[T]:
        """A new feed of a kind."""
        store = self._engine.store
        return Follower(lambda: (dict(store.table(kind).items()), Watch(store, kind)))

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object as it is now, or None."""
        return self._api.find(kind, key)

    def get(self, kind: Kind[T], key: str) -> T:
        """The object as it is now; NotFound."""
        return self._api.get(kind, key)

    def list(self, kind: Kind[T], *, namespace: str = "", labels: Selector = EVERYTHING) -> list[T]:
        """The objects that match, by key."""
        return self._api.list(kind, namespace=namespace, labels=labels)

    def revision(self, kind: Kind[T], key: str) -> int:
        """The object's resourceVersion, 0 if there is none."""
        return self._engine.store.table(kind).revision(key)

    def is_node_up(self, name: str) -> bool:
        """Whether the node's kubelet runs."""
        lease = self._api.find(LEASES, key_of("kube-node-lease", name))
        return lease is None or not lease.spec.renewTime  # the engine stores a beat only when it was the last

    async def create(self, kind: Kind[T], value: T) -> T:
        """Create an object."""
        return self._write(lambda: self._api.create(kind, value, actor=ACTOR))

    async def update(self, kind: Kind[T], value: T, *, previous: T | None = None) -> T:
        """Replace an object; Conflict if it is not `previous` any more."""
        return self._write(lambda: self._api.update(kind, value, actor=ACTOR, previous=previous))

    async def patch(self, kind: Kind[T], key: str, patch: Any, patch_type: PatchType = PatchType.MERGE) -> T:
        """Change an object by a patch."""
        return self._write(lambda: self._api.patch(kind, key, patch, patch_type, actor=ACTOR))

    async def apply(
        self, kind: Kind[T], plain: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> T:
        """Server-side apply of a manifest; ApplyConflict unless `force`."""
        return self._write(
            lambda: self._api.apply(kind, plain, manager=manager, actor=manager, force=force, dry_run=dry_run)
        )

    async def delete(
        self, kind: Kind[T], key: str, *, grace: int | None = None, propagation: str | None = None
    ) -> None:
        """Delete an object; `grace` in seconds."""
        self._write(lambda: self._api.delete(kind, key, actor=ACTOR, grace=grace, propagation=propagation))

    async def scale(self, kind: Kind[T], key: str, replicas: int) -> T:
        """Set the number of replicas through the scale subresource."""
        return self._write(lambda: self._api.scale(kind, key, replicas, actor=ACTOR))

    async def set_node_up(self, name: str, *, up: bool) -> None:
        """Start or stop a node."""
        self._write(lambda: self._engine.restore_node(name) if up else self._engine.fail_node(name))

    def _write(self, verb: Callable[[], R]) -> R:
        if self.read_only:
            raise Forbidden("this session is read-only: it shows the cluster and changes nothing")
        self._wake()
        try:
            return verb()
        finally:
            self._wake()


def _nobody() -> None:
    """Nobody paces the engine: it runs when its owner says so."""
