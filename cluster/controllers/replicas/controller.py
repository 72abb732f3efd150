"""The sync of one ReplicaSet or ReplicationController: claim, create or delete, report.

On the data's way between the pods in the store and the API server. Mirrors syncReplicaSet and
manageReplicas (pkg/controller/replicaset). Invariant: nothing is created or deleted while an earlier
creation or deletion of the same owner has not been seen, so a count is never acted on twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from cluster.api.apps import ReplicaSet
from cluster.api.core import Pod, PodTemplateSpec, ReplicationController
from cluster.api.errors import ApiError
from cluster.api.kinds import PODS, Kind
from cluster.api.labels import Selector
from cluster.apiserver import ApiServer
from cluster.controllers.ownership import adopted, controller_of, controller_reference, released
from cluster.controllers.pod_states import is_active
from cluster.controllers.replicas import ranking
from cluster.controllers.replicas.index import PodIndex
from cluster.controllers.replicas.owned import ACTIVE, LABELLED, READY, TERMINATING, Owned
from cluster.controllers.replicas.pod_control import PodControl
from cluster.reconcile import Reader, WorkQueue
from cluster.table import Table

R = TypeVar("R", ReplicaSet, ReplicationController)
BURST = 500
"""How many pods one sync creates or deletes at most."""
PORTION = 25
"""How many pods one portion of a sync creates or deletes."""
NS_PER_MS = 1_000_000


class Counts(NamedTuple):
    """What a status reports of the pods."""

    replicas: int
    fully_labelled: int
    ready: int
    available: int
    terminating: int


class Failure(NamedTuple):
    """Why the number of pods could not be made right: a condition's reason and message."""

    reason: str
    message: str


class Creation(NamedTuple):
    """What is left of a sync that creates pods: in all and in the present batch, and what went wrong in that."""

    left: int
    batch: int
    in_batch: int
    failure: ApiError | None


