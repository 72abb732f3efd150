"""The next thing to do for a StatefulSet: at most one step at a time, or all at once if it is parallel.

Pure decisions over the pods by number. Mirrors updateStatefulSet (pkg/controller/statefulset/
stateful_set_control.go). Invariant: in order, no pod is made or deleted while one before it (when
growing) or after it (when shrinking) is not there and available.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from msgspec import Struct

from cluster.api.apps import StatefulSet
from cluster.api.core import Pod
from cluster.controllers.history import POD_LABEL
from cluster.controllers.pod_states import ENDED, ready_since
from cluster.controllers.stateful_set.identity import ordinals

Available = Callable[[Pod], bool]


class Do(Enum):
    """What is done with one number."""

    CREATE = "create"
    RECREATE = "recreate"
    MEND = "mend"
    DELETE = "delete"


class Step(Struct, frozen=True):
    """One thing to do."""

    do: Do
    ordinal: int
    stop: bool = False
    """Nothing may be done after it in this sync."""


def is_running_and_ready(pod: Pod) -> bool:
    """Whether the pod runs and is ready (`isRunningAndReady`)."""
    return pod.status.phase == "Running" and ready_since(pod) is not None


def is_healthy(pod: Pod) -> bool:
    """Whether the pod is as it should be, and stays (`isHealthy`)."""
    return is_running_and_ready(pod) and not pod.metadata.deletionTimestamp


def replicas(owner: StatefulSet, pods: Mapping[int, Pod], available: Available) -> Iterable[Step]:
    """The steps for the numbers there should be, lowest first (`processReplica`).

    The last step says `stop` if the numbers after it, and all else, have to wait.
    """
    ordered = owner.spec.podManagementPolicy != "Parallel"
    for ordinal in ordinals(owner):
        pod = pods.get(ordinal)
        if pod is None:
            yield Step(Do.CREATE, ordinal, stop=ordered)
        elif pod.status.phase in ENDED:
            yield Step(Do.RECREATE, ordinal, stop=ordered)
        elif ordered and (pod.metadata.deletionTimestamp or not is_running_and_ready(pod) or not available(pod)):
            yield Step(Do.MEND, ordinal, stop=True)
        else:
            yield Step(Do.MEND, ordinal)


def condemned(owner: StatefulSet, pods: Mapping[int, Pod], available: Available) -> Iterable[Step]:
    """The steps for the numbers too many, highest first (`processCondemned`)."""
    ordered = owner.spec.podManagementPolicy != "Parallel"
    wanted = ordinals(owner)
    surplus = sorted((ordinal for ordinal in pods if ordinal not in wanted), reverse=True)
    first_unhealthy = next(
        (ordinal for ordinal in (*wanted, *reversed(surplus)) if ordinal in pods and not is_healthy(pods[ordinal])),
        None,
    )
    for ordinal in surplus:
        pod = pods[ordinal]
        if pod.metadata.deletionTimestamp:
            if ordered:
                return
            continue
        if ordered and ordinal != first_unhealthy and not (is_running_and_ready(pod) and available(pod)):
            return
        yield Step(Do.DELETE, ordinal, stop=ordered)


def outdated(owner: StatefulSet, pods: Mapping[int, Pod], update_revision: str) -> int | None:
    """The number whose pod is deleted now for a newer template: the highest, if those above it are healthy."""
    strategy, wanted = owner.spec.updateStrategy, ordinals(owner)
    if strategy.type == "OnDelete":
        return None
    rolling = strategy.rollingUpdate
    partition = (rolling.partition or 0) if rolling is not None else 0
    for ordinal in wanted[partition:][::-1]:
        if ordinal in pods and _is_old(pods[ordinal], update_revision):
            return ordinal
        if ordinal not in pods or not is_healthy(pods[ordinal]):
            break
    return None


def _is_old(pod: Pod, update_revision: str) -> bool:
    return pod.metadata.labels.get(POD_LABEL) != update_revision and not pod.metadata.deletionTimestamp


def is_current(owner: StatefulSet, ordinal: int) -> bool:
    """Whether a pod of this number is still made from the revision before (`isCurrentRevisionNeeded`)."""
    strategy = owner.spec.updateStrategy
    if strategy.type != "RollingUpdate":
        return False
    start = ordinals(owner).start
    if strategy.rollingUpdate is None:
        return ordinal < start + owner.status.currentReplicas
    return ordinal < start + (strategy.rollingUpdate.partition or 0)
