"""A control plane for these tests: an API server, nodes, and pods that the tests put into states by hand."""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import (
    Container,
    ContainerPort,
    Namespace,
    Node,
    Pod,
    PodCondition,
    PodIP,
    PodSpec,
    Service,
    ServiceAccount,
    ServicePort,
    ServiceSpec,
)
from cluster.api.kinds import NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS, SERVICES
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.clock import Clock
from cluster.store import Store

NAMESPACE = "shop"
USER = "tester"
WEB = ServicePort(port=80, targetPort=8080, protocol="TCP")


class Plane:
    """A clock, a store, an API server with one namespace and three nodes, and the components named."""

    def __init__(self, *components: type) -> None:
        self.store, self.clock = Store(), Clock()
        self.api = ApiServer(self.store, self.clock, Cluster())
        self.api.create(NAMESPACES, Namespace(metadata=ObjectMeta(name=NAMESPACE)), actor=USER)
        account = ServiceAccount(metadata=ObjectMeta(name="default", namespace=NAMESPACE))
        self.api.create(SERVICE_ACCOUNTS, account, actor=USER)
        for zone in "abc":
            labels = {"topology.kubernetes.io/zone": f"zone-{zone}"}
            self.api.create(NODES, Node(metadata=ObjectMeta(name=f"node-{zone}", labels=labels)), actor=USER)
        self.start(*components)

    def start(self, *components: type) -> None:
        """Start components, anew if they ran, on what the store holds."""
        self.components = [component(self.api, Cluster()) for component in components]

    def restart(self, *components: type) -> None:
        """Start components as a new process would: on the same store, with an empty calendar."""
        moment, self.clock = self.clock.now, Clock()
        self.clock.now = moment
        self.api = ApiServer(self.store, self.clock, Cluster())
        for table in self.store.tables():
            table._sleepers.clear()
        self.store.derived.clear()
        self.start(*components)

    def run(self, duration: int = 1_000) -> None:
        """Let virtual time pass, in ms."""
        self.clock.run_until(self.clock.now + duration)

    def quiet(self, duration: int = 3_600_000) -> bool:
        """Whether nothing at all is written for so long."""
        revision = self.store.revision
        self.run(duration)
        return self.store.revision == revision

    def service(self, name: str = "web", labels: Mapping[str, str] | None = None, **spec: object) -> Service:
        """Create or replace a Service of app=web."""
        given = {"selector": {"app": "web"}, "ports": (WEB,), **spec}
        meta = ObjectMeta(name=name, namespace=NAMESPACE, labels=labels or {})
        value = Service(metadata=meta, spec=ServiceSpec(**given))  # type: ignore[arg-type]
        if self.api.find(SERVICES, key(name)) is None:
            return self.api.create(SERVICES, value, actor=USER)
        return self.api.update(SERVICES, value, actor=USER)

    def pod(
        self,
        name: str,
        labels: Mapping[str, str] | None = None,
        *,
        ports: tuple[ContainerPort, ...] = (),
        node: str = "node-a",
    ) -> Pod:
        """Create a pod bound to a node."""
        spec = PodSpec(containers=(Container(name="web", image="web:1", ports=ports),), nodeName=node)
        meta = ObjectMeta(name=name, namespace=NAMESPACE, labels={"app": "web"} if labels is None else labels)
        return self.api.create(PODS, Pod(metadata=meta, spec=spec), actor=USER)

    def state(self, name: str, ip: str = "", *, ready: bool = True, phase: str = "Running") -> Pod:
        """Report a pod's state as its kubelet does."""
        pod = self.api.get(PODS, key(name))
        condition = PodCondition(
            type="Ready", status="True" if ready else "False", lastTransitionTime=self.clock.timestamp()
        )
        status = replace(
            pod.status, phase=phase, conditions=(condition,), podIP=ip, podIPs=(PodIP(ip=ip),) if ip else ()
        )
        return self.api.update_status(PODS, replace(pod, status=status), actor="kubelet")

    def running(self, name: str, number: int, **given: object) -> Pod:
        """Create a pod that runs and is ready, at 10.244.0.`number`."""
        self.pod(name, **given)  # type: ignore[arg-type]
        return self.state(name, f"10.244.{number >> 8}.{number & 255}")

    def remove(self, name: str) -> None:
        """Delete a pod for good."""
        self.api.delete(PODS, key(name), grace=0, actor=USER)


def key(name: str) -> str:
    """The key of an object in the namespace."""
    return f"{NAMESPACE}/{name}"
