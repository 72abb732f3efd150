"""What `kubectl rollout` does to a Deployment: undo, restart, pause, resume, and what it tells of one.

Beside the controller, used by whoever acts for a user; pure: the changed Deployment is for the caller
to write. Mirrors kubectl's polymorphichelpers. Invariant: every word is kubectl's, without `error: `.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.core import PodTemplateSpec
from cluster.controllers.deployment import annotations, conditions, sizes, templates

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class RolloutError(ValueError):
    """What was asked for cannot be done; the message says why, as kubectl does after `error: `."""


class Change(NamedTuple):
    """The Deployment to write, and the words for it, as in `deployment.apps/web rolled back`."""

    deployment: Deployment
    outcome: str


class Progress(NamedTuple):
    """A line of `rollout status`, and whether it is the last."""

    line: str
    done: bool


def undo(deployment: Deployment, replica_sets: Iterable[ReplicaSet], to_revision: int = 0) -> Change:
    """Back to the template and annotations of `to_revision`, 0 for the one before the present.

    The same Deployment if it has that template. RolloutError if there is no such revision, or while
    it is paused.
    """
    target = _target(deployment, replica_sets, to_revision)
    if deployment.spec.paused:
        raise RolloutError(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
        )
    if templates.same_template(target.spec.template, deployment.spec.template):
        return Change(deployment, f"skipped rollback (current template already matches revision {to_revision})")
    own, theirs = deployment.metadata.annotations, target.metadata.annotations
    kept = {name: text for name, text in own.items() if name in annotations.NOT_COPIED}
    restored = {name: text for name, text in theirs.items() if name not in annotations.NOT_COPIED}
    changed = replace(
        deployment,
        metadata=replace(deployment.metadata, annotations={**kept, **restored}),
        spec=replace(deployment.spec, template=templates.without_hash(target.spec.template)),
    )
    return Change(changed, "rolled back")


def restart(deployment: Deployment, timestamp: str) -> Change:
    """New pods of the same template, which is marked with the time; RolloutError while it is paused."""
    if deployment.spec.paused:
        raise RolloutError(f"{_subject(deployment)} can't restart paused deployment (run rollout resume first)")
    template = marked(deployment.spec.template, deployment.metadata.name, timestamp)
    return Change(replace(deployment, spec=replace(deployment.spec, template=template)), "restarted")


def marked(template: PodTemplateSpec, owner: str, timestamp: str) -> PodTemplateSpec:
    """The template with the time of a restart; RolloutError if it has it already, in which case nothing would happen."""
    if template.metadata.annotations.get(RESTARTED_AT) == timestamp:
        raise RolloutError(
            f"failed to create patch for {owner}: if restart has already been triggered within the "
            "past second, please wait before attempting to trigger another"
        )
    annotated = {**template.metadata.annotations, RESTARTED_AT: timestamp}
    return replace(template, metadata=replace(template.metadata, annotations=annotated))


def pause(deployment: Deployment) -> Change:
    """Let changes of the template wait; RolloutError if they do already."""
    if deployment.spec.paused:
        raise RolloutError(f"{_subject(deployment)} is already paused")
    return Change(replace(deployment, spec=replace(deployment.spec, paused=True)), "paused")


def resume(deployment: Deployment) -> Change:
    """Let changes of the template roll out again; RolloutError if they do already."""
    if not deployment.spec.paused:
        raise RolloutError(f"{_subject(deployment)} is not paused")
    return Change(replace(deployment, spec=replace(deployment.spec, paused=False)), "resumed")


def history(replica_sets: Iterable[ReplicaSet]) -> list[tuple[int, str]]:
    """The revisions there are, lowest first, each with its change cause or `<none>`."""
    causes = {annotations.revision(found): _cause(found) or "<none>" for found in replica_sets}
    return sorted((number, cause) for number, cause in causes.items() if number)


def history_text(deployment: Deployment, replica_sets: Iterable[ReplicaSet]) -> str:
    """What `rollout history` prints."""
    rows = history(replica_sets)
    head = f"deployment.apps/{deployment.metadata.name} \n"
    if not rows:
        return f"{head}No rollout history found.\n"
    lines = [f"{number:<10}{cause}" for number, cause in rows]
    return head + "\n".join(["REVISION  CHANGE-CAUSE", *lines]) + "\n\n"


def template_at(replica_sets: Iterable[ReplicaSet], revision: int) -> PodTemplateSpec:
    """The template that `rollout history --revision` describes, the change cause among its annotations.

    RolloutError if there is no such revision.
    """
    for found in replica_sets:
        if annotations.revision(found) == revision:
            template, cause = found.spec.template, _cause(found)
            if not cause:
                return template
            told = {**template.metadata.annotations, annotations.CHANGE_CAUSE: cause}
            return replace(template, metadata=replace(template.metadata, annotations=told))
    raise RolloutError("unable to find the specified revision")


def progress(deployment: Deployment, revision: int = 0) -> Progress:
    """What `rollout status` says now; `revision` is the one that has to be rolling out, 0 for any.

    RolloutError if another revision is, or if the deadline for progress has passed.
    """
    name, status = deployment.metadata.name, deployment.status
    running = annotations.revision(deployment)
    if revision and revision != running:
        raise RolloutError(f"desired revision ({revision}) is different from the running revision ({running})")
    if deployment.metadata.generation > status.observedGeneration:
        return Progress("Waiting for deployment spec update to be observed...", done=False)
    moving = conditions.find(status, conditions.PROGRESSING)
    if moving is not None and moving.reason == conditions.TIMED_OUT:
        raise RolloutError(f'deployment "{name}" exceeded its progress deadline')
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    wanted, updated = sizes.replicas(deployment), status.updatedReplicas
    if updated < wanted:
        return Progress(f"{waiting}{updated} out of {wanted} new replicas have been updated...", done=False)
    if status.replicas > updated:
        return Progress(f"{waiting}{status.replicas - updated} old replicas are pending termination...", done=False)
    if status.availableReplicas < updated:
        available = f"{status.availableReplicas} of {updated} updated replicas are available..."
        return Progress(waiting + available, done=False)
    return Progress(f'deployment "{name}" successfully rolled out', done=True)


def _target(deployment: Deployment, replica_sets: Iterable[ReplicaSet], to_revision: int) -> ReplicaSet:
    """The ReplicaSet of a revision, or for 0 the one with the second highest."""
    numbered = sorted(
        ((annotations.revision(found), found) for found in replica_sets if annotations.revision(found)),
        key=lambda item: item[0],
    )
    if to_revision:
        for number, found in numbered:
            if number == to_revision:
                return found
        raise RolloutError(f"unable to find specified revision {to_revision} in history")
    if len(numbered) < 2:
        raise RolloutError(f'no rollout history found for deployment "{deployment.metadata.name}"')
    return numbered[-2][1]


def _cause(replica_set: ReplicaSet) -> str:
    return replica_set.metadata.annotations.get(annotations.CHANGE_CAUSE, "")


def _subject(deployment: Deployment) -> str:
    return f'deployments.apps "{deployment.metadata.name}"'
