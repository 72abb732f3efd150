"""A cluster whose components are processes: built like an engine, part by part, and run on the same virtual clock."""

import hashlib

from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.cluster import Cluster, NodeGroup, Timing
from cluster.api.quantity import Quantity
from cluster.apiserver import ApiServer
from cluster.bootstrap import bootstrap
from cluster.clock import Clock
from cluster.controllers import CONTROLLERS
from cluster.kubelet import Kubelets
from cluster.scheduler import Scheduler
from cluster.store import Store
from tests.properties.simulation.dice import Dice
from tests.properties.simulation.faults import CALM, Faults, Rates
from tests.properties.simulation.process import Process

COMPONENTS = (*CONTROLLERS, Scheduler, Kubelets)
ZONE = "topology.kubernetes.io/zone"
QUIET, LIMIT, MOST = 1_200_000, 40_000_000, 6_000
"""ms without a write that are rest (controllers try again after 1,000 s), and ms and writes that are too many."""


def config(seed: int) -> Cluster:
    """A small cluster, its size and speed chosen by the seed."""
    dice = Dice(seed, "cluster")
    capacity = {"cpu": Quantity("2"), "memory": Quantity("4Gi"), "pods": Quantity(dice.one_of(("6", "12", "110")))}
    group = NodeGroup(count=2 + dice.below(3), labels={ZONE: "zone-{zone}"}, capacity=capacity)
    slow = dice.chance(2)
    timing = Timing(imagePull="1.5s" if slow else "0s", containerStart="200ms", containerStop="500ms" if slow else "0s")
    return Cluster(seed=seed, nodes=(group,), timing=timing)


class World:
    """A store, a clock, an API server, and every component in a process of its own."""

    def __init__(self, cluster: Cluster, rates: Rates = CALM) -> None:
        self.config, self.clock, self.store = cluster, Clock(), Store()
        self.api = ApiServer(self.store, self.clock, cluster)
        bootstrap(self.api)
        self.down: set[str] = set()
        """Nodes that have failed and not come back."""
        self.processes = [
            Process(self.api, cluster, component, Faults(cluster.seed, component.__name__, CALM))
            for component in COMPONENTS
        ]
        for process in self.processes:
            process.faults.rates = rates

    @property
    def kubelets(self) -> Process:
        """The process of all kubelets."""
        return self.processes[-1]

    def run_for(self, duration: int) -> None:
        """Let virtual ms pass."""
        self.clock.run_until(self.clock.now + duration)

    def settle(self) -> bool:
        """Run until nothing but events was written for long; False if that takes too much time, or too many writes."""
        end, most = self.clock.now + LIMIT, self.store.revision + MOST
        while self.clock.now < end:
            written = self.written()
            if not self.clock.run_until(self.clock.now + QUIET, lambda: self.store.revision > most):
                return False
            if self.written() == written:
                return True
        return False

    def written(self) -> int:
        """How many revisions are not of events."""
        return self.store.revision - self.store.table(kinds.EVENTS).end

    def fail_node(self, name: str) -> None:
        """Take a node down, as soon as there are kubelets to take down."""
        self.down.add(name)
        self._to_kubelets("stop", name)

    def restore_node(self, name: str) -> None:
        """Bring a node back."""
        self.down.discard(name)
        self._to_kubelets("start", name)

    def _to_kubelets(self, method: str, name: str) -> None:
        """Tell a node's kubelet something, as soon as there are kubelets that do it and live."""
        while name in self.store.table(kinds.NODES) and not self.kubelets.call(method, name):
            self.run_for(1_000)

    def recover(self) -> None:
        """End every fault: processes run and crash no more, nodes are up, may be used and have no taints of a user's."""
        for process in self.processes:
            process.faults.rates = CALM
            process.start()
        for name in sorted(self.down):
            self.restore_node(name)
        for node in self.api.list(kinds.NODES):
            spec = replace(node.spec, unschedulable=False, taints=tuple(t for t in node.spec.taints if "/" in t.key))
            self.api.update(kinds.NODES, replace(node, spec=spec), actor="user")

    def restart(self) -> None:
        """Every component forgets what it knows and begins anew on what is stored."""
        for process in self.processes:
            process.restart()

    def digest(self) -> str:
        """A hash over the whole log."""
        return digest(self.store)


def digest(store: Store) -> str:
    """A hash over the whole log: what was written, by whom and why."""
    made = hashlib.sha256()
    for name, entry in store.log():
        made.update(f"{entry.revision} {name} {entry.key} {entry.actor} {entry.cause} ".encode())
        made.update(b"" if entry.object is None else codec.encode(entry.object))
    return made.hexdigest()
