"""Creating and deleting an owner's pods, with the events that tell of it.

Between the sync's decision (`controller.py`) and the API server. Mirrors RealPodControl
(pkg/controller). Invariant: a creation or deletion that failed is not expected any more.
"""

from collections.abc import Iterable
from typing import Any

from cluster.api.core import Pod, PodTemplateSpec
from cluster.api.errors import ApiError, NotFound
from cluster.api.kinds import PODS, Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.apiserver import ApiServer
from cluster.controllers.replicas.owned import Owned

NAMESPACE_TERMINATING = "NamespaceTerminating"


class PodControl:
    """Acts as one controller on pods of owners of one kind."""

    def __init__(self, api: ApiServer, kind: Kind[Any], actor: str) -> None:
        self._api, self._kind, self._actor = api, kind, actor

    def create(self, owner: Resource, owned: Owned, pod: Pod) -> ApiError | None:
        """Try to create a pod of a blueprint, which is expected already; returns the error, if it is the owner's."""
        try:
            created = self._api.create(PODS, pod, actor=self._actor)
        except ApiError as error:
            owned.creations -= 1
            return self._refused(owner, error)
        self._event(owner, "Normal", "SuccessfulCreate", f"Created pod: {created.metadata.name}")
        return None

    def delete(self, owner: Resource, owned: Owned, pods: Iterable[str]) -> ApiError | None:
        """Delete pods whose deletion is expected already; returns the first error but that a pod is gone."""
        failure: ApiError | None = None
        for key in pods:
            try:
                self._api.delete(PODS, key, actor=self._actor)
            except NotFound:
                owned.deletions.discard(key)
            except ApiError as error:
                owned.deletions.discard(key)
                failure = failure or error
                self._event(owner, "Warning", "FailedDelete", f"Error deleting: {error}")
            else:
                self._event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {key.rpartition('/')[2]}")
        return failure

    @staticmethod
    def blueprint(owner: Resource, owned: Owned, template: PodTemplateSpec) -> Pod:
        """What every new pod is made from: they share the template's spec, labels and annotations."""
        meta = template.metadata
        return Pod(
            metadata=ObjectMeta(
                generateName=f"{owner.metadata.name}-", namespace=owner.metadata.namespace, labels=meta.labels,
                annotations=meta.annotations, finalizers=meta.finalizers, ownerReferences=owned.references, generation=1,
            ),
            spec=template.spec,
        )  # fmt: skip

    def _refused(self, owner: Resource, error: ApiError) -> ApiError | None:
        """The failure that an error is: none if the namespace is going away, for then so is the owner."""
        if error.details is not None and any(cause.reason == NAMESPACE_TERMINATING for cause in error.details.causes):
            return None
        self._event(owner, "Warning", "FailedCreate", f"Error creating: {error}")
        return error

    def _event(self, owner: Resource, severity: str, reason: str, message: str) -> None:
        self._api.events.record(self._kind, owner, severity, reason, message, component=self._actor)
