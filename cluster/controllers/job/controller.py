"""The Job controller: which Job a change concerns, and pods whose Job is gone.

On the data's way between Jobs and their pods in the store. Mirrors pkg/controller/job. Invariant: a pod
keeps its tracking finalizer only while a Job that is not finished will still count it.
"""

from cluster.api import labels
from cluster.api.batch import Job
from cluster.api.cluster import Cluster
from cluster.api.core import Pod
from cluster.api.kinds import JOBS, PODS
from cluster.apiserver import ApiServer
from cluster.controllers.dependents import Dependents
from cluster.controllers.job.counting import first_record
from cluster.controllers.job.failures import Record
from cluster.controllers.job.pods import FINALIZER
from cluster.controllers.job.sync import ACTOR, Sync, released
from cluster.controllers.job.verdict import is_finished
from cluster.controllers.ownership import controller_of
from cluster.reconcile import Reader, WorkQueue

MANAGED_BY = "kubernetes.io/job-controller"


class JobController:
    """Runs every Job's pods to their end."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._jobs = api, api.store.table(JOBS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._orphans = WorkQueue(api.store, api.clock, self._release_orphan)
        self._records: dict[str, tuple[str, Record]] = {}
        """What is remembered of the failures of unfinished Jobs, with the Job's uid; a new controller starts from the pods."""
        self._pods = Dependents(api, PODS, JOBS, self._queue.add, ACTOR, self._on_orphan)
        Reader(api.store, api.clock, JOBS, self._on_job)
        if any(FINALIZER in pod.metadata.finalizers for pod in api.store.table(PODS).values()):
            self._pods.read()

    def _on_job(self, key: str, old: Job | None, new: Job | None) -> None:
        if new is None:
            self._pods.drop(key)
            self._records.pop(key, None)
        elif old is None or old.metadata.uid != new.metadata.uid:
            self._pods.define(new, new.spec.selector)
        self._queue.add(key)

    def _on_orphan(self, key: str, pod: Pod) -> None:
        """Nobody will count a pod that has no controller any more (`syncOrphanPod`)."""
        if FINALIZER in pod.metadata.finalizers:
            self._orphans.add(key)

    def _release_orphan(self, key: str) -> None:
        pod = self._api.find(PODS, key)
        if pod is not None and controller_of(pod) is None:
            released(self._api, pod)

    def _reconcile(self, key: str) -> int | None:
        job = self._jobs.get(key)
        for pod in self._pods.of_others(key, "" if job is None else job.metadata.uid):
            released(self._api, pod)
        if job is None or job.spec.managedBy not in {"", MANAGED_BY}:
            return None
        if is_finished(job):
            self._records.pop(key, None)
            for pod in self._pods.of(job):
                released(self._api, pod)
            return None
        pods = self._pods.claimed(job, labels.from_label_selector(job.spec.selector))
        uid, record = self._records.get(key, ("", Record()))
        if uid != job.metadata.uid:
            record = first_record(job, pods, self._api.clock)
        sync = Sync(self._api, job, pods, self._pods.note, record)
        try:
            return sync.run()
        finally:
            self._records[key] = job.metadata.uid, sync.record
