"""A small cluster without a scheduler: tests bind pods themselves and read what the kubelets write."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Cluster, Timing
from cluster.api.codec import from_plain
from cluster.api.core import ContainerStatus, Event, Node, Pod, ServiceAccount
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.bootstrap import bootstrap
from cluster.clock import Clock
from cluster.kubelet import Kubelets
from cluster.store import Store

INSTANT = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="0s"))
USER = "user"


class World:
    """A store, a clock, an API server and kubelets."""

    def __init__(self, config: Cluster = DEFAULT) -> None:
        self.config, self.clock, self.store = config, Clock(), Store()
        self.api = ApiServer(self.store, self.clock, config)
        bootstrap(self.api)
        account = ServiceAccount(metadata=ObjectMeta(name="default", namespace="default"))
        self.api.create(kinds.SERVICE_ACCOUNTS, account, actor=USER)
        self.kubelets = Kubelets(self.api, config)

    def rebuild(self) -> None:
        """Go on with kubelets that know only the store: the old ones' timers are lost with the clock."""
        now = self.clock.now
        self.clock = Clock()
        self.clock.run_until(now)
        self.api = ApiServer(self.store, self.clock, self.config)
        self.kubelets = Kubelets(self.api, self.config)

    def pod(
        self, name: str = "web", node: str = "node-1", *, annotations: Mapping[str, str] | None = None, **spec: Any
    ) -> None:
        """Create a pod and bind it; `spec` is as in a manifest, one container `c` of nginx if it names none."""
        spec.setdefault("containers", [{"name": "c", "image": "nginx:1.27"}])
        told = {f"sim.ktui.dev/{key.replace('_', '-')}": value for key, value in (annotations or {}).items()}
        plain = {"metadata": {"name": name, "namespace": "default", "annotations": told}, "spec": spec}
        self.api.create(kinds.PODS, from_plain(Pod, plain), actor=USER)
        if "nodeName" not in spec:
            self.api.bind(f"default/{name}", node, actor="default-scheduler")

    def run(self, ms: int = 60_000) -> None:
        """Let virtual time pass."""
        self.clock.run_until(self.clock.now + ms)

    def get(self, name: str = "web") -> Pod:
        """A pod as stored."""
        return self.api.get(kinds.PODS, f"default/{name}")

    def find(self, name: str = "web") -> Pod | None:
        """A pod as stored, if it exists."""
        return self.api.find(kinds.PODS, f"default/{name}")

    def container(self, name: str = "web", position: int = 0) -> ContainerStatus:
        """The status of a pod's container."""
        return self.get(name).status.containerStatuses[position]

    def reason(self, name: str = "web", position: int = 0) -> str:
        """Why a container waits."""
        waiting = self.container(name, position).state.waiting
        return waiting.reason if waiting is not None else ""

    def node(self, name: str = "node-1") -> Node:
        """A node as stored."""
        return self.api.get(kinds.NODES, name)

    def condition(self, kind: str, name: str = "web") -> tuple[str, str, str]:
        """The status, reason and message of a pod's condition."""
        found = next(one for one in self.get(name).status.conditions if one.type == kind)
        return found.status, found.reason, found.message

    def events(self, name: str = "web") -> list[Event]:
        """The events about a pod or node, oldest first."""
        return [one for one in self.store.table(kinds.EVENTS).values() if one.involvedObject.name == name]

    def told(self, name: str = "web") -> list[str]:
        """The reasons of the events about a pod or node, oldest first."""
        return [one.reason for one in self.events(name)]

    def message(self, reason: str, name: str = "web") -> str:
        """The newest message of an event with this reason."""
        return [one.message for one in self.events(name) if one.reason == reason][-1]

    def phases(self, name: str = "web") -> list[str]:
        """Every phase that the pod's log shows, oldest first, repeats left out."""
        found = [
            entry.object.status.phase
            for _, entry in self.store.log()
            if entry.key == f"default/{name}" and isinstance(entry.object, Pod)
        ]
        return [phase for index, phase in enumerate(found) if not index or found[index - 1] != phase]
