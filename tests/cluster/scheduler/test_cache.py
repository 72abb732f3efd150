"""The cache's counts and the classes' identity, kept up to date and never leaked."""

import pytest
from msgspec.structs import replace

from cluster.api.labels import from_map, parse
from cluster.scheduler.cache import Cache, same_labels
from cluster.scheduler.topology import ABSENT, Counter, Place, Term, Topology
from tests.cluster.scheduler.world import ZONE, World, node, pod, spec

APP = from_map({"app": "a"})


@pytest.fixture
def cache() -> Cache:
    """Four nodes: two in zone x, one in y, one in none."""
    made = Cache()
    for name, zone in (("n0", "x"), ("n1", "x"), ("n2", "y"), ("n3", "")):
        made.set_node(node(name, zone=zone))
    return made


def put(cache: Cache, name: str, on: str, app: str = "a", **meta: str) -> None:
    """Assign a pod."""
    cache.set_pod(f"default/{name}", pod(name, spec(nodeName=on), {"app": app}, **meta))


def test_counts_by_node_and_domain(cache: Cache) -> None:
    """A counter counts the pods there are and those that come and go; nodes without the label are in no domain."""
    put(cache, "early", "n0")
    counter = cache.counter("default", APP, ZONE)
    for name, on, app in (("p", "n1", "a"), ("q", "n2", "a"), ("r", "n3", "a"), ("s", "n0", "b")):
        put(cache, name, on, app)
    cache.set_pod("other/t", pod("t", spec(nodeName="n0"), {"app": "a"}, namespace="other"))
    assert (counter.by_node, counter.by_domain) == ([1, 1, 1, 1], [2, 1])
    cache.remove_pod("default/p")
    assert (counter.by_node, counter.by_domain) == ([1, 0, 1, 1], [1, 1])


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("namespace", "selector", "expected"),
    [("default", "app=a", [1, 0]), ("default", "app!=a", [0, 1]), ("", "app=a", [2, 0]), ("", "", [2, 1]),
     ("default", f"{ZONE}=x", [0, 0])],
)  # fmt: skip
def test_pods_of_new_labels_are_counted(
    cache: Cache, namespace: str, selector: str, expected: list[int], *, late: bool
) -> None:
    """It makes no difference whether a counter is there first or the pods are, whatever the selector names."""
    counter = cache.counter(namespace, parse(selector), ZONE) if late else None
    put(cache, "p", "n0")
    put(cache, "q", "n2", "b")
    cache.set_pod("other/t", pod("t", spec(nodeName="n1"), {"app": "a"}, namespace="other"))
    counter = counter or cache.counter(namespace, parse(selector), ZONE)
    assert counter.by_domain == expected
    cache.release([counter])
    put(cache, "r", "n0")
    assert counter.by_domain == expected


def test_dying_and_relabelled_pods(cache: Cache) -> None:
    """A dying pod no longer counts; a new label moves the pod; what binding adds changes nothing."""
    counter = cache.counter("default", APP, ZONE)
    put(cache, "p", "n0")
    put(cache, "q", "n0")
    put(cache, "q", "n0", "b")
    assert counter.by_domain == [1, 0]
    put(cache, "p", "n0", deletionTimestamp="2026-01-01T00:00:00Z")
    assert counter.by_domain == [0, 0]
    assert cache.infos["n0"].pods == 2
    assert same_labels({"app": "a"}, {"app": "a", ZONE: "x"})
    assert not same_labels({"app": "a"}, {})
    assert not same_labels({}, {"app": "a"})


def test_the_minimum_follows(cache: Cache) -> None:
    """The smallest count rises and falls with the pods, over the domains with an eligible node only."""
    everywhere = cache.counter("default", APP, ZONE)
    only_x = cache.counter("default", APP, ZONE, "x", lambda info: info.name in {"n0", "n1"})
    assert (everywhere.minimum(), only_x.minimum(), only_x.candidates) == (0, 0, 1)
    put(cache, "p", "n0")
    assert (everywhere.minimum(), only_x.minimum()) == (0, 1)
    put(cache, "q", "n2")
    assert (everywhere.minimum(), only_x.minimum()) == (1, 1)
    cache.remove_pod("default/p")
    assert (everywhere.minimum(), only_x.minimum()) == (0, 0)
    nowhere = cache.counter("default", APP, "no-such-label")
    assert (nowhere.minimum(), nowhere.candidates) == (0, 0)


