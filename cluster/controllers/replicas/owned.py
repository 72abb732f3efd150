"""What is known of one owner's pods: states and counters, kept up to date pod by pod.

Fed by the pod reader of `controller.py`, read by its reconcile. Mirrors what syncReplicaSet counts
from its lists. Invariant: the counters equal a count over the states, and the states follow from
the pods as the reader last saw them.
"""

from collections.abc import Mapping

from cluster.api.core import Pod
from cluster.api.labels import NOTHING, Selector
from cluster.api.meta import OwnerReference
from cluster.clock import Clock
from cluster.controllers.pod_states import ENDED, is_active, ready_since
from cluster.controllers.replicas.availability import Availability

ACTIVE, READY, LABELLED, TERMINATING = 1, 2, 4, 8
STATES = 16
_WITHIN = [[index for index in range(1, STATES) if index & state == state] for state in range(STATES)]
"""For states together, the combinations of states that hold them all."""


class Owned:
    """One owner: what it selects, and its pods."""

    __slots__ = (
        "_availability", "_clock", "_counts", "_states", "creations", "deletions", "key", "min_ready_seconds",
        "references", "selector", "strays", "template_labels", "uid",
    )  # fmt: skip

    def __init__(self, key: str, uid: str, clock: Clock) -> None:
        self.key, self.uid = key, uid
        self._clock = clock
        self.selector: Selector = NOTHING
        self.template_labels: Mapping[str, str] = {}
        self.min_ready_seconds = 0
        self.references: tuple[OwnerReference, ...] = ()
        self.creations = 0
        """Creations asked for that the reader has not shown yet (expectations)."""
        self.deletions: set[str] = set()
        """Pods whose deletion was asked for and which the reader still showed as active."""
        self.strays: dict[str, None] = {}
        """Active pods of this owner that the selector does not match (any more)."""
        self._states: dict[str, int] = {}
        self._counts = [0] * STATES
        self._availability: Availability | None = None

    @property
    def settled(self) -> bool:
        """Whether everything asked for has been seen (`SatisfiedExpectations`)."""
        return self.creations <= 0 and not self.deletions

    @property
    def empty(self) -> bool:
        """Whether no pod is known."""
        return not self._states and not self.strays

    def define(self, selector: Selector, template_labels: Mapping[str, str], min_ready_seconds: int) -> bool:
        """Take over what the owner's spec says; True if its pods have to be shown again (`observe`)."""
        unchanged = (
            selector == self.selector
            and template_labels == self.template_labels
            and min_ready_seconds == self.min_ready_seconds
        )
        self.selector, self.template_labels, self.min_ready_seconds = selector, template_labels, min_ready_seconds
        if unchanged:
            return False
        self._availability = Availability() if min_ready_seconds else None
        return True

    def pods(self) -> list[str]:
        """The keys of every pod known, in the order they were seen."""
        return [*self._states, *self.strays]

    def active(self) -> list[str]:
        """The keys of the active pods."""
        return [key for key, state in self._states.items() if state & ACTIVE]

    def observe(self, key: str, pod: Pod, *, relabelled: bool = True) -> bool:
        """Take note of a pod of this owner; True if a count changed. `relabelled` is False if its labels did not."""
        stray = not self.selector.matches(pod.metadata.labels) if relabelled else key in self.strays
        if stray:
            return self._observe_stray(key, pod)
        self.strays.pop(key, None)
        state = self._state_of(pod)
        before = self._states.get(key, 0)
        if self._availability is not None:
            self._observe_readiness(key, pod, state)
        if state == before:
            return False
        self._counts[before] -= 1
        self._counts[state] += 1
        if not state & ACTIVE:
            self.deletions.discard(key)
        if state:
            self._states[key] = state
        else:
            del self._states[key]
        return True

    def forget(self, key: str) -> bool:
        """The pod is gone or no longer this owner's; True if it was known."""
        self.deletions.discard(key)
        if self._availability is not None:
            self._availability.stopped(key)
        stray = self.strays.pop(key, 0) is None
        state = self._states.pop(key, 0)
        self._counts[state] -= 1
        return bool(state) or stray

    def count(self, state: int) -> int:
        """How many pods are in all of the given states, as `ACTIVE | READY`."""
        counts = self._counts
        return sum([counts[index] for index in _WITHIN[state]])

    def available(self) -> int:
        """How many active pods have been ready for minReadySeconds."""
        if self._availability is None:
            return self.count(ACTIVE | READY)
        return self._availability.count(self._clock.now)

    def next_available(self) -> int | None:
        """In how many ms the next ready pod becomes available; None if none is waiting."""
        due = self._availability.next_due() if self._availability is not None else None
        return None if due is None else max(due - self._clock.now, 0)

    def _state_of(self, pod: Pod) -> int:
        status, meta = pod.status, pod.metadata
        if status.phase in ENDED:
            return 0
        if meta.deletionTimestamp:
            return TERMINATING
        state = ACTIVE
        for condition in status.conditions:
            if condition.type == "Ready":
                if condition.status == "True":
                    state = ACTIVE | READY
                break
        labels, wanted = meta.labels, self.template_labels
        if labels is wanted or wanted.items() <= labels.items():
            state |= LABELLED
        return state

    def _observe_stray(self, key: str, pod: Pod) -> bool:
        known = key in self.strays
        self.forget(key)
        if is_active(pod):
            self.strays[key] = None
        return (key in self.strays) != known

    def _observe_readiness(self, key: str, pod: Pod, state: int) -> None:
        availability = self._availability
        if availability is None:
            return
        since = ready_since(pod) if state & READY else None
        if since is None:
            availability.stopped(key)
        else:
            availability.started(key, self._clock.milliseconds(since) + 1000 * self.min_ready_seconds)
