"""The scheduler: takes waiting pods one by one, finds each the best node, and binds it there.

On the data's way between the store's pods and nodes and the API server's binding. Mirrors
kube-scheduler with its default profile. Invariant: the cache, the queue and the classes hold only
what the store says, and are built again from it.
"""

from collections.abc import Callable, Mapping
from typing import cast

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import Cluster
from cluster.api.core import (
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodCondition,
    Service,
)
from cluster.api.errors import ApiError
from cluster.api.kinds import (
    CSI_DRIVERS,
    CSI_NODES,
    CSI_STORAGE_CAPACITIES,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    SERVICES,
    STORAGE_CLASSES,
    Kind,
)
from cluster.api.meta import Resource
from cluster.api.pod_requests import may_be_resized
from cluster.api.storage import CSIDriver, CSINode, CSIStorageCapacity, StorageClass
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader
from cluster.scheduler import hints
from cluster.scheduler.cache import FINISHED, Cache, Placed
from cluster.scheduler.classes import Classes, PodClass
from cluster.scheduler.explain import Explanation, explain
from cluster.scheduler.failure import GATED, failed, preempted, shortened, unschedulable, with_condition
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.nominations import Nominations
from cluster.scheduler.plugins.volume_binding import plan
from cluster.scheduler.pod_info import PodInfo, shrunk
from cluster.scheduler.preemption import Candidate, Preemption
from cluster.scheduler.queue import SchedulingQueue, Stage, Waiting
from cluster.scheduler.reservations import Reservation, Reservations
from cluster.scheduler.siblings import Siblings

NAME = "default-scheduler"
_PODS = cast("Kind[Resource]", PODS)
BURST = 8
PER_POD = 1
FLUSH_PERIOD = 30_000
RETRY = 1_000

Group = tuple[PodClass, tuple[str, ...]]
"""Parked pods that the same events help: their class, and the plugins that rejected nodes."""


Chosen = tuple[Waiting[Group], PodClass, NodeInfo]
"""A pod of the queue, its class, and the node it is to have."""


