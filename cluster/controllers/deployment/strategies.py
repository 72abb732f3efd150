"""In which order a sync moves replicas: RollingUpdate, Recreate, and a change of size alone.

Called by `controller.py`, acts through `rollout.py`. Mirrors rolling.go, recreate.go and the scale
part of sync.go. Invariant: a sync scales in one direction, up before down, then reports.
"""

from cluster.api.apps import ReplicaSet
from cluster.controllers.deployment import annotations, sizes, status
from cluster.controllers.deployment.rollout import Rollout
from cluster.controllers.deployment.templates import by_age


def sync(rollout: Rollout) -> int | None:
    """One sync of a Deployment that is not being deleted; in how many ms to look again."""
    rollout.note_pause()
    rollout.sync_new()
    if rollout.deployment.spec.paused or _resized(rollout):
        scale(rollout)
        if rollout.deployment.spec.paused:
            rollout.clean_up()
        rollout.report()
        return None
    if sizes.is_rolling(rollout.deployment):
        return roll(rollout)
    return recreate(rollout)


def roll(rollout: Rollout) -> int | None:
    """Bring new replicas up and old ones down as far as the limits let it (`rolloutRolling`)."""
    rollout.create_new()
    if not _grow(rollout) and not _shrink(rollout):
        _finish(rollout)
    return rollout.report_progress()


def recreate(rollout: Rollout) -> int | None:
    """Take every old replica down, wait until the last pod is gone, then bring the new ones up (`rolloutRecreate`)."""
    active = sizes.with_replicas(rollout.olds)
    for found in active:
        rollout.scale(found, 0)
    if active:
        return rollout.report_progress()
    if _still_running(rollout):
        return rollout.report_progress()
    rollout.create_new()
    if rollout.new is not None:
        rollout.scale(rollout.new, sizes.replicas(rollout.deployment))
    _finish(rollout)
    return rollout.report_progress()


def scale(rollout: Rollout) -> None:
    """Fit the ReplicaSets to a new `spec.replicas` without rolling on (`scale`)."""
    deployment = rollout.deployment
    only = _only_active(rollout)
    if only is not None:
        rollout.scale(only, sizes.replicas(deployment))
        return
    if _saturated(rollout):
        for found in sizes.with_replicas(rollout.olds):
            rollout.scale(found, 0)
        return
    if sizes.is_rolling(deployment):
        for found, size in sizes.proportional(deployment, rollout.all):
            rollout.scale(found, size, always=True)


def _resized(rollout: Rollout) -> bool:
    """Whether a ReplicaSet was told another number of replicas than is wanted now (`isScalingEvent`)."""
    wanted = sizes.replicas(rollout.deployment)
    for found in sizes.with_replicas(rollout.all):
        told = annotations.number(found.metadata.annotations, annotations.DESIRED_REPLICAS)
        if told is not None and told != wanted:
            return True
    return False


def _grow(rollout: Rollout) -> bool:
    """Scale the new ReplicaSet (`reconcileNewReplicaSet`); True if its size changed."""
    new = rollout.new
    if new is None:
        return False
    wanted = sizes.replicas(rollout.deployment)
    if sizes.replicas(new) > wanted:
        return rollout.scale(new, wanted)
    return rollout.scale(new, sizes.size_of_new(rollout.deployment, new, rollout.olds))


def _shrink(rollout: Rollout) -> bool:
    """Scale old ReplicaSets down, unhealthy replicas first (`reconcileOldReplicaSets`); True if a size changed."""
    new, olds = rollout.new, sizes.with_replicas(rollout.olds)
    if new is None or not olds:
        return False
    room = sizes.room_to_scale_down(rollout.deployment, new, olds)
    if room <= 0:
        return False
    cleaning = sizes.unhealthy(olds, room)
    changed = [rollout.scale(found, size) for found, size in cleaning.steps]
    if cleaning.stale:
        return False
    steps = sizes.surplus(rollout.deployment, new, sizes.with_replicas(rollout.olds))
    return any([*changed, *[rollout.scale(found, size) for found, size in steps]])


def _finish(rollout: Rollout) -> None:
    if status.complete(rollout.deployment, rollout.deployment.status):
        rollout.clean_up()


def _still_running(rollout: Rollout) -> bool:
    """Whether an old ReplicaSet has, or may yet have, a pod (`oldPodsRunning`)."""
    return any(
        found.status.replicas
        or found.status.terminatingReplicas
        or found.status.observedGeneration < found.metadata.generation
        for found in rollout.olds
    )


def _only_active(rollout: Rollout) -> ReplicaSet | None:
    """The one ReplicaSet with replicas, or the latest if none has any (`FindActiveOrLatest`)."""
    active = sizes.with_replicas(rollout.all)
    if len(active) > 1:
        return None
    if active:
        return active[0]
    return rollout.new or next(reversed(by_age(rollout.olds)), None)


def _saturated(rollout: Rollout) -> bool:
    """Whether the new ReplicaSet has all that is wanted, available (`IsSaturated`)."""
    new, wanted = rollout.new, sizes.replicas(rollout.deployment)
    if new is None:
        return False
    told = annotations.number(new.metadata.annotations, annotations.DESIRED_REPLICAS)
    return sizes.replicas(new) == told == wanted == new.status.availableReplicas
