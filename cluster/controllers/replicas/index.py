"""From changes of pods to the owners they concern: what each owner has, and what it might adopt.

Between the pod reader and the queue of `controller.py`. Mirrors addPod, updatePod and deletePod
(pkg/controller/replicaset) with the informers' indexes. Invariant: one step for one change, however
many pods and owners there are.
"""

from collections.abc import Callable, Mapping

from cluster.api.core import Pod
from cluster.api.kinds import PODS
from cluster.api.labels import Selector
from cluster.api.meta import OwnerReference
from cluster.clock import Clock
from cluster.controllers.ownership import Orphans, controller_of
from cluster.controllers.pod_states import is_active
from cluster.controllers.replicas.owned import Owned
from cluster.store import Store


class PodIndex:
    """The owners of one kind, their pods, and the pods without a controller."""

    orphans: Orphans
    """The active pods without a controller."""

    def __init__(self, store: Store, clock: Clock, kind: str, enqueue: Callable[[str], None]) -> None:
        self._pods, self._clock = store.table(PODS), clock
        self._kind, self._enqueue = kind, enqueue
        self._by_uid: dict[str, Owned] = {}
        self._by_key: dict[str, Owned] = {}
        self.orphans = Orphans()

    def owned(self, key: str, uid: str) -> Owned | None:
        """What is known of an owner; None until it was defined."""
        found = self._by_key.get(key)
        return found if found is not None and found.uid == uid else None

    def define(
        self, key: str, reference: OwnerReference, selector: Selector, required: Mapping[str, str],
        template_labels: Mapping[str, str], min_ready_seconds: int,
    ) -> None:  # fmt: skip
        """Note what an owner's spec says now; `required` are labels that all it selects have."""
        namespace = key.partition("/")[0]
        owned = self._owned_of(namespace, reference)
        if owned.define(selector, template_labels, min_ready_seconds) or self._by_key.get(key) is not owned:
            owned.references = (reference,)
            self._by_key[key] = owned
            self.orphans.put_owner(key, namespace, selector, required)
            self._look_again(owned)

    def drop(self, key: str) -> None:
        """The owner is gone; its pods are known until they are gone too."""
        owned = self._by_key.pop(key, None)
        self.orphans.discard_owner(key)
        if owned is not None:
            self._tidy(owned)

    def on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        """Take note of one change and enqueue the owners that it concerns."""
        before = None if old is None else controller_of(old)
        if new is None:
            after = None
        elif old is not None and old.metadata.ownerReferences is new.metadata.ownerReferences:
            after = before
            if after is not None:
                if after.kind == self._kind:
                    self._on_owned(key, old, new, after)
                return
        else:
            after = controller_of(new)
        if before is not None and (after is None or after.uid != before.uid):
            self._leave(key, before)
        if new is None:
            self.orphans.discard(key)
        elif after is None:
            self._on_orphan(key, old if before is None else None, new)
        else:
            if before is None and old is not None:
                self.orphans.discard(key)
            if after.kind == self._kind:
                self._on_owned(key, old, new, after)

    def _on_owned(self, key: str, old: Pod | None, new: Pod, reference: OwnerReference) -> None:
        owned = self._by_uid.get(reference.uid) or self._owned_of(new.metadata.namespace, reference)
        changed = False
        if old is None and owned.creations > 0:
            owned.creations -= 1
            changed = True
        relabelled = (
            old is None
            or old.metadata.labels is not new.metadata.labels
            or old.metadata.ownerReferences is not new.metadata.ownerReferences
        )
        if owned.observe(key, new, relabelled=relabelled) or changed:
            self._enqueue(owned.key)

    def _leave(self, key: str, reference: OwnerReference) -> None:
        owned = self._by_uid.get(reference.uid)
        if owned is not None and owned.forget(key):
            self._enqueue(owned.key)
            self._tidy(owned)

    def _on_orphan(self, key: str, old: Pod | None, new: Pod) -> None:
        labels, adoptable = new.metadata.labels, is_active(new)
        if old is not None and old.metadata.labels is labels and adoptable == (key in self.orphans):
            return
        self.orphans.discard(key)
        if adoptable:
            for owner in self.orphans.put(key, new.metadata.namespace, labels):
                self._enqueue(owner)

    def _look_again(self, owned: Owned) -> None:
        """Sort the owner's pods by what it selects now."""
        for key in owned.pods():
            pod = self._pods.get(key)
            if pod is not None:
                owned.observe(key, pod)

    def _owned_of(self, namespace: str, reference: OwnerReference) -> Owned:
        owned = self._by_uid.get(reference.uid)
        if owned is None:
            key = f"{namespace}/{reference.name}"
            owned = self._by_uid[reference.uid] = Owned(key, reference.uid, self._clock)
        return owned

    def _tidy(self, owned: Owned) -> None:
        if owned.empty and self._by_key.get(owned.key) is not owned:
            self._by_uid.pop(owned.uid, None)
