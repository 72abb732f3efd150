"""Which daemon pods to create and delete: to have one on each node, and to roll a new template out.

Pure decisions over the pods of one DaemonSet, node by node. Mirrors podsShouldBeOnNode (pkg/controller/
daemon/daemon_controller.go) and rollingUpdate (update.go). Invariant: no rollout makes more pods
unavailable than maxUnavailable, nor has more than one pod extra on more than maxSurge nodes.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from cluster.api import intstr
from cluster.api.apps import DaemonSet
from cluster.api.core import Pod
from cluster.controllers.history import POD_LABEL
from cluster.controllers.pod_states import ready_since

Available = Callable[[Pod], bool]


class Wanted(Struct):
    """What to do: nodes that get a pod, and pods that go, some with something to tell."""

    create: list[str]
    delete: list[Pod]
    failed: list[Pod]
    succeeded: list[Pod]


def by_age(pods: Sequence[Pod]) -> list[Pod]:
    """Pods bound to a node first, then the oldest (`podByCreationTimestampAndPhase`)."""
    return sorted(pods, key=lambda pod: (not pod.spec.nodeName, pod.metadata.creationTimestamp, pod.metadata.name))


def on_node(
    wanted: Wanted, node: str, pods: Sequence[Pod], *, run: bool, go_on: bool, surge: bool, hashed: str, available: Available
) -> None:  # fmt: skip
    """Add what one node needs; `run` and `go_on` say whether it should get a pod, or may keep one."""
    if run and not pods:
        wanted.create.append(node)
    elif not go_on:
        wanted.delete += [pod for pod in pods if not pod.metadata.deletionTimestamp]
    else:
        running = _running(wanted, pods)
        if len(running) > 1:
            surplus = _beyond_surge(running, hashed, available) if surge else by_age(running)[1:]
            wanted.delete += surplus


def _running(wanted: Wanted, pods: Sequence[Pod]) -> list[Pod]:
    """The node's pods that have not ended and are not on their way out; the ended ones are to go."""
    found = []
    for pod in pods:
        if pod.metadata.deletionTimestamp:
            continue
        if pod.status.phase == "Failed":
            wanted.failed.append(pod)
        elif pod.status.phase == "Succeeded":
            wanted.succeeded.append(pod)
        else:
            found.append(pod)
    return found


def _beyond_surge(running: Sequence[Pod], hashed: str, available: Available) -> list[Pod]:
    """All but the oldest pod of the new template and the oldest of another, which goes when it may."""
    new, old, surplus = None, None, []
    for pod in by_age(running):
        if pod.metadata.labels.get(POD_LABEL) == hashed:
            if new is None:
                new = pod
                continue
        elif old is None:
            old = pod
            continue
        surplus.append(pod)
    if new is not None and old is not None and (ready_since(old) is None or available(new)):
        surplus.append(old)
    return surplus


def limits(owner: DaemonSet, desired: int) -> tuple[int, int]:
    """How many nodes may have a pod too many, and how many an unavailable one (`updatedDesiredNodeCounts`)."""
    rolling = owner.spec.updateStrategy.rollingUpdate
    surge = intstr.scaled(rolling.maxSurge, desired, round_up=True) if rolling is not None else 0
    unavailable = intstr.scaled(rolling.maxUnavailable, desired, round_up=True) if rolling is not None else 0
    return surge, unavailable or (0 if surge else 1)


def replacements(nodes: Mapping[str, Sequence[Pod]], hashed: str, most: int, available: Available) -> list[Pod]:
    """The old pods to delete now, so that at most `most` nodes are without an available pod."""
    unavailable, broken, candidates = 0, list[Pod](), list[Pod]()
    for pods in nodes.values():
        found = _pair(pods, hashed)
        if found is None or (found[0] is None) is (found[1] is None):
            unavailable += 1
            continue
        new, old = found
        if new is not None:
            unavailable += not available(new)
        elif old is not None and not available(old):
            broken.append(old)
        elif old is not None:
            candidates.append(old)
    return [*broken, *candidates[: max(most - unavailable, 0)]]


def surges(
    nodes: Mapping[str, Sequence[Pod]], hashed: str, most: int, available: Available
) -> tuple[list[str], list[Pod]]:
    """The nodes that get a second pod now, at most `most`, and the old pods that have been replaced."""
    surging, broken, candidates, replaced = 0, list[str](), list[str](), list[Pod]()
    for node, pods in nodes.items():
        found = _pair(pods, hashed)
        if found is None:
            surging += 1
            continue
        new, old = found
        if old is None:
            continue
        if new is None:
            (candidates if available(old) else broken).append(node)
        elif available(new):
            replaced.append(old)
        else:
            surging += 1
    return [*broken, *candidates[: max(most - surging, 0)]], replaced


def _pair(pods: Sequence[Pod], hashed: str) -> tuple[Pod | None, Pod | None] | None:
    """The node's pod of the new template and of an old one; None if there are two of either."""
    new, old = None, None
    for pod in pods:
        if pod.metadata.deletionTimestamp:
            continue
        if pod.metadata.labels.get(POD_LABEL) == hashed:
            if new is not None:
                return None
            new = pod
        else:
            if old is not None:
                return None
            old = pod
    return new, old
