"""A small world to schedule in: the real API server on a store that the test fills by hand."""

from collections.abc import Mapping
from typing import Any

from cluster.api.cluster import DEFAULT
from cluster.api.core import (
    Affinity,
    Container,
    ContainerImage,
    ContainerPort,
    Event,
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    NodeSpec,
    NodeStatus,
    Pod,
    PodSpec,
    PodStatus,
    PreferredSchedulingTerm,
    ResourceRequirements,
    Taint,
)
from cluster.api.kinds import EVENTS, NODES, PODS, Kind, key, kind_of
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.quantity import parse
from cluster.apiserver import ApiServer
from cluster.clock import Clock
from cluster.scheduler import Scheduler
from cluster.store import Store

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
RUN = 60_000


def node(name: str, cpu: str = "4", memory: str = "8Gi", pods: str = "110", zone: str = "", **more: Any) -> Node:
    """A node; `labels`, `taints`, `unschedulable`, `resources` (more allocatable) and `images` as wanted."""
    labels = {HOST: name, **({ZONE: zone} if zone else {}), **more.get("labels", {})}
    allocatable = {"cpu": cpu, "memory": memory, "pods": pods, **more.get("resources", {})}
    return Node(
        metadata=ObjectMeta(name=name, labels=labels, uid=f"uid-{name}"),
        spec=NodeSpec(taints=tuple(more.get("taints", ())), unschedulable=more.get("unschedulable", False)),
        status=NodeStatus(
            allocatable={resource: parse(text) for resource, text in allocatable.items()},
            images=tuple(
                ContainerImage(names=(name,), sizeBytes=size) for name, size in more.get("images", {}).items()
            ),
        ),
    )


def taint(key_: str, effect: str = "NoSchedule", value: str = "") -> Taint:
    """A taint."""
    return Taint(key=key_, effect=effect, value=value)


def container(requests: Mapping[str, str] | None = None, host_ports: tuple[int, ...] = (), **fields: Any) -> Container:
    """A container that requests resources and listens on ports of its node."""
    ports = tuple(ContainerPort(containerPort=port, hostPort=port, protocol="TCP") for port in host_ports)
    asked = {name: parse(text) for name, text in (requests or {}).items()}
    return Container(name="c", image="nginx", resources=ResourceRequirements(requests=asked), ports=ports, **fields)


def spec(requests: Mapping[str, str] | None = None, host_ports: tuple[int, ...] = (), **fields: Any) -> PodSpec:
    """The spec of a pod with one container."""
    return PodSpec(containers=(container(requests, host_ports),), schedulerName="default-scheduler", **fields)


def pod(name: str, spec_: PodSpec | None = None, labels: Mapping[str, str] | None = None, **meta: Any) -> Pod:
    """A pod that waits for its node."""
    found = {"namespace": "default", "uid": f"uid-{name}", "generation": 1, "labels": labels or {}, **meta}
    return Pod(metadata=ObjectMeta(name=name, **found), spec=spec_ or spec(), status=PodStatus(phase="Pending"))


def expression(key_: str, operator: str, *values: str) -> NodeSelectorTerm:
    """A node selector term of one expression."""
    return NodeSelectorTerm(matchExpressions=(NodeSelectorRequirement(key=key_, operator=operator, values=values),))


def named(operator: str, *names: str) -> NodeSelectorTerm:
    """A node selector term by `metadata.name`."""
    field = NodeSelectorRequirement(key="metadata.name", operator=operator, values=names)
    return NodeSelectorTerm(matchFields=(field,))


def affinity(*required: NodeSelectorTerm, preferred: Mapping[NodeSelectorTerm, int] | None = None) -> Affinity:
    """Node affinity: required terms, and preferred ones with their weights."""
    wishes = tuple(
        PreferredSchedulingTerm(preference=term, weight=weight) for term, weight in (preferred or {}).items()
    )
    demand = NodeSelector(nodeSelectorTerms=required) if required else None
    return Affinity(
        nodeAffinity=NodeAffinity(
            requiredDuringSchedulingIgnoredDuringExecution=demand,
            preferredDuringSchedulingIgnoredDuringExecution=wishes,
        )
    )


class World:
    """A store, its API server and a scheduler."""

    def __init__(self, *objects: Resource) -> None:
        self.store, self.clock = Store(), Clock()
        self.api = ApiServer(self.store, self.clock, DEFAULT)
        self.put(*objects)
        self.scheduler = Scheduler(self.api, DEFAULT)

    def rebuild(self) -> None:
        """Drop every component, and build them again on what the store says."""
        now = self.clock.now
        self.clock = Clock()
        self.clock.now = now
        self.api = ApiServer(self.store, self.clock, DEFAULT)
        self.scheduler = Scheduler(self.api, DEFAULT)

    def put(self, *objects: Resource) -> "World":
        """Write objects as they are, as if the API server had."""
        for value in objects:
            self.store.put(kind_of(value), key(value), value, "test")
        return self

    def delete(self, kind: Kind[Any], name: str) -> None:
        """Remove an object at once."""
        self.store.delete(kind, name, "test")

    def run(self, milliseconds: int = RUN) -> "World":
        """Let virtual time pass."""
        self.clock.run_until(self.clock.now + milliseconds)
        return self

    def pod(self, name: str) -> Pod:
        """A pod as it is now."""
        found = self.store.table(PODS).get(f"default/{name}")
        assert found is not None
        return found

    def where(self, name: str) -> str:
        """The node of a pod, "" while it waits."""
        return self.pod(name).spec.nodeName

    def node(self, name: str) -> Node:
        """A node as it is now."""
        found = self.store.table(NODES).get(name)
        assert found is not None
        return found

    def events(self, name: str) -> list[Event]:
        """The events about a pod, oldest first."""
        return [each for each in self.store.table(EVENTS).values() if each.involvedObject.name == name]

    def says(self, name: str) -> str:
        """The message of a pod's PodScheduled condition."""
        found = [each.message for each in self.pod(name).status.conditions if each.type == "PodScheduled"]
        return found[0] if found else ""
