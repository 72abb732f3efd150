"""Every object: identity, generation, owners and finalizers."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.meta import Resource
from cluster.controllers.ownership import controller_of
from cluster.table import Entry
from tests.properties.simulation.state import State

FINALIZERS = {
    "batch.kubernetes.io/job-tracking": {"job-controller"},
    "foregroundDeletion": {"garbage-collector", "user", "cronjob-controller"},
    "orphan": {"garbage-collector", "user"},
    "kubernetes.io/pvc-protection": {"pvc-protection-controller", "persistentvolumeclaim-protection-controller"},
    "kubernetes.io/pv-protection": {"pv-protection-controller", "persistentvolume-protection-controller"},
}
"""Who alone may take a finalizer away; whoever deletes once more in another way does."""
TO_THE_END = (kinds.CONTROLLER_REVISIONS.qualified, kinds.ENDPOINT_SLICES.qualified)
"""What is made for an owner that is going, too."""


class Objects:
    """What holds for an object of any kind."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, str]] = {}
        """The kind and key that each uid has been given to."""
        self._last: dict[tuple[str, str], Resource] = {}

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        place, old, new = (name, entry.key), entry.previous, entry.object
        if self._last.get(place) is not old:
            yield "the previous version is not the last one written"
        if new is None:
            del self._last[place]
            yield from self._deleted(old, entry.actor)
            if name == kinds.NAMESPACES.qualified:
                yield from _left(entry.key, state)
            return
        self._last[place] = new
        if sum(bool(each.controller) for each in new.metadata.ownerReferences) > 1:
            yield "it has two controllers"
        if old is None:
            yield from self._created(place, new, state)
        else:
            yield from self._changed(name, old, new, entry.actor)

    def _created(self, place: tuple[str, str], new: Resource, state: State) -> Iterator[str]:
        if new.metadata.uid in self._keys:
            yield f"its uid was {self._keys[new.metadata.uid]}'s"
        self._keys[new.metadata.uid] = place
        namespace = state.namespace(new.metadata.namespace)
        if new.metadata.namespace and namespace is None:
            yield "it was created in no namespace"
        elif namespace is not None and namespace.metadata.deletionTimestamp:
            yield "it was created in a namespace that is going"
        yield from _made_for_nobody(place[0], new, state)

    def _changed(self, name: str, old: Any, new: Any, actor: str) -> Iterator[str]:
        before, after = old.metadata, new.metadata
        if old == new:
            yield "nothing was changed"
        if before.uid != after.uid or before.creationTimestamp != after.creationTimestamp:
            yield "it became another object"
        if before.deletionTimestamp and not after.deletionTimestamp:
            yield "it is not going any more"
        if before.deletionTimestamp and (after.deletionGracePeriodSeconds or 0) > (
            before.deletionGracePeriodSeconds or 0
        ):
            yield "it may take longer to go than before"
        yield from _removed(set(before.finalizers) - set(after.finalizers), actor)
        if before.generation or after.generation:
            grows = _asked(old) != _asked(new)
            grows |= bool(after.deletionTimestamp) and not before.deletionTimestamp
            noted = name == "deployments.apps" and before.annotations != after.annotations
            step = after.generation - before.generation
            if step != (1 if grows else 0) and not (noted and step == 1) and not _bound(name, old, new):
                yield f"its generation went from {before.generation} to {after.generation}"

    def _deleted(self, old: Any, actor: str) -> Iterator[str]:
        meta = old.metadata
        if (meta.finalizers and not meta.deletionTimestamp) or len(meta.finalizers) > 1:
            yield f"it is gone in spite of {meta.finalizers}"
        yield from _removed(set(meta.finalizers), actor)


def _made_for_nobody(name: str, new: Resource, state: State) -> Iterator[str]:
    """What controllers make is for an owner that is there and stays; some is made as long as it is there."""
    owner = controller_of(new)
    kind = kinds.STATIC.by_api_version(owner.apiVersion, owner.kind) if owner is not None else None
    if owner is None or kind is None:
        return
    found = state.of(kind.stored).get(kinds.key_of(new.metadata.namespace if kind.namespaced else "", owner.name))
    if found is None or found.metadata.uid != owner.uid:
        yield f"it was made for {owner.name}, which has gone"
    elif found.metadata.deletionTimestamp and name not in TO_THE_END:
        yield f"it was made for {owner.name}, which is going"


def _left(namespace: str, state: State) -> Iterator[str]:
    """What a namespace that has gone still has."""
    for kind, objects in state.objects.items():
        for key in objects:
            if key.startswith(f"{namespace}/"):
                yield f"it is gone, and {kind} {key} is left in it"


def _removed(finalizers: set[str], actor: str) -> Iterator[str]:
    for each in sorted(finalizers):
        if each in FINALIZERS and actor not in FINALIZERS[each]:
            yield f"{actor} took {each} away"


def _bound(name: str, old: Any, new: Any) -> bool:
    """Whether a pod was given to a node, which its generation does not count."""
    return name == "pods" and bool(old.spec.nodeName != new.spec.nodeName)


def _asked(value: Any) -> list[Any]:
    """What a generation counts the versions of: all that is neither metadata nor status."""
    return [getattr(value, field) for field in value.__struct_fields__ if field not in ("metadata", "status")]