def test_counters_are_shared_and_dropped(cache: Cache) -> None:
    """One counter for one question; with its last user it goes."""
    one, same = cache.counter("default", APP, ZONE), cache.counter("default", APP, ZONE)
    assert one is same
    cache.release([one])
    put(cache, "p", "n0")
    assert one.by_domain == [1, 0]
    cache.release([same])
    put(cache, "q", "n0")
    assert one.by_domain == [1, 0]
    assert cache.counter("default", APP, ZONE).by_domain == [2, 0]


def test_a_count_in_the_row_touches_its_whole_domain(cache: Cache) -> None:
    """Where rows hold a domain's count, all its nodes are looked at again when it changes."""
    term = Term(cache.counter("default", APP, ZONE), Place.DOMAIN_COUNT)
    before = cache.now
    put(cache, "p", "n0")
    assert set(cache.changes(before) or ()) == {0, 1}
    assert [term.place(slot) for slot in range(4)] == [1, 1, 0, ABSENT]
    assert Term(term.counter, Place.DOMAIN).column is term.counter.topology.domains
    assert Term(term.counter, Place.NODE_COUNT).column[3] == ABSENT


def test_a_node_list_that_changes(cache: Cache) -> None:
    """Slots stay dense and in order; a node that returns comes last, with its pods."""
    put(cache, "p", "n1")
    cache.remove_node("n1")
    assert [(info.name, info.slot) for info in cache.nodes] == [("n0", 0), ("n2", 1), ("n3", 2)]
    cache.set_node(node("n1"))
    assert [(info.name, info.slot, info.pods) for info in cache.nodes][-1] == ("n1", 3, 1)
    cache.remove_pod("default/p")
    cache.remove_node("n1")
    assert "n1" not in cache.infos


def test_a_pod_that_is_resized(cache: Cache) -> None:
    """New requests of an assigned pod replace the old ones on its node's account."""
    grown = pod("p", spec({"cpu": "1"}, nodeName="n0"))
    cache.set_pod("default/p", grown)
    cache.set_pod("default/p", replace(grown, spec=spec({"cpu": "3"}, nodeName="n0")))
    assert (cache.infos["n0"].cpu, cache.infos["n0"].pods) == (3000, 1)


def test_watching_is_for_terms_that_hold_counts() -> None:
    """A counter that nobody asks for counts in rows touches nothing but what it is told."""
    touched: list[int] = []
    cache = Cache()
    for name in ("n0", "n1"):
        cache.set_node(node(name, zone="x"))
    counter = Counter(("default", "", "", ""), APP, Topology(ZONE, cache.nodes), None, touched.append)
    counter.add(0, 1)
    assert touched == []
    counter.watch()
    counter.add(0, 1)
    assert touched == [0, 1]


def test_classes_by_identity_and_by_value() -> None:
    """Pods alike are one class, whether they share their spec or only equal it; others are not."""
    world = World(node("n"))
    classes = world.scheduler.classes
    shared = spec({"cpu": "1"})
    first = classes.of(pod("a", shared))
    assert classes.of(pod("b", shared)) is first
    assert classes.of(pod("c", spec({"cpu": "1"}))) is first
    assert classes.of(pod("d", spec({"cpu": "2"}))) is not first
    assert classes.of(pod("e", shared, {"app": "a"})) is not first
    assert classes.of(pod("f", shared, namespace="other")) is not first


def test_a_cold_class_is_built_again() -> None:
    """Of many classes only the last ones are kept ready; an older one still finds the right node."""
    world = World(node("n", cpu="64"), node("m", cpu="64"))
    world.put(*[pod(f"p{n}", spec({"cpu": f"{n + 1}m"})) for n in range(80)]).run()
    assert {world.where(f"p{n}") for n in range(80)} == {"n", "m"}
    world.put(pod("again", spec({"cpu": "1m"}))).run()
    found = world.scheduler.explain("default/again")
    assert found is not None
    assert found.choice == world.where("again")
