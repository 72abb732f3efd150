"""What a plugin may see of a request: the objects as they are, the seed of derived names, the name asked for.

The one thing plugins know of the layer above. Invariant: reading only.
"""

from typing import Protocol, TypeVar

from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource

T = TypeVar("T", bound=Resource)


class ApiView(Protocol):
    """The part of the API server that plugins read."""

    seed: int

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        ...


def asked_name(meta: ObjectMeta) -> str:
    """The name a refusal tells: plugins see a request before a name is made of its prefix."""
    return meta.generateName or meta.name
