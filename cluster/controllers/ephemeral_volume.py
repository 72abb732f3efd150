"""The ephemeral volume controller: the claims that pods bring along in their own specs.

Between the readers of pods and claims and the API server; the pod owns its claim, so that the garbage
collector takes it away. Mirrors pkg/controller/volume/ephemeral. Invariant: a claim of that name which
is not the pod's is never touched, and without such pods no claim is read.
"""

from cluster.api.cluster import Cluster
from cluster.api.core import PersistentVolumeClaim, Pod, Volume
from cluster.api.errors import ApiError, Conflict
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PODS, key_of
from cluster.api.meta import ObjectMeta
from cluster.api.persistent_volumes import not_made_for
from cluster.apiserver import ApiServer
from cluster.controllers.ownership import controller_of, controller_reference
from cluster.reconcile import Reader, WorkQueue
from cluster.table import SPEC

ACTOR, COMPONENT = "ephemeral-volume-controller", "ephemeral_volume"


class EphemeralVolumeController:
    """Makes the claims of pods with generic ephemeral volumes, and makes them again if they are lost."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._reads_claims = False
        Reader(api.store, api.clock, PODS, self._on_pod, parts=SPEC)

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        if old is not None or new is None or not any(volume.ephemeral is not None for volume in new.spec.volumes):
            return
        if not self._reads_claims:
            self._reads_claims = True
            Reader(self._api.store, self._api.clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)
        self._queue.add(key)

    def _on_claim(self, _: str, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        owner = controller_of(old) if new is None and old is not None else None
        if old is not None and owner is not None and owner.kind == PODS.kind:
            self._queue.add(key_of(old.metadata.namespace, owner.name))

    def _reconcile(self, key: str) -> None:
        """Make what is missing; the first volume that fails is told, and the pod is tried again (`syncHandler`)."""
        pod = self._api.find(PODS, key)
        if pod is None or pod.metadata.deletionTimestamp:
            return
        for volume in pod.spec.volumes:
            try:
                self._provide(pod, volume)
            except ApiError as error:
                words = f"ephemeral volume {volume.name}: {error.message}"
                self._api.events.record(PODS, pod, "Warning", "FailedBinding", words, component=COMPONENT)
                raise

    def _provide(self, pod: Pod, volume: Volume) -> None:
        template = None if volume.ephemeral is None else volume.ephemeral.volumeClaimTemplate
        if template is None:
            return
        name = f"{pod.metadata.name}-{volume.name}"
        found = self._api.find(PERSISTENT_VOLUME_CLAIMS, key_of(pod.metadata.namespace, name))
        if found is not None:
            if why := not_made_for(pod, found):
                raise Conflict(why)
            return
        meta = ObjectMeta(
            name=name, namespace=pod.metadata.namespace, labels=template.metadata.labels,
            annotations=template.metadata.annotations, ownerReferences=(controller_reference(PODS, pod),),
        )  # fmt: skip
        claim = PersistentVolumeClaim(metadata=meta, spec=template.spec)
        try:
            self._api.create(PERSISTENT_VOLUME_CLAIMS, claim, actor=ACTOR)
        except ApiError as error:
            raise Conflict(f"create PVC {name}: {error.message}") from error
