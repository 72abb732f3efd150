"""The garbage collector: what is owned goes when its owners are gone.

It stands on the readers of every kind but Events and deletes, orphans or unblocks through the API
server. The only index is from an owner's uid to its dependents; whether an owner exists is asked of
the store when it matters. Mirrors kube-controller-manager's garbagecollector. Invariant: once quiet,
no object has only owners that are gone, and no owner waits for dependents that are gone.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import Cluster
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, EVENTS, Kind
from cluster.api.meta import ObjectMeta, OwnerReference, Resource
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue
from cluster.table import METADATA

ACTOR = "garbage-collector"
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"


class Follower:
    """The reader's end for one kind: notes which objects own what, and what is worth a look."""

    __slots__ = ("_collector", "_kind")

    def __init__(self, collector: "GarbageCollector", kind: str) -> None:
        self._collector, self._kind = collector, kind

    def on_change(self, key: str, old: Resource | None, new: Resource | None) -> None:
        """Follow one change."""
        if old is not None and new is not None:
            before, after = old.metadata, new.metadata
            if before.uid == after.uid:
                self._collector.changed(self._kind, key, before, after)
                return
        if old is not None:
            self._collector.removed(self._kind, key, old.metadata)
        if new is not None:
            self._collector.added(self._kind, key, new.metadata)


