"""Which pods go first when there are too many.

Asked by `controller.py` when it scales down; pure. Mirrors pkg/controller's ActivePodsWithRanks,
with logarithmic buckets of age. Invariant: the order follows from the pods and the time alone; where
Kubernetes would fall back on uids, the newest goes first.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from cluster.api.core import Pod

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "": 0, "Unknown": 1, "Running": 2}
_COST = re.compile(r"0|-?[1-9][0-9]{0,9}", re.ASCII)
_LIMIT = 2**31

Rank = tuple[int, ...]


def victims(pods: list[tuple[str, Pod]], related: Iterable[Pod], count: int, age: Callable[[str], int]) -> list[str]:
    """The keys of the `count` pods to delete, first the ones that are least missed.

    `pods` stand in the order they were created; `related` are the active pods of every replica set
    with the same controller, these included: a pod with more of them on its node goes first. `age`
    gives the ns since a timestamp.
    """
    if count >= len(pods):
        return [key for key, _ in pods]
    crowd = Counter([pod.spec.nodeName for pod in related])
    magnitude = _Magnitudes(age)
    ranked = sorted([_rank(pod, -position, crowd, magnitude) for position, (_, pod) in enumerate(pods)])
    return [pods[-rank[-1]][0] for rank in ranked[:count]]


class _Magnitudes(dict[str, int]):
    """Timestamps by the power of two that their age has; what has no time has the least."""

    def __init__(self, age: Callable[[str], int]) -> None:
        self._age = age

    def __missing__(self, timestamp: str) -> int:
        self[timestamp] = found = max(self._age(timestamp), 0).bit_length() if timestamp else -1
        return found


def deletion_cost(pod: Pod) -> int:
    """What the pod-deletion-cost annotation says; 0 if it says nothing valid."""
    text = pod.metadata.annotations.get(DELETION_COST, "")
    if not _COST.fullmatch(text):
        return 0
    cost = int(text)
    return cost if -_LIMIT <= cost < _LIMIT else 0


def _rank(pod: Pod, position: int, crowd: Counter[str], magnitude: _Magnitudes) -> Rank:
    """Sorts before the ranks of pods that are kept longer; `position` comes last."""
    node, status, meta = pod.spec.nodeName, pod.status, pod.metadata
    ready, age = 0, 0
    for condition in status.conditions:
        if condition.type == "Ready":
            if condition.status == "True":
                ready, age = 1, magnitude[condition.lastTransitionTime]
            break
    restarts = 0
    for container in status.containerStatuses:
        if container.restartCount:
            restarts = max(restarts, container.restartCount)
    return (
        1 if node else 0, _PHASES.get(status.phase, 0), ready, deletion_cost(pod) if meta.annotations else 0,
        -crowd[node], age, -restarts, magnitude[meta.creationTimestamp], position,
    )  # fmt: skip
