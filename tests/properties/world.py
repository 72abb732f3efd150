"""A random but repeatable life of a cluster: what a user and bad luck do to it, as plain data."""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import Deployment, DeploymentSpec, DeploymentStrategy
from cluster.api.cluster import DEFAULT, Timing
from cluster.api.core import (
    Container,
    ContainerPort,
    PodSpec,
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerSpec,
    ResourceRequirements,
    Service,
    ServicePort,
    ServiceSpec,
)
from cluster.api.errors import ApiError
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.quantity import Quantity
from cluster.engine import Engine

NAMES = ("red", "green", "blue")
NODES = ("node-1", "node-2", "node-3")
Step = tuple[str, tuple[Any, ...]]

STEPS = st.one_of(
    st.tuples(st.just("deploy"), st.tuples(st.sampled_from(NAMES), st.integers(0, 5), st.sampled_from(("RollingUpdate", "Recreate")))),
    st.tuples(st.just("replicate"), st.tuples(st.sampled_from(NAMES), st.integers(0, 4))),
    st.tuples(st.just("serve"), st.tuples(st.sampled_from(NAMES))),
    st.tuples(st.just("scale"), st.tuples(st.sampled_from(NAMES), st.integers(0, 6))),
    st.tuples(st.just("image"), st.tuples(st.sampled_from(NAMES), st.integers(1, 3))),
    st.tuples(st.just("request"), st.tuples(st.sampled_from(NAMES), st.sampled_from(("100m", "900m", "3")))),
    st.tuples(st.just("undeploy"), st.tuples(st.sampled_from(NAMES))),
    st.tuples(st.just("kill"), st.tuples(st.integers(0, 20))),
    st.tuples(st.just("fail"), st.tuples(st.sampled_from(NODES))),
    st.tuples(st.just("restore"), st.tuples(st.sampled_from(NODES))),
    st.tuples(st.just("cordon"), st.tuples(st.sampled_from(NODES), st.booleans())),
    st.tuples(st.just("wait"), st.tuples(st.sampled_from((3, 250, 2_000, 70_000)))),
)  # fmt: skip
LIVES = st.lists(STEPS, min_size=1, max_size=14)


def template(name: str, image: str = "nginx:1") -> PodTemplateSpec:
    """A pod template of one container that listens."""
    requests = ResourceRequirements(requests={"cpu": Quantity("100m"), "memory": Quantity("64Mi")})
    container = Container(name="main", image=image, ports=(ContainerPort(containerPort=80),), resources=requests)
    return PodTemplateSpec(metadata=ObjectMeta(labels={"app": name}), spec=PodSpec(containers=(container,)))


class World:
    """An engine, and the steps of a life."""

    def __init__(self, seed: int = 1) -> None:
        self.engine = Engine(
            replace(DEFAULT, seed=seed, timing=Timing(imagePull="300ms", containerStart="50ms", containerStop="100ms"))
        )
        self.api = self.engine.api

    def live(self, steps: list[Step]) -> "World":
        """Do every step; what the API refuses is no harm."""
        for name, arguments in steps:
            try:
                getattr(self, name)(*arguments)
            except ApiError:
                continue
        return self

    def deploy(self, name: str, replicas: int, strategy: str) -> None:
        """Create a Deployment."""
        spec = DeploymentSpec(
            replicas=replicas, selector=LabelSelector(matchLabels={"app": name}), template=template(name),
            strategy=DeploymentStrategy(type=strategy),
        )  # fmt: skip
        self.api.create(
            kinds.DEPLOYMENTS, Deployment(metadata=ObjectMeta(name=name, namespace="default"), spec=spec), actor="user"
        )

    def replicate(self, name: str, replicas: int) -> None:
        """Create a ReplicationController with labels of its own."""
        own = f"rc-{name}"
        spec = ReplicationControllerSpec(replicas=replicas, selector={"app": own}, template=template(own))
        value = ReplicationController(metadata=ObjectMeta(name=own, namespace="default"), spec=spec)
        self.api.create(kinds.REPLICATION_CONTROLLERS, value, actor="user")

    def serve(self, name: str) -> None:
        """Create a Service for a Deployment's pods."""
        spec = ServiceSpec(selector={"app": name}, ports=(ServicePort(port=80),))
        self.api.create(
            kinds.SERVICES, Service(metadata=ObjectMeta(name=name, namespace="default"), spec=spec), actor="user"
        )

    def scale(self, name: str, replicas: int) -> None:
        """Scale a Deployment."""
        self.api.scale(kinds.DEPLOYMENTS, f"default/{name}", replicas, actor="user")

    def _change(self, name: str, **fields: Any) -> None:
        old = self.api.get(kinds.DEPLOYMENTS, f"default/{name}")
        pods = old.spec.template
        changed = replace(pods, spec=replace(pods.spec, containers=(replace(pods.spec.containers[0], **fields),)))
        self.api.update(kinds.DEPLOYMENTS, replace(old, spec=replace(old.spec, template=changed)), actor="user")

    def image(self, name: str, version: int) -> None:
        """Change a Deployment's image."""
        self._change(name, image=f"nginx:{version}")

    def request(self, name: str, cpu: str) -> None:
        """Change what a Deployment's pods ask for."""
        self._change(name, resources=ResourceRequirements(requests={"cpu": Quantity(cpu)}))

    def undeploy(self, name: str) -> None:
        """Delete a Deployment."""
        self.api.delete(kinds.DEPLOYMENTS, f"default/{name}", actor="user")

    def kill(self, number: int) -> None:
        """Delete some pod."""
        pods = self.api.list(kinds.PODS)
        if pods:
            self.api.delete(kinds.PODS, kinds.key(pods[number % len(pods)]), actor="user")

    def fail(self, node: str) -> None:
        """Take a node down."""
        self.engine.fail_node(node)

    def restore(self, node: str) -> None:
        """Bring a node back."""
        self.engine.restore_node(node)

    def cordon(self, node: str, unschedulable: bool) -> None:  # noqa: FBT001 - a step's argument
        """Cordon or uncordon a node."""
        old = self.api.get(kinds.NODES, node)
        self.api.update(kinds.NODES, replace(old, spec=replace(old.spec, unschedulable=unschedulable)), actor="user")

    def wait(self, duration: int) -> None:
        """Let time pass."""
        self.engine.run_for(duration)

    def recover(self) -> bool:
        """End all faults and let the cluster settle; False if it does not."""
        for node in NODES:
            if self.api.find(kinds.NODES, node) is not None:
                self.restore(node)
                self.cordon(node, unschedulable=False)
        return self.engine.settle(quiet=400_000, limit=14_400_000)
