"""Who controls an object, and who might: controllerRefs, adoption, release, and what is waiting to be adopted.

Between the readers and the reconciles of controllers that own what their selector matches. Mirrors
pkg/controller's ControllerRefManager. Invariant: an object has at most one controller, and only its
controller releases it.
"""

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from cluster.api.kinds import Kind
from cluster.api.labels import Selector
from cluster.api.meta import ObjectMeta, OwnerReference, Resource
from cluster.api.selector_index import SelectorIndex

T = TypeVar("T", bound=Resource)


def controller_of(value: Resource) -> OwnerReference | None:
    """The reference to the object's controller (`metav1.GetControllerOf`), if it has one."""
    for reference in value.metadata.ownerReferences:
        if reference.controller:
            return reference
    return None


def controller_reference(kind: Kind[T], owner: T) -> OwnerReference:
    """The reference by which `owner` controls others (`metav1.NewControllerRef`)."""
    meta = owner.metadata
    return OwnerReference(
        apiVersion=kind.api_version, kind=kind.kind, name=meta.name, uid=meta.uid, controller=True, blockOwnerDeletion=True
    )  # fmt: skip


def adopted(meta: ObjectMeta, reference: OwnerReference) -> ObjectMeta:
    """The metadata with a controller added."""
    return replace(meta, ownerReferences=(*meta.ownerReferences, reference))


def released(meta: ObjectMeta, uid: str) -> ObjectMeta:
    """The metadata without the owner of this uid."""
    return replace(meta, ownerReferences=tuple(ref for ref in meta.ownerReferences if ref.uid != uid))


class Orphans:
    """Objects without a controller, and the owners that might adopt each."""

    __slots__ = ("_by_owner", "_labels", "_selectors", "_suitors")

    def __init__(self) -> None:
        self._selectors = SelectorIndex()
        self._labels: dict[str, dict[str, Mapping[str, str]]] = {}
        self._by_owner: dict[str, dict[str, None]] = {}
        self._suitors: dict[str, list[str]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._labels.get(key.partition("/")[0], ())

    def put_owner(self, owner: str, namespace: str, selector: Selector, required: Mapping[str, str]) -> None:
        """Take an owner up, or what it selects now; `required` as for `SelectorIndex.put`."""
        self.discard_owner(owner)
        self._selectors.put(owner, namespace, selector, required)
        for key, labels in self._labels.get(namespace, {}).items():
            if selector.matches(labels):
                self._court(owner, key)

    def discard_owner(self, owner: str) -> None:
        """Forget an owner."""
        self._selectors.discard(owner)
        for key in self._by_owner.pop(owner, ()):
            self._suitors[key].remove(owner)

    def put(self, key: str, namespace: str, labels: Mapping[str, str]) -> list[str]:
        """Take an orphan up, or its new labels; returns the keys of the owners that match it."""
        self.discard(key)
        self._labels.setdefault(namespace, {})[key] = labels
        owners = self._selectors.matching(namespace, labels)
        for owner in owners:
            self._court(owner, key)
        return owners

    def discard(self, key: str) -> None:
        """Forget an object: it is gone, or has a controller."""
        self._labels.get(key.partition("/")[0], {}).pop(key, None)
        for owner in self._suitors.pop(key, ()):
            del self._by_owner[owner][key]

    def of(self, owner: str) -> Mapping[str, None]:
        """The keys of the orphans that an owner's selector matches."""
        return self._by_owner.get(owner, {})

    def _court(self, owner: str, key: str) -> None:
        self._by_owner.setdefault(owner, {})[key] = None
        self._suitors.setdefault(key, []).append(owner)
