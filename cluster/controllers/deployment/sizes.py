"""How many replicas there may be, and how a rollout moves them from old ReplicaSets to the new one.

Asked by `strategies.py` before it scales; pure. Mirrors deployment/util and rolling.go. Invariant:
the sum of what is wanted never passes replicas + maxSurge, and what is available is never scaled
below replicas - maxUnavailable.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.intstr import scaled
from cluster.controllers.deployment import annotations
from cluster.controllers.deployment.templates import by_age

IntOrPercent = int | str
Step = tuple[ReplicaSet, int]
"""A ReplicaSet and the replicas it is to have."""


class CleanUp(NamedTuple):
    """Steps to take, and whether a ReplicaSet was met whose status is too old to go on."""

    steps: list[Step]
    stale: bool


def replicas(value: Deployment | ReplicaSet) -> int:
    """`spec.replicas`, 1 where it is not given."""
    return 1 if value.spec.replicas is None else value.spec.replicas


def total(replica_sets: Iterable[ReplicaSet]) -> int:
    """The replicas asked for."""
    return sum(map(replicas, replica_sets))


def with_replicas(replica_sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Those that are asked to have pods (`FilterActiveReplicaSets`)."""
    return [found for found in replica_sets if replicas(found) > 0]


def is_rolling(deployment: Deployment) -> bool:
    """Whether the strategy is RollingUpdate, which it is unless it says otherwise."""
    return deployment.spec.strategy.type != "Recreate"


def limits(deployment: Deployment) -> tuple[int, int]:
    """The surge and the unavailability allowed, in pods (`ResolveFenceposts`, `MaxUnavailable`)."""
    if not is_rolling(deployment):
        return 0, 0
    rolling = deployment.spec.strategy.rollingUpdate
    surge, unavailable = (rolling.maxSurge, rolling.maxUnavailable) if rolling else (0, 0)
    return _limits(replicas(deployment), surge, unavailable)


@lru_cache(maxsize=1024)
def _limits(wanted: int, most_more: int | str | None, most_less: int | str | None) -> tuple[int, int]:
    surge, unavailable = scaled(most_more, wanted, round_up=True), scaled(most_less, wanted, round_up=False)
    if surge == 0 and unavailable == 0:
        # Validation allows 0 and a small percent, which may both come to nothing; one pod has to move.
        unavailable = 1
    return surge, min(unavailable, wanted)


def most(deployment: Deployment) -> int:
    """The most replicas there may be while it rolls."""
    return replicas(deployment) + limits(deployment)[0]


def fewest_available(deployment: Deployment) -> int:
    """The replicas that stay available while it rolls; 0 for Recreate (`MinAvailable`)."""
    return replicas(deployment) - limits(deployment)[1] if is_rolling(deployment) else 0


def size_of_new(deployment: Deployment, new: ReplicaSet, others: Iterable[ReplicaSet]) -> int:
    """How many replicas the new ReplicaSet gets beside the others now (`NewRSNewReplicas`)."""
    wanted = replicas(deployment)
    if not is_rolling(deployment):
        return wanted
    room = most(deployment) - total(others) - replicas(new)
    if room <= 0:
        return replicas(new)
    return replicas(new) + min(room, wanted - replicas(new))


def room_to_scale_down(deployment: Deployment, new: ReplicaSet, olds: Iterable[ReplicaSet]) -> int:
    """How many replicas of old ReplicaSets may go, counting the new one's missing pods as if they were coming."""
    missing = replicas(new) - new.status.availableReplicas
    return total(olds) + replicas(new) - fewest_available(deployment) - missing


def unhealthy(olds: Iterable[ReplicaSet], room: int) -> CleanUp:
    """Take replicas that are not available from old ReplicaSets, the oldest first (`cleanupUnhealthyReplicas`).

    A ReplicaSet that reports more available replicas than it is asked for has a status older than its
    spec: nothing further is safe until it catches up.
    """
    steps: list[Step] = []
    for found in by_age(olds):
        if room <= 0:
            break
        size, available = replicas(found), found.status.availableReplicas
        if size in (0, available):
            continue
        if available > size:
            return CleanUp(steps, stale=True)
        count = min(room, size - available)
        steps.append((found, size - count))
        room -= count
    return CleanUp(steps, stale=False)


def surplus(deployment: Deployment, new: ReplicaSet, olds: list[ReplicaSet]) -> list[Step]:
    """Take available replicas that are not needed from old ReplicaSets, the oldest first."""
    available = new.status.availableReplicas + sum(found.status.availableReplicas for found in olds)
    room = available - fewest_available(deployment)
    steps: list[Step] = []
    for found in by_age(olds):
        count = min(replicas(found), room)
        if count > 0:
            steps.append((found, replicas(found) - count))
            room -= count
    return steps


def proportional(deployment: Deployment, replica_sets: list[ReplicaSet]) -> list[Step]:
    """Share a change of size among ReplicaSets in the middle of a rollout, by their sizes (`scale`).

    What rounding leaves over goes to the largest.
    """
    active = with_replicas(replica_sets)
    change = (most(deployment) if replicas(deployment) > 0 else 0) - total(active)
    active = by_age(active)
    if change > 0:
        active.reverse()  # the newest of equal sizes grows first
    active.sort(key=replicas, reverse=True)
    steps: list[Step] = []
    shared = 0
    for found in active:
        share = _share(deployment, found, change, change - shared)
        shared += share
        steps.append((found, replicas(found) + share))
    if steps and change:
        steps[0] = (steps[0][0], max(steps[0][1] + change - shared, 0))
    return steps


def _share(deployment: Deployment, replica_set: ReplicaSet, change: int, left: int) -> int:
    """A ReplicaSet's part of the change, no more than is left (`GetReplicaSetProportion`)."""
    size = replicas(replica_set)
    if change == 0 or left == 0:
        return 0
    if replicas(deployment) == 0:
        return max(-size, left)
    before = annotations.number(replica_set.metadata.annotations, annotations.MAX_REPLICAS)
    before = before or deployment.status.replicas
    if not before:
        return 0
    # Rounds half away from zero, as Go's math.Round does; sizes are not negative.
    part = (2 * size * most(deployment) + before) // (2 * before) - size
    return min(part, left) if change > 0 else max(part, left)
