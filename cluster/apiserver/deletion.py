"""What a delete request makes of an object: gone, or marked with a deletion timestamp.

Mirrors rest.BeforeDelete and the registry's `markAsDeleting` and propagation finalizers.
Invariant: an object with a finalizer, or a pod with grace left, is never gone at once.
"""

from typing import TypeVar, cast

from msgspec.structs import replace

from cluster.api import custom, kinds
from cluster.api.apiextensions import CustomResourceDefinition
from cluster.api.core import Namespace, Pod
from cluster.api.errors import Conflict
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.clock import Clock

T = TypeVar("T", bound=Resource)
ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
DEFAULT_GRACE = 30
PENDING = (
    "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
)
"""Reason and message of a definition's condition once its deletion was asked for."""


def check_preconditions(kind: Kind[T], old: T, uid: str, resource_version: str, revision: int) -> None:
    """Conflict if the object is not the one that the request means."""
    meta = old.metadata
    if uid and uid != meta.uid:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {meta.uid}"
        raise Conflict.of(kind.plural, meta.name, why, kind.group)
    if resource_version and resource_version != str(revision):
        why = (
            f"Precondition failed: ResourceVersion in precondition: {resource_version}, "
            f"ResourceVersion in object meta: {revision}"
        )
        raise Conflict.of(kind.plural, meta.name, why, kind.group)


def marked(kind: Kind[T], old: T, grace: int | None, propagation: str | None, clock: Clock) -> T | None:
    """The object on its way out, or None if nothing keeps it."""
    meta = old.metadata
    finalizers = _finalizers(kind, meta, propagation)
    if isinstance(old, CustomResourceDefinition) and not meta.deletionTimestamp and custom.CLEANUP not in finalizers:
        finalizers = (*finalizers, custom.CLEANUP)
    seconds = _grace(old, grace)
    if not finalizers and not seconds and not _held(old):
        return None
    if meta.deletionTimestamp:
        kept = meta.deletionGracePeriodSeconds or 0
        if seconds >= kept and finalizers == meta.finalizers:
            return old
        start = clock.milliseconds(meta.deletionTimestamp) - kept * 1000
        seconds = min(seconds, kept)
        due = clock.timestamp(max(start + seconds * 1000, clock.now) if seconds else clock.now)
    else:
        due = clock.timestamp(clock.now + seconds * 1000)
    new = replace(
        meta, finalizers=finalizers, deletionTimestamp=due, deletionGracePeriodSeconds=seconds,
        generation=meta.generation + 1 if meta.generation and not meta.deletionTimestamp else meta.generation,
    )  # fmt: skip
    value = replace(old, metadata=new)
    if isinstance(value, Namespace):
        value = replace(value, status=replace(value.status, phase="Terminating"))
    if isinstance(value, CustomResourceDefinition) and not meta.deletionTimestamp:
        pending = custom.with_condition(value, custom.TERMINATING, "True", *PENDING, clock.timestamp())
        return cast("T", pending)
    return value


def finished(value: Resource) -> bool:
    """Whether an object that is being deleted has nothing left that keeps it."""
    meta = value.metadata
    if not meta.deletionTimestamp or meta.finalizers or meta.deletionGracePeriodSeconds:
        return False
    return not _held(value)


def _held(value: Resource) -> bool:
    return isinstance(value, Namespace) and bool(value.spec.finalizers)


def _grace(old: Resource, asked: int | None) -> int:
    """Seconds that a pod may take to stop (podStrategy.CheckGracefulDelete); 0 for everything else."""
    if not isinstance(old, Pod):
        return 0
    if not old.spec.nodeName or old.status.phase in ("Succeeded", "Failed"):
        return 0
    own = old.spec.terminationGracePeriodSeconds
    seconds = asked if asked is not None else DEFAULT_GRACE if own is None else own
    return max(seconds, 0) if asked is None or asked >= 0 else 1


def _finalizers(kind: Kind[T], meta: ObjectMeta, propagation: str | None) -> tuple[str, ...]:
    """The object's finalizers with the ones that the propagation policy asks for."""
    present = meta.finalizers
    if propagation is None:
        if ORPHAN in present or FOREGROUND in present:
            return present
        propagation = "Orphan" if kind.plural == kinds.REPLICATION_CONTROLLERS.plural else "Background"
    others = tuple(name for name in present if name not in (ORPHAN, FOREGROUND))
    if propagation == "Orphan":
        return (*others, ORPHAN)
    if propagation == "Foreground":
        return (*others, FOREGROUND)
    return others
