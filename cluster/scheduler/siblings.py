"""Which pods belong together: the selector of a pod's Services and of its controller.

The system's default spreading counts these. Mirrors DefaultSelector of the scheduler's plugin
helpers. Invariant: the selector depends on the pod's labels, namespace and controller alone.
"""

from cluster.api.core import Pod, Service
from cluster.api.kinds import REPLICA_SETS, REPLICATION_CONTROLLERS, key_of
from cluster.api.labels import Requirement, Selector, from_label_selector, from_map
from cluster.api.meta import ObjectMeta, OwnerReference
from cluster.api.selector_index import SelectorIndex
from cluster.apiserver import ApiServer


def controller_of(meta: ObjectMeta) -> OwnerReference | None:
    """The owner that controls the object."""
    for owner in meta.ownerReferences:
        if owner.controller:
            return owner
    return None


class Siblings:
    """The Services' selectors, and the way to a pod's controller."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api
        self._services: dict[str, Selector] = {}
        self._index = SelectorIndex()

    def set_service(self, key: str, service: Service | None) -> bool:
        """Take over a Service, or its deletion (None); False if no selector changed by it."""
        old = self._services.pop(key, None)
        if service is None or not service.spec.selector:
            self._index.discard(key)
            return old is not None
        new = self._services[key] = from_map(service.spec.selector)
        self._index.put(key, service.metadata.namespace, new, service.spec.selector)
        return old != new

    def selector(self, pod: Pod) -> Selector | None:
        """The selector of the pod's siblings, None if it has neither Service nor controller."""
        meta = pod.metadata
        found: list[Requirement] = []
        for key in self._index.matching(meta.namespace, meta.labels):
            found += self._services[key].requirements
        found += self._controller(pod).requirements
        distinct = {str(each): each for each in found}
        return Selector(tuple(distinct[text] for text in sorted(distinct))) if distinct else None

    def _controller(self, pod: Pod) -> Selector:
        owner = controller_of(pod.metadata)
        if owner is None:
            return Selector()
        key = key_of(pod.metadata.namespace, owner.name)
        if (owner.kind, owner.apiVersion) == ("ReplicationController", "v1"):
            controller = self._api.find(REPLICATION_CONTROLLERS, key)
            return from_map(controller.spec.selector) if controller else Selector()
        if (owner.kind, owner.apiVersion) == ("ReplicaSet", "apps/v1"):
            replica_set = self._api.find(REPLICA_SETS, key)
            return from_label_selector(replica_set.spec.selector) if replica_set else Selector()
        return Selector()