class ReplicaController(ABC, Generic[R]):
    """Keeps as many pods of its template as each owner asks for."""

    def __init__(self, api: ApiServer, kind: Kind[R], actor: str) -> None:
        self._api, self._actor = api, actor
        self._kind: Kind[R] = kind
        self._table: Table[R] = api.store.table(kind)
        self._pods = api.store.table(PODS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._index = PodIndex(api.store, api.clock, kind.kind, self._queue.add)
        self._control = PodControl(api, kind, actor)
        self._siblings: dict[str, dict[str, None]] = {}
        self._reader: Reader[Pod] | None = None
        """The reader of pods, from when there is an owner: until then nothing is read at all."""
        Reader(api.store, api.clock, kind, self._on_owner)

    @abstractmethod
    def selector(self, owner: R) -> tuple[Selector, Mapping[str, str]]:
        """What the owner selects, and labels that all it selects have."""

    @abstractmethod
    def template(self, owner: R) -> PodTemplateSpec:
        """What its pods are made from."""

    @abstractmethod
    def with_status(self, owner: R, counts: Counts, failure: Failure | None) -> R:
        """The owner with the status that these counts and this failure make."""

    def timestamp(self) -> str:
        """The time, as a status tells it."""
        return self._api.clock.timestamp()

    def _on_owner(self, key: str, old: R | None, new: R | None) -> None:
        if old is not None and (new is None or old.metadata.uid != new.metadata.uid):
            self._index.drop(key)
        if self._reader is None:
            self._reader = Reader(self._api.store, self._api.clock, PODS, self._index.on_pod)
        if old is not None and (controller := controller_of(old)) is not None:
            self._siblings.get(controller.uid, {}).pop(key, None)
        if new is not None:
            if (controller := controller_of(new)) is not None:
                self._siblings.setdefault(controller.uid, {})[key] = None
            if old is None or old.spec is not new.spec:
                selector, required = self.selector(new)
                self._index.define(
                    key, controller_reference(self._kind, new), selector, required,
                    self.template(new).metadata.labels, new.spec.minReadySeconds,
                )  # fmt: skip
        self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        owner = self._table.get(key)
        owned = None if owner is None else self._index.owned(key, owner.metadata.uid)
        if owner is None or owned is None:
            return None
        deleting = bool(owner.metadata.deletionTimestamp)
        if not deleting and self._claim(key, owned):
            return None  # the reader shows the claimed pods, and the counts are right again
        counts = Counts(
            owned.count(ACTIVE), owned.count(ACTIVE | LABELLED), owned.count(ACTIVE | READY), owned.available(),
            owned.count(TERMINATING),
        )  # fmt: skip
        desired = _desired(owner)
        error = None
        if owned.settled and not deleting:
            error = self._manage(owner, owned, desired - counts.replicas)
        reported = self.with_status(owner, counts, _failure(error, desired - counts.replicas))
        if reported.status != owner.status:
            self._api.update_status(self._kind, reported, actor=self._actor, previous=owner)
        if error is not None:
            raise error
        return owned.next_available()

    def _claim(self, key: str, owned: Owned) -> bool:
        """Adopt the orphans that match, release the pods that do not; True if the counts are not right yet."""
        candidates: list[str] = list(self._index.orphans.of(key))
        if not candidates and not owned.strays:
            return False
        return any([*self._adopt(owned, candidates), *self._release(owned)])

    def _adopt(self, owned: Owned, candidates: list[str]) -> Iterator[bool]:
        for key in candidates:
            pod = self._pods.get(key)
            if pod is None or not is_active(pod):
                continue
            controller = controller_of(pod)
            if controller is None and owned.selector.matches(pod.metadata.labels):
                self._rewrite(pod, replace(pod, metadata=adopted(pod.metadata, owned.references[0])))
                yield True
            else:
                yield controller is not None and controller.uid == owned.uid

    def _release(self, owned: Owned) -> Iterator[bool]:
        for key in list(owned.strays):
            pod = self._pods.get(key)
            if pod is None or not is_active(pod) or owned.selector.matches(pod.metadata.labels):
                continue
            controller = controller_of(pod)
            if controller is not None and controller.uid == owned.uid:
                self._rewrite(pod, replace(pod, metadata=released(pod.metadata, owned.uid)))
                yield True

    def _rewrite(self, old: Pod, new: Pod) -> None:
        self._api.update(PODS, new, actor=self._actor, previous=old)

    def _manage(self, owner: R, owned: Owned, missing: int) -> ApiError | None:
        """Create what is missing, or delete what is too much, a burst at a time (`manageReplicas`)."""
        if missing > 0:
            owned.creations += min(missing, BURST)
            return self._create(owner, owned, Creation(min(missing, BURST), 1, 1, None))
        if missing < 0:
            victims = self._victims(owner, owned)
            owned.deletions.update(victims)
            return self._delete(owner, owned, victims)
        return None

    def _create(self, owner: R, owned: Owned, wanted: Creation) -> ApiError | None:
        """Create pods in batches of 1, 2, 4, … and stop after one with an error (`slowStartBatch`)."""
        left, batch, in_batch, failure = wanted
        pod = self._control.blueprint(owner, owned, self.template(owner))
        for _ in range(PORTION):
            if not left:
                return None
            failure = self._control.create(owner, owned, pod) or failure
            left, in_batch = left - 1, in_batch - 1
            if not in_batch and failure is not None:
                owned.creations -= left
                return failure
            if not in_batch:
                batch = in_batch = min(2 * batch, left)
        if left:
            rest = (owned.key, owned.uid, Creation(left, batch, in_batch, failure), self._api.store.cause)
            self._api.clock.go_on(self._create_rest, rest)
        return None

    def _create_rest(self, work: tuple[str, str, Creation, int]) -> None:
        key, uid, wanted, self._api.store.cause = work
        owner, owned = self._table.get(key), self._index.owned(key, uid)
        if owned is not None and owner is not None and self._create(owner, owned, wanted) is not None:
            self._queue.add(key)
        self._api.store.cause = 0

    def _delete(self, owner: R, owned: Owned, victims: list[str]) -> ApiError | None:
        """Delete pods whose deletion is expected already."""
        failure = self._control.delete(owner, owned, victims[:PORTION])
        if len(victims) > PORTION:
            rest = (owned.key, owned.uid, victims[PORTION:], self._api.store.cause)
            self._api.clock.go_on(self._delete_rest, rest)
        return failure

    def _delete_rest(self, work: tuple[str, str, list[str], int]) -> None:
        key, uid, victims, self._api.store.cause = work
        owner, owned = self._table.get(key), self._index.owned(key, uid)
        if owned is not None and owner is not None and self._delete(owner, owned, victims) is not None:
            self._queue.add(key)
        self._api.store.cause = 0

    def _victims(self, owner: R, owned: Owned) -> list[str]:
        """Which pods to delete of those there still are."""
        pods = self._found(owned)
        count = min(len(pods) - _desired(owner), BURST)
        related = [pod for _, pod in pods]
        controller = controller_of(owner)
        for key in self._siblings.get(controller.uid, ()) if controller is not None else ():
            sibling = self._table.get(key)
            others = None if sibling is None else self._index.owned(key, sibling.metadata.uid)
            if others is not None and others is not owned:
                related += [pod for _, pod in self._found(others)]
        return ranking.victims(pods, related, count, self._age) if count > 0 else []

    def _found(self, owned: Owned) -> list[tuple[str, Pod]]:
        pods = [(key, self._pods.get(key)) for key in owned.active()]
        return [(key, pod) for key, pod in pods if pod is not None and is_active(pod)]

    def _age(self, timestamp: str) -> int:
        clock = self._api.clock
        return (clock.now - clock.milliseconds(timestamp)) * NS_PER_MS


def _failure(error: ApiError | None, missing: int) -> Failure | None:
    return None if error is None else Failure("FailedCreate" if missing > 0 else "FailedDelete", error.message)


def _desired(owner: ReplicaSet | ReplicationController) -> int:
    return 1 if owner.spec.replicas is None else owner.spec.replicas
