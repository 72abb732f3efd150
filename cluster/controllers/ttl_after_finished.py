"""The TTL-after-finished controller: deletes finished Jobs when their ttlSecondsAfterFinished have passed.

Between the reader of Jobs and the API server. Mirrors pkg/controller/ttlafterfinished. Invariant: a Job
is due once, at a time that follows from its status and its spec.
"""

from cluster.api.batch import Job
from cluster.api.cluster import Cluster
from cluster.api.kinds import JOBS
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "ttl-after-finished-controller"
_ENDS = ("Complete", "Failed")


class TTLAfterFinishedController:
    """Deletes Jobs that have been finished for long enough."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._jobs = api, api.store.table(JOBS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, 0)
        Reader(api.store, api.clock, JOBS, self._on_job)

    def _on_job(self, key: str, _: Job | None, new: Job | None) -> None:
        if new is not None and new.spec.ttlSecondsAfterFinished is not None and _finished(new):
            self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        job = self._jobs.get(key)
        if job is None or job.metadata.deletionTimestamp or job.spec.ttlSecondsAfterFinished is None:
            return None
        finished = _finished(job)
        if not finished:
            return None
        due = self._api.clock.milliseconds(finished) + 1000 * job.spec.ttlSecondsAfterFinished
        if due > self._api.clock.now:
            return due - self._api.clock.now
        self._api.delete(JOBS, key, actor=ACTOR, propagation="Foreground", uid=job.metadata.uid)
        return None


def _finished(job: Job) -> str:
    """When the Job finished, as a timestamp; "" if it has not."""
    ends = [each.lastTransitionTime for each in job.status.conditions if each.type in _ENDS and each.status == "True"]
    return ends[0] if ends else ""
