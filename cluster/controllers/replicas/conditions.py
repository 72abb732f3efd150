"""The ReplicaFailure condition of a ReplicaSet or ReplicationController.

Used by the two controllers when they make a status. Mirrors calculateStatus
(pkg/controller/replicaset). Invariant: the condition tells of the first failure until a sync succeeds.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from cluster.controllers.replicas.controller import Failure


class Condition(Protocol):
    """What both kinds' conditions have."""

    @property
    def type(self) -> str:
        """Which condition it is."""


C = TypeVar("C", bound=Condition)
REPLICA_FAILURE = "ReplicaFailure"


def with_failure(present: tuple[C, ...], make: Callable[..., C], failure: Failure | None, time: str) -> tuple[C, ...]:
    """The conditions after a sync that ended in `failure`, or in none; `make` builds a condition."""
    reported = any(condition.type == REPLICA_FAILURE for condition in present)
    if failure is None:
        if not reported:
            return present
        return tuple(condition for condition in present if condition.type != REPLICA_FAILURE)
    if reported:
        return present
    added = make(
        type=REPLICA_FAILURE, status="True", reason=failure.reason, message=failure.message, lastTransitionTime=time
    )
    return (*present, added)