class Scheduler:
    """The component. Decisions take 1 virtual ms a pod, and are made in bursts of 8."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self.api, self.config = api, config
        self.cache = Cache()
        self.queue: SchedulingQueue[Group] = SchedulingQueue()
        self.siblings = Siblings(api)
        self.classes = Classes(self.cache, self.siblings)
        self.nominations = Nominations(self.cache)
        self.preemption = Preemption(api, self.cache)
        self.reservations: Reservations[Chosen] = Reservations(api, self.cache, NAME)
        self._store, self._clock = api.store, api.clock
        self._pods = api.store.table(PODS)
        self._armed = False
        self._in_hand: Waiting[Group] | None = None
        """The pod whose search has begun; it stands in no line."""
        self._flush_armed = False
        self._patience_armed = False
        store, clock = api.store, api.clock
        Reader(store, clock, SERVICES, self._on_service)
        Reader(store, clock, NAMESPACES, self._on_namespace)
        Reader(store, clock, NODES, self._on_node)
        Reader(store, clock, STORAGE_CLASSES, self._on_class)
        Reader(store, clock, CSI_NODES, self._on_drivers)
        Reader(store, clock, CSI_DRIVERS, self._on_driver)
        Reader(store, clock, CSI_STORAGE_CAPACITIES, self._on_capacity)
        Reader(store, clock, PERSISTENT_VOLUMES, self._on_volume)
        Reader(store, clock, PERSISTENT_VOLUME_CLAIMS, self._on_claim)
        Reader(store, clock, PODS, self._on_pod)
        store.cause = 0

    def explain(self, key: str) -> Explanation | None:
        """What the plugins say about a pod and each node now, as if it had none; None if there is no such pod."""
        pod = self._pods.get(key)
        if pod is None:
            return None
        waiting = replace(pod, spec=replace(pod.spec, nodeName=""))
        with self.cache.without(key):
            return explain(PodInfo(waiting, self.siblings.selector(waiting)), key, self.cache)

    # What the readers see

    def _on_service(self, key: str, _: Service | None, new: Service | None) -> None:
        if self.siblings.set_service(key, new):
            self.classes.forget_siblings()

    def _on_namespace(self, key: str, _: Namespace | None, new: Namespace | None) -> None:
        self.cache.set_namespace(key, None if new is None else new.metadata.labels)
        self._move(lambda group: hints.namespace_helps(group[1]))

    def _on_node(self, key: str, old: Node | None, new: Node | None) -> None:
        if new is None:
            self.cache.remove_node(key)
            self._move(lambda group: hints.node_gone_helps(group[1]))
        elif old is None or hints.differs(old, new):
            self.cache.set_node(new)
            node = self.cache.infos[key]
            self._move(lambda group: hints.node_helps(group[0].info, group[1], node))

    def _on_class(self, name: str, _: StorageClass | None, new: StorageClass | None) -> None:
        self.cache.volumes.set_class(name, new)
        self._move(lambda group: hints.volume_helps(group[1]))

    def _on_drivers(self, node: str, _: CSINode | None, new: CSINode | None) -> None:
        self.cache.volumes.set_drivers(node, new)
        self._move(lambda group: hints.volume_helps(group[1]))

    def _on_driver(self, name: str, _: CSIDriver | None, new: CSIDriver | None) -> None:
        self.cache.volumes.set_driver(name, new)
        self._move(lambda group: hints.volume_helps(group[1]))

    def _on_capacity(self, key: str, old: CSIStorageCapacity | None, new: CSIStorageCapacity | None) -> None:
        self.cache.volumes.set_capacity(key, old, new)
        self._move(lambda group: hints.volume_helps(group[1]))

    def _on_volume(self, name: str, _: PersistentVolume | None, new: PersistentVolume | None) -> None:
        # The store's version: what the scheduler wrote itself may be newer than what it reads.
        self.cache.volumes.set_volume(name, new and self._store.table(PERSISTENT_VOLUMES).get(name))
        self._move(lambda group: hints.volume_helps(group[1]))

    def _on_claim(self, key: str, _: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        self.cache.volumes.set_claim(key, new and self._store.table(PERSISTENT_VOLUME_CLAIMS).get(key))
        for pod in self.reservations.waiting_for(key):
            self._settle(pod)
        self._move(lambda group: hints.claim_helps(group[0].info, key))

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            self.queue.remove(key)
            self.nominations.drop(key)
            self.reservations.end(key)
            self._forget(key)
        elif new.spec.nodeName:
            self.nominations.drop(key)
            same = old is not None and old.spec is new.spec and old.metadata is new.metadata
            if not same or new.status.phase in FINISHED or may_be_resized(new):
                self._on_assigned(key, old, new)
        elif key not in self.cache.placed or key in self.nominations:  # else it was bound after this version of it
            self._on_pending(key, old, new)

    def _on_assigned(self, key: str, old: Pod | None, new: Pod) -> None:
        self.queue.remove(key)
        self.reservations.end(key)
        if new.status.phase in FINISHED:
            self._forget(key)
            return
        before = self.cache.placed.get(key) if may_be_resized(new) else None
        came = self.cache.set_pod(key, new)
        if before is not None and shrunk(before.asks, self.cache.placed[key].asks):
            self._move(lambda group: hints.pod_gone_helps(group[0].info, group[1], before.info))
        if came or old is None or not old.spec.nodeName or old.metadata.labels != new.metadata.labels:
            namespace = new.metadata.namespace
            self._move(lambda group: hints.pod_came_helps(group[0].info, group[1], namespace))

    def _forget(self, key: str) -> None:
        placed = self.cache.placed.get(key)
        if placed is not None:
            self.cache.remove_pod(key)
            self._move(lambda group: hints.pod_gone_helps(group[0].info, group[1], placed.info))

    def _on_pending(self, key: str, old: Pod | None, new: Pod) -> None:
        if new.spec.schedulerName != NAME or new.status.phase in FINISHED or new.metadata.deletionTimestamp:
            self.queue.remove(key)
            self.nominations.drop(key)
        elif old is None or old.spec is not new.spec or old.metadata.labels != new.metadata.labels:
            self.queue.add(key, new.metadata.uid, new.spec.priority or 0, self._store.cause)
            self._arm()
        if new.status.nominatedNodeName and not self.nominations.holds(key, new.status.nominatedNodeName):
            self.nominations.put(key, new)

    def _move(self, helps: Callable[[Group], bool]) -> None:
        if self.queue.has_parked:
            self.queue.move_where(helps, self._clock.now, self._store.cause)
            self._arm()

    # The scheduling cycle

    def _arm(self) -> None:
        if not self._armed and self.queue:
            self._armed = True
            self._clock.after(PER_POD, self._run)

    def _run(self, before: int | None) -> None:
        """Schedule up to a burst of pods, and come back when that much time has passed.

        `before` of the burst are done: an item of work ends with the first pod of another class, for
        bringing a search up to date is the long part, and with each portion of a search that begins.
        """
        now, tried = self._clock.now, before or 0
        while tried < BURST:
            last, waiting = self.classes.last, self._in_hand or self.queue.pop(now)
            if waiting is None:
                break
            self._store.cause = waiting.cause
            self._in_hand = None if self._schedule(waiting) else waiting
            if self._in_hand is None:
                tried += 1
            if self.classes.last is not last or self._in_hand is not None:
                self._store.cause = 0
                self._clock.go_on(self._run, tried)
                return
        self._store.cause = 0
        self._armed = bool(self.queue)
        if self._armed:
            self._clock.after(max(tried, 1) * PER_POD, self._run)

    def _schedule(self, waiting: Waiting[Group]) -> bool:
        """Deal with a pod whose turn it is; False if its search has begun, and is to be asked again at once."""
        pod = self._pods.get(waiting.key)
        if pod is None or pod.metadata.uid != waiting.uid or pod.spec.nodeName or pod.metadata.deletionTimestamp:
            self.queue.remove(waiting.key)
        elif pod.spec.schedulingGates:
            self.queue.remove(waiting.key)
            if not any(each.reason == GATED.reason for each in pod.status.conditions):
                self._set_condition(pod, GATED)
        else:
            if self.nominations:
                with self.nominations.aside(waiting.key, pod.spec.priority or 0):
                    found = self.classes.of(pod)
                    node = self._choose(waiting, pod, found)
            else:
                found = self.classes.of(pod)
                if not found.known_failure() and found.search.begin():
                    return False
                node = self._choose(waiting, pod, found)
            if node is not None and (found.info.volumes is None or not self._reserve(waiting, found, node)):
                self._bind(waiting, pod, found, node)
        return True

    def _choose(self, waiting: Waiting[Group], pod: Pod, found: PodClass) -> NodeInfo | None:
        """The node that a pod is to have; None if it was told that no node will have it."""
        node = None if found.known_failure() else found.search.best()
        if node is None:
            self._fail(waiting, pod, found)
        return node

    def _reserve(self, waiting: Waiting[Group], found: PodClass, node: NodeInfo) -> bool:
        """Have the volumes of a pod bound to its node; False if they are."""
        wanted = plan(found.info, node.node, self.cache.volumes)
        if not wanted.given and not wanted.provisioned:
            return False
        self.nominations.drop(waiting.key)
        placed = self._placed(found, node, found.info.labels)
        try:
            self.reservations.make(waiting.key, placed, wanted, (waiting, found, node))
        except ApiError as error:
            self._settle(waiting.key, f"binding volumes: {error.message}")
        self._arm_patience()
        return True

    def _settle(self, key: str, outcome: str | None = None) -> None:
        """Bind a pod whose volumes are there; if one of them cannot be had after all, say so and try again."""
        outcome = outcome or self.reservations.outcome(key)
        if outcome is None:
            return
        held: Reservation[Chosen] | None = self.reservations.end(key)
        pod = self._pods.get(key)
        if held is None or pod is None or pod.metadata.deletionTimestamp or pod.spec.nodeName:
            self.queue.remove(key)
            self._forget(key)
            return
        waiting, found, node = held.with_
        if not outcome:
            self.cache.remove_pod(key)
            self._bind(waiting, pod, found, node)
            return
        self._forget(key)
        message = f'running PreBind plugin "VolumeBinding": {outcome}'
        self._record(pod, "Warning", "FailedScheduling", shortened(message))
        self._set_condition(pod, failed(pod, message))
        self.queue.park(waiting, (found, ()), self._clock.now)
        self._clock.after(RETRY, self._again, key)

    def _arm_patience(self) -> None:
        due = self.reservations.deadline()
        if due is not None and not self._patience_armed:
            self._patience_armed = True
            self._clock.at(due, self._lose_patience)

    def _lose_patience(self, _: None) -> None:
        self._patience_armed = False
        for key in self.reservations.overdue():
            self._settle(key)
        self._arm_patience()

    def _placed(self, found: PodClass, node: NodeInfo, labels: Mapping[str, str]) -> Placed:
        info = found.info
        holder = self.cache.holder_of(info.namespace, info.spec.affinity)
        return Placed(node, info.asks, found.kindred, labels, holder, info.spec.priority or 0, info.volumes)

    def _bind(self, waiting: Waiting[Group], pod: Pod, found: PodClass, node: NodeInfo) -> None:
        key = waiting.key
        try:
            bound = self.api.bind(key, node.name, actor=NAME)
        except ApiError as error:
            self._record(pod, "Warning", "FailedScheduling", f"binding rejected: {error.message}")
            self.queue.park(waiting, (found, ()), self._clock.now)
            self._clock.after(RETRY, self._again, key)
            return
        self.queue.remove(key)
        self.nominations.drop(key)
        self.cache.place(key, self._placed(found, node, bound.metadata.labels))
        self._record(bound, "Normal", "Scheduled", f"Successfully assigned {key} to {node.name}")

    def _again(self, key: str) -> None:
        """Try a pod again whose binding was refused."""
        waiting = self.queue.find(key)
        if waiting is not None and waiting.stage is Stage.PARKED:
            self.queue.add(key, waiting.uid, waiting.priority, waiting.cause)
            self._arm()

    def _fail(self, waiting: Waiting[Group], pod: Pod, found: PodClass) -> None:
        """Say why no node will have the pod, and make room for it if pods of lower priority can go."""
        failure = found.failure()
        verdict = self.preemption.look(pod, found.info) if failure.summary else None
        message, nominated = failure.message, ""
        if verdict is not None and verdict.candidate is not None:
            message, nominated = failure.summary, verdict.candidate.node
            self._evict(pod, verdict.candidate)
        elif verdict is not None:
            message = failure.with_preemption(verdict.outcome)
            nominated = pod.status.nominatedNodeName if verdict.keeps_nomination else ""
        self.queue.park(waiting, (found, failure.plugins), self._clock.now)
        self._arm_flush()
        self._record(pod, "Warning", "FailedScheduling", shortened(message))
        self._set_condition(pod, unschedulable(pod, message), nominated)
        self.nominations.renew(waiting.key, self._pods.get(waiting.key))

    def _evict(self, pod: Pod, candidate: Candidate) -> None:
        """Delete the victims, each told why in a condition and an event (`prepareCandidate`)."""
        for victim in candidate.victims:
            key = kinds.key(victim)
            if victim.metadata.deletionTimestamp:
                continue
            told = with_condition(victim, preempted(victim), self._clock.timestamp())
            self.api.update_status(PODS, told, actor=NAME)
            self.api.delete(PODS, key, actor=NAME)
            words = f"Preempted by pod {pod.metadata.uid} on node {candidate.node}"
            self._record(victim, "Normal", "Preempted", words)

    def _set_condition(self, pod: Pod, condition: PodCondition, nominated: str = "") -> None:
        changed = with_condition(pod, condition, self._clock.timestamp())
        if nominated != pod.status.nominatedNodeName:
            changed = replace(changed, status=replace(changed.status, nominatedNodeName=nominated))
        if changed.status != pod.status:
            self.api.update_status(PODS, changed, actor=NAME, previous=pod)

    def _record(self, pod: Pod, type_: str, reason: str, message: str) -> None:
        self.api.events.record(_PODS, pod, type_, reason, message, component=NAME)

    # Pods that were parked for long

    def _arm_flush(self) -> None:
        due = self.queue.next_flush()
        if not self._flush_armed and due is not None:
            self._flush_armed = True
            self._clock.at(-(-due // FLUSH_PERIOD) * FLUSH_PERIOD, self._flush)

    def _flush(self, _: None) -> None:
        self._flush_armed = False
        self.queue.flush(self._clock.now)
        self._arm_flush()
        self._arm()
