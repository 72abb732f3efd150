"""Whatever is asked of a Deployment, and however its pods fare, a rollout keeps its promises and settles."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cluster.api.apps import ReplicaSet
from cluster.api.kinds import PODS, REPLICA_SETS
from cluster.controllers.deployment import sizes
from cluster.controllers.pod_states import is_active, ready_since
from tests.cluster.controllers.deployment.rollouts import Rollouts, deployment

LIMIT = st.one_of(st.integers(0, 4), st.sampled_from(["0%", "10%", "25%", "50%", "100%"]))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("image"), st.integers(1, 3)),
        st.tuples(st.just("scale"), st.integers(0, 12)),
        st.tuples(st.just("ready"), st.integers(0, 2**12)),
        st.tuples(st.just("broken"), st.integers(0, 2**12)),
        st.tuples(st.just("gone"), st.integers(0, 2**12)),
        st.tuples(st.just("pause"), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.sampled_from([1, 7, 30, 45, 500])),
    ),
    max_size=25,
)


def take(world: Rollouts, step: str, value: int) -> None:
    """One thing that a user, a kubelet or time does; `value` chooses pods by its bits."""
    chosen = [pod for index, pod in enumerate(world.pods()) if value >> index % 12 & 1]
    if step == "image":
        world.set_image(f"web:{value}")
    elif step == "scale":
        world.scale(value)
    elif step == "pause":
        world.set_spec(paused=bool(value))
    elif step == "ready":
        world.set_ready(*chosen)
    elif step == "broken":
        world.set_ready(*chosen, ready=False)
    elif step == "gone":
        world.set_ready(*chosen[:1], ready=False, phase="Failed")
    else:
        world.run(value)


def available(world: Rollouts) -> int:
    """How many pods serve."""
    return sum(is_active(pod) and ready_since(pod) is not None for pod in world.store.table(PODS).values())


def settle(world: Rollouts) -> None:
    """All pods become ready until nothing changes any more."""
    for _ in range(60):
        revision = world.store.revision
        world.run(200)
        for pod in world.pods():
            if ready_since(pod) is None:
                world.set_ready(pod)
        world.run(200)
        if world.store.revision == revision:
            return


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10), LIMIT, LIMIT, st.booleans(), STEPS)
def test_every_rollout_settles_on_what_was_asked_for(
    replicas: int, surge: int | str, unavailable: int | str, recreate: bool, steps: list[tuple[str, int]]  # noqa: FBT001
) -> None:  # fmt: skip
    """In the end there are as many pods of the last template as wanted, no others, and nothing is written any more."""
    if sizes.limits(deployment(100, surge=surge, unavailable=unavailable))[0] == 0 and unavailable in (0, "0%"):
        unavailable = 1
    world = Rollouts(deployment(replicas, surge=surge, unavailable=unavailable, recreate=recreate))
    for step, value in steps:
        take(world, step, value)
    world.set_spec(paused=False)
    settle(world)
    web = world.web
    assert [pod.spec.containers[0].image for pod in world.pods()] == [
        web.spec.template.spec.containers[0].image
    ] * sizes.replicas(web)
    assert web.status.availableReplicas == web.status.replicas == web.status.updatedReplicas == sizes.replicas(web)
    assert web.status.observedGeneration == web.metadata.generation
    assert world.reason("Progressing") == ("True", "NewReplicaSetAvailable")
    assert world.writes_nothing()
    assert world.clock.next_time() is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 10), LIMIT, LIMIT, st.lists(st.tuples(st.integers(0, 2**12), st.integers(1, 60)), max_size=20))
def test_a_rolling_update_keeps_its_limits(
    replicas: int, surge: int | str, unavailable: int | str, readiness: list[tuple[int, int]]
) -> None:
    """While it rolls, never more than replicas + maxSurge are asked for, nor fewer than replicas - maxUnavailable serve."""
    if sizes.limits(deployment(100, surge=surge, unavailable=unavailable))[0] == 0 and unavailable in (0, "0%"):
        unavailable = 1
    world = Rollouts(deployment(replicas, surge=surge, unavailable=unavailable))
    web = world.web
    most, fewest = sizes.most(web), sizes.fewest_available(web)
    world.set_image("web:2")
    for index, (bits, pause) in enumerate(readiness):
        take(world, "ready", bits)
        take(world, "wait", pause)
        if index == len(readiness) // 2:
            world.set_image("web:3")
        assert available(world) >= fewest
    settle(world)
    live: dict[str, ReplicaSet] = {}
    for entry in world.store.table(REPLICA_SETS).entries():
        if entry.object is None:
            live.pop(entry.key, None)
        else:
            live[entry.key] = entry.object
        assert sizes.total(live.values()) <= most
    assert world.sizes()[web_revision(world)] == replicas


def web_revision(world: Rollouts) -> str:
    """The revision that the Deployment says it has."""
    return world.web.metadata.annotations["deployment.kubernetes.io/revision"]
