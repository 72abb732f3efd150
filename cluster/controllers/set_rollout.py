"""What `kubectl rollout` does to StatefulSets and DaemonSets: undo and restart.

Beside their controllers, used by whoever acts for a user; pure: the changed object is for the caller to
write. Mirrors kubectl's polymorphichelpers. Invariant: every word is kubectl's, without `error: `.
"""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from cluster.api.apps import ControllerRevision, DaemonSet, StatefulSet
from cluster.api.core import PodTemplateSpec
from cluster.controllers.deployment.rollback import RolloutError, marked
from cluster.controllers.history import template_data, template_of

S = TypeVar("S", StatefulSet, DaemonSet)


class Change(NamedTuple, Generic[S]):
    """The object to write, and the words for it, as in `statefulset.apps/db rolled back`."""

    owner: S
    outcome: str


def undo(owner: S, revisions: Iterable[ControllerRevision], to_revision: int = 0) -> Change[S]:
    """Back to the template of `to_revision`, 0 for the one before the newest; `revisions` are the owner's.

    The same object if it has that template. RolloutError if there is no such revision.
    """
    ordered = sorted(revisions, key=lambda revision: revision.revision)
    if not to_revision and len(ordered) < 2:
        raise RolloutError("no last revision to roll back to")
    matching = (revision for revision in ordered if revision.revision == to_revision)
    target = next(matching, None) if to_revision else ordered[-2]
    if target is None:
        raise RolloutError(f"unable to find specified revision {to_revision} in history")
    if target.data == template_data(owner.spec.template):
        return Change(owner, f"skipped rollback (current template already matches revision {to_revision})")
    return Change(_with_template(owner, template_of(target)), "rolled back")


def restart(owner: S, timestamp: str) -> Change[S]:
    """New pods of the same template, which is marked with the time; RolloutError if it is marked with it already."""
    return Change(_with_template(owner, marked(owner.spec.template, owner.metadata.name, timestamp)), "restarted")


def _with_template(owner: S, template: PodTemplateSpec) -> S:
    return replace(owner, spec=replace(owner.spec, template=template))
