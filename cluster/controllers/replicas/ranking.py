"""Which pods go first when there are too many.

Asked by `controller.py` when it scales down; pure. Mirrors pkg/controller's ActivePodsWithRanks,
with logarithmic buckets of age. Invariant: the order follows from the pods and the time alone; where
Kubernetes would fall back on uids, the newest goes first.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from cluster.api.core import Pod
from cluster.controllers.replicas.owned import ready_since

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
    crowd = Counter(pod.spec.nodeName for pod in related)
    buckets: dict[str, int] = {}

    def bucket(timestamp: str) -> int:
        found = buckets.get(timestamp)
        if found is None:
            # The integer part of the logarithm; what has no age is the youngest.
            found = buckets[timestamp] = max(age(timestamp), 0).bit_length() if timestamp else -1
        return found

    ranked = [(_rank(pod, crowd, bucket), -position, key) for position, (key, pod) in enumerate(pods)]
    ranked.sort()
    return [key for _, _, key in ranked[:count]]


def deletion_cost(pod: Pod) -> int:
    """What the pod-deletion-cost annotation says; 0 if it says nothing valid."""
    text = pod.metadata.annotations.get(DELETION_COST, "")
    if not _COST.fullmatch(text):
        return 0
    cost = int(text)
    return cost if -_LIMIT <= cost < _LIMIT else 0


def _rank(pod: Pod, crowd: Counter[str], bucket: Callable[[str], int]) -> Rank:
    """Sorts before the ranks of pods that are kept longer."""
    node = pod.spec.nodeName
    ready = ready_since(pod)
    return (
        1 if node else 0,
        _PHASES.get(pod.status.phase, 0),
        0 if ready is None else 1,
        deletion_cost(pod) if pod.metadata.annotations else 0,
        -crowd[node],
        0 if ready is None else bucket(ready),
        -_restarts(pod),
        bucket(pod.metadata.creationTimestamp),
    )


def _restarts(pod: Pod) -> int:
    """The most restarts of one of its containers."""
    return max((status.restartCount for status in pod.status.containerStatuses), default=0)
