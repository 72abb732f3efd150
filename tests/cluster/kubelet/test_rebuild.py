"""Kubelets that forgot everything go on from the store, and their log depends on nothing but the inputs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import ConfigMap, Pod
from cluster.api.meta import ObjectMeta
from cluster.kubelet.lifecycle import TABLE, TERMINAL, state_of
from cluster.kubelet.memory import CONTAINER_MEMORIES
from tests.cluster.kubelet.world import INSTANT, USER, World

STORIES: dict[str, dict[str, str]] = {
    "plain": {},
    "slow-image": {"pull_time": "8s"},
    "late": {"ready_after": "12s"},
    "job": {"exit_after": "9s"},
    "crash": {"exit_code": "1", "exit_after": "3s"},
    "no-image": {"pull_error": "not found"},
    "stubborn": {"stop_after": "1h"},
}


def tell(world: World) -> None:
    """One pod of each story, some deleted later by the caller."""
    for number, (name, annotations) in enumerate(STORIES.items()):
        policy = "OnFailure" if name == "job" else "Always"
        init = [{"name": "first", "image": "busybox:1"}] if number % 2 else []
        world.pod(name, f"node-{number % 3 + 1}", annotations=annotations, restartPolicy=policy, initContainers=init)


def outline(world: World) -> dict[str, object]:
    """What must not depend on when kubelets were rebuilt."""
    return {
        key: (
            pod.status.phase,
            bool(pod.status.podIP),
            [one.ready for one in pod.status.containerStatuses],
            {one.type: one.status for one in pod.status.conditions},
        )
        for key, pod in world.store.table(kinds.PODS).items()
    }


def test_rebuilding_on_a_settled_store_writes_nothing() -> None:
    """New kubelets find running pods and ready nodes as they are."""
    world = World()
    world.pod("a")
    world.pod("b", restartPolicy="Never", annotations={"exit_after": "1s"})
    world.run()
    revision = world.store.revision
    world.rebuild()
    world.run()
    assert world.store.revision == revision


def test_deleted_configured_node_is_not_registered_again() -> None:
    """Only a store that never held a node gets the configured ones."""
    world = World()
    world.api.delete(kinds.NODES, "node-3", actor=USER)
    world.rebuild()
    assert world.api.find(kinds.NODES, "node-3") is None


def test_stopped_kubelet_stays_stopped() -> None:
    """Which kubelets run is read from their Leases."""
    world = World()
    world.kubelets.stop("node-1")
    world.rebuild()
    world.pod()
    world.run()
    assert world.get().status.startTime == ""
    world.kubelets.start("node-1")
    world.run()
    assert world.get().status.phase == "Running"


def test_counts_are_taken_again() -> None:
    """Addresses, resources and images that pods hold are known to new kubelets."""
    world = World(INSTANT)
    for name in ("a", "b", "c"):
        world.pod(name)
    world.run(1000)
    world.api.delete(kinds.PODS, "default/b", actor=USER)
    world.run(1000)
    world.rebuild()
    world.pod("d")
    world.pod("e")
    world.run(1000)
    assert [world.get(name).status.podIP for name in "de"] == ["10.244.0.3", "10.244.0.5"]
    assert world.told("d") == ["Pulled", "Created", "Started"]


def test_back_off_goes_on() -> None:
    """A container's back-off is read from the pod's history: it neither starts afresh nor is lost."""
    world = World(INSTANT)
    world.pod(annotations={"exit_code": "1", "exit_after": "2s"})
    world.run(30_000)
    world.rebuild()
    world.run(21_000)
    waiting = world.container().state.waiting
    assert waiting is not None
    assert waiting.message.startswith("back-off 40s ")
    world.store.compact(world.store.revision)
    world.rebuild()
    world.run(44_000)
    waiting = world.container().state.waiting
    assert waiting is not None
    assert waiting.message.startswith("back-off 1m20s ")


def test_pods_that_wait_for_a_config_map_go_on() -> None:
    """What pods wait for is found out again."""
    world = World(INSTANT)
    mount = {"name": "config", "mountPath": "/etc"}
    world.pod(containers=[{"name": "c", "image": "nginx", "volumeMounts": [mount]}],
              volumes=[{"name": "config", "configMap": {"name": "late"}}])  # fmt: skip
    world.run(1000)
    world.rebuild()
    world.run(1000)
    world.api.create(kinds.CONFIG_MAPS, ConfigMap(metadata=ObjectMeta(name="late", namespace="default")), actor=USER)
    world.run(1000)
    assert world.get().status.phase == "Running"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=40_000), max_size=4), st.integers(min_value=0, max_value=20_000))
def test_rebuilt_kubelets_come_to_the_same_end(pauses: list[int], deletion: int) -> None:
    """Whenever kubelets are dropped and rebuilt, every pod ends as it would have."""
    left, right = World(), World()
    for world in (left, right):
        tell(world)
        world.run(deletion)
        for name in ("plain", "stubborn", "no-image"):
            world.api.delete(kinds.PODS, f"default/{name}", actor=USER, grace=5)
    for pause in pauses:
        right.run(pause)
        right.rebuild()
    for world in (left, right):
        world.run(400_000)
        # The crashing pod never comes to an end: stop it where it can be compared.
        pod = world.get("crash")
        calm = replace(pod, metadata=replace(pod.metadata, annotations={}))
        world.api.update(kinds.PODS, calm, actor=USER)
        world.run(400_000)
    assert outline(left) == outline(right)
    assert left.clock.next_time() is None
    assert right.clock.next_time() is None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=5000), max_size=30))
def test_slices_do_not_change_the_log(slices: list[int]) -> None:
    """Run in one go or in any slices, the kubelets write the same log."""
    whole, sliced = World(), World()
    for world in (whole, sliced):
        tell(world)
    for length in slices:
        sliced.run(length)
    for world in (whole, sliced):
        world.clock.run_until(200_000)
    assert [(name, entry.key, entry.cause) for name, entry in whole.store.log()] == [
        (name, entry.key, entry.cause) for name, entry in sliced.store.log()
    ]
    assert whole.store.table(kinds.PODS).at(whole.store.revision) == sliced.store.table(kinds.PODS).at(
        sliced.store.revision
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(min_value=0, max_value=60_000), st.integers(min_value=0, max_value=60_000))
def test_containers_move_only_as_the_table_says(stopped: int, deletion: int) -> None:
    """Every change of a container's state that the log shows is a row of the life cycle's table."""
    world = World()
    tell(world)
    world.run(stopped)
    world.kubelets.stop("node-2")
    world.run(deletion)
    for pod in list(world.store.table(kinds.PODS).values()):
        if pod.metadata.name != "crash":
            world.api.delete(kinds.PODS, kinds.key(pod), actor=USER, grace=20)
    world.kubelets.start("node-2")
    world.run(100_000)
    moves = {(state, after) for state, row in TABLE.items() for states in row.values() for after in states}
    for entry in world.store.table(kinds.PODS).read(0, 10_000):
        old, new = entry.previous, entry.object
        if old is None or new is None or (new.metadata.deletionTimestamp and new.status.phase in TERMINAL):
            continue
        for before, after in zip(old.status.containerStatuses, new.status.containerStatuses, strict=False):
            pair = (state_of(before), state_of(after))
            assert pair[0] == pair[1] or pair in moves


@pytest.mark.parametrize("name", STORIES)
def test_every_write_has_a_cause(name: str) -> None:
    """What a kubelet writes about a pod was caused by a revision of that pod."""
    world = World()
    world.pod(name, annotations=STORIES[name])
    world.run()
    revisions = {entry.revision: entry for entry in world.store.table(kinds.PODS).read(0, 10_000)}
    ours = [entry for entry in revisions.values() if entry.actor == "kubelet"]
    assert ours
    assert all(entry.cause in revisions for entry in ours)
    assert all(isinstance(entry.object, Pod) for entry in ours)


def test_a_crash_between_a_pods_end_and_its_deletion() -> None:
    """A pod marked for deletion that has ended is deleted by the next kubelet, on a node that is back as well."""
    world = World()
    for name, node in (("here", "node-1"), ("away", "node-2")):
        world.pod(name, node)
        world.run()
        world.api.delete(kinds.PODS, f"default/{name}", actor=USER)
        ending = world.get(name)
        ended = replace(ending, status=replace(ending.status, phase="Succeeded"))
        world.api.update_status(kinds.PODS, ended, actor="kubelet")
    world.kubelets.stop("node-2")
    world.rebuild()
    world.run()
    assert [world.find(name) is None for name in ("here", "away")] == [True, False]
    world.kubelets.start("node-2")
    world.run()
    assert world.find("away") is None


def test_nothing_is_remembered_of_pods_that_are_gone() -> None:
    """What the kubelet keeps beside the statuses goes with its pod."""
    world = World(INSTANT)
    probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1, "failureThreshold": 9}
    hook = {"postStart": {"sleep": {"seconds": 20}}}
    world.pod("failing", containers=[{"name": "c", "image": "nginx", "livenessProbe": probe}],
              annotations={"liveness_probe": "fail"})  # fmt: skip
    world.pod("hooked", containers=[{"name": "c", "image": "nginx", "lifecycle": hook}])
    world.run(4500)
    table = world.store.table(CONTAINER_MEMORIES)
    assert sorted(table) == ["default/failing/c", "default/hooked/c"]
    for name in ("failing", "hooked"):
        world.api.delete(kinds.PODS, f"default/{name}", actor=USER)
    world.run()
    assert sorted(table) == []
    assert world.clock.next_time() is None
