"""The user: what one does to a cluster in an afternoon, a step at a time, following from the seed."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.codec import from_plain
from cluster.api.core import Namespace, Node, Pod, PodTemplateSpec, Taint
from cluster.api.errors import ApiError
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.scheduling import PriorityClass
from cluster.apiserver.eviction import evict
from cluster.controllers.ownership import controller_of
from tests.properties.simulation import manifests
from tests.properties.simulation.dice import Dice
from tests.properties.simulation.world import ZONE, World

USER = "user"
NAMESPACES = ("default", "shop", "lab")
NAMES = ("red", "green", "blue")
SCALED = (kinds.DEPLOYMENTS, kinds.REPLICA_SETS, kinds.REPLICATION_CONTROLLERS, kinds.STATEFUL_SETS)
TEMPLATED = (*SCALED, kinds.DAEMON_SETS)
OWNED: tuple[Kind[Any], ...] = (
    *TEMPLATED, kinds.JOBS, kinds.CRON_JOBS, kinds.SERVICES, kinds.PERSISTENT_VOLUME_CLAIMS, kinds.RESOURCE_QUOTAS,
    kinds.POD_DISRUPTION_BUDGETS,
)  # fmt: skip
WAITS = (3, 40, 300, 2_500, 12_000, 70_000)


class User:
    """Takes steps; what the API refuses is no harm."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.api = world, world.api
        self.dice = Dice(seed, "user")
        self.told: list[tuple[int, int, str]] = []
        """The time and the revision at each step, and the step."""
        self._tell("begin")
        for number, name in enumerate(manifests.PRIORITIES):
            value = PriorityClass(
                metadata=ObjectMeta(name=name), value=100 * number, preemptionPolicy="PreemptLowerPriority"
            )
            self.api.create(kinds.PRIORITY_CLASSES, value, actor=USER)
        for name in NAMESPACES[1:]:
            self.api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name=name)), actor=USER)
        self.world.run_for(200)

    def work(self, steps: int) -> None:
        """Take so many steps, and wait between them."""
        for _ in range(steps):
            step: Callable[[], None] = getattr(self, self.dice.one_of(STEPS))
            try:
                step()
            except ApiError as refused:
                self._tell(f"  refused: {refused.message}")
            self.world.run_for(self.dice.one_of(WAITS))

    def _tell(self, words: str) -> None:
        self.told.append((self.world.clock.now, self.world.store.revision, words))

    def _place(self) -> tuple[str, str]:
        return self.dice.one_of(NAMES), self.dice.one_of(NAMESPACES)

    def create(self) -> None:
        """Create something."""
        name, namespace = self._place()
        self._create(self.dice.one_of(manifests.BUILDERS)(self.dice, name, namespace))

    def _create(self, plain: dict[str, Any]) -> None:
        head = plain["metadata"]
        self._tell(f"create {plain['kind']} {head.get('namespace', '')}/{head['name']}")
        kind = kinds.by_api_version(plain["apiVersion"], plain["kind"])
        assert kind is not None
        self.api.create(kind, from_plain(kind.type, plain), actor=USER)

    def _some(self, among: tuple[Kind[Any], ...]) -> tuple[Kind[Any], Resource] | None:
        """Something that a user has made, found as users find it: by looking."""
        found = [
            (kind, value) for kind in among for value in self.api.list(kind)
            if not value.metadata.ownerReferences and value.metadata.namespace in NAMESPACES
            and value.metadata.name != "kubernetes"
        ]  # fmt: skip
        return self.dice.one_of(found) if found else None

    def scale(self) -> None:
        """Scale a workload."""
        found, size = self._some(SCALED), self.dice.below(7)
        if found is not None:
            self._tell(f"scale {found[0].kind} {kinds.key(found[1])} to {size}")
            self.api.scale(found[0], kinds.key(found[1]), size, actor=USER)

    def roll(self) -> None:
        """Give a workload another template."""
        found = self._some(TEMPLATED)
        if found is None:
            return
        kind, value = found
        name = value.metadata.name
        self._tell(f"roll {kind.kind} {kinds.key(value)}")
        old: PodTemplateSpec = value.spec.template  # type: ignore[attr-defined]
        made = from_plain(PodTemplateSpec, manifests.template(self.dice, name))
        made = replace(made, metadata=replace(made.metadata, labels=old.metadata.labels))
        spec = replace(value.spec, template=made)  # type: ignore[attr-defined]
        self.api.update(kind, replace(value, spec=spec), actor=USER)

    def pause(self) -> None:
        """Pause a Deployment, or let it go on."""
        found = self._some((kinds.DEPLOYMENTS,))
        if found is not None:
            value = self.api.get(kinds.DEPLOYMENTS, kinds.key(found[1]))
            self._tell(f"pause {kinds.key(value)}: {not value.spec.paused}")
            changed = replace(value, spec=replace(value.spec, paused=not value.spec.paused))
            self.api.update(kinds.DEPLOYMENTS, changed, actor=USER)

    def delete(self) -> None:
        """Delete something, its dependents in any of the ways."""
        found, way = self._some(OWNED), self.dice.one_of((None, "Background", "Foreground", "Orphan"))
        if found is not None:
            self._tell(f"delete {found[0].kind} {kinds.key(found[1])} {way or ''}")
            self.api.delete(found[0], kinds.key(found[1]), actor=USER, propagation=way)

    def kill(self) -> None:
        """Delete a pod, perhaps by force, or evict it."""
        pods, way = self.api.list(kinds.PODS), self.dice.below(5)
        if pods:
            key = kinds.key(self.dice.one_of(pods))
            self._tell(f"kill {key} {('', '', '', 'by force', 'by eviction')[way]}")
            if way == 4:
                evict(self.api, key, actor=USER)
            else:
                self.api.delete(kinds.PODS, key, actor=USER, grace=0 if way == 3 else None)

    def namespace(self) -> None:
        """Delete a namespace, or make it again."""
        name = self.dice.one_of(NAMESPACES[1:])
        if self.api.find(kinds.NAMESPACES, name) is None:
            self._tell(f"create namespace {name}")
            self.api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name=name)), actor=USER)
        elif self.dice.chance(2):
            self._tell(f"delete namespace {name}")
            self.api.delete(kinds.NAMESPACES, name, actor=USER)

    # Nodes

    def _node(self) -> Node | None:
        nodes = self.api.list(kinds.NODES)
        return self.dice.one_of(nodes) if nodes else None

    def fail(self) -> None:
        """Take a node down."""
        node = self._node()
        if node is not None:
            self._tell(f"fail {node.metadata.name}")
            self.world.fail_node(node.metadata.name)

    def restore(self) -> None:
        """Bring back the node that has been down for longest by name."""
        for name in sorted(self.world.down)[:1]:
            self._tell(f"restore {name}")
            self.world.restore_node(name)

    def cordon(self) -> None:
        """Cordon a node and drain it, or let it be used again."""
        node = self._node()
        if node is None:
            return
        self._tell(f"cordon {node.metadata.name}: {not node.spec.unschedulable}")
        spec = replace(node.spec, unschedulable=not node.spec.unschedulable)
        self.api.update(kinds.NODES, replace(node, spec=spec), actor=USER)
        if spec.unschedulable:
            for pod in self.api.list(kinds.PODS):
                if pod.spec.nodeName == node.metadata.name:
                    try:
                        evict(self.api, kinds.key(pod), actor=USER)
                    except ApiError as refused:
                        self._tell(f"  refused: {refused.message}")

    def taint(self) -> None:
        """Taint a node, or take the taint away."""
        node, effect = self._node(), self.dice.one_of(("NoSchedule", "NoExecute"))
        if node is None:
            return
        kept = tuple(each for each in node.spec.taints if each.key != "sim")
        taints = kept if len(kept) < len(node.spec.taints) else (*kept, Taint(key="sim", effect=effect))
        self._tell(f"taint {node.metadata.name}: {[each.key for each in taints]}")
        self.api.update(kinds.NODES, replace(node, spec=replace(node.spec, taints=taints)), actor=USER)

    def resize(self) -> None:
        """Add a node, or take it out of the cluster."""
        if self.api.find(kinds.NODES, "extra") is None:
            self._tell("add node extra")
            node = Node(metadata=ObjectMeta(name="extra", labels={ZONE: "zone-1"}))
            self.api.create(kinds.NODES, node, actor=USER)
        else:
            self._tell("delete node extra")
            self.world.down.discard("extra")
            self.api.delete(kinds.NODES, "extra", actor=USER)

    def finish(self) -> None:
        """End what would go on for ever: CronJobs are suspended, pods that fail and are tried again go, rollouts go on."""
        self._tell("finish")
        for pod in self.api.list(kinds.PODS):
            if pod.spec.restartPolicy == "OnFailure" and not self._is_of_a_job(pod):
                self.api.delete(kinds.PODS, kinds.key(pod), actor=USER)
        for cron in self.api.list(kinds.CRON_JOBS):
            self.api.update(kinds.CRON_JOBS, replace(cron, spec=replace(cron.spec, suspend=True)), actor=USER)
        for deployment in self.api.list(kinds.DEPLOYMENTS):
            spec = replace(deployment.spec, paused=False)
            self.api.update(kinds.DEPLOYMENTS, replace(deployment, spec=spec), actor=USER)

    def _is_of_a_job(self, pod: Pod) -> bool:
        """Whether a Job looks after a pod, and will in the end."""
        controller = controller_of(pod)
        if controller is None or controller.kind != "Job":
            return False
        job = self.api.find(kinds.JOBS, kinds.key_of(pod.metadata.namespace, controller.name))
        return job is not None and not job.metadata.deletionTimestamp


STEPS = (
    *["create"] * 12, *["scale"] * 4, *["roll"] * 5, "pause", *["delete"] * 4, *["kill"] * 3, "namespace", "fail",
    *["restore"] * 2, "cordon", "taint", "resize",
)  # fmt: skip
