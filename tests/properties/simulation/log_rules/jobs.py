"""Jobs: every pod's end is counted once, and an ended Job makes no pods."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.batch import Job
from cluster.api.core import Pod
from cluster.controllers.ownership import controller_of
from cluster.controllers.pod_states import is_active
from cluster.table import Entry
from tests.properties.simulation.state import State


class Jobs:
    """What Jobs make and count, and CronJobs make. With a `stale` view a failure may be seen late.

    A CronJob's controller that crashes before it has noted a Job does not count it, as in Kubernetes.
    """

    def __init__(self, *, stale: bool, crashes: bool) -> None:
        self._stale, self._crashes = stale, crashes
        self._ended: dict[str, dict[str, set[str]]] = {}
        """By the uid of a Job and the phase, the uids of the pods that have ended so, or may have."""

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        if name == "pods":
            yield from self._pod(entry.previous, entry.object, state)
        elif name == "jobs.batch" and entry.object is not None and entry.previous is not None:
            yield from self._job(entry.previous, entry.object)
        elif name == "jobs.batch" and entry.object is not None and not self._stale and not self._crashes:
            yield from _alone(entry.object, state)

    def _pod(self, old: Pod | None, new: Pod | None, state: State) -> Iterator[str]:
        pod = new or old
        owner = controller_of(pod) if pod is not None else None
        if pod is None or owner is None or owner.kind != "Job":
            return
        ended = self._ended.setdefault(owner.uid, {"Succeeded": set(), "Failed": set()})
        if pod.status.phase == "Succeeded":
            ended["Succeeded"].add(pod.metadata.uid)
        elif pod.status.phase == "Failed" or pod.metadata.deletionTimestamp or new is None:
            ended["Failed"].add(pod.metadata.uid)
        if old is not None:
            return
        job = state.of(kinds.JOBS).get(f"{pod.metadata.namespace}/{owner.name}")
        if job is None or job.metadata.uid != owner.uid:
            return
        if _over(job):
            yield f"{owner.name} is over, but makes a pod"
        failed = len(ended["Failed"] - ended["Succeeded"])
        if failed > (job.spec.backoffLimit or 0) and not self._stale:
            yield f"{owner.name} has failed {failed} times, and goes on"
        most = 1 if job.spec.parallelism is None else job.spec.parallelism
        if sum(map(is_active, state.pods_of(owner.uid))) > most:
            yield f"{owner.name} has more than {most} pods at work"

    def _job(self, old: Job, new: Job) -> Iterator[str]:
        before, after = old.status, new.status
        ended = self._ended.get(new.metadata.uid, {"Succeeded": set(), "Failed": set()})
        if after.succeeded < before.succeeded or after.failed < before.failed:
            yield "it counts fewer pods than before"
        if after.succeeded > len(ended["Succeeded"]):
            yield f"it counts {after.succeeded} successes, there were {len(ended['Succeeded'])}"
        if after.failed > len(ended["Failed"]):
            yield f"it counts {after.failed} failures, there were at most {len(ended['Failed'])}"
        if new.spec.completions is not None and after.succeeded > max(new.spec.completions, before.succeeded):
            yield f"it has succeeded {after.succeeded} times of {new.spec.completions}"
        # A pod that was counted as failed while it was going, and then succeeded, completes its Job none the less.
        there = len(ended["Succeeded"])
        if after.completionTime and new.spec.completions is not None and there < new.spec.completions:
            yield f"it is complete with {there} of {new.spec.completions}"
        if _over(old) and not _over(new):
            yield "it is not over any more"
        if {one.type for one in after.conditions if one.status == "True"} >= {"Complete", "Failed"}:
            yield "it has both succeeded and failed"


def _alone(job: Job, state: State) -> Iterator[str]:
    """A CronJob that allows no two Jobs at a time makes none while another is at work."""
    owner = controller_of(job)
    cron = state.of(kinds.CRON_JOBS).get(f"{job.metadata.namespace}/{owner.name}") if owner is not None else None
    if owner is None or cron is None or cron.spec.concurrencyPolicy != "Forbid":
        return
    for other in state.of(kinds.JOBS).values():
        controller = controller_of(other)
        if other is not job and controller is not None and controller.uid == owner.uid and not _over(other):
            yield f"it was made while {other.metadata.name} is at work"


def _over(job: Job) -> bool:
    return any(one.type in ("Complete", "Failed") and one.status == "True" for one in job.status.conditions)
