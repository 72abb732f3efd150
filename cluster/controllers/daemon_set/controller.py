"""The DaemonSet controller: a pod on every node that should have one, of the newest template in the end.

On the data's way between nodes and DaemonSets in the store and the pods it makes, which the scheduler
binds. Mirrors pkg/controller/daemon. Invariant: a sync looks at its own pods and revisions as they
are in the store now, so no count is acted on twice.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from cluster.api import kinds, labels
from cluster.api.apps import ControllerRevision, DaemonSet, DaemonSetStatus
from cluster.api.cluster import Cluster
from cluster.api.core import Node, Pod
from cluster.api.errors import ApiError, NotFound
from cluster.api.kinds import DAEMON_SETS, NODES, PODS
from cluster.api.meta import LabelSelector
from cluster.apiserver import ApiServer
from cluster.controllers.daemon_set import decisions, placement
from cluster.controllers.daemon_set.decisions import Wanted
from cluster.controllers.daemon_set.patience import Patience
from cluster.controllers.daemon_set.placement import Placement
from cluster.controllers.dependents import Dependents
from cluster.controllers.history import POD_LABEL, History
from cluster.controllers.pod_states import available_in, is_available, ready_since
from cluster.reconcile import Reader, WorkQueue

ACTOR = "daemonset-controller"
BURST = 250
"""How many pods one sync creates or deletes at most."""
FAILED_AGAIN = 1_000
SELECTS_ALL = "This daemon set is selecting all pods. A non-empty selector is required."


class DaemonSetController:
    """Keeps every DaemonSet's pods on the nodes."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._daemon_sets, self._nodes = api.store.table(DAEMON_SETS), api.store.table(NODES)
        self._placements: dict[str, Placement] = {}
        self._patience: dict[str, Patience] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._pods = Dependents(api, PODS, DAEMON_SETS, self._queue.add, ACTOR)
        self._history = History(api, DAEMON_SETS, self._queue.add, ACTOR, POD_LABEL)
        Reader(api.store, api.clock, DAEMON_SETS, self._on_daemon_set)
        Reader(api.store, api.clock, NODES, self._on_node)

    def _on_daemon_set(self, key: str, old: DaemonSet | None, new: DaemonSet | None) -> None:
        if new is None:
            self._placements.pop(key, None)
            self._patience.pop(key, None)
            self._pods.drop(key)
            self._history.drop(key)
        else:
            if old is None or old.spec.selector is not new.spec.selector:
                self._pods.define(new, new.spec.selector)
                self._history.define(new, new.spec.selector)
            held = self._placements.get(key)
            if held is None or held.template is not new.spec.template:
                self._placements[key] = Placement(new.spec.template)
        self._queue.add(key)

    def _on_node(self, name: str, old: Node | None, new: Node | None) -> None:
        """Look again at the DaemonSets for which the node is worth something else now."""
        for key, held in self._placements.items():
            was = None if old is None else held.of(old)
            if new is None:
                held.forget(name)
            if new is None or held.of(new) != was:
                self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        owner, held = self._daemon_sets.get(key), self._placements.get(key)
        if owner is None or held is None:
            return None
        if owner.spec.selector == LabelSelector():
            self._event(owner, "Warning", "SelectingAll", SELECTS_ALL)
            return None
        selector = labels.from_label_selector(owner.spec.selector)
        revisions = self._history.of(owner, selector)
        if owner.metadata.deletionTimestamp:
            return None
        current, collisions = self._history.present(owner, owner.spec.template, revisions, owner.status.collisionCount)
        if collisions != owner.status.collisionCount:
            owner = self._write(owner, replace(owner.status, collisionCount=collisions))
        hashed = current.metadata.labels[POD_LABEL]
        pods = self._by_node(self._pods.claimed(owner, selector))
        failure, again = self._act(owner, held, hashed, pods)
        present = self._by_node(self._pods.of(owner))
        self._tidy(owner, [*revisions, current], hashed, present)
        waits = self._report(owner, held, hashed, present)
        if failure is not None:
            raise failure
        return min((due for due in (again, waits) if due is not None), default=None)

    def _by_node(self, pods: Iterable[Pod]) -> dict[str, list[Pod]]:
        found: dict[str, list[Pod]] = {}
        for pod in pods:
            found.setdefault(placement.node_of(pod), []).append(pod)
        return found

    def _act(
        self, owner: DaemonSet, held: Placement, hashed: str, pods: dict[str, list[Pod]]
    ) -> tuple[ApiError | None, int | None]:
        """Create and delete what is wrong on the nodes; if nothing is, roll on."""
        wanted = self._wanted(owner, held, hashed, pods)
        rolls = owner.spec.updateStrategy.type == "RollingUpdate"
        if rolls and not (wanted.create or wanted.delete or wanted.failed or wanted.succeeded):
            wanted = self._rolled(owner, held, hashed, pods)
        failed, again = self._failed(owner, wanted.failed)
        for pod in wanted.succeeded:
            self._event(
                owner,
                "Normal",
                "SucceededDaemonPod",
                f"Found succeeded daemon pod {_place(pod)}, will try to delete it",
            )
        ended = [*failed, *wanted.succeeded]
        failure = self._delete(owner, [*wanted.delete, *ended][:BURST])
        failure = self._create(owner, wanted.create[:BURST], hashed) or failure
        more = len(wanted.create) > BURST or len(wanted.delete) + len(ended) > BURST
        return failure, 0 if more else FAILED_AGAIN if ended else again

    def _failed(self, owner: DaemonSet, pods: Iterable[Pod]) -> tuple[list[Pod], int | None]:
        """The failed pods that may be deleted now, each told of; in how many ms the next of the others may be."""
        held = self._patience.get(kinds.key(owner))
        if held is None:
            held = self._patience[kinds.key(owner)] = Patience(self._api.clock)
        found, waits, generation = list[Pod](), list[int](), owner.status.observedGeneration
        for pod in pods:
            node = placement.node_of(pod)
            wait = held.left(generation, node)
            if wait:
                waits.append(wait)
                continue
            held.note(generation, node)
            words = f"Found failed daemon pod {_place(pod)}, will try to kill it"
            self._event(owner, "Warning", "FailedDaemonPod", words)
            found.append(pod)
        return found, min(waits, default=None)

    def _wanted(self, owner: DaemonSet, held: Placement, hashed: str, pods: Mapping[str, Sequence[Pod]]) -> Wanted:
        wanted = Wanted([], [], [], [])
        surge = decisions.limits(owner, len(self._nodes))[0] > 0
        for node in self._nodes.values():
            run, go_on = held.of(node)
            decisions.on_node(
                wanted, node.metadata.name, pods.get(node.metadata.name, ()), run=run, go_on=go_on, surge=surge,
                hashed=hashed, available=lambda pod: self._available(owner, pod),
            )  # fmt: skip
        for name, lost in pods.items():
            if name and name not in self._nodes:
                wanted.delete += [pod for pod in lost if not pod.spec.nodeName and not pod.metadata.deletionTimestamp]
        return wanted

    def _rolled(self, owner: DaemonSet, held: Placement, hashed: str, pods: dict[str, list[Pod]]) -> Wanted:
        desired = [node.metadata.name for node in self._nodes.values() if held.of(node)[0]]
        surge, unavailable = decisions.limits(owner, len(desired))
        nodes = {**{name: list[Pod]() for name in desired}, **pods}
        available = lambda pod: self._available(owner, pod)  # noqa: E731 - one line, asked in two places
        if surge:
            create, delete = decisions.surges(nodes, hashed, surge, available)
            return Wanted(create, delete, [], [])
        return Wanted([], decisions.replacements(nodes, hashed, unavailable, available), [], [])

    def _available(self, owner: DaemonSet, pod: Pod) -> bool:
        return is_available(pod, owner.spec.minReadySeconds, self._api.clock)

    def _create(self, owner: DaemonSet, nodes: Sequence[str], hashed: str) -> ApiError | None:
        pod, failure = placement.blueprint(owner, hashed), None
        for node in nodes:
            try:
                made = self._api.create(PODS, placement.meant_for(pod, node), actor=ACTOR)
            except ApiError as error:
                failure = failure or error
                self._event(owner, "Warning", "FailedCreate", f"Error creating: {error}")
            else:
                self._pods.note(made)
                self._event(owner, "Normal", "SuccessfulCreate", f"Created pod: {made.metadata.name}")
        return failure

    def _delete(self, owner: DaemonSet, pods: Sequence[Pod]) -> ApiError | None:
        failure = None
        for pod in pods:
            try:
                self._api.delete(PODS, kinds.key(pod), actor=ACTOR)
            except NotFound:
                continue
            except ApiError as error:
                failure = failure or error
                self._event(owner, "Warning", "FailedDelete", f"Error deleting: {error}")
            else:
                self._event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.metadata.name}")
        return failure

    def _tidy(
        self, owner: DaemonSet, revisions: Sequence[ControllerRevision], hashed: str, pods: Mapping[str, Sequence[Pod]]
    ) -> None:
        """Forget the oldest templates that no pod has any more (`cleanupHistory`)."""
        live = {pod.metadata.labels.get(POD_LABEL, "") for found in pods.values() for pod in found} | {hashed}
        names = {each.metadata.name for each in revisions if each.metadata.labels.get(POD_LABEL, "") in live}
        unique = list({each.metadata.name: each for each in revisions}.values())
        self._history.truncate(unique, names, owner.spec.revisionHistoryLimit)

    def _report(self, owner: DaemonSet, held: Placement, hashed: str, pods: Mapping[str, Sequence[Pod]]) -> int | None:
        """Write the status; in how many ms the next pod becomes available (`updateDaemonSetStatus`)."""
        desired = current = ready = available = updated = misplaced = 0
        waits: list[int] = []
        for node in self._nodes.values():
            here = pods.get(node.metadata.name, ())
            if not held.of(node)[0]:
                misplaced += bool(here)
                continue
            desired += 1
            if here:
                current += 1
                pod = decisions.by_age(here)[0]
                due = available_in(pod, owner.spec.minReadySeconds, self._api.clock)
                ready += ready_since(pod) is not None
                available += due == 0
                waits += [due] if due else []
                updated += pod.metadata.labels.get(POD_LABEL) == hashed
        self._write(owner, DaemonSetStatus(
            currentNumberScheduled=current, desiredNumberScheduled=desired, numberReady=ready, numberAvailable=available,
            numberMisscheduled=misplaced, numberUnavailable=desired - available, updatedNumberScheduled=updated,
            observedGeneration=owner.metadata.generation, collisionCount=owner.status.collisionCount,
            conditions=owner.status.conditions,
        ))  # fmt: skip
        return min(waits, default=None)

    def _write(self, owner: DaemonSet, status: DaemonSetStatus) -> DaemonSet:
        if status == owner.status:
            return owner
        return self._api.update_status(DAEMON_SETS, replace(owner, status=status), actor=ACTOR, previous=owner)

    def _event(self, owner: DaemonSet, severity: str, reason: str, message: str) -> None:
        self._api.events.record(DAEMON_SETS, owner, severity, reason, message, component=ACTOR)


def _place(pod: Pod) -> str:
    return f"{kinds.key(pod)} on node {placement.node_of(pod)}"
