"""What a Deployment and its ReplicaSets tell each other in annotations.

Read and written by every other module here; pure. Mirrors deployment/util. Invariant: the revision
of a ReplicaSet only rises, and every number it had before is in its history.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api.apps import Deployment, ReplicaSet

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CHANGE_CAUSE = "kubernetes.io/change-cause"
NOT_COPIED = frozenset(
    {LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, "deprecated.deployment.rollback.to"}
)
"""Annotations that a Deployment and its ReplicaSets do not share."""
HISTORY_LIMIT = 2000
"""The most characters that a revision history keeps."""


def number(annotations: Mapping[str, str], name: str) -> int | None:
    """The integer in an annotation, or None."""
    try:
        return int(annotations.get(name, ""))
    except ValueError:
        return None


def revision(value: Deployment | ReplicaSet) -> int:
    """The revision an object carries; 0 if none."""
    return number(value.metadata.annotations, REVISION) or 0


def highest_revision(replica_sets: list[ReplicaSet]) -> int:
    """The highest revision among ReplicaSets (`MaxRevision`); 0 if there are none."""
    return max((revision(found) for found in replica_sets), default=0)


def with_revision(deployment: Deployment, text: str) -> Deployment:
    """The Deployment with this revision; the same object if it has it."""
    annotations = deployment.metadata.annotations
    if annotations.get(REVISION) == text:
        return deployment
    return replace(deployment, metadata=replace(deployment.metadata, annotations={**annotations, REVISION: text}))


def with_sizes(replica_set: ReplicaSet, desired: int, most: int) -> ReplicaSet:
    """The ReplicaSet told how many replicas its Deployment wants, and has at most while it rolls."""
    sizes = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(most)}
    return _annotated(replica_set, {**replica_set.metadata.annotations, **sizes})


def as_newest(deployment: Deployment, replica_set: ReplicaSet, newest: int) -> ReplicaSet:
    """The ReplicaSet of the present template: the Deployment's annotations, and revision `newest` unless it has a higher.

    Mirrors SetNewReplicaSetAnnotations; the same object if nothing changes.
    """
    annotations = dict(replica_set.metadata.annotations)
    copied = {name: text for name, text in deployment.metadata.annotations.items() if name not in NOT_COPIED}
    annotations.update(copied)
    before = annotations.get(REVISION)
    if revision(replica_set) < newest:
        annotations[REVISION] = str(newest)
        if before is not None:
            annotations[REVISION_HISTORY] = _history(annotations.get(REVISION_HISTORY, ""), before)
    return _annotated(replica_set, annotations)


def _history(present: str, added: str) -> str:
    """The history with one revision added, the oldest dropped where it gets too long."""
    if not present:
        return added
    kept = present.split(",")
    while kept and len(",".join((*kept, added))) > HISTORY_LIMIT:
        del kept[0]
    return ",".join((*kept, added))


def _annotated(replica_set: ReplicaSet, annotations: dict[str, str]) -> ReplicaSet:
    if annotations == replica_set.metadata.annotations:
        return replica_set
    return replace(replica_set, metadata=replace(replica_set.metadata, annotations=annotations))
