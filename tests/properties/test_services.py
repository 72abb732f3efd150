"""Whatever happened to a cluster, its Services lead to the pods that they should."""

from hypothesis import HealthCheck, given, settings

from cluster.api import kinds
from cluster.api.core import Pod, Service
from cluster.network import Call, Client, Failure, Reached
from cluster.proxy import Proxy
from tests.properties.world import LIVES, NODES, Step, World

CLIENT = Client("10.244.250.250", "node-1")


def answering(world: World, service: Service) -> set[str | Failure]:
    """What 120 connections to a Service's address reach: names of pods, or failures."""
    engine = world.engine
    met = set[str | Failure]()
    for number in range(120):
        call = Call(CLIENT, service.spec.clusterIP, service.spec.ports[0].port, engine.clock.now, number=number)
        found = engine.network.connect(call, {})
        met.add(named(world, found) if isinstance(found, Reached) else found)
    return met


def named(world: World, reached: Reached) -> str:
    """The pod at an address, or the address."""
    pods = world.engine.network.pods_at(reached.address, world.engine.clock.now)
    return pods[-1].metadata.name if pods else reached.address


def selected(world: World, service: Service) -> list[Pod]:
    """The ready pods that a Service selects."""
    wanted = service.spec.selector.items()
    return [
        pod
        for pod in world.engine.store.table(kinds.PODS).values()
        if wanted <= pod.metadata.labels.items() and not pod.metadata.deletionTimestamp and _is_ready(pod)
    ]


def _is_ready(pod: Pod) -> bool:
    return any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES)
def test_services_lead_to_ready_pods_that_they_select(life: list[Step]) -> None:
    """Once all is quiet, each Service reaches every ready pod that it selects and nobody else, or refuses."""
    world = World().live([*life, *(("restore", (node,)) for node in NODES), ("wait", (400_000,))])
    for service in world.engine.store.table(kinds.SERVICES).values():
        if not service.spec.selector:
            continue
        names: set[str | Failure] = {pod.metadata.name for pod in selected(world, service)}
        assert answering(world, service) == (names or {Failure.REFUSED})


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES)
def test_asking_changes_nothing(life: list[Step]) -> None:
    """A cluster in which somebody asks all the time writes the same log as one in which nobody does."""
    quiet, asked = World(), World()
    for step in life:
        quiet.live([step])
        asked.live([step])
        for service in list(asked.engine.store.table(kinds.SERVICES).values()):
            answering(asked, service)
            asked.engine.network.lookup(
                f"{service.metadata.name}.default.svc.cluster.local", "A", asked.engine.clock.now
            )
    for world in (quiet, asked):
        world.engine.run_for(5_000)
    assert quiet.engine.log_digest() == asked.engine.log_digest()
    assert isinstance(asked.engine.network, Proxy)
