"""Claims and volumes that are deleted stay as long as they are in use.

Between the readers of claims, volumes and pods and the API server; admission gives each its finalizer.
Mirrors kube-controller-manager's persistentvolumeclaim- and persistentvolume-protection-controllers.
Invariant: the finalizer goes only when the object is deleted and nothing uses it, and what lost it by
mistake has it again; without claims no pod is read.
"""

from collections.abc import Iterator
from typing import TypeVar

from msgspec.structs import replace

from cluster.admission.plugins.storage import CLAIM_PROTECTION, VOLUME_PROTECTION
from cluster.admission.sharing import IdentityMemo
from cluster.api.cluster import Cluster
from cluster.api.core import PersistentVolume, PersistentVolumeClaim, Pod, Volume
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, Kind, key_of
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue
from cluster.table import SPEC

V = TypeVar("V", PersistentVolume, PersistentVolumeClaim)
CLAIM_ACTOR, VOLUME_ACTOR = "pvc-protection-controller", "pv-protection-controller"
_VOLUMES: IdentityMemo[tuple[Volume, ...]] = IdentityMemo()


class ClaimProtection:
    """Lets deleted claims go when no pod uses them; a pod that is bound to a node does, whatever its state."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._users: dict[str, dict[str, None]] = {}
        """Of each claim the pods that use it."""
        self._reads_pods = False
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)

    def _on_claim(self, key: str, _: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        if not self._reads_pods:
            self._reads_pods = True
            Reader(self._api.store, self._api.clock, PODS, self._on_pod, parts=SPEC)
        if new is not None and _needs_a_look(new, CLAIM_PROTECTION):
            self._queue.add(key)

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        before, after = set(_claims(old)), set(_claims(new))
        for claim in before - after:
            users = self._users[claim]
            del users[key]
            if not users:
                del self._users[claim]
                self._queue.add(claim)
        for claim in after - before:
            self._users.setdefault(claim, {})[key] = None

    def _reconcile(self, key: str) -> None:
        claim = self._api.find(PERSISTENT_VOLUME_CLAIMS, key)
        if claim is not None:
            _protect(
                self._api, PERSISTENT_VOLUME_CLAIMS, claim, CLAIM_PROTECTION, CLAIM_ACTOR, in_use=key in self._users
            )


def _claims(pod: Pod | None) -> Iterator[str]:
    """The keys of the claims that a pod uses: none before it is bound to a node."""
    if pod is None or not pod.spec.nodeName:
        return
    volumes = pod.spec.volumes
    known = _VOLUMES.get(volumes)
    if known is None:
        found = (
            volume for volume in volumes if volume.persistentVolumeClaim is not None or volume.ephemeral is not None
        )
        known = _VOLUMES.put(volumes, tuple(found))
    for volume in known:
        claim = volume.persistentVolumeClaim
        name = claim.claimName if claim is not None else f"{pod.metadata.name}-{volume.name}"
        yield key_of(pod.metadata.namespace, name)


class VolumeProtection:
    """Lets deleted volumes go when no claim is bound to them."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, PERSISTENT_VOLUMES, self._on_volume)

    def _on_volume(self, key: str, _: PersistentVolume | None, new: PersistentVolume | None) -> None:
        if new is not None and _needs_a_look(new, VOLUME_PROTECTION):
            self._queue.add(key)

    def _reconcile(self, key: str) -> None:
        volume = self._api.find(PERSISTENT_VOLUMES, key)
        if volume is not None:
            bound = volume.status.phase == "Bound"
            _protect(self._api, PERSISTENT_VOLUMES, volume, VOLUME_PROTECTION, VOLUME_ACTOR, in_use=bound)


def _needs_a_look(value: PersistentVolume | PersistentVolumeClaim, finalizer: str) -> bool:
    return bool(value.metadata.deletionTimestamp) == (finalizer in value.metadata.finalizers)


def _protect(api: ApiServer, kind: Kind[V], value: V, finalizer: str, actor: str, *, in_use: bool) -> None:
    """Take the finalizer off what is deleted and not in use, and give it to what is neither."""
    meta = value.metadata
    if not _needs_a_look(value, finalizer) or (meta.deletionTimestamp and in_use):
        return
    others: tuple[str, ...] = tuple(name for name in meta.finalizers if name != finalizer)
    finalizers = others if meta.deletionTimestamp else (*others, finalizer)
    api.update(kind, replace(value, metadata=replace(meta, finalizers=finalizers)), actor=actor, previous=value)
