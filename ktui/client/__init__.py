"""What the app needs of a cluster, whatever runs it: following kinds, reading objects, and the verbs.

On the data's way this is the app's only door to a cluster; `simulated` implements it on the engine
in this process. Invariant: everything shown comes through a `Feed`, and a change is made only by
awaiting a verb, which raises `ApiError` with what the API server said.
"""

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from cluster.api.kinds import Kind, KindNames
from cluster.api.labels import EVERYTHING, Selector
from cluster.api.meta import Resource
from cluster.apiserver.patching import PatchType
from cluster.printers import Now

T = TypeVar("T", bound=Resource)

__all__ = ["Change", "Client", "Feed", "PatchType"]


class Change(NamedTuple, Generic[T]):
    """What became of a key since it was last looked at: `old` is None if it is new, `new` if it is gone."""

    key: str
    old: T | None
    new: T | None


class Feed(Protocol[T]):
    """One kind, followed: first everything there is, then what changes."""

    @property
    def behind(self) -> bool:
        """Whether `poll` has something to give."""

    def poll(self, limit: int = 1_000) -> list[Change[T]]:
        """The changes since the last call, each key once, from at most `limit` writes."""


class Client(Protocol):
    """A cluster as the app sees it."""

    read_only: bool
    """The verbs raise Forbidden."""

    @property
    def kinds(self) -> KindNames:
        """Every kind that the cluster serves."""

    def now(self) -> Now:
        """The cluster's time."""

    def follow(self, kind: Kind[T]) -> Feed[T]:
        """A new feed of a kind; every caller has its own."""

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object as it is now, or None."""

    def get(self, kind: Kind[T], key: str) -> T:
        """The object as it is now; NotFound."""

    def list(self, kind: Kind[T], *, namespace: str = "", labels: Selector = EVERYTHING) -> list[T]:
        """The objects that match, by key."""

    def revision(self, kind: Kind[T], key: str) -> int:
        """The object's resourceVersion, 0 if there is none."""

    def is_node_up(self, name: str) -> bool:
        """Whether the node's kubelet runs, whatever its conditions still say."""

    async def create(self, kind: Kind[T], value: T) -> T:
        """Create an object."""

    async def update(self, kind: Kind[T], value: T, *, previous: T | None = None) -> T:
        """Replace an object; Conflict if it is not `previous` any more."""

    async def patch(self, kind: Kind[T], key: str, patch: Any, patch_type: PatchType = PatchType.MERGE) -> T:
        """Change an object by a patch."""

    async def apply(
        self, kind: Kind[T], plain: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> T:
        """Server-side apply of a manifest; ApplyConflict unless `force`."""

    async def delete(
        self, kind: Kind[T], key: str, *, grace: int | None = None, propagation: str | None = None
    ) -> None:
        """Delete an object; `grace` in seconds."""

    async def scale(self, kind: Kind[T], key: str, replicas: int) -> T:
        """Set the number of replicas through the scale subresource."""

    async def set_node_up(self, name: str, *, up: bool) -> None:
        """Start or stop a node; MethodNotAllowed where nodes are real."""