class GarbageCollector:
    """Deletes dependents in the background or foreground, or lets them go."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._dependents: dict[str, dict[str, dict[str, None]]] = {}
        """By the uid of an owner, the qualified names of kinds, and the keys of the dependents."""
        self._followed: set[str] = set()
        self._ownerless: dict[str, OwnerReference] = {}
        """Objects whose owner was not there when they appeared, until they are looked at."""
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._follow_kinds()
        Reader(api.store, api.clock, CUSTOM_RESOURCE_DEFINITIONS, self._on_definition)

    def _on_definition(self, *_: object) -> None:
        self._follow_kinds()

    def _follow_kinds(self) -> None:
        """Follow every kind that is not followed yet."""
        for kind in self._api.registry.kinds:
            if kind.type is not EVENTS.type and kind.qualified not in self._followed:
                self._followed.add(kind.qualified)
                follower = Follower(self, kind.qualified)
                Reader(self._api.store, self._api.clock, kind, follower.on_change, parts=METADATA)

    # Following changes

    def added(self, kind: str, key: str, meta: ObjectMeta) -> None:
        """A new object: it may be an orphan from the start, or already on its way out."""
        for reference in meta.ownerReferences:
            owned = self._dependents.get(reference.uid)
            if owned is None:
                owned = self._dependents[reference.uid] = {}
            owned.setdefault(kind, {})[key] = None
            owner = self._owner(reference, meta.namespace)
            if owner is None or _waits(owner.metadata):
                self._add(kind, key)
                self._ownerless[_item(kind, key)] = reference
        if meta.deletionTimestamp and meta.finalizers:
            self._add(kind, key)

    def changed(self, kind: str, key: str, before: ObjectMeta, after: ObjectMeta) -> None:
        """An object's metadata changed: its owners, or it began to go."""
        if before.ownerReferences != after.ownerReferences:
            kept = {reference.uid for reference in after.ownerReferences}
            self._unlink(kind, key, (reference for reference in before.ownerReferences if reference.uid not in kept))
            self.added(kind, key, after)
            self._look_at_owners(before)
        begun = not before.deletionTimestamp or before.finalizers != after.finalizers
        if after.deletionTimestamp and after.finalizers and begun:
            self._add(kind, key)
            if FOREGROUND in after.finalizers:
                self._add_dependents(after.uid)

    def removed(self, kind: str, key: str, meta: ObjectMeta) -> None:
        """An object is gone: its dependents may have to follow, and an owner may have waited for it."""
        self._unlink(kind, key, meta.ownerReferences)
        self._add_dependents(meta.uid)
        self._look_at_owners(meta)

    def _unlink(self, kind: str, key: str, references: Iterable[OwnerReference]) -> None:
        for reference in references:
            found = self._dependents.get(reference.uid)
            if found is None or kind not in found:
                continue
            found[kind].pop(key, None)
            if not found[kind]:
                del found[kind]
            if not found:
                del self._dependents[reference.uid]

    def _look_at_owners(self, meta: ObjectMeta) -> None:
        for reference in meta.ownerReferences:
            owner = self._owner(reference, meta.namespace)
            if owner is not None and _waits(owner.metadata):
                self._add(self._api.registry.kind_of(owner).qualified, kinds.key(owner))

    def _add_dependents(self, uid: str) -> None:
        for kind, keys in self._dependents.get(uid, {}).items():
            for key in keys:
                self._add(kind, key)

    def _add(self, kind: str, key: str) -> None:
        self._queue.add(_item(kind, key))

    # Looking at one object

    def _reconcile(self, item: str) -> None:
        name, _, key = item.partition(" ")
        kind = self._api.registry.by_name(name)
        found = self._api.find(kind, key) if kind is not None else None
        reference = self._ownerless.pop(item, None)
        if kind is None or found is None:
            return
        if reference is not None:
            self._warn_of_namespace(kind, found, reference)
        meta = found.metadata
        if not meta.deletionTimestamp:
            self._collect(kind, key, found)
        elif ORPHAN in meta.finalizers:
            self._orphan(kind, found)
        elif FOREGROUND in meta.finalizers:
            self._finish(kind, found)

    def _collect(self, kind: Kind[Resource], key: str, found: Resource) -> None:
        """Delete an object none of whose owners stays; drop the references to those that do not."""
        meta, solid, waiting = found.metadata, [], False
        for reference in meta.ownerReferences:
            if not self._resolvable(reference, meta.namespace):
                return
            owner = self._owner(reference, meta.namespace)
            if owner is not None and _waits(owner.metadata):
                waiting = True
            elif owner is not None:
                solid.append(reference)
        if len(solid) == len(meta.ownerReferences):
            return
        if solid:
            self._update(kind, found, replace(meta, ownerReferences=tuple(solid)))
            return
        if waiting and meta.uid in self._dependents:
            found = self._unblocked(kind, found)
            propagation = "Foreground"
        else:
            propagation = "Orphan" if ORPHAN in meta.finalizers else "Background"
            propagation = "Foreground" if FOREGROUND in meta.finalizers else propagation
        self._api.delete(kind, key, actor=ACTOR, propagation=propagation, uid=meta.uid)

    def _unblocked(self, kind: Kind[Resource], found: Resource) -> Resource:
        """The object, which blocks its owners no more if one of its dependents waits: that would be a circle."""
        if not any(_waits(dependent.metadata) for _, dependent in self._dependents_of(found)):
            return found
        references = tuple(
            replace(reference, blockOwnerDeletion=False) if reference.blockOwnerDeletion else reference
            for reference in found.metadata.ownerReferences
        )
        return self._update(kind, found, replace(found.metadata, ownerReferences=references))

    def _finish(self, kind: Kind[Resource], owner: Resource) -> None:
        """Let an owner that is deleted in the foreground go, if nothing blocks it any more."""
        uid = owner.metadata.uid
        for _, dependent in self._dependents_of(owner):
            for reference in dependent.metadata.ownerReferences:
                if reference.uid == uid and reference.blockOwnerDeletion:
                    return
        self._without_finalizer(kind, owner, FOREGROUND)

    def _orphan(self, kind: Kind[Resource], owner: Resource) -> None:
        """Take an owner out of its dependents' references, then let it go."""
        uid = owner.metadata.uid
        for dependent_kind, dependent in list(self._dependents_of(owner)):
            meta = dependent.metadata
            kept = tuple(reference for reference in meta.ownerReferences if reference.uid != uid)
            self._update(dependent_kind, dependent, replace(meta, ownerReferences=kept))
        self._without_finalizer(kind, owner, ORPHAN)

    def _dependents_of(self, owner: Resource) -> Iterator[tuple[Kind[Resource], Resource]]:
        """The objects that name this owner, as they are now."""
        uid, namespace = owner.metadata.uid, owner.metadata.namespace
        for name, keys in self._dependents.get(uid, {}).items():
            kind = self._api.registry.by_name(name)
            for key in keys if kind is not None else ():
                found = self._api.find(kind, key) if kind is not None else None
                if kind is None or found is None or (namespace and found.metadata.namespace != namespace):
                    continue
                if any(reference.uid == uid for reference in found.metadata.ownerReferences):
                    yield kind, found

    def _without_finalizer(self, kind: Kind[Resource], found: Resource, name: str) -> None:
        kept = tuple(finalizer for finalizer in found.metadata.finalizers if finalizer != name)
        self._update(kind, found, replace(found.metadata, finalizers=kept))

    def _update(self, kind: Kind[Resource], found: Resource, meta: ObjectMeta) -> Resource:
        return self._api.update(kind, replace(found, metadata=meta), actor=ACTOR, previous=found)

    # Finding owners

    def _resolvable(self, reference: OwnerReference, namespace: str) -> bool:
        """Whether an owner of this kind can be looked up; one of an unknown kind keeps its dependents."""
        kind = self._api.registry.by_api_version(reference.apiVersion, reference.kind)
        return kind is not None and (not kind.namespaced or bool(namespace))

    def _owner(self, reference: OwnerReference, namespace: str) -> Resource | None:
        """The very object that a reference means: of that name and uid, in the dependent's namespace or in none."""
        kind = self._api.registry.by_api_version(reference.apiVersion, reference.kind)
        if kind is None:
            return None
        found = self._api.find(kind, kinds.key_of(namespace if kind.namespaced else "", reference.name))
        return found if found is not None and found.metadata.uid == reference.uid else None

    def _warn_of_namespace(self, kind: Kind[Resource], dependent: Resource, reference: OwnerReference) -> None:
        """Say of a dependent that its owner is in another namespace, which counts as gone."""
        owner_kind, namespace = (
            self._api.registry.by_api_version(reference.apiVersion, reference.kind),
            dependent.metadata.namespace,
        )
        if owner_kind is None or not owner_kind.namespaced:
            return
        owners = self._api.store.table(owner_kind).values()
        if any(owner.metadata.uid == reference.uid and owner.metadata.namespace != namespace for owner in owners):
            identity = f"{reference.apiVersion}/{reference.kind}, namespace: {namespace}, name: {reference.name}"
            message = f'ownerRef [{identity}, uid: {reference.uid}] does not exist in namespace "{namespace}"'
            component = "garbage-collector-controller"
            self._api.events.record(
                kind, dependent, "Warning", "OwnerRefInvalidNamespace", message, component=component
            )


def _item(kind: str, key: str) -> str:
    return f"{kind} {key}"


def _waits(meta: ObjectMeta) -> bool:
    """Whether the object is deleted in the foreground: its dependents go first."""
    return bool(meta.deletionTimestamp) and FOREGROUND in meta.finalizers
