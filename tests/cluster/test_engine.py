"""The engine as a whole: at rest, and where the timing of its parts decides what a user sees."""

from msgspec.structs import replace

from cluster.api.apps import ReplicaSet, ReplicaSetSpec
from cluster.api.cluster import DEFAULT, Timing
from cluster.api.core import Pod, PodTemplateSpec
from cluster.api.kinds import PODS, REPLICA_SETS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.engine import Engine
from tests.benchmarks.engine import deploy
from tests.properties.world import template


def test_a_settled_cluster_has_nothing_to_do() -> None:
    """Nothing is periodic: once the last deadline has passed, no work is due at all."""
    engine = Engine(DEFAULT)
    deploy(engine, "web", 6)
    engine.settle()
    engine.fail_node("node-2")
    engine.settle(400_000)
    engine.restore_node("node-2")
    engine.settle()
    engine.run_for(600_000)
    revision = engine.store.revision
    assert engine.clock.next_time() is None
    engine.run_for(86_400_000)
    assert engine.store.revision == revision


def test_a_surplus_pod_goes_before_it_is_ready() -> None:
    """A pod too many goes at once, though it alone is on its node and starts are instant: it is not ready yet."""
    engine = Engine(replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s")))
    engine.settle()
    made = template("web")
    for name, node in (("one", "node-1"), ("two", "node-1")):
        engine.api.create(PODS, _pod(name, node, made), actor="user")
    spec = ReplicaSetSpec(replicas=2, selector=LabelSelector(matchLabels={"app": "web"}), template=made)
    owner = ReplicaSet(metadata=ObjectMeta(name="web", namespace="default"), spec=spec)
    engine.api.create(REPLICA_SETS, owner, actor="user")
    engine.settle()
    engine.api.create(PODS, _pod("late", "node-2", made), actor="user")
    engine.settle(60_000)
    assert [pod.metadata.name for pod in engine.api.list(PODS)] == ["one", "two"]


def _pod(name: str, node: str, made: PodTemplateSpec) -> Pod:
    meta = ObjectMeta(name=name, namespace="default", labels=made.metadata.labels)
    return Pod(metadata=meta, spec=replace(made.spec, nodeName=node))
