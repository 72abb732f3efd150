"""A search that has followed many changes stands where one built afresh does."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import Taint, TopologySpreadConstraint
from cluster.api.labels import from_map
from cluster.api.meta import LabelSelector
from cluster.scheduler.cache import Cache
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.search import Search
from cluster.scheduler.standings import StandingsPool
from tests.cluster.scheduler.world import HOST, ZONE, node, pod, spec, taint

APP = {"app": "a"}
steps = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["come", "come", "go", "grow", "taint", "look"])), max_size=60
)


def constraint(key: str, when: str, **fields: Any) -> TopologySpreadConstraint:
    """A spread constraint over the pods labelled app=a."""
    picks = LabelSelector(matchLabels=APP)
    return TopologySpreadConstraint(maxSkew=2, topologyKey=key, whenUnsatisfiable=when, labelSelector=picks, **fields)


def followed(cache: Cache, taken: Callable[[], object], story: list[tuple[int, str]]) -> None:
    """Let pods and nodes change as the story says, asking `taken` where it says look."""
    placed: list[str] = []
    for number, (which, what) in enumerate(story):
        name = cache.nodes[which].name
        old = cache.infos[name].node
        if what == "come":
            labels = APP if number % 3 else {}
            cache.set_pod(f"default/p{number}", pod(f"p{number}", spec({"cpu": "500m"}, nodeName=name), labels))
            placed.append(f"default/p{number}")
        elif what == "go" and placed:
            cache.remove_pod(placed.pop(which % len(placed)))
        elif what == "grow":
            cache.set_node(node(name, cpu=str(2 + number % 3), zone=old.metadata.labels[ZONE], taints=old.spec.taints))
        elif what == "taint":
            taints: tuple[Taint, ...] = (
                () if old.spec.taints else (taint("t", ("NoSchedule", "PreferNoSchedule")[number % 2]),)
            )
            cache.set_node(replace(old, spec=replace(old.spec, taints=taints)))
        else:
            taken()


def view(search: Search) -> tuple[object, ...]:
    """What a search knows: the best entry and number of nodes of each bucket, and who rejects how many nodes."""
    buckets = sorted((bucket.row, bucket.size, bucket.top) for bucket in search._buckets.values())
    return buckets, {rejection: count for rejection, count in search.rejections().items() if count}


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from(["default", "soft", "hard", "none"]))
def test_following_is_as_good_as_starting_over(story: list[tuple[int, str]], how: str) -> None:
    """Buckets, their sizes, their best nodes and the rejections equal those of a search that has seen nothing before."""
    own = {
        "soft": (constraint(HOST, "ScheduleAnyway"), constraint(ZONE, "ScheduleAnyway")),
        "hard": (constraint(ZONE, "DoNotSchedule"),),
    }.get(how, ())
    cache = Cache()
    for number in range(6):
        cache.set_node(node(f"n{number}", cpu="2", zone=f"z{number % 3}"))
    wants = PodInfo(
        pod("w", spec({"cpu": "500m"}, topologySpreadConstraints=own), APP), from_map(APP) if how == "default" else None
    )
    search = Search(wants, cache, StandingsPool(cache))
    followed(cache, search.best, story)
    found = search.best()
    fresh = Search(wants, cache, StandingsPool(cache))
    assert fresh.best() is found
    assert view(search) == view(fresh)


def test_a_taint_changes_which_nodes_count() -> None:
    """Where taints are honoured, a domain of nothing but tainted nodes no longer holds the others back."""
    honour = spec(topologySpreadConstraints=(constraint(ZONE, "DoNotSchedule", nodeTaintsPolicy="Honor"),))
    cache = Cache()
    for number in range(2):
        cache.set_node(node(f"n{number}", zone=f"z{number}"))
    for number in range(2):
        cache.set_pod(f"default/p{number}", pod(f"p{number}", spec(nodeName="n0"), APP))
    search = Search(PodInfo(pod("w", honour, APP)), cache, StandingsPool(cache))
    assert search.best() is cache.infos["n1"]
    cache.set_node(node("n1", zone="z1", taints=[taint("t")]))
    assert search.best() is cache.infos["n0"]


def test_released_and_asked_again() -> None:
    """A search that has given everything back finds the same node when it is asked again."""
    cache = Cache()
    for number in range(3):
        cache.set_node(node(f"n{number}", cpu=str(number + 1), zone=f"z{number}"))
    search = Search(PodInfo(pod("w", spec({"cpu": "100m"}), APP), from_map(APP)), cache, StandingsPool(cache))
    first = search.best()
    search.release()
    assert not cache._counters
    assert search.best() is first


def test_begun_in_portions() -> None:
    """A search that begins in portions comes to the same, and begins again only when the nodes are others."""
    cache = Cache()
    for number in range(3):
        cache.set_node(node(f"n{number}", cpu=str(number + 1), zone=f"z{number}"))
    wants = PodInfo(pod("w", spec({"cpu": "100m"}), APP), from_map(APP))
    search, whole = Search(wants, cache, StandingsPool(cache)), Search(wants, cache, StandingsPool(cache))
    assert [search.begin(), search.begin(), search.begin()] == [True, True, False]
    assert search.best() is whole.best()
    cache.set_pod("default/p", pod("p", spec(nodeName="n2"), APP))
    assert not search.begin()
    cache.set_node(node("n3", cpu="9", zone="z3"))
    assert search.begin()
    assert search.best() is whole.best() is cache.infos["n3"]


def test_heaps_do_not_grow_for_ever() -> None:
    """Entries that no longer hold are dropped now and then, and none that does."""
    cache = Cache()
    for number in range(3):
        cache.set_node(node(f"n{number}", cpu="8"))
    search = Search(PodInfo(pod("w", spec({"cpu": "1"}))), cache, StandingsPool(cache))
    best = search.best()
    for number in range(300):
        cache.set_pod("default/p", pod("p", spec({"cpu": f"{number % 7 + 1}"}, nodeName="n2")))
        assert search.best() is best
    (bucket,) = search._buckets.values()
    assert bucket.size == 3
    assert len(bucket.heap) <= 64 + 4 * 3
    assert {entry & 0xFFFFF for entry in bucket.heap} == {0, 1, 2}
