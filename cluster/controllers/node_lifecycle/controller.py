"""The controller: silent nodes become Unknown, their conditions become taints, their pods not ready.

Between the readers of nodes, Leases and pods and the API server; the taints it sets are what
taint eviction acts on. Mirrors kube-controller-manager's node-lifecycle-controller. Invariant: while
every node beats, nothing is scheduled here.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.coordination import Lease
from cluster.api.core import Node
from cluster.api.kinds import LEASES, NODES, PODS
from cluster.apiserver import ApiServer
from cluster.controllers.node_lifecycle import health
from cluster.controllers.node_lifecycle.zones import Zones, zone_of
from cluster.controllers.node_pods import NodePods
from cluster.reconcile import Reader, WorkQueue, shared

ACTOR = "node-controller"
LEASE_NAMESPACE = "kube-node-lease"
TAINTING_PERIOD = 100


class NodeLifecycleController:
    """Watches the nodes' heartbeats."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api, self._clock = api, api.clock
        self._zones, self._on_node_pods = Zones(), shared(api.store, api.clock, NodePods)
        self._came: dict[str, None] = {}
        self._left: dict[str, Node] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        """Nodes that are to get their NoExecute taint, by zone."""
        self._next: dict[str, int] = {}
        """When the next node of a zone may get it."""
        self._all_down = False
        self._running = False
        self._health = WorkQueue(api.store, api.clock, self._check)
        self._taints = WorkQueue(api.store, api.clock, self._set_scheduling_taints)
        self._evictions = WorkQueue(api.store, api.clock, self._evict, TAINTING_PERIOD)
        self._disruption = WorkQueue(api.store, api.clock, self._weigh)
        Reader(api.store, api.clock, NODES, self._on_node)
        Reader(api.store, api.clock, LEASES, self._on_lease)
        self._all_down = self._zones.all_down()
        self._running = True

    # Following changes

    def _on_node(self, name: str, old: Node | None, new: Node | None) -> None:
        if self._zones.follow(name, new) and self._running:
            self._disruption.add("")
        if new is None:
            if old is not None:
                self._left[name] = old
                self._health.add(name, self._until_next_look())
            return
        if old is None and self._running:
            self._came[name] = None
        if not health.scheduling_taints_right(new):
            self._taints.add(name)
        evicting = health.evicting_keys(new)
        if name in self._came or evicting or health.ready_status(new) != "True" or self._beat(new) is not None:
            self._health.add(name, self._until_next_look())

    def _on_lease(self, key: str, _: Lease | None, new: Lease | None) -> None:
        namespace, _slash, name = key.partition("/")
        if namespace == LEASE_NAMESPACE and (new is None or new.spec.renewTime):
            self._health.add(name, self._until_next_look())

    def _until_next_look(self, time: int = 0) -> int:
        """Until the first look (they are every five seconds) after now and after `time`, in ms."""
        after = max(self._clock.now, time)
        return after + health.PERIOD - after % health.PERIOD - self._clock.now

    def _beat(self, node: Node) -> int | None:
        lease = self._api.find(LEASES, f"{LEASE_NAMESPACE}/{node.metadata.name}")
        return health.last_beat(node, lease, self._clock)

    # Health

    def _check(self, name: str) -> int | None:
        """Look at one node; when to look again, if its silence is not yet long enough."""
        node = self._api.find(NODES, name)
        gone = self._left.pop(name, None)
        if gone is not None:
            self._report(gone, "RemovingNode", f"Node {name} event: Removing Node {name} from Controller")
        if node is None:
            return None
        if name in self._came:
            del self._came[name]
            self._report(node, "RegisteredNode", f"Node {name} event: Registered Node {name} in Controller")
        observed = health.ready_status(node)
        if health.ready_condition(node) is not None:
            node = self._set_evicting_taints(node, observed)
        beat = self._beat(node)
        if beat is None:
            return None
        if self._clock.now <= health.deadline(node, beat):
            return self._until_next_look(health.deadline(node, beat))
        lost = health.silent(node, self._clock.timestamp())
        if lost == node:
            return None
        self._api.update_status(NODES, lost, actor=ACTOR, previous=node)
        if observed == "True":
            self._report(lost, "NodeNotReady", f"Node {name} status is now: NodeNotReady")
            self._mark_pods(name)
        return health.PERIOD

    def _mark_pods(self, name: str) -> None:
        """Say of every ready pod on a lost node that it is not."""
        now = self._clock.timestamp()
        for key in list(self._on_node_pods.on(name)):
            pod = self._api.find(PODS, key)
            if pod is None or pod.spec.nodeName != name:
                continue
            conditions = tuple(
                replace(condition, status="False", lastTransitionTime=now)
                if condition.type == "Ready" and condition.status != "False"
                else condition
                for condition in pod.status.conditions
            )
            if conditions != pod.status.conditions:
                new = replace(pod, status=replace(pod.status, conditions=conditions))
                self._api.update_status(PODS, new, actor=ACTOR, previous=pod)
                self._api.events.record(PODS, new, "Warning", "NodeNotReady", "Node is not ready", component=ACTOR)

    def _report(self, node: Node, reason: str, message: str) -> None:
        self._api.events.record(NODES, node, "Normal", reason, message, component=ACTOR)

    # Taints

    def _set_scheduling_taints(self, name: str) -> None:
        node = self._api.find(NODES, name)
        if node is not None and not health.scheduling_taints_right(node):
            wanted = health.scheduling_keys(node)
            self._update(node, health.with_taints(node, "NoSchedule", wanted, self._clock.timestamp()))

    def _set_evicting_taints(self, node: Node, observed: str) -> Node:
        """Take a ready node's NoExecute taints away, swap a wrong one, or queue the node for its first."""
        name, present = node.metadata.name, health.evicting_keys(node)
        wanted = health.EVICTING.get(observed)
        if wanted is None or self._all_down:
            self._waiting.get(zone_of(node), {}).pop(name, None)
            return self._with_evicting_taints(node, []) if present else node
        if present and present != [wanted]:
            return self._with_evicting_taints(node, [wanted])
        if not present:
            zone = zone_of(node)
            self._waiting.setdefault(zone, {})[name] = None
            self._evictions.add(zone, max(TAINTING_PERIOD, self._next.get(zone, 0) - self._clock.now))
        return node

    def _evict(self, zone: str) -> int | None:
        """Give the zone's next node its NoExecute taint; when the one after that may have its."""
        waiting, interval = self._waiting.get(zone, {}), self._zones.interval(zone)
        while waiting and interval is not None:
            name = next(iter(waiting))
            del waiting[name]
            node = self._api.find(NODES, name)
            wanted = None if node is None else health.EVICTING.get(health.ready_status(node))
            if node is not None and wanted is not None:
                self._with_evicting_taints(node, [wanted])
                self._next[zone] = self._clock.now + interval
                return interval if waiting else None
        return None

    def _with_evicting_taints(self, node: Node, wanted: list[str]) -> Node:
        return self._update(node, health.with_taints(node, "NoExecute", wanted, self._clock.timestamp()))

    def _update(self, node: Node, new: Node) -> Node:
        return self._api.update(NODES, new, actor=ACTOR, previous=node)

    # Disruption

    def _weigh(self, _: str) -> None:
        """Act on zones failing or coming back as a whole."""
        all_down = self._zones.all_down()
        if all_down and not self._all_down:
            self._all_down = True
            self._waiting.clear()
            for name in self._zones.not_ready():
                node = self._api.find(NODES, name)
                if node is not None and health.evicting_keys(node):
                    self._with_evicting_taints(node, [])
        elif self._all_down and not all_down:
            self._all_down = False
            for name in self._zones.not_ready():
                self._health.add(name, self._until_next_look())
        for zone, waiting in self._waiting.items():
            if waiting and self._zones.interval(zone) is not None:
                self._evictions.add(zone, max(TAINTING_PERIOD, self._next.get(zone, 0) - self._clock.now))
