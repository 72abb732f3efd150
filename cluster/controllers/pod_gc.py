"""The pod garbage collector: pods that nobody else will ever finish.

Between the readers of pods and nodes and the API server: pods on nodes that are gone, deleted pods
that were never bound, stuck pods on nodes declared out of service, and too many finished ones.
Mirrors kube-controller-manager's pod-garbage-collector-controller. Invariant: a look is scheduled
only while there is such a pod.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import Node, Pod
from cluster.api.disruption import with_disruption
from cluster.api.kinds import NODES, PODS
from cluster.apiserver import ApiServer
from cluster.controllers.node_pods import NodePods
from cluster.controllers.service_pods import is_terminal
from cluster.reconcile import Reader, WorkQueue, shared

ACTOR = "pod-garbage-collector"
PERIOD = 20_000
"""Between two looks, ms."""
QUARANTINE = 40_000
"""How long a node must be gone before its pods are, ms."""
THRESHOLD = 12_500
"""How many finished pods are kept (--terminated-pod-gc-threshold)."""
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


class PodGarbageCollector:
    """Deletes pods by force."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._nodes = api, api.store.table(NODES)
        self._on_node_pods = shared(api.store, api.clock, NodePods)
        self._finished: dict[str, None] = {}
        self._unbound: dict[str, None] = {}
        """Pods that are deleted and were never bound."""
        self._missed: dict[str, int | None] = {}
        """Nodes that pods name and that do not exist, with the time their quarantine ends."""
        self._out_of_service: dict[str, None] = {}
        self._queue = WorkQueue(api.store, api.clock, self._look)
        Reader(api.store, api.clock, NODES, self._on_node)
        Reader(api.store, api.clock, PODS, self._on_pod)

    def _on_node(self, name: str, _: Node | None, new: Node | None) -> None:
        if new is None:
            self._out_of_service.pop(name, None)
            if name in self._on_node_pods:
                self._missed.setdefault(name, None)
                self._wake()
            return
        self._missed.pop(name, None)
        if any(taint.key == OUT_OF_SERVICE for taint in new.spec.taints) and not _is_ready(new):
            self._out_of_service[name] = None
            self._wake()
        else:
            self._out_of_service.pop(name, None)

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        if old is None or new is None or old.spec is not new.spec:
            if new is not None and new.spec.nodeName and (old is None or old.spec.nodeName != new.spec.nodeName):
                self._bound(new.spec.nodeName)
        elif old.metadata is new.metadata and old.status.phase == new.status.phase:
            return
        self._file(self._finished, key, belongs=new is not None and is_terminal(new))
        going = new is not None and bool(new.metadata.deletionTimestamp)
        self._file(self._unbound, key, belongs=going and new is not None and not new.spec.nodeName)
        stuck = going and new is not None and new.spec.nodeName in self._out_of_service
        if key in self._unbound or stuck or len(self._finished) > THRESHOLD:
            self._wake()

    def _bound(self, node: str) -> None:
        if node not in self._nodes:
            self._missed.setdefault(node, None)
            self._wake()

    def _file(self, where: dict[str, None], key: str, *, belongs: bool) -> None:
        if belongs:
            where[key] = None
        else:
            where.pop(key, None)

    def _wake(self) -> None:
        self._queue.add("", PERIOD - self._api.clock.now % PERIOD)

    def _look(self, _: str) -> int | None:
        """Collect; when to look again, if some node's quarantine is not over."""
        self._collect_finished()
        for node in self._out_of_service:
            for key in list(self._on_node_pods.on(node)):
                pod = self._api.find(PODS, key)
                if pod is not None and pod.metadata.deletionTimestamp:
                    self._remove(key, pod, "PodGC: node out-of-service")
        self._collect_orphans()
        for key in list(self._unbound):
            pod = self._api.find(PODS, key)
            if pod is not None and pod.metadata.deletionTimestamp and not pod.spec.nodeName:
                self._remove(key, pod)
        self._unbound.clear()
        return PERIOD if self._missed else None

    def _collect_finished(self) -> None:
        """Delete the oldest of the finished pods beyond the threshold, evicted ones first."""
        surplus = len(self._finished) - THRESHOLD
        if surplus <= 0:
            return
        pods = [(key, pod) for key in self._finished if (pod := self._api.find(PODS, key)) is not None]
        pods.sort(key=lambda item: (item[1].status.reason != "Evicted", item[1].metadata.creationTimestamp))
        for key, pod in pods[:surplus]:
            self._remove(key, pod)

    def _collect_orphans(self) -> None:
        now = self._api.clock.now
        for node, due in list(self._missed.items()):
            if self._api.find(NODES, node) is not None or node not in self._on_node_pods:
                del self._missed[node]
            elif due is None:
                self._missed[node] = now + QUARANTINE
            elif due <= now:
                for key in list(self._on_node_pods.on(node)):
                    pod = self._api.find(PODS, key)
                    if pod is not None and pod.spec.nodeName == node:
                        self._remove(key, pod, "PodGC: node no longer exists")
                del self._missed[node]

    def _remove(self, key: str, pod: Pod, why: str = "") -> None:
        """Mark the pod as failed, unless it has ended, and delete it without grace."""
        status = pod.status
        if not is_terminal(pod):
            status = replace(status, phase="Failed")
            if why:
                now = self._api.clock.timestamp()
                status = replace(status, conditions=with_disruption(pod, "DeletionByPodGC", why, now))
            pod = self._api.update_status(PODS, replace(pod, status=status), actor=ACTOR, previous=pod)
        self._api.delete(PODS, key, actor=ACTOR, grace=0)


def _is_ready(node: Node) -> bool:
    return any(condition.type == "Ready" and condition.status == "True" for condition in node.status.conditions)
