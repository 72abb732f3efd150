"""All kubelets as one: changes of nodes and pods come in, each goes to its node's agent.

On the data's way between the scheduler's binding and the pod's statuses. One reader of pods serves
every node. Mirrors pkg/kubelet's sync loop. Invariant: a kubelet's knowledge is an index of the
store; built on any revision it goes on from what pods, nodes and Leases say.
"""

from cluster.api import kinds
from cluster.api.cluster import Cluster
from cluster.api.core import ConfigMap, Node, Pod, Secret
from cluster.api.kinds import CONFIG_MAPS, LEASES, NODES, PODS, SECRETS
from cluster.apiserver import ApiServer
from cluster.kubelet import admit, lifecycle, pressure, shutdown, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import Desk
from cluster.kubelet.eviction import REFUSED, Eviction
from cluster.kubelet.killing import Killing
from cluster.kubelet.lifecycle import Input, State
from cluster.kubelet.memory import CONTAINER_MEMORIES, ContainerMemory
from cluster.kubelet.plan import ContainerPlan, Plan
from cluster.kubelet.registry import Registry
from cluster.kubelet.resizing import Resizing, resized
from cluster.kubelet.runtime.objects import CONFIG_MAP, SECRET
from cluster.kubelet.shutdown import Shutdown
from cluster.kubelet.starting import Starting
from cluster.kubelet.stopping import Stopping
from cluster.kubelet.termination import Termination
from cluster.reconcile import Reader

_PULLS = (State.CREATING, State.MISCONFIGURED, State.PULL_FAILED, State.PULL_BACKOFF, State.INVALID_IMAGE)


