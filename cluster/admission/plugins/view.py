"""What a plugin may see of a request: the objects as they are, policies, the seed of derived names, the name asked for.

The one thing plugins know of the layer above. Invariant: reading only.
"""

import builtins
from typing import Protocol, TypeVar

from cluster.admission.plugins.policies import Policies
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource

T = TypeVar("T", bound=Resource)


class ApiView(Protocol):
    """The part of the API server that plugins read."""

    seed: int
    policies: Policies

    @property
    def now(self) -> str:
        """The time, as objects tell it."""
        ...

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        ...

    def list(self, kind: Kind[T], *, namespace: str = "") -> builtins.list[T]:
        """The objects of a namespace, by name."""
        ...


def asked_name(meta: ObjectMeta) -> str:
    """The name a refusal tells: plugins see a request before a name is made of its prefix."""
    return meta.generateName or meta.name
