"""Readers and queues: how a change becomes work."""

from msgspec.structs import replace

from cluster.api.core import ConfigMap, Pod, PodSpec, PodStatus
from cluster.api.errors import Conflict
from cluster.api.kinds import CONFIG_MAPS, PODS
from cluster.api.meta import ObjectMeta
from cluster.clock import Clock
from cluster.reconcile import CHUNK, LATENCY, Reader, WorkQueue
from cluster.store import Store
from cluster.table import METADATA, SPEC, STATUS


class World:
    """A store, a clock, and what was seen."""

    def __init__(self) -> None:
        self.store, self.clock = Store(), Clock()
        self.seen: list[tuple[int, str, bool, bool, int]] = []
        self.runs: list[tuple[int, str, int]] = []

    def put(self, name: str) -> None:
        """Write one ConfigMap."""
        self.store.put(CONFIG_MAPS, f"ns/{name}", ConfigMap(metadata=ObjectMeta(name=name, namespace="ns")), "tester")

    def on_change(self, key: str, old: ConfigMap | None, new: ConfigMap | None) -> None:
        """Note one entry."""
        self.seen.append((self.clock.now, key, old is not None, new is not None, self.store.cause))

    def reconcile(self, key: str) -> int | None:
        """Note one run."""
        self.runs.append((self.clock.now, key, self.store.cause))
        return None


def test_a_reader_sees_what_exists_and_then_every_change() -> None:
    """Existing objects come at once; a later write comes after the latency, with its revision as the cause."""
    world = World()
    world.put("a")
    Reader(world.store, world.clock, CONFIG_MAPS, world.on_change)
    world.put("a")
    world.store.delete(CONFIG_MAPS, "ns/a", "tester")
    world.clock.run_until(100)
    assert world.seen == [
        (0, "ns/a", False, True, 1), (LATENCY, "ns/a", True, True, 2), (LATENCY, "ns/a", True, False, 3),
    ]  # fmt: skip
    assert world.store.cause == 0


def test_a_reader_works_in_bounded_items() -> None:
    """Many entries are handled some at a time, so that no item of work is long."""
    world = World()
    Reader(world.store, world.clock, CONFIG_MAPS, world.on_change)
    for number in range(CHUNK * 2 + 1):
        world.put(str(number))
    cuts = []
    while not world.clock.run_until(100, lambda: True):
        cuts.append(len(world.seen))
    assert cuts == [CHUNK, CHUNK * 2, CHUNK * 2 + 1]


def test_a_reader_is_called_for_the_parts_it_names() -> None:
    """A change that leaves the named parts the very same is not shown; creations and deletions always are."""
    store, clock, seen = Store(), Clock(), list[int]()
    pod = Pod(metadata=ObjectMeta(name="a", namespace="ns"), spec=PodSpec(), status=PodStatus())
    for parts in (METADATA, SPEC, STATUS, METADATA | STATUS):
        Reader(store, clock, PODS, lambda _, __, ___, parts=parts: seen.append(parts), parts=parts)  # type: ignore[misc]
    shown = []
    versions = (
        pod, replace(pod, status=PodStatus(phase="Running")), replace(pod, spec=PodSpec(nodeName="n")),
        replace(pod, metadata=replace(pod.metadata, generation=2)),
    )  # fmt: skip
    for version in versions:
        store.put(PODS, "ns/a", pod, "tester")
        clock.run_until(clock.now + 100)
        seen.clear()
        store.put(PODS, "ns/a", version, "tester")
        clock.run_until(clock.now + 100)
        shown.append(sorted(seen))
    store.delete(PODS, "ns/a", "tester")
    seen.clear()
    clock.run_until(clock.now + 100)
    assert shown == [[], [STATUS, METADATA | STATUS], [SPEC], [METADATA, METADATA | STATUS]]
    assert sorted(seen) == [METADATA, SPEC, STATUS, METADATA | STATUS]


def test_a_kind_with_other_parts_is_shown_whole() -> None:
    """Of a ConfigMap every change is shown, whatever parts a reader names."""
    store, clock, seen = Store(), Clock(), list[str]()
    Reader(store, clock, CONFIG_MAPS, lambda key, _, __: seen.append(key), parts=SPEC)
    found = ConfigMap(metadata=ObjectMeta(name="a", namespace="ns"))
    store.put(CONFIG_MAPS, "ns/a", found, "tester")
    store.put(CONFIG_MAPS, "ns/a", replace(found, data={"n": "1"}), "tester")
    clock.run_until(clock.now + 100)
    assert seen == ["ns/a", "ns/a"]


def test_a_queue_folds_marks_and_keeps_the_cause() -> None:
    """A key added many times runs once, at the soonest time, with the cause of that addition."""
    world = World()
    queue = WorkQueue(world.store, world.clock, world.reconcile, delay=20)
    world.store.cause = 7
    queue.add("k")
    queue.add("k")
    world.store.cause = 8
    queue.add("k", after=5)
    world.clock.run_until(1_000)
    assert world.runs == [(5, "k", 8)]


def test_a_reconcile_may_ask_to_look_again() -> None:
    """What reconcile returns is when the key runs again."""
    world = World()
    times = iter((100, None))

    def reconcile(key: str) -> int | None:
        world.reconcile(key)
        return next(times)

    WorkQueue(world.store, world.clock, reconcile, delay=10).add("k")
    world.clock.run_until(1_000)
    assert [run[0] for run in world.runs] == [10, 110]


def test_refused_writes_are_tried_again_ever_later() -> None:
    """An ApiError retries the key after 5, 10, 20 ms and so on; success forgets the failures."""
    world = World()
    failures = 3

    def reconcile(key: str) -> int | None:
        nonlocal failures
        world.reconcile(key)
        failures -= 1
        if failures >= 0:
            raise Conflict("somebody was faster")
        return None

    queue = WorkQueue(world.store, world.clock, reconcile, delay=0)
    queue.add("k")
    world.clock.run_until(1_000)
    assert [run[0] for run in world.runs] == [0, 5, 15, 35]
    failures = 1
    queue.add("k")
    world.clock.run_until(2_000)
    assert [run[0] for run in world.runs][4:] == [1_000, 1_005]
