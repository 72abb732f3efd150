"""InterPodAffinity: what a user sees of it, case by case; the arithmetic is held to the literal rules elsewhere."""

from typing import Any

from msgspec.structs import replace

from cluster.api.core import (
    Affinity,
    Namespace,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSpec,
    WeightedPodAffinityTerm,
)
from cluster.api.kinds import PODS
from cluster.api.meta import LabelSelector, ObjectMeta
from tests.cluster.scheduler.world import HOST, ZONE, World, node, pod, spec

WEB, DB = {"app": "web"}, {"app": "db"}


def term(labels: dict[str, str], key: str = HOST, **fields: Any) -> PodAffinityTerm:
    """A term that picks pods with these labels."""
    return PodAffinityTerm(labelSelector=LabelSelector(matchLabels=labels), topologyKey=key, **fields)


def near(*terms: PodAffinityTerm, wish: int = 0) -> Affinity:
    """Affinity to pods: required, or preferred with a weight."""
    if wish:
        weighted = tuple(WeightedPodAffinityTerm(weight=wish, podAffinityTerm=each) for each in terms)
        return Affinity(podAffinity=PodAffinity(preferredDuringSchedulingIgnoredDuringExecution=weighted))
    return Affinity(podAffinity=PodAffinity(requiredDuringSchedulingIgnoredDuringExecution=terms))


def far(*terms: PodAffinityTerm) -> Affinity:
    """Required anti-affinity to pods."""
    return Affinity(podAntiAffinity=PodAntiAffinity(requiredDuringSchedulingIgnoredDuringExecution=terms))


def there(name: str, where: str, labels: dict[str, str], affinity: Affinity | None = None, **meta: Any) -> Pod:
    """A pod that is on a node already."""
    return pod(name, spec(nodeName=where, affinity=affinity), labels, **meta)


def world(*pods: Pod) -> World:
    """Three nodes in two zones, and pods that are there."""
    return World(node("n1", zone="a"), node("n2", zone="a"), node("n3", zone="b"), *pods)


def asking(affinity: Affinity) -> PodSpec:
    """The spec of a pod with this affinity."""
    return spec(affinity=affinity)


def test_a_pod_goes_where_its_friends_are() -> None:
    """By host or by zone; with none anywhere it waits and is told why, and goes when one comes."""
    cluster = world(there("db", "n2", DB))
    cluster.put(pod("by-host", asking(near(term(DB))))).run(100)
    cluster.put(pod("by-zone", asking(near(term(WEB, ZONE))))).run(100)
    assert cluster.where("by-host") == "n2"
    assert cluster.says("by-zone") == (
        "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: "
        "0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    cluster.put(there("web", "n3", WEB)).run()
    assert cluster.where("by-zone") == "n3"


def test_the_first_of_its_kind_needs_nobody() -> None:
    """A pod that is one of those it wants to be with may be alone; the others follow it."""
    cluster = world()
    for name in ("one", "two", "three"):
        cluster.put(pod(name, asking(near(term(WEB))), WEB)).run(100)
    assert len({cluster.where(name) for name in ("one", "two", "three")} - {""}) == 1


def test_pods_keep_apart() -> None:
    """One on each host, and the fourth waits, with the reason; when one goes it takes its place."""
    cluster = world()
    for number in range(4):
        cluster.put(pod(f"p{number}", asking(far(term(WEB))), WEB)).run(100)
    assert sorted(cluster.where(f"p{number}") for number in range(3)) == ["n1", "n2", "n3"]
    assert "3 node(s) didn't match pod anti-affinity rules." in cluster.says("p3")
    assert "3 No preemption victims found for incoming pod." in cluster.says("p3")
    cluster.delete(PODS, "default/p1")
    cluster.run()
    assert cluster.where("p3") != ""


def test_who_is_there_may_object() -> None:
    """A pod without demands is kept away by the anti-affinity of those that are there."""
    cluster = world(*(there(f"db{number}", f"n{number}", DB, far(term(WEB))) for number in (1, 2, 3)))
    cluster.put(pod("web", spec(), WEB), pod("other", spec(), {"app": "x"})).run(100)
    assert cluster.where("other") != ""
    assert "3 node(s) didn't satisfy existing pods anti-affinity rules." in cluster.says("web")


def test_a_pod_that_is_going_still_counts() -> None:
    """Until it is gone its node is taken, and it is still a friend."""
    cluster = world(there("web", "n1", WEB, deletionTimestamp="2026-01-01T00:00:00Z"))
    cluster.put(pod("friend", asking(near(term(WEB))))).run(100)
    assert cluster.where("friend") == "n1"
    cluster.put(pod("foe", asking(far(term(WEB, ZONE))))).run(100)
    assert cluster.where("foe") == "n3"


def test_terms_may_mean_other_namespaces() -> None:
    """By name or by their labels; a namespace that gets the label later counts from then on."""
    team = Namespace(metadata=ObjectMeta(name="team"))
    cluster = world(there("db", "n2", DB, namespace="team")).put(team)
    cluster.run(100)
    chosen = LabelSelector(matchLabels={"kind": "data"})
    cluster.put(pod("named", asking(near(term(DB, namespaces=("team",)))))).run(100)
    cluster.put(pod("chosen", asking(near(term(DB, namespaceSelector=chosen))))).run(100)
    assert (cluster.where("named"), cluster.where("chosen")) == ("n2", "")
    cluster.put(replace(team, metadata=replace(team.metadata, labels={"kind": "data"}))).run()
    assert cluster.where("chosen") == "n2"


def test_wishes_of_both_sides_count() -> None:
    """What the pod prefers, what those that are there prefer, and 1 for each required term of theirs."""
    cluster = world(
        there("a", "n1", DB, near(term(WEB), wish=2)), there("b", "n2", {"app": "x"}, near(term(WEB))),
        there("c", "n3", WEB),
    )  # fmt: skip
    cluster.put(pod("web", asking(near(term(WEB), wish=4)), WEB)).run(100)
    explained = cluster.scheduler.explain("default/web")
    assert explained is not None
    scores = {
        each.node: next(score.score for score in each.scores if score.plugin == "InterPodAffinity")
        for each in explained.nodes
    }
    assert scores == {"n1": 33, "n2": 0, "n3": 100}
