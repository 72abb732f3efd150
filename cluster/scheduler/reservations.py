"""Pods whose node is chosen while their volumes are still being bound or made there.

Between the scheduling cycle and the binding of the pod: a pod's place on the node is kept meanwhile.
Mirrors Reserve and PreBind of VolumeBinding. Invariant: what it waits for is written in the claims and
volumes, so that a scheduler that starts anew chooses the same volumes.
"""

from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from cluster.api.core import PersistentVolume, PersistentVolumeClaim
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, key
from cluster.api.persistent_volumes import SELECTED_NODE, given_to, is_bound
from cluster.apiserver import ApiServer
from cluster.scheduler.cache import Cache, Placed
from cluster.scheduler.plugins.volume_binding import Plan
from cluster.scheduler.volumes import Volumes

W = TypeVar("W")
"""What the scheduler wants back with a reservation."""

PATIENCE = 600_000
"""How long volumes may take, in ms (`BindTimeoutSeconds`)."""
OUT_OF_TIME = "binding volumes: context deadline exceeded"


class Reservation(NamedTuple, Generic[W]):
    """A pod's place, the claims it waits for (those to be provisioned first), until when, and what it was made with."""

    placed: Placed
    provisioned: tuple[str, ...]
    given: tuple[tuple[str, str], ...]
    deadline: int
    with_: W


class Reservations(Generic[W]):
    """The reservations by the pod's key."""

    def __init__(self, api: ApiServer, cache: Cache, actor: str) -> None:
        self._api, self._cache, self._actor = api, cache, actor
        self._held: dict[str, Reservation[W]] = {}
        self._waiting: dict[str, dict[str, None]] = {}

    def make(self, pod: str, placed: Placed, plan: Plan, with_: W) -> None:
        """Keep the place, and have the claims bound or provisioned there."""
        self._cache.place(pod, placed)
        given = tuple((key(claim), volume.metadata.name) for volume, claim in plan.given)
        provisioned = tuple(key(claim) for claim in plan.provisioned)
        held = Reservation(placed, provisioned, given, self._api.clock.now + PATIENCE, with_)
        self._held[pod] = held
        for claim in (*provisioned, *(each for each, _ in given)):
            self._waiting.setdefault(claim, {})[pod] = None
        for volume, claim_ in plan.given:
            self._give(volume, claim_)
        for claim_ in plan.provisioned:
            self._select(claim_, placed.info.name)

    def _give(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
        """Write into the volume whose it is; the binder does the rest."""
        revision = self._api.store.table(PERSISTENT_VOLUME_CLAIMS).revision(key(claim))
        new = given_to(volume, claim, revision)
        if new is not volume:
            new = self._api.update(PERSISTENT_VOLUMES, new, actor=self._actor, previous=volume)
            self._volumes.set_volume(new.metadata.name, new)

    def _select(self, claim: PersistentVolumeClaim, node: str) -> None:
        """Write into the claim where its volume is to be made."""
        if claim.metadata.annotations.get(SELECTED_NODE) == node:
            return
        annotations = {**claim.metadata.annotations, SELECTED_NODE: node}
        new = replace(claim, metadata=replace(claim.metadata, annotations=annotations))
        new = self._api.update(PERSISTENT_VOLUME_CLAIMS, new, actor=self._actor, previous=claim)
        self._volumes.set_claim(key(new), new)

    @property
    def _volumes(self) -> Volumes:
        return self._cache.volumes

    def end(self, pod: str) -> Reservation[W] | None:
        """End a reservation, if there is one; the place stays taken in the cache until the caller frees it."""
        held = self._held.pop(pod, None)
        if held is None:
            return None
        for claim in (*held.provisioned, *(each for each, _ in held.given)):
            self._waiting[claim].pop(pod, None)
            if not self._waiting[claim]:
                del self._waiting[claim]
        return held

    def waiting_for(self, claim: str) -> list[str]:
        """The keys of the pods that wait for a claim."""
        return list(self._waiting.get(claim, ()))

    def outcome(self, pod: str) -> str | None:
        """Whether a pod's volumes are there: "" if so, what went wrong, None if they are still to come."""
        held = self._held[pod]
        done = True
        for name, volume in held.given:
            claim, owner = self._volumes.claims.get(name), self._volumes.volumes.get(volume)
            if claim is None:
                return f'binding volumes: failed to check binding: persistentvolumeclaim "{_name(name)}" not found'
            if owner is None or owner.spec.claimRef is None or not owner.spec.claimRef.uid:
                return f'binding volumes: ClaimRef got reset for pv "{volume}"'
            done = done and is_bound(claim)
        for name in held.provisioned:
            claim = self._volumes.claims.get(name)
            if claim is None:
                words = f'persistentvolumeclaim "{_name(name)}" not found'
                return f"binding volumes: failed to check provisioning pvc: {words}"
            if not is_bound(claim) and claim.metadata.annotations.get(SELECTED_NODE) != held.placed.info.name:
                return f'binding volumes: selectedNode annotation reset for PVC "{_name(name)}"'
            done = done and is_bound(claim)
        if done:
            return ""
        return OUT_OF_TIME if self._api.clock.now >= held.deadline else None

    def deadline(self) -> int | None:
        """When the first of them has waited too long; None without any."""
        return min((held.deadline for held in self._held.values()), default=None)

    def overdue(self) -> list[str]:
        """The pods whose volumes took too long."""
        return [pod for pod, held in self._held.items() if self._api.clock.now >= held.deadline]


def _name(claim: str) -> str:
    return claim.rpartition("/")[2]
