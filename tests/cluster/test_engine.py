"""The engine as a whole at rest."""

from cluster.api.cluster import DEFAULT
from cluster.engine import Engine
from tests.benchmarks.engine import deploy


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
