"""The StatefulSet controller: pods 0, 1, 2 … of one set, made, replaced and taken away in order.

On the data's way between StatefulSets in the store and their pods, claims and revisions. Mirrors
pkg/controller/statefulset. Invariant: a sync acts on the pods as they are in the store now, and stops
where order demands it; the change it waits for starts the next.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.apps import ControllerRevision, StatefulSet, StatefulSetStatus
from cluster.api.cluster import Cluster
from cluster.api.core import Pod
from cluster.api.kinds import PODS, STATEFUL_SETS
from cluster.api.meta import LabelSelector
from cluster.apiserver import ApiServer
from cluster.controllers.dependents import Dependents
from cluster.controllers.history import POD_LABEL, History, template_of
from cluster.controllers.pod_states import available_in, is_available
from cluster.controllers.stateful_set import decisions, identity, status
from cluster.controllers.stateful_set.decisions import Do, Step
from cluster.controllers.stateful_set.pod_control import ACTOR, StatefulPodControl
from cluster.reconcile import Reader, WorkQueue

HASH_LABEL = "controller.kubernetes.io/hash"


class StatefulSetController:
    """Keeps every StatefulSet's pods."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._table = api, api.store.table(STATEFUL_SETS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._pods = Dependents(api, PODS, STATEFUL_SETS, self._queue.add, ACTOR, is_member=identity.is_member)
        self._history = History(api, STATEFUL_SETS, _at_the_next_sync, ACTOR, HASH_LABEL)
        self._control = StatefulPodControl(api)
        Reader(api.store, api.clock, STATEFUL_SETS, self._on_stateful_set)

    def _on_stateful_set(self, key: str, old: StatefulSet | None, new: StatefulSet | None) -> None:
        if new is None:
            self._pods.drop(key)
            self._history.drop(key)
        elif old is None or old.spec.selector is not new.spec.selector:
            self._pods.define(new, new.spec.selector)
            self._history.define(new, new.spec.selector)
        self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        owner = self._table.get(key)
        if owner is None or owner.spec.selector in (None, LabelSelector()):
            return None
        selector = labels.from_label_selector(owner.spec.selector)
        revisions = self._history.of(owner, selector)
        pods = self._pods.claimed(owner, selector)
        update, collisions = self._history.present(owner, owner.spec.template, revisions, owner.status.collisionCount)
        revisions = [*(each for each in revisions if each.metadata.name != update.metadata.name), update]
        current = next((each for each in revisions if each.metadata.name == owner.status.currentRevision), update)
        names = (current.metadata.name, update.metadata.name)
        owner = self._report(owner, pods, names, collisions)
        if not owner.metadata.deletionTimestamp:
            self._act(owner, pods, current, update)
        pods = self._pods.of(owner)
        self._report(owner, pods, names, collisions)
        self._truncate(owner, pods, revisions, names)
        return self._next_available(owner, pods)

    def _report(
        self, owner: StatefulSet, pods: Sequence[Pod], names: tuple[str, str], collisions: int | None
    ) -> StatefulSet:
        found = status.counted(owner, pods, *names, collisions, lambda pod: self._available(owner, pod))
        return self._write(owner, found)

    def _act(
        self, owner: StatefulSet, pods: Sequence[Pod], current: ControllerRevision, update: ControllerRevision
    ) -> None:
        """Take the steps that order allows: living pods first, then those too many, then old ones."""
        by_ordinal = {identity.ordinal_of(owner, pod): pod for pod in pods}

        def available(pod: Pod) -> bool:
            return self._available(owner, pod)

        for step in decisions.replicas(owner, by_ordinal, available):
            self._take(owner, step, by_ordinal.get(step.ordinal), current, update)
            if step.stop:
                return
        wanted = identity.ordinals(owner)
        for ordinal, pod in by_ordinal.items():
            if ordinal not in wanted:
                self._control.own_claims(owner, pod, ordinal, condemned=True)
        for step in decisions.condemned(owner, by_ordinal, available):
            self._control.delete(owner, by_ordinal[step.ordinal])
            if step.stop:
                return
        old = decisions.outdated(owner, by_ordinal, update.metadata.name)
        if old is not None:
            self._control.delete(owner, by_ordinal[old])

    def _take(
        self, owner: StatefulSet, step: Step, pod: Pod | None, current: ControllerRevision, update: ControllerRevision
    ) -> None:
        if pod is None:
            revision = current if decisions.is_current(owner, step.ordinal) else update
            template = owner.spec.template if revision is update else template_of(revision)
            made = identity.new_pod(owner, template, revision.metadata.name, step.ordinal)
            self._pods.note(self._control.create(owner, made, step.ordinal))
        elif step.do is Do.RECREATE:
            if not pod.metadata.deletionTimestamp:
                place = f"{owner.metadata.namespace}/{owner.metadata.name}"
                severity, what = ("Warning", "failed") if pod.status.phase == "Failed" else ("Normal", "terminated")
                words = f"StatefulSet {place} is recreating {what} Pod {pod.metadata.name}"
                reason = f"Recreating{what.title()}Pod"
                self._api.events.record(STATEFUL_SETS, owner, severity, reason, words, component=ACTOR)
                self._control.delete(owner, pod)
        else:
            self._control.mend(owner, pod, step.ordinal)

    def _truncate(
        self, owner: StatefulSet, pods: Sequence[Pod], revisions: Sequence[ControllerRevision], names: tuple[str, str]
    ) -> None:
        live = {*names, owner.status.currentRevision, *(pod.metadata.labels.get(POD_LABEL, "") for pod in pods)}
        self._history.truncate(revisions, live, owner.spec.revisionHistoryLimit)

    def _available(self, owner: StatefulSet, pod: Pod) -> bool:
        return is_available(pod, owner.spec.minReadySeconds, self._api.clock)

    def _next_available(self, owner: StatefulSet, pods: Sequence[Pod]) -> int | None:
        """In how many ms the next pod becomes available, if one is to."""
        due = [available_in(pod, owner.spec.minReadySeconds, self._api.clock) for pod in pods]
        return min((wait for wait in due if wait), default=None)

    def _write(self, owner: StatefulSet, found: StatefulSetStatus) -> StatefulSet:
        if found == owner.status:
            return owner
        return self._api.update_status(STATEFUL_SETS, replace(owner, status=found), actor=ACTOR, previous=owner)


def _at_the_next_sync(_: str) -> None:
    """A revision that comes or goes asks for nothing: else one that is collected with its owner would be made for ever."""
