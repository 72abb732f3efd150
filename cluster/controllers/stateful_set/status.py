"""What a StatefulSet says of its pods, counted anew from them.

Pure. Mirrors updateStatus and completeRollingUpdate (pkg/controller/statefulset). Invariant: the
current revision becomes the update revision exactly when every pod has it and is ready.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from cluster.api.apps import StatefulSet, StatefulSetStatus
from cluster.api.core import Pod
from cluster.controllers.history import POD_LABEL
from cluster.controllers.stateful_set.decisions import Available, is_running_and_ready


def counted(
    owner: StatefulSet, pods: Iterable[Pod], current: str, update: str, collisions: int | None, available: Available
) -> StatefulSetStatus:
    """The status; `current` and `update` are names of revisions."""
    total = ready = lasting = of_current = of_update = 0
    for pod in pods:
        total += 1
        if is_running_and_ready(pod):
            ready += 1
            lasting += available(pod)
        if not pod.metadata.deletionTimestamp:
            revision = pod.metadata.labels.get(POD_LABEL)
            of_current += revision == current
            of_update += revision == update
    status = StatefulSetStatus(
        replicas=total, readyReplicas=ready, availableReplicas=lasting, currentReplicas=of_current,
        updatedReplicas=of_update, currentRevision=current, updateRevision=update, collisionCount=collisions or 0,
        observedGeneration=owner.metadata.generation, conditions=owner.status.conditions,
    )  # fmt: skip
    complete = of_update == ready == total and owner.spec.updateStrategy.type == "RollingUpdate"
    if not complete:
        return status
    return replace(status, currentRevision=update, currentReplicas=of_update)
