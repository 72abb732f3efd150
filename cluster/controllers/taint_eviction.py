"""Taint eviction: pods leave nodes whose NoExecute taints they do not, or no longer, tolerate.

Between the readers of nodes and pods and the API server. Mirrors kube-controller-manager's
taint-eviction-controller. Invariant: a pod's time to go follows from its tolerations and from when
its node was tainted or it came there; a timer that fires asks again.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import Node, Pod, Taint, Toleration
from cluster.api.disruption import with_disruption
from cluster.api.kinds import NODES, PODS
from cluster.api.tolerations import tolerates
from cluster.apiserver import ApiServer
from cluster.controllers.node_pods import NodePods
from cluster.reconcile import Reader, WorkQueue, shared
from cluster.table import SPEC

ACTOR = "taint-eviction-controller"
REASON = "TaintManagerEviction"


class TaintEvictionController:
    """Evicts pods from tainted nodes."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._on_node_pods = shared(api.store, api.clock, NodePods)
        self._tainted: dict[str, tuple[Taint, ...]] = {}
        """The NoExecute taints of the nodes that have any."""
        self._since: dict[str, int] = {}
        """The pods that are going to be evicted, with the time their toleration counts from."""
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, NODES, self._on_node)
        Reader(api.store, api.clock, PODS, self._on_pod, parts=SPEC)

    def _on_node(self, name: str, _: Node | None, new: Node | None) -> None:
        taints = () if new is None else tuple(taint for taint in new.spec.taints if taint.effect == "NoExecute")
        if taints == self._tainted.get(name, ()):
            return
        if taints:
            self._tainted[name] = taints
        else:
            del self._tainted[name]
        for key in self._on_node_pods.on(name):
            self._queue.add(key, 0)

    def _on_pod(self, key: str, _: Pod | None, new: Pod | None) -> None:
        if new is None:
            self._since.pop(key, None)
        elif new.spec.nodeName in self._tainted:
            self._queue.add(key, 0)

    def _reconcile(self, key: str) -> int | None:
        """Evict the pod, or say in how many ms it is time to."""
        pod = self._api.find(PODS, key)
        if pod is None or pod.metadata.deletionTimestamp:
            self._since.pop(key, None)
            return None
        node = self._api.find(NODES, pod.spec.nodeName) if pod.spec.nodeName else None
        taints = [] if node is None else [taint for taint in node.spec.taints if taint.effect == "NoExecute"]
        seconds = tolerated_for(taints, pod.spec.tolerations)
        if seconds is None:
            if self._since.pop(key, None) is not None:
                self._tell(pod, f"Cancelling deletion of Pod {key}")
            return None
        due = self._start(key, pod, taints) + seconds * 1000
        if self._api.clock.now < due:
            return due - self._api.clock.now
        self._evict(key, pod)
        return None

    def _start(self, key: str, pod: Pod, taints: Sequence[Taint]) -> int:
        """From when (ms) the pod's toleration counts: since the node is tainted, or since it is there."""
        start = self._since.get(key)
        if start is None:
            clock = self._api.clock
            tainted = [clock.milliseconds(taint.timeAdded) for taint in taints if taint.timeAdded]
            bound = clock.milliseconds(pod.status.startTime or pod.metadata.creationTimestamp)
            start = self._since[key] = max(min(tainted), bound) if tainted else clock.now
        return start

    def _evict(self, key: str, pod: Pod) -> None:
        self._since.pop(key, None)
        self._tell(pod, f"Marking for deletion Pod {key}")
        reported = replace(pod, status=replace(pod.status, conditions=with_disruption(
            pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", self._api.clock.timestamp()
        )))  # fmt: skip
        self._api.update_status(PODS, reported, actor=ACTOR, previous=pod)
        self._api.delete(PODS, key, actor=ACTOR)

    def _tell(self, pod: Pod, message: str) -> None:
        self._api.events.record(PODS, pod, "Normal", REASON, message, component=ACTOR)


def tolerated_for(taints: Sequence[Taint], tolerations: Sequence[Toleration]) -> int | None:
    """For how many seconds all of the taints are tolerated: 0 if one is not, None if for ever."""
    shortest: int | None = None
    for taint in taints:
        used = next((toleration for toleration in tolerations if tolerates(toleration, taint)), None)
        if used is None:
            return 0
        if used.tolerationSeconds is not None:
            seconds = max(used.tolerationSeconds, 0)
            shortest = seconds if shortest is None else min(shortest, seconds)
    return shortest
