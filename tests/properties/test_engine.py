"""What holds in every life of a cluster."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cluster.api import kinds, quantity
from tests.properties.world import LIVES, Step, World

ROOT = Path(__file__).parent.parent.parent
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
STORY: list[Step] = [
    ("deploy", ("red", 4, "RollingUpdate")), ("serve", ("red",)), ("replicate", ("blue", 3)), ("wait", (5_000,)),
    ("image", ("red", 2)), ("wait", (250,)), ("kill", (2,)), ("fail", ("node-2",)), ("wait", (70_000,)),
    ("scale", ("red", 6)), ("request", ("red", "900m")), ("wait", (400_000,)), ("restore", ("node-2",)), ("wait", (20_000,)),
]  # fmt: skip


@given(LIVES)
@SLOW
def test_lists_equal_a_replay_of_the_log(steps: list[Step]) -> None:
    """What the API lists is what the log amounts to, for every kind."""
    world = World().live(steps)
    replayed: dict[str, dict[str, Any]] = {}
    for name, entry in world.engine.store.log():
        if entry.object is None:
            del replayed[name][entry.key]
        else:
            replayed.setdefault(name, {})[entry.key] = entry.object
    for kind in kinds.KINDS:
        listed = {kinds.key(found): found for found in world.api.list(kind)}
        assert listed == replayed.get(kind.qualified, {})


@given(LIVES)
@SLOW
def test_no_node_is_ever_over_committed(steps: list[Step]) -> None:
    """At no revision do the pods of a node ask for more than it has to give."""
    world = World().live([*steps, ("wait", (10_000,))])
    limits = {node.metadata.name: node.status.allocatable for node in world.api.list(kinds.NODES)}
    pods: dict[str, Any] = {}
    for name, entry in world.engine.store.log():
        if name != "pods":
            continue
        pods[entry.key] = entry.object
        node = entry.object.spec.nodeName if entry.object is not None else ""
        if not node or (entry.previous is not None and entry.previous.spec.nodeName == node):
            continue
        there = [
            pod
            for pod in pods.values()
            if pod and pod.spec.nodeName == node and pod.status.phase not in ("Succeeded", "Failed")
        ]
        asked = [
            quantity.milli(one.resources.requests["cpu"])
            for pod in there
            for one in pod.spec.containers
            if one.resources.requests
        ]
        assert sum(asked) <= quantity.milli(limits[node]["cpu"])
        assert len(there) <= quantity.value(limits[node]["pods"])


@given(LIVES)
@SLOW
def test_after_the_faults_it_settles_and_writes_nothing_more(steps: list[Step]) -> None:
    """With all nodes back the cluster comes to rest, as asked for, and then costs nothing."""
    comes_to_rest(World().live(steps))


def test_a_pod_that_fits_nowhere_is_rest_too() -> None:
    """A pod is tried again every five minutes for ever, which is told twice an hour and writes nothing else."""
    world = World().live([("deploy", ("red", 4, "Recreate")), ("request", ("red", "3"))])
    comes_to_rest(world)
    revision = world.engine.store.revision
    world.engine.run_for(7_200_000)
    assert world.engine.store.revision == revision + 4


def comes_to_rest(world: World) -> None:
    """Let the faults end: the cluster is as asked for, and only what pods wait for is told now and then."""
    assert world.recover()
    revision = world.engine.store.revision
    world.engine.run_for(1_800_000)
    late = [(name, entry) for name, entry in world.engine.store.log() if entry.revision > revision]
    assert {(name, entry.actor) for name, entry in late} <= {("events", "default-scheduler")}
    assert len(late) <= sum(not pod.spec.nodeName for pod in world.api.list(kinds.PODS))
    for deployment in world.api.list(kinds.DEPLOYMENTS):
        assert deployment.status.observedGeneration == deployment.metadata.generation
        assert deployment.status.replicas == deployment.spec.replicas or deployment.status.unavailableReplicas
    for controller in world.api.list(kinds.REPLICATION_CONTROLLERS):
        assert controller.status.readyReplicas == controller.spec.replicas


@given(LIVES, st.integers(1, 40))
@SLOW
def test_slices_never_change_the_log(steps: list[Step], every: int) -> None:
    """A run cut after every few items of work writes the same log, byte for byte."""
    whole = World().live(steps)
    sliced = World()
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked % every == 0

    def wait(duration: int) -> None:
        end = sliced.engine.clock.now + duration
        while not sliced.engine.run_until(end, stop):
            assert sliced.engine.clock.now <= end

    sliced.wait = wait  # type: ignore[method-assign]
    assert sliced.live(steps).engine.log_digest() == whole.engine.log_digest()


def test_another_seed_is_another_cluster() -> None:
    """The seed reaches names and uids."""
    assert World(1).live(STORY).engine.log_digest() != World(2).live(STORY).engine.log_digest()


def test_two_processes_agree() -> None:
    """The same seed and inputs give the same log in processes whose string hashes differ."""
    script = (
        "from tests.properties.test_engine import STORY; from tests.properties.world import World; "
        "print(World().live(STORY).engine.log_digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }  # fmt: skip
    assert digests == {World().live(STORY).engine.log_digest() + "\n"}
