"""The objects of one kind that owners of another kind control, or might adopt.

Between a reader of the dependents and the queue of the owners' controller. Mirrors the informer
handlers and ControllerRefManager that controllers share (pkg/controller). Invariant: one step for one
change; and where there never was an owner nothing is read at all.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.kinds import Kind, key
from cluster.api.labels import Selector
from cluster.api.meta import LabelSelector, Resource
from cluster.apiserver import ApiServer
from cluster.controllers.ownership import Orphans, adopted, controller_of, controller_reference, released
from cluster.reconcile import Reader

D = TypeVar("D", bound=Resource)


def _any(_: Resource, __: Resource) -> bool:
    return True


class Dependents(Generic[D]):
    """What each owner of one kind controls; `enqueue` is told of every owner that a change concerns."""

    def __init__(
        self, api: ApiServer, kind: Kind[D], owner_kind: Kind[Any], enqueue: Callable[[str], None], actor: str,
        on_orphan: Callable[[str, D], None] | None = None, is_member: Callable[[Any, D], bool] = _any,
    ) -> None:  # fmt: skip
        """`on_orphan` is told of every dependent that is seen without a controller, by key.

        An owner claims only what is its `is_member`, of that which its selector matches.
        """
        self._api, self._kind, self._owner_kind = api, kind, owner_kind
        self._enqueue, self._actor, self._on_orphan = enqueue, actor, on_orphan
        self._is_member = is_member
        self._table = api.store.table(kind)
        self._owned: dict[str, dict[str, None]] = {}
        self._uids: dict[str, dict[str, None]] = {}
        self._orphans = Orphans()
        self._reader: Reader[D] | None = None

    def define(self, owner: Resource, selector: LabelSelector | None) -> None:
        """Take up an owner, or what it selects now (None: it adopts nothing)."""
        required = {} if selector is None else selector.matchLabels
        self._orphans.put_owner(key(owner), owner.metadata.namespace, labels.from_label_selector(selector), required)
        self.read()

    def read(self) -> None:
        """Read dependents from now on, though no owner may be left."""
        if self._reader is None:
            self._reader = Reader(self._api.store, self._api.clock, self._kind, self._on_change)

    def drop(self, owner: str) -> None:
        """Forget an owner that is gone, by its key."""
        self._orphans.discard_owner(owner)

    def note(self, made: D) -> None:
        """Count a dependent that was just created, before the reader shows it."""
        controller = controller_of(made)
        if controller is not None:
            self._own(f"{made.metadata.namespace}/{controller.name}", controller.uid, key(made))

    def of(self, owner: Resource) -> list[D]:
        """What the owner controls, as it is now, in the order it was first seen."""
        return self._controlled_by(owner.metadata.uid)

    def of_others(self, owner: str, uid: str) -> list[D]:
        """What owners of this key but of another uid control: they are gone, or going."""
        return [value for other in self._uids.get(owner, ()) if other != uid for value in self._controlled_by(other)]

    def _controlled_by(self, uid: str) -> list[D]:
        found = []
        for each in list(self._owned.get(uid, ())):
            value = self._table.get(each)
            controller = None if value is None else controller_of(value)
            if value is not None and controller is not None and controller.uid == uid:
                found.append(value)
        return found

    def claimed(self, owner: Resource, selector: Selector) -> list[D]:
        """What the owner controls after adopting what matches and releasing what does not (`Claim…`)."""
        mine = self.of(owner)
        if owner.metadata.deletionTimestamp:
            return mine
        kept = []
        for value in mine:
            if selector.matches(value.metadata.labels) and self._is_member(owner, value):
                kept.append(value)
            elif not value.metadata.deletionTimestamp:
                self._rewrite(value, replace(value, metadata=released(value.metadata, owner.metadata.uid)))
        return [*kept, *self._adopted(owner, selector)]

    def _adopted(self, owner: Resource, selector: Selector) -> list[D]:
        reference, found = controller_reference(self._owner_kind, owner), []
        for each in list(self._orphans.of(key(owner))):
            value = self._table.get(each)
            if value is None or value.metadata.deletionTimestamp or controller_of(value) is not None:
                continue
            if selector.matches(value.metadata.labels) and self._is_member(owner, value):
                made = self._rewrite(value, replace(value, metadata=adopted(value.metadata, reference)))
                self.note(made)
                found.append(made)
        return found

    def _rewrite(self, old: D, new: D) -> D:
        return self._api.update(self._kind, new, actor=self._actor, previous=old)

    def _on_change(self, changed: str, old: D | None, new: D | None) -> None:
        before = None if old is None else controller_of(old)
        after = before if _same_owners(old, new) else (None if new is None else controller_of(new))
        namespace = changed.partition("/")[0]
        if before is not None and before.kind == self._owner_kind.kind:
            if after is None or after.uid != before.uid:
                self._disown(f"{namespace}/{before.name}", before.uid, changed)
            self._enqueue(f"{namespace}/{before.name}")
        if after is not None:
            if before is None:
                self._orphans.discard(changed)
            if after.kind == self._owner_kind.kind:
                self._own(f"{namespace}/{after.name}", after.uid, changed)
                if after is not before:
                    self._enqueue(f"{namespace}/{after.name}")
            return
        self._orphans.discard(changed)
        if new is not None:
            if self._on_orphan is not None:
                self._on_orphan(changed, new)
            for owner in self._orphans.put(changed, namespace, new.metadata.labels):
                self._enqueue(owner)

    def _own(self, owner: str, uid: str, changed: str) -> None:
        self._owned.setdefault(uid, {})[changed] = None
        self._uids.setdefault(owner, {})[uid] = None

    def _disown(self, owner: str, uid: str, changed: str) -> None:
        owned = self._owned.get(uid, {})
        owned.pop(changed, None)
        if not owned:
            self._owned.pop(uid, None)
            uids = self._uids.get(owner, {})
            uids.pop(uid, None)
            if not uids:
                self._uids.pop(owner, None)


def _same_owners(old: Resource | None, new: Resource | None) -> bool:
    return old is not None and new is not None and old.metadata.ownerReferences is new.metadata.ownerReferences
