"""What a scheduling decision costs by itself: finding the node and accounting for it, without the API server.

from tests.cluster.scheduler.benchmark import decisions
decisions(nodes=5000, pods=10_000)      # microseconds of CPU time a pod
"""

import gc
import time

from cluster.api.core import Pod, Service, ServiceSpec
from cluster.api.meta import ObjectMeta
from cluster.scheduler.cache import Placed
from tests.cluster.scheduler.world import World, node, pod, spec


def decisions(nodes: int = 1000, pods: int = 10_000, classes: int = 1, *, mixed: bool = False) -> float:
    """Microseconds of CPU time a pod, for pods of so many Services in turn (`mixed`) or one after the other."""
    world = World(*[node(f"n{n}", cpu="32", memory="256Gi", zone=f"z{n % 5}") for n in range(nodes)])
    for number in range(classes):
        meta = ObjectMeta(name=f"s{number}", namespace="default")
        world.put(Service(metadata=meta, spec=ServiceSpec(selector={"app": f"a{number}"})))
    world.run(1000)
    waiting = _pods(pods, classes, mixed=mixed)
    scheduler = world.scheduler
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        for each in waiting:
            found = scheduler.classes.of(each)
            info = found.search.best()
            assert info is not None
            placed = Placed(info, found.info.asks, found.kindred, each.metadata.labels)
            scheduler.cache.place(each.metadata.name, placed)
        return (time.process_time() - start) / pods * 1e6
    finally:
        gc.enable()


def _pods(count: int, classes: int, *, mixed: bool) -> list[Pod]:
    specs = [spec({"cpu": "100m", "memory": "200Mi"}) for _ in range(classes)]
    labels = [{"app": f"a{number}"} for number in range(classes)]
    kinds = [number % classes if mixed else number * classes // count for number in range(count)]
    return [pod(f"p{number}", specs[kind], labels[kind]) for number, kind in enumerate(kinds)]


def main() -> None:
    """Print the table."""
    for nodes in (1000, 5000):
        for classes, mixed in ((1, False), (50, False), (50, True)):
            cost = decisions(nodes, classes=classes, mixed=mixed)
            print(f"{nodes} nodes, {classes} Services{' mixed' if mixed else ''}: {cost:.1f} us a pod")


if __name__ == "__main__":
    main()
