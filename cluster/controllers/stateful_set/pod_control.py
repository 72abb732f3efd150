"""Creating, mending and deleting a StatefulSet's pods with their claims, and telling of it.

Between the sync's steps and the API server. Mirrors StatefulPodControl (pkg/controller/statefulset).
Invariant: a pod is never created before its claims are.
"""

from collections.abc import Callable

from cluster.api import kinds
from cluster.api.apps import StatefulSet
from cluster.api.core import PersistentVolumeClaim, Pod
from cluster.api.errors import ApiError, NotFound
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS
from cluster.apiserver import ApiServer
from cluster.controllers.stateful_set import identity, retention

ACTOR = "statefulset-controller"


class StatefulPodControl:
    """Acts on the pods and claims of StatefulSets; every method raises ApiError after telling of it."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api

    def create(self, owner: StatefulSet, pod: Pod, ordinal: int) -> Pod:
        """Create a pod after its claims."""

        def act() -> Pod:
            self._create_claims(owner, pod.metadata.name, ordinal)
            return self._api.create(PODS, pod, actor=ACTOR)

        made = self._told(owner, "create", pod.metadata.name, act)
        self.own_claims(owner, made, ordinal, condemned=False)
        return made

    def mend(self, owner: StatefulSet, pod: Pod, ordinal: int) -> None:
        """Give the pod what its number gives it, claims that are missing while it waits, and its claims their owner."""
        if pod.status.phase == "Pending":
            self._create_claims(owner, pod.metadata.name, ordinal)
        if pod.metadata.deletionTimestamp:
            return
        right = identity.mended(owner, pod, ordinal)
        if right is not pod:
            self._create_claims(owner, pod.metadata.name, ordinal)
            self._told(
                owner, "update", pod.metadata.name, lambda: self._api.update(PODS, right, actor=ACTOR, previous=pod)
            )
        self.own_claims(owner, pod, ordinal, condemned=False)

    def delete(self, owner: StatefulSet, pod: Pod) -> None:
        """Delete a pod; nothing happens if it is gone."""

        def act() -> Pod:
            try:
                self._api.delete(PODS, kinds.key(pod), actor=ACTOR)
            except NotFound:
                return pod
            return pod

        self._told(owner, "delete", pod.metadata.name, act)

    def own_claims(self, owner: StatefulSet, pod: Pod, ordinal: int, *, condemned: bool) -> None:
        """Make the pod's claims go with the set or the pod, as the retention policy says."""
        for template in owner.spec.volumeClaimTemplates:
            name = identity.claim_name(owner, template.metadata.name, ordinal)
            claim = self._api.find(PERSISTENT_VOLUME_CLAIMS, kinds.key_of(owner.metadata.namespace, name))
            if claim is None or claim.metadata.deletionTimestamp:
                continue
            right = retention.with_owner(claim, owner, pod, condemned=condemned)
            if right is not claim:
                self._api.update(PERSISTENT_VOLUME_CLAIMS, right, actor=ACTOR, previous=claim)

    def _create_claims(self, owner: StatefulSet, pod: str, ordinal: int) -> None:
        for claim in identity.claims(owner, ordinal):
            found = self._api.find(PERSISTENT_VOLUME_CLAIMS, kinds.key(claim))
            if found is None:
                self._create_claim(owner, pod, claim)
            elif found.metadata.deletionTimestamp:
                raise ApiError(f"pvc {claim.metadata.name} is being deleted")

    def _create_claim(self, owner: StatefulSet, pod: str, claim: PersistentVolumeClaim) -> None:
        name, place = claim.metadata.name, f"in StatefulSet {owner.metadata.name}"
        try:
            self._api.create(PERSISTENT_VOLUME_CLAIMS, claim, actor=ACTOR)
        except ApiError as error:
            words = f"Create Claim {name} for Pod {pod} {place} failed error: {error}"
            self._event(owner, "Warning", "FailedCreate", words)
            raise
        self._event(owner, "Normal", "SuccessfulCreate", f"Create Claim {name} Pod {pod} {place} success")

    def _told(self, owner: StatefulSet, verb: str, pod: str, act: Callable[[], Pod]) -> Pod:
        what = f"{verb.title()} Pod {pod} in StatefulSet {owner.metadata.name}"
        try:
            done = act()
        except ApiError as error:
            self._event(owner, "Warning", f"Failed{verb.title()}", f"{what} failed error: {error}")
            raise
        self._event(owner, "Normal", f"Successful{verb.title()}", f"{what} successful")
        return done

    def _event(self, owner: StatefulSet, severity: str, reason: str, message: str) -> None:
        self._api.events.record(STATEFUL_SETS, owner, severity, reason, message, component=ACTOR)
