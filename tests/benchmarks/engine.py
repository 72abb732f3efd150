"""The engine's scenarios: what one costs in CPU time, memory and slices, with objects, validation and events in full.

A: 1,000 nodes, a Deployment of 10,000 and its Service, until all is Ready and nothing is written any more.
B: 5,000 nodes, 500 Deployments of 300 with a Service each: Kubernetes' own limit.
C: 5,000 nodes of all sorts, 4 Deployments of 2,500 that are choosy in four ways.
D: a rolling update of 1,000 replicas, 25 % surge and unavailable.
E: 50 of 1,000 nodes die under 30,000 pods, until every pod is Ready again elsewhere.
"""

import gc
import resource
import time
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import Deployment, DeploymentSpec
from cluster.api.cluster import DEFAULT
from cluster.api.core import (
    Container,
    ContainerPort,
    PodSpec,
    PodTemplateSpec,
    ResourceRequirements,
    Service,
    ServicePort,
    ServiceSpec,
)
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.quantity import Quantity
from cluster.engine import Engine
from tests.benchmarks import choosy

SLICE = 0.004
STEP = 500
ANYWHERE = PodSpec()
CAPACITY = {
    "cpu": Quantity("32"),
    "memory": Quantity("128Gi"),
    "pods": Quantity("110"),
    "ephemeral-storage": Quantity("1Ti"),
}


class Figures(NamedTuple):
    """What a scenario showed."""

    cpu: float  # seconds of process time
    pods: int
    writes: int
    memory: float  # MB of resident memory, the process's highest
    slice_p99: float  # ms
    slice_max: float  # ms
    virtual: float  # seconds of cluster time


def engine(nodes: int) -> Engine:
    """A settled cluster of big nodes in three zones."""
    group = replace(DEFAULT.nodes[0], capacity=CAPACITY, labels={"topology.kubernetes.io/zone": "zone-{zone}"})
    made = Engine(replace(DEFAULT, nodes=(group,)).with_nodes(nodes))
    made.settle()
    return made


def deploy(made: Engine, name: str, replicas: int, image: str = "nginx:1.26", wishes: PodSpec = ANYWHERE) -> None:
    """A Deployment with its Service, as a user would apply them; `wishes` says where its pods may go."""
    labels = {"app": name}
    requests = ResourceRequirements(requests={"cpu": Quantity("100m"), "memory": Quantity("128Mi")})
    container = Container(name="app", image=image, ports=(ContainerPort(containerPort=80),), resources=requests)
    template = PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=replace(wishes, containers=(container,)))
    spec = DeploymentSpec(replicas=replicas, selector=LabelSelector(matchLabels=labels), template=template)
    meta = ObjectMeta(name=name, namespace="default")
    made.api.create(
        kinds.SERVICES,
        Service(metadata=meta, spec=ServiceSpec(selector=labels, ports=(ServicePort(port=80),))),
        actor="user",
    )
    made.api.create(kinds.DEPLOYMENTS, Deployment(metadata=meta, spec=spec), actor="user")


def ready(made: Engine, replicas: int) -> bool:
    """Whether every Deployment is complete and every endpoint is in its slices."""
    deployments = list(made.store.table(kinds.DEPLOYMENTS).values())
    done = all(
        found.status.readyReplicas == found.spec.replicas == found.status.updatedReplicas == found.status.replicas
        and found.status.observedGeneration == found.metadata.generation
        for found in deployments
    )
    return done and endpoints(made) == replicas


def endpoints(made: Engine) -> int:
    """How many ready endpoints the slices of the Deployments' Services hold."""
    return sum(
        sum(endpoint.conditions.ready is True for endpoint in found.endpoints)
        for key, found in made.store.table(kinds.ENDPOINT_SLICES).items()
        if not key.startswith("default/kubernetes")
    )


def measured(made: Engine, done: Callable[[], bool], pods: int, limit: int = 3_600_000) -> Figures:
    """Run in slices until `done`, and say what that took."""
    slices: list[float] = []
    writes, started_at = made.store.revision, made.clock.now
    gc.collect()
    gc.freeze()
    gc.disable()
    cpu = 0.0
    while not done():
        if made.clock.now - started_at > limit:
            raise RuntimeError(f"not done after {limit / 1000:.0f} s of cluster time")
        end = made.clock.now + STEP
        reached = False
        start = time.process_time()
        while not reached:
            began = time.thread_time()
            reached = made.run_until(end, lambda began=began: time.thread_time() - began >= SLICE)  # type: ignore[misc]
            slices.append((time.thread_time() - began) * 1000)
        cpu += time.process_time() - start
    gc.enable()
    slices.sort()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(
        cpu, pods, made.store.revision - writes, memory, slices[int(len(slices) * 0.99)], slices[-1],
        (made.clock.now - started_at) / 1000,
    )  # fmt: skip


def scenario_a() -> Figures:
    """1,000 nodes, 10,000 replicas and a Service."""
    made = engine(1_000)
    deploy(made, "web", 10_000)
    return measured(made, lambda: ready(made, 10_000), 10_000)


def scenario_b() -> Figures:
    """5,000 nodes, 150,000 pods of 500 Deployments with Services."""
    made = engine(5_000)
    for number in range(500):
        deploy(made, f"app-{number:03d}", 300)
    return measured(made, lambda: ready(made, 150_000), 150_000)


def scenario_c() -> Figures:
    """10,000 pods with affinity, spread and taints on 5,000 nodes."""
    made = engine(5_000)
    choosy.diversify(made)
    made.settle()
    for name, wishes in choosy.WISHES.items():
        deploy(made, name, 2_500, wishes=wishes)
    return measured(made, lambda: ready(made, 10_000), 10_000)


def scenario_d() -> Figures:
    """A rolling update of 1,000 replicas."""
    made = engine(100)
    deploy(made, "web", 1_000)
    made.settle()
    old = made.api.get(kinds.DEPLOYMENTS, "default/web")
    template = old.spec.template
    container = replace(template.spec.containers[0], image="nginx:1.27")
    changed = replace(template, spec=replace(template.spec, containers=(container,)))
    made.api.update(kinds.DEPLOYMENTS, replace(old, spec=replace(old.spec, template=changed)), actor="user")
    return measured(made, lambda: ready(made, 1_000), 1_000)


def scenario_e() -> Figures:
    """50 of 1,000 nodes die under 30,000 pods."""
    made = engine(1_000)
    for number in range(100):
        deploy(made, f"app-{number:02d}", 300)
    made.settle()
    dead = {f"node-{number}" for number in range(1, 51)}
    for name in sorted(dead):
        made.fail_node(name)

    def recovered() -> bool:
        moved = all(
            pod.metadata.deletionTimestamp or pod.spec.nodeName not in dead
            for pod in made.store.table(kinds.PODS).values()
        )
        return moved and ready(made, 30_000)

    made.run_for(60_000)
    return measured(made, recovered, 1_500)


SCENARIOS: dict[str, tuple[str, Callable[[], Figures]]] = {
    "A": ("<= 1 s CPU", scenario_a),
    "B": ("<= 20 s, <= 1,229 MB", scenario_b),
    "C": (">= 10,000 pods/s", scenario_c),
    "D": ("<= 0.15 s CPU", scenario_d),
    "E": ("<= 0.5 s CPU", scenario_e),
}
