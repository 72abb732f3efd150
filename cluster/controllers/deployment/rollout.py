"""One sync of one Deployment: its ReplicaSets as they stand, and every write that the sync makes.

Between the decisions (`sizes`, `status`, `annotations`, `templates`) and the API server; `strategies`
says in which order. Mirrors sync.go (pkg/controller/deployment). Invariant: `deployment`, `new` and
`olds` are always the stored versions, and nothing is written that changes nothing.
"""

from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import Deployment, DeploymentStatus, ReplicaSet
from cluster.api.errors import AlreadyExists, ApiError, NotFound
from cluster.api.kinds import DEPLOYMENTS, REPLICA_SETS, Kind
from cluster.apiserver import ApiServer
from cluster.controllers.deployment import annotations, conditions, sizes, status, templates
from cluster.controllers.deployment.conditions import PROGRESSING
from cluster.controllers.ownership import controller_of

ACTOR = "deployment-controller"
ABOUT: Kind[Any] = DEPLOYMENTS
"""The kind that events are about."""
NAMESPACE_TERMINATING = "NamespaceTerminating"


class Rollout:
    """A Deployment with the ReplicaSets it controls, at the time of one sync."""

    def __init__(self, api: ApiServer, deployment: Deployment, replica_sets: list[ReplicaSet]) -> None:
        self._api = api
        self.deployment = deployment
        self.new = templates.find_new(deployment.spec.template, replica_sets)
        self.olds = [found for found in replica_sets if found is not self.new]

    @property
    def all(self) -> list[ReplicaSet]:
        """Every ReplicaSet, the new one last."""
        return [*self.olds, self.new] if self.new is not None else list(self.olds)

    # The new ReplicaSet (`getNewReplicaSet`)

    def sync_new(self) -> None:
        """Bring the new ReplicaSet's annotations up to date, and the Deployment's revision with them."""
        if self.new is None:
            return
        found = annotations.as_newest(self.deployment, self.new, annotations.highest_revision(self.olds) + 1)
        min_ready = self.deployment.spec.minReadySeconds
        if found is not self.new or found.spec.minReadySeconds != min_ready:
            self._replace(self.new, replace(found, spec=replace(found.spec, minReadySeconds=min_ready)))
            return
        text = found.metadata.annotations.get(annotations.REVISION, "")
        words = f'Found new replica set "{found.metadata.name}"'
        missing = conditions.find(self.deployment.status, PROGRESSING) is None
        self._note_revision(text, "FoundNewReplicaSet" if missing else "", words)

    def create_new(self) -> None:
        """Make the ReplicaSet of the present template, as large as the others let it be."""
        if self.new is not None:
            return
        wanted = templates.replica_set_of(self.deployment)
        size = sizes.size_of_new(self.deployment, wanted, self.olds)
        newest = annotations.highest_revision(self.olds) + 1
        wanted = annotations.as_newest(self.deployment, wanted, newest)
        wanted = annotations.with_sizes(wanted, sizes.replicas(self.deployment), sizes.most(self.deployment))
        wanted = replace(wanted, spec=replace(wanted.spec, replicas=size))
        try:
            self.new = self._api.create(REPLICA_SETS, wanted, actor=ACTOR)
        except AlreadyExists:
            self.new = self._existing(wanted)
            self._note_revision(str(newest), "", "")
            return
        except ApiError as error:
            self._note_refusal(wanted, error)
            raise
        name = self.new.metadata.name
        if size > 0:
            self._event("Normal", "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to {size}")
        self._note_revision(str(newest), "NewReplicaSetCreated", f'Created new replica set "{name}"')

    def _existing(self, wanted: ReplicaSet) -> ReplicaSet:
        """The ReplicaSet that has the name already, if it is ours; else count a collision and raise AlreadyExists."""
        found = self._api.get(REPLICA_SETS, kinds.key(wanted))
        controller = controller_of(found)
        ours = controller is not None and controller.uid == self.deployment.metadata.uid
        if ours and templates.same_template(found.spec.template, self.deployment.spec.template):
            return found
        present = self.deployment.status
        self.write_status(replace(present, collisionCount=(present.collisionCount or 0) + 1))
        raise AlreadyExists.of(REPLICA_SETS.plural, wanted.metadata.name, REPLICA_SETS.group)

    def _note_revision(self, text: str, reason: str, message: str) -> None:
        """Give the Deployment its new ReplicaSet's revision, and a word of progress if there is a `reason`."""
        changed = annotations.with_revision(self.deployment, text)
        if reason and status.deadline(changed) is not None:
            condition = conditions.made(PROGRESSING, "True", reason, message, self.time())
            changed = replace(changed, status=conditions.put(changed.status, condition))
        if changed is not self.deployment:
            self.deployment = self._api.update_status(DEPLOYMENTS, changed, actor=ACTOR, previous=self.deployment)

    def _note_refusal(self, wanted: ReplicaSet, error: ApiError) -> None:
        """Say that the ReplicaSet could not be created, unless its namespace is going away."""
        if error.details is not None and any(cause.reason == NAMESPACE_TERMINATING for cause in error.details.causes):
            return
        message = f'Failed to create new replica set "{wanted.metadata.name}": {error}'
        if status.deadline(self.deployment) is not None:
            condition = conditions.made(PROGRESSING, "False", "ReplicaSetCreateError", message, self.time())
            self.write_status(conditions.put(self.deployment.status, condition))
        self._event("Warning", "ReplicaSetCreateError", message)

    # Sizes

    def scale(self, replica_set: ReplicaSet, size: int, *, always: bool = False) -> bool:
        """Ask a ReplicaSet for `size` replicas, and tell it what the Deployment wants; True if the size changed.

        One that has the size is left alone, unless `always`: then it is at least told.
        """
        before = sizes.replicas(replica_set)
        if before == size and not always:
            return False
        told = annotations.with_sizes(replica_set, sizes.replicas(self.deployment), sizes.most(self.deployment))
        if before != size:
            told = replace(told, spec=replace(told.spec, replicas=size))
        if told is not replica_set:
            self._replace(replica_set, told)
        if before == size:
            return False
        way, name = "up" if size > before else "down", replica_set.metadata.name
        self._event("Normal", "ScalingReplicaSet", f"Scaled {way} replica set {name} from {before} to {size}")
        return True

    def clean_up(self) -> None:
        """Delete the oldest of the old ReplicaSets that the history has no room for (`cleanupDeployment`)."""
        limit = self.deployment.spec.revisionHistoryLimit
        if limit is None or limit == status.NO_LIMIT:
            return
        alive = [found for found in templates.by_age(self.olds) if not found.metadata.deletionTimestamp]
        alive.sort(key=annotations.revision)
        for found in alive[: max(len(alive) - limit, 0)]:
            current = found.metadata.generation <= found.status.observedGeneration
            if not found.status.replicas and not sizes.replicas(found) and current:
                self._delete(found)

    def _delete(self, replica_set: ReplicaSet) -> None:
        try:
            self._api.delete(REPLICA_SETS, kinds.key(replica_set), actor=ACTOR, uid=replica_set.metadata.uid)
        except NotFound:
            return

    # The Deployment's status

    def note_pause(self) -> None:
        """Keep the Progressing condition in step with `spec.paused`, so that a pause is no lack of progress."""
        present = conditions.find(self.deployment.status, PROGRESSING)
        reason = present.reason if present is not None else ""
        paused = self.deployment.spec.paused
        if status.deadline(self.deployment) is None or reason == conditions.TIMED_OUT:
            return
        if paused == (reason == conditions.PAUSED):
            return
        told = (conditions.PAUSED, "Deployment is paused") if paused else ("DeploymentResumed", "Deployment is resumed")
        condition = conditions.made(PROGRESSING, "Unknown", *told, self.time())
        self.write_status(conditions.put(self.deployment.status, condition))

    def report(self) -> None:
        """Write the counts (`syncDeploymentStatus`)."""
        self.write_status(status.calculated(self.deployment, self.new, self.olds, self.time()))

    def report_progress(self) -> int | None:
        """Write the counts and how the rollout gets on; in how many ms to look whether it is late."""
        deployment = self.deployment
        late = self._until_late()
        found = status.rolled_out(
            deployment, self.new, self.olds, self.time(), late=late is not None and late < 0
        )  # fmt: skip
        if found != deployment.status:
            self.write_status(found)
            return None  # the write brings the next sync
        present = conditions.find(deployment.status, PROGRESSING)
        if late is None or present is None or status.complete(deployment, found):
            return None
        if present.reason in (conditions.TIMED_OUT, conditions.NEW_AVAILABLE):
            return None
        return max(late, 0) + 1000

    def write_status(self, new: DeploymentStatus) -> None:
        """Write the status if it says something new."""
        if new != self.deployment.status:
            changed = replace(self.deployment, status=new)
            self.deployment = self._api.update_status(DEPLOYMENTS, changed, actor=ACTOR, previous=self.deployment)

    def time(self) -> str:
        """The time, as a condition tells it."""
        return self._api.clock.timestamp()

    def _until_late(self) -> int | None:
        """The ms left for progress, negative if the deadline has passed; None if there is none."""
        seconds = status.deadline(self.deployment)
        present = conditions.find(self.deployment.status, PROGRESSING)
        if seconds is None or present is None:
            return None
        clock = self._api.clock
        return clock.milliseconds(present.lastUpdateTime) + 1000 * seconds - clock.now

    def _replace(self, old: ReplicaSet, new: ReplicaSet) -> None:
        stored = self._api.update(REPLICA_SETS, new, actor=ACTOR, previous=old)
        if old is self.new:
            self.new = stored
        else:
            self.olds = [stored if found is old else found for found in self.olds]

    def _event(self, severity: str, reason: str, message: str) -> None:
        self._api.events.record(ABOUT, self.deployment, severity, reason, message, component=ACTOR)
