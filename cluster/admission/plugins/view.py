"""What a plugin may see of the API server: the objects as they are, and the seed of derived names.

The one thing plugins know of the layer above. Invariant: reading only.
"""

from typing import Protocol, TypeVar

from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)


class ApiView(Protocol):
    """The part of the API server that plugins read."""

    seed: int

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        ...
