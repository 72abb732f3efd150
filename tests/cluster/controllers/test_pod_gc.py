"""The pod garbage collector: orphans of nodes, pods never bound, and too many finished ones."""

import pytest
from msgspec.structs import replace

from cluster.api.core import Container, Node, Pod, PodSpec, Taint
from cluster.api.kinds import NODES, PODS
from cluster.api.meta import ObjectMeta
from cluster.controllers import pod_gc
from cluster.controllers.pod_gc import PodGarbageCollector
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


def plane() -> Plane:
    """A control plane with the controller."""
    return Plane(PodGarbageCollector)


def names(world: Plane) -> list[str]:
    """The pods there are."""
    return [pod.metadata.name for pod in world.store.table(PODS).values()]


def test_settled() -> None:
    """Nothing is scheduled while there is nothing to collect."""
    world = plane()
    world.running("web-1", 1)
    world.run()
    assert world.clock.next_time() is None


def test_pods_of_a_deleted_node() -> None:
    """Pods of a node that is gone are failed and deleted by force after its quarantine."""
    world = plane()
    world.running("web-1", 1)
    world.running("web-2", 2, node="node-b")
    world.run(1_000)
    world.api.delete(NODES, "node-a", actor=USER)
    world.run(58_000)
    assert names(world) == ["web-1", "web-2"]
    world.run(2_000)
    assert names(world) == ["web-2"]
    last = [
        entry.object for entry in world.store.table(PODS).read(0, 100) if entry.key == key("web-1") and entry.object
    ][-1]
    assert last.status.phase == "Failed"
    (condition,) = (found for found in last.status.conditions if found.type == "DisruptionTarget")
    assert (condition.status, condition.reason, condition.message) == (
        "True", "DeletionByPodGC", "PodGC: node no longer exists",
    )  # fmt: skip
    world.run(60_000)
    assert world.clock.next_time() is None


def test_node_that_comes_back() -> None:
    """A node that is made again in time keeps its pods; a pod that names no node there is does not."""
    world = plane()
    world.running("web-1", 1)
    world.running("lost", 2, node="nowhere")
    world.run(1_000)
    world.api.delete(NODES, "node-a", actor=USER)
    world.run(30_000)
    world.api.create(NODES, Node(metadata=ObjectMeta(name="node-a")), actor=USER)
    world.run(100_000)
    assert names(world) == ["web-1"]


def test_deleted_but_never_bound() -> None:
    """A pod held by a finalizer that was never bound is failed; without finalizers it would be gone."""
    world = plane()
    meta = ObjectMeta(name="held", namespace=NAMESPACE, finalizers=("example.com/hold",))
    spec = PodSpec(containers=(Container(name="web", image="web:1"),))
    world.api.create(PODS, Pod(metadata=meta, spec=spec), actor=USER)
    world.api.delete(PODS, key("held"), actor=USER)
    world.run(25_000)
    assert world.api.get(PODS, key("held")).status.phase == "Failed"
    assert world.quiet()
    assert world.clock.next_time() is None


def test_out_of_service() -> None:
    """Pods stuck in termination on a node declared out of service are deleted by force."""
    world = plane()
    world.running("web-1", 1)
    world.running("web-2", 2)
    world.api.delete(PODS, key("web-1"), actor=USER)
    node = world.api.get(NODES, "node-a")
    taint = Taint(key="node.kubernetes.io/out-of-service", value="nodeshutdown", effect="NoExecute")
    world.api.update(NODES, replace(node, spec=replace(node.spec, taints=(taint,))), actor=USER)
    world.run(25_000)
    assert names(world) == ["web-2"]
    world.api.delete(PODS, key("web-2"), actor=USER)
    world.run(25_000)
    assert names(world) == []


def test_finished_pods_beyond_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more finished pods than are kept the oldest go, evicted ones first."""
    monkeypatch.setattr(pod_gc, "THRESHOLD", 2)
    world = plane()
    for number in range(4):
        world.pod(f"job-{number}")
        world.state(f"job-{number}", phase="Succeeded")
        world.run(2_000)
    evicted = world.api.get(PODS, key("job-3"))
    world.api.update_status(PODS, replace(evicted, status=replace(evicted.status, reason="Evicted")), actor=USER)
    world.running("web-1", 1)
    world.run(25_000)
    assert names(world) == ["job-1", "job-2", "web-1"]
    assert world.quiet()
