"""The Deployment controller: which Deployment a change concerns, and one sync of it.

On the data's way between Deployments and ReplicaSets in the store. Mirrors deployment_controller.go.
Invariant: a sync looks at its own ReplicaSets only, each as it is in the store now.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from cluster.admission.sharing import IdentityMemo
from cluster.api import kinds, labels
from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.cluster import Cluster
from cluster.api.kinds import DEPLOYMENTS, REPLICA_SETS
from cluster.api.labels import Selector
from cluster.api.meta import LabelSelector
from cluster.apiserver import ApiServer
from cluster.controllers.deployment import strategies
from cluster.controllers.deployment.rollout import ABOUT, ACTOR, Rollout
from cluster.controllers.ownership import Orphans, adopted, controller_of, controller_reference, released
from cluster.reconcile import Reader, WorkQueue

_SELECTORS: IdentityMemo[Selector] = IdentityMemo()
SELECTS_ALL = "This deployment is selecting all pods. A non-empty selector is required."


class DeploymentController:
    """Rolls Deployments out."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._deployments, self._replica_sets = api.store.table(DEPLOYMENTS), api.store.table(REPLICA_SETS)
        self._owned: dict[str, dict[str, None]] = {}
        self._orphans = Orphans()
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, DEPLOYMENTS, self._on_deployment)
        Reader(api.store, api.clock, REPLICA_SETS, self._on_replica_set)

    def _on_deployment(self, key: str, old: Deployment | None, new: Deployment | None) -> None:
        if new is None:
            self._orphans.discard_owner(key)
        elif old is None or old.spec.selector is not new.spec.selector:
            selector = new.spec.selector or LabelSelector()
            self._orphans.put_owner(
                key, new.metadata.namespace, labels.from_label_selector(selector), selector.matchLabels
            )
        self._queue.add(key)

    def _on_replica_set(self, key: str, old: ReplicaSet | None, new: ReplicaSet | None) -> None:
        before = None if old is None else controller_of(old)
        after = None if new is None else controller_of(new)
        namespace = key.partition("/")[0]
        if before is not None and before.kind == DEPLOYMENTS.kind:
            if after is None or after.uid != before.uid:
                self._disown(key, before.uid)
            self._queue.add(f"{namespace}/{before.name}")
        self._orphans.discard(key)
        if after is not None and after.kind == DEPLOYMENTS.kind:
            self._owned.setdefault(after.uid, {})[key] = None
            self._queue.add(f"{namespace}/{after.name}")
        elif new is not None and after is None:
            for owner in self._orphans.put(key, namespace, new.metadata.labels):
                self._queue.add(owner)

    def _disown(self, key: str, uid: str) -> None:
        owned = self._owned.get(uid, {})
        owned.pop(key, None)
        if not owned:
            self._owned.pop(uid, None)

    def _reconcile(self, key: str) -> int | None:
        deployment = self._deployments.get(key)
        if deployment is None:
            return None
        if deployment.spec.selector == LabelSelector():
            self._refuse(deployment)
            return None
        rollout = Rollout(self._api, deployment, [*self._kept(deployment), *self._adopted(deployment)])
        if deployment.metadata.deletionTimestamp:
            rollout.report()
            return None
        return strategies.sync(rollout)

    def _refuse(self, deployment: Deployment) -> None:
        """Say that a selector of everything is no use, and do nothing."""
        self._api.events.record(ABOUT, deployment, "Warning", "SelectingAll", SELECTS_ALL, component=ACTOR)
        if deployment.status.observedGeneration < deployment.metadata.generation:
            status = replace(deployment.status, observedGeneration=deployment.metadata.generation)
            self._api.update_status(DEPLOYMENTS, replace(deployment, status=status), actor=ACTOR, previous=deployment)

    def _kept(self, deployment: Deployment) -> Iterator[ReplicaSet]:
        """The Deployment's ReplicaSets; those that its selector does not match any more are released."""
        selector, uid = _selector(deployment), deployment.metadata.uid
        for key in list(self._owned.get(uid, ())):
            found = self._replica_sets.get(key)
            controller = None if found is None else controller_of(found)
            if found is None or controller is None or controller.uid != uid:
                continue
            if selector.matches(found.metadata.labels):
                yield found
            elif not deployment.metadata.deletionTimestamp:
                self._rewrite(found, replace(found, metadata=released(found.metadata, uid)))

    def _adopted(self, deployment: Deployment) -> Iterator[ReplicaSet]:
        """ReplicaSets without a controller that the selector matches, made the Deployment's own."""
        if deployment.metadata.deletionTimestamp:
            return
        orphans = list(self._orphans.of(kinds.key(deployment)))
        if not orphans:
            return
        reference = controller_reference(DEPLOYMENTS, deployment)
        selector = _selector(deployment)
        for key in orphans:
            found = self._replica_sets.get(key)
            if found is None or found.metadata.deletionTimestamp or controller_of(found) is not None:
                continue
            if selector.matches(found.metadata.labels):
                yield self._rewrite(found, replace(found, metadata=adopted(found.metadata, reference)))

    def _rewrite(self, old: ReplicaSet, new: ReplicaSet) -> ReplicaSet:
        return self._api.update(REPLICA_SETS, new, actor=ACTOR, previous=old)


def _selector(deployment: Deployment) -> Selector:
    """What the Deployment selects, worked out once for each selector object."""
    declared = deployment.spec.selector
    return _SELECTORS.get(declared) or _SELECTORS.put(declared, labels.from_label_selector(declared))
