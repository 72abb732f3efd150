"""A cluster with only the workload controllers in it, whose pods the tests drive by hand."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import Cluster
from cluster.api.core import Container, Event, Namespace, Pod, PodCondition, PodSpec, PodTemplateSpec, ServiceAccount
from cluster.api.kinds import EVENTS, PODS, REPLICA_SETS
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.clock import Clock
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.replication_controller import ReplicationManager
from cluster.store import Store

NAMESPACE = "shop"
USER = "tester"
KUBELET = "kubelet"


def template(image: str = "web:1", **labels: str) -> PodTemplateSpec:
    """A pod template; its label is app=web if none are given."""
    return PodTemplateSpec(
        metadata=ObjectMeta(labels=labels or {"app": "web"}),
        spec=PodSpec(containers=(Container(name="web", image=image),)),
    )


class World:
    """A clock, a store, an API server with one namespace, and the controllers named."""

    def __init__(self, *controllers: type, service_account: bool = True) -> None:
        self.store, self.clock = Store(), Clock()
        self.api = ApiServer(self.store, self.clock, Cluster())
        self.api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name=NAMESPACE)), actor=USER)
        if service_account:
            self.create_service_account()
        self.controllers: list[object] = []
        self.start(*(controllers or (ReplicationManager, ReplicaSetController)))

    def start(self, *controllers: type) -> None:
        """Start controllers on what the store holds."""
        self.controllers = [controller(self.api, Cluster()) for controller in controllers]

    def restarted(self) -> "World":
        """The same store with everything else made anew; the old controllers do nothing more."""
        world = World.__new__(World)
        world.store, world.clock = self.store, Clock()
        world.clock.run_until(self.clock.now)
        world.api = ApiServer(world.store, world.clock, Cluster())
        world.start(*map(type, self.controllers))
        return world

    def create_service_account(self) -> None:
        """Make the account without which no pod is admitted."""
        account = ServiceAccount(metadata=ObjectMeta(name="default", namespace=NAMESPACE))
        self.api.create(kinds.SERVICE_ACCOUNTS, account, actor=USER)

    def run(self, duration: int = 2_000) -> None:
        """Let virtual time pass, in ms."""
        self.clock.run_until(self.clock.now + duration)

    def pods(self, *, active: bool = True) -> list[Pod]:
        """The pods, oldest first; the terminating and finished ones only if not `active`."""
        pods = self.store.table(PODS).values()
        return [
            pod for pod in pods
            if not active or (not pod.metadata.deletionTimestamp and pod.status.phase not in ("Succeeded", "Failed"))
        ]  # fmt: skip

    def names(self) -> list[str]:
        """The names of the active pods."""
        return [pod.metadata.name for pod in self.pods()]

    def set_ready(self, *pods: Pod, ready: bool = True, phase: str = "Running") -> None:
        """Report pods as running and ready, or not, as a kubelet does."""
        for pod in pods:
            condition = PodCondition(
                type="Ready", status="True" if ready else "False", lastTransitionTime=self.clock.timestamp()
            )
            status = replace(pod.status, phase=phase, conditions=(condition,))
            self.api.update_status(PODS, replace(pod, status=status), actor=KUBELET)

    def make_ready(self) -> None:
        """Report every active pod as ready."""
        self.set_ready(*self.pods())

    def finish_deletions(self) -> None:
        """Let every terminating pod go, as its kubelet does in the end."""
        for pod in self.pods(active=False):
            if pod.metadata.deletionTimestamp:
                self.api.delete(PODS, kinds.key(pod), grace=0, actor=KUBELET)

    def events(self, reason: str = "") -> list[Event]:
        """The events, oldest first."""
        return [event for event in self.store.table(EVENTS).values() if reason in ("", event.reason)]

    def messages(self, reason: str = "") -> list[str]:
        """What the events say."""
        return [event.message for event in self.events(reason)]

    def writes_nothing(self, duration: int = 3_600_000) -> bool:
        """Whether nothing at all is written for so long."""
        revision = self.store.revision
        self.run(duration)
        return self.store.revision == revision


def key(name: str) -> str:
    """The key of a namespaced object."""
    return kinds.key_of(NAMESPACE, name)


__all__ = ["NAMESPACE", "REPLICA_SETS", "USER", "World", "key", "template"]
