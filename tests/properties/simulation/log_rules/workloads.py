"""Replicas: no write of a controller makes too many of them, or leaves too few."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.apps import Deployment, ReplicaSet, StatefulSet
from cluster.api.core import Pod
from cluster.controllers.deployment import annotations, sizes
from cluster.controllers.ownership import controller_of
from cluster.controllers.pod_states import is_active, ready_since
from cluster.table import Entry
from tests.properties.simulation.state import State


class Workloads:
    """What the controllers of replicas may do. One with a `stale` view may count late what came by adoption, and a Deployment what it has just made."""

    def __init__(self, *, stale: bool) -> None:
        self._stale = stale
        self._adopters: set[str] = set()

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        old, new = entry.previous, entry.object
        if name == "pods" and old is None and new is not None:
            yield from self._replica(new, state)
        if name == "pods" and new is not None:
            self._note_adoption(old, new)
            yield from _ordinals(old, new, entry.actor, state)
        if (
            name == "replicasets.apps"
            and new is not None
            and entry.actor == "deployment-controller"
            and not self._stale
        ):
            yield from _rollout(old, new, state)

    def _note_adoption(self, old: Pod | None, new: Pod) -> None:
        owner = controller_of(new)
        if old is not None and owner is not None and controller_of(old) is None:
            self._adopters.add(owner.uid)

    def _replica(self, pod: Pod, state: State) -> Iterator[str]:
        """A new pod is not one too many for its ReplicaSet or ReplicationController."""
        owner = controller_of(pod)
        kind = {"ReplicaSet": kinds.REPLICA_SETS, "ReplicationController": kinds.REPLICATION_CONTROLLERS}.get(
            owner.kind if owner is not None else ""
        )
        if owner is None or kind is None or (self._stale and owner.uid in self._adopters):
            return
        found = state.of(kind).get(f"{pod.metadata.namespace}/{owner.name}")
        if found is None or found.metadata.uid != owner.uid:
            return
        wanted = 1 if found.spec.replicas is None else found.spec.replicas
        if state.active_of(owner.uid) > wanted:
            yield f"{owner.name} has {state.active_of(owner.uid)} pods and wants {wanted}"


def _ordinals(old: Pod | None, new: Pod, actor: str, state: State) -> Iterator[str]:
    """The pods of an ordered StatefulSet come after those before them are ready, and go from the last on."""
    owner = controller_of(new)
    if owner is None or owner.kind != "StatefulSet" or actor != "statefulset-controller":
        return
    if _ordinal(new) is None:
        yield f"{owner.name} has a pod that is none of its"
        return
    found: StatefulSet | None = state.of(kinds.STATEFUL_SETS).get(f"{new.metadata.namespace}/{owner.name}")
    if found is None or found.spec.podManagementPolicy == "Parallel":
        return
    mine = {number: pod for pod in state.pods_of(owner.uid) if (number := _ordinal(pod)) is not None}
    here, first = _ordinal(new) or 0, found.spec.ordinals.start if found.spec.ordinals else 0
    wanted = first + (1 if found.spec.replicas is None else found.spec.replicas)
    if old is None:
        for before in range(first, here):
            pod = mine.get(before)
            if pod is None or not is_active(pod) or ready_since(pod) is None:
                yield f"it came before {owner.name}-{before} was ready"
    elif new.metadata.deletionTimestamp and not old.metadata.deletionTimestamp and here >= wanted and max(mine) > here:
        yield f"it goes before {owner.name}-{max(mine)} has gone"


def _ordinal(pod: Pod) -> int | None:
    """The number of a StatefulSet's pod, None if its name is none of its controller's."""
    owner, (name, _, number) = controller_of(pod), pod.metadata.name.rpartition("-")
    return int(number) if owner is not None and owner.name == name and number.isdecimal() else None


def _rollout(old: ReplicaSet | None, new: ReplicaSet, state: State) -> Iterator[str]:
    """A Deployment's ReplicaSets grow to replicas + maxSurge in all, and keep replicas - maxUnavailable available."""
    owner = controller_of(new)
    found: Deployment | None = (
        state.of(kinds.DEPLOYMENTS).get(f"{new.metadata.namespace}/{owner.name}") if owner else None
    )
    if owner is None or found is None or found.metadata.uid != owner.uid:
        return
    before, after = sizes.replicas(old) if old is not None else 0, sizes.replicas(new)
    family = [each for each in state.of(kinds.REPLICA_SETS).values() if _controls(owner.uid, each)]
    surge, missing = sizes.limits(found)
    if after > before and sizes.total(family) > sizes.replicas(found) + surge:
        yield f"{owner.name} is given {sizes.total(family)} replicas, at most {sizes.replicas(found) + surge} are allowed"
    if old is None or after >= before or not sizes.is_rolling(found) or _resized(old, found):
        return
    kept = {each.metadata.name: min(each.status.availableReplicas, sizes.replicas(each)) for each in family}
    had = min(old.status.availableReplicas, before)
    left = sum(kept.values())
    if kept[new.metadata.name] < had and left < sizes.replicas(found) - missing:
        yield f"{owner.name} keeps {left} available, {sizes.replicas(found) - missing} are promised"


def _controls(uid: str, replica_set: ReplicaSet) -> bool:
    controller = controller_of(replica_set)
    return controller is not None and controller.uid == uid


def _resized(replica_set: ReplicaSet, deployment: Deployment) -> bool:
    """Whether the Deployment was scaled since its ReplicaSet was last brought in line: that is shared out first."""
    told = annotations.number(replica_set.metadata.annotations, annotations.DESIRED_REPLICAS)
    return told != sizes.replicas(deployment)