class Kubelets:
    """Every node's kubelet. On a store that never held a node, the configured ones register first."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self._registry = Registry(api, config, self._went_live)
        self._desk = Desk(api, config, self._registry.agent)
        self._killing = Killing(self._desk)
        self._starting = Starting(self._desk, self._killing.kill)
        self._storage = self._starting.storage
        self._stopping = Stopping(self._desk, self._starting, self._killing)
        self._termination = Termination(self._desk)
        self._resizing = Resizing(self._desk, self._killing)
        self._eviction = Eviction(self._desk)
        self._shutdown = Shutdown(self._desk, self._registry)
        if not api.store.table(NODES).end:
            self._registry.register(config)
        store, clock = api.store, api.clock
        self._readers = (
            Reader(store, clock, NODES, self._on_node),
            Reader(store, clock, LEASES, self._registry.on_lease),
            Reader(store, clock, PODS, self._on_pod),
            Reader(store, clock, CONFIG_MAPS, self._on_config_map),
            Reader(store, clock, SECRETS, self._on_secret),
            Reader(store, clock, CONTAINER_MEMORIES, self._on_memory),
        )
        store.cause = 0

    def stop(self, node: str) -> None:
        """The node goes down: no more heartbeats, its pods do not progress. NotFound if there is none."""
        self._registry.stop(node)

    def start(self, node: str) -> None:
        """The node comes back and deals with whatever happened meanwhile. NotFound if there is none."""
        self._registry.start(node)

    def _on_node(self, name: str, old: Node | None, new: Node | None) -> None:
        self._registry.on_node(name, old, new)
        if new is not None and (old is None or new.status.conditions is not old.status.conditions):
            self._registry.agent(name).pressed = pressure.is_pressed(new)
        if new is not None and (old is None or new.metadata is not old.metadata or new.metadata.annotations):
            self._shutdown.follow(self._registry.agent(name), old, new)
        if old is not None and new is not None and new.status.allocatable != old.status.allocatable:
            self._resizing.room_came(self._registry.agent(name))

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None and old.spec.nodeName:
                self._gone(key, old)
            return
        if not new.spec.nodeName:
            return
        if old is None or not old.spec.nodeName:
            self._bound(key, new)
        elif new.spec is old.spec and new.metadata is old.metadata:
            self._status_changed(key, old, new)
        else:
            self._changed(key, old, new)

    def _bound(self, key: str, pod: Pod) -> None:
        """A pod was given to a node, or this kubelet has just learned of it."""
        agent, ended = self._registry.agent(pod.spec.nodeName), pod.status.phase in lifecycle.TERMINAL
        if ended and not pod.metadata.deletionTimestamp:
            return
        if pod.status.startTime and not ended:
            self._remember(key, pod, agent)
        elif not agent.live:
            agent.unseen[key] = None
            return
        if agent.live:
            self._look(key, agent)

    def _remember(self, key: str, pod: Pod, agent: Agent) -> None:
        """Count what a pod that was accepted earlier holds of its node."""
        agent.ledger.charge(key, self._desk.plans.of(pod))
        if agent.told or pod.metadata.annotations:
            self._eviction.came(key, pod, agent)
        if pod.status.podIP and agent.addresses is not None:
            agent.addresses.hold(pod.status.podIP)
        for container, stands in zip(pod.spec.containers, pod.status.containerStatuses, strict=False):
            if stands.imageID:
                agent.images.present.setdefault(container.image, self._desk.clock.now)

    def _look(self, key: str, agent: Agent) -> None:
        """Do what the pod's stored state asks for now, whatever happened before."""
        pod = self._desk.pods.get(key)
        if pod is None or pod.spec.nodeName != agent.name:
            return
        plan = self._desk.plans.of(pod)
        if pod.metadata.deletionTimestamp:
            self._termination.terminate(pod, plan, agent)
        elif pod.status.phase in lifecycle.TERMINAL:
            return
        elif not pod.status.startTime:
            self._storage.follow(pod, plan)
            self._accept(key, pod, plan, agent)
        else:
            self._storage.follow(pod, plan)
            self._resume(pod, plan, agent)

    def _accept(self, key: str, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Take a new pod, or refuse it for good."""
        agent.unseen.pop(key, None)
        refused = self._refusal(pod, plan, agent)
        if refused is not None:
            self._desk.tell(pod, agent, refused.reason, refused.message, warn=True)
            self._desk.put(pod, status.rejected(pod, refused.reason, refused.message, self._desk.clock.timestamp()))
            return
        agent.ledger.charge(key, plan)
        if agent.told or pod.metadata.annotations:
            self._eviction.came(key, pod, agent)
        self._starting.accept(pod, plan, agent)
        if pod.spec.activeDeadlineSeconds is not None:
            self._termination.watch_deadline(self._desk.pods.get(key) or pod)

    def _refusal(self, pod: Pod, plan: Plan, agent: Agent) -> admit.Refusal | None:
        if agent.node is None:
            return None
        if agent.shutting is not None:
            return shutdown.REFUSED
        if agent.pressed and pressure.refuses(pod):
            return REFUSED
        return admit.refusal(agent.node, agent.ledger, pod, plan)

    def _resume(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Report a pod again and set its timers from what its status says."""
        held = pod.status
        pod = self._desk.write_all(
            pod, plan, agent, held.initContainerStatuses, held.containerStatuses, status.ephemeral(pod, plan)
        )
        self._resizing.resume(pod)
        self._termination.watch_deadline(pod)
        for case in self._desk.cases(pod, plan, agent):
            state = lifecycle.state_of(case.status)
            if state is State.RUNNING:
                self._starting.arm(case)
                self._killing.resume(case)
            elif state in {State.EXITED, State.CRASH_BACKOFF, State.HOOK_FAILED}:
                self._stopping.resume(case)
            elif state is State.PULL_FAILED:
                self._desk.later(0, Input.HOLD_PULL, case)
            elif state is not State.CREATING:
                self._desk.later(0, Input.BEGIN, case)
        if any(lifecycle.state_of(case.status) is State.CREATING for case in self._desk.cases(pod, plan, agent)):
            self._starting.mount(pod, plan, agent)

    def _status_changed(self, key: str, old: Pod, new: Pod) -> None:
        if new.status.phase != old.status.phase and new.status.phase in lifecycle.TERMINAL:
            self._let_go(key, new, self._registry.agent(new.spec.nodeName))
        elif new.spec.readinessGates and new.status.containerStatuses:
            self._report(key)

    def _let_go(self, key: str, pod: Pod, agent: Agent) -> None:
        agent.unseen.pop(key, None)
        agent.ledger.release(key)
        self._storage.let_go(pod, self._desk.plans.of(pod))
        self._resizing.forget(pod, agent)
        if agent.told:
            self._eviction.left(key, agent)
        self._resizing.room_came(agent)
        if pod.status.podIP and agent.addresses is not None and not pod.spec.hostNetwork:
            agent.addresses.release(pod.status.podIP)

    def _gone(self, key: str, pod: Pod) -> None:
        """A pod left the API: by this kubelet's hand, or by force."""
        agent = self._registry.agent(pod.spec.nodeName)
        self._desk.memory.forget(pod)
        self._starting.probing.forget(pod)
        if pod.status.phase not in lifecycle.TERMINAL:
            self._let_go(key, pod, agent)
            if agent.live and not pod.metadata.deletionTimestamp:
                self._termination.killed_by_force(pod, self._desk.plans.of(pod), agent)
        self._storage.forget(pod, self._desk.plans.of(pod))

    def _changed(self, key: str, old: Pod, new: Pod) -> None:
        """A pod's metadata or spec changed."""
        if new.status.phase in lifecycle.TERMINAL and old.status.phase not in lifecycle.TERMINAL:
            self._let_go(key, new, self._registry.agent(new.spec.nodeName))
        agent = self._registry.agent(new.spec.nodeName)
        pod = self._desk.pods.get(key)
        if not agent.live or pod is None or pod.metadata.uid != new.metadata.uid:
            return
        before, after = old.metadata, new.metadata
        if after.deletionTimestamp:
            if (after.deletionTimestamp, after.deletionGracePeriodSeconds) != (
                before.deletionTimestamp, before.deletionGracePeriodSeconds
            ):  # fmt: skip
                self._termination.terminate(pod, self._desk.plans.of(pod), agent)
            return
        if (after.labels, after.annotations) != (before.labels, before.annotations) and self._desk.plans.of(
            pod
        ).shows_pod:
            self._storage.relabelled(pod, old)
        if new.spec is not old.spec or after.annotations is not before.annotations:
            self._redefined(pod, old, agent)

    def _redefined(self, pod: Pod, old: Pod, agent: Agent) -> None:
        """A pod's containers or our annotations on it changed."""
        if not pod.status.startTime or pod.status.phase in lifecycle.TERMINAL:
            return
        desk, was = self._desk, self._desk.plans.of(old)
        conditions = self._resizing.asked(pod, old, agent) if resized(pod, old) else None
        plan = desk.plans.of(pod)
        self._termination.watch_deadline(pod)
        agent.ledger.charge_again(kinds.key(pod), plan)
        self._eviction.came(kinds.key(pod), pod, agent)
        pod = desk.write_all(pod, plan, agent, *status.refreshed(pod, plan), conditions=conditions)
        for case in desk.cases(pod, plan, agent):
            former = was.by_name.get(case.container.name)
            state = lifecycle.state_of(case.status)
            image_changed = former is not None and former.container.image != case.container.container.image
            if state is State.RUNNING and image_changed:
                self._stopping.replace(case)
            elif state is State.RUNNING and former is not None and _told_otherwise(former, case.container):
                self._starting.arm(case)
                self._starting.probing.told_otherwise(case)
            elif state in _PULLS and image_changed:
                desk.later(0, Input.BEGIN, case)
            elif former is None and pod.status.podIP:
                self._starting.begin(case)
        if conditions is not None:
            self._resizing.room_came(agent)

    def _report(self, key: str) -> None:
        """Write the pod's status again, if anything in it follows differently now."""
        pod = self._desk.pods.get(key)
        if pod is None or not pod.spec.nodeName or pod.metadata.deletionTimestamp:
            return
        agent = self._registry.agent(pod.spec.nodeName)
        if agent.live and pod.status.phase not in lifecycle.TERMINAL:
            held = pod.status
            plan = self._desk.plans.of(pod)
            self._desk.write_all(pod, plan, agent, held.initContainerStatuses, held.containerStatuses)

    def _went_live(self, agent: Agent) -> None:
        self._eviction.resume(agent)
        for key in [*agent.ledger.plans, *agent.unseen]:
            pod = self._desk.pods.get(key)
            if pod is not None and pod.status.podIP and agent.addresses is not None:
                agent.addresses.hold(pod.status.podIP)
            self._look(key, agent)

    def _on_memory(self, key: str, __: ContainerMemory | None, new: ContainerMemory | None) -> None:
        """A shell was left by who had attached to it: that is the end of its process."""
        if new is None or new.left is None:
            return
        name, _, container = key.rpartition("/")
        pod = self._desk.pods.get(name)
        if pod is not None and pod.metadata.uid == new.uid and pod.spec.nodeName:
            cases = self._desk.cases(pod, self._desk.plans.of(pod), self._registry.agent(pod.spec.nodeName))
            for case in cases:
                if case.container.name == container:
                    self._desk.later(0, Input.EXIT, case)

    def _on_config_map(self, key: str, old: ConfigMap | None, new: ConfigMap | None) -> None:
        self._storage.changed(CONFIG_MAP, key, old, new)
        self._appeared(f"{CONFIG_MAP} {key}")

    def _on_secret(self, key: str, old: Secret | None, new: Secret | None) -> None:
        self._storage.changed(SECRET, key, old, new)
        self._appeared(f"{SECRET} {key}")

    def _appeared(self, name: str) -> None:
        for key in self._starting.waiters(name):
            pod = self._desk.pods.get(key)
            if pod is not None:
                agent = self._registry.agent(pod.spec.nodeName)
                if agent.live:
                    self._look(key, agent)


def _told_otherwise(former: ContainerPlan, now: ContainerPlan) -> bool:
    """Whether our annotations say something else of a container than before."""
    return former.behaviour != now.behaviour or former.probes != now.probes
