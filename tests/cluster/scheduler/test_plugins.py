"""Each plugin's rule by itself."""

import pytest

from cluster.api.core import (
    Container,
    ContainerPort,
    Node,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodSpec,
    ResourceRequirements,
    Toleration,
)
from cluster.api.node_selectors import requirement_matches
from cluster.api.quantity import parse
from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import highest_is_best, lowest_is_best
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.plugins import (
    image_locality,
    node_affinity,
    node_name,
    node_ports,
    node_resources_balanced_allocation,
    node_resources_fit,
    node_unschedulable,
    taint_toleration,
)
from cluster.scheduler.pod_info import PodInfo, footprint
from tests.cluster.scheduler.world import affinity, container, expression, named, node, pod, spec, taint


def info(of: Node, *pods: Pod) -> NodeInfo:
    """A node with pods on its account."""
    made = NodeInfo(of.metadata.name)
    made.set_node(of, {})
    for each in pods:
        made.account(footprint(each.spec), 1)
    return made


def asking(**fields: object) -> PodInfo:
    """A pod with a spec."""
    return PodInfo(pod("p", spec(**fields)))  # type: ignore[arg-type]


def test_cordoned_unless_tolerated() -> None:
    """A cordoned node takes a pod only if it tolerates the cordon's taint."""
    cordoned = info(node("n", unschedulable=True))
    toleration = Toleration(key="node.kubernetes.io/unschedulable", operator="Exists")
    assert node_unschedulable.filter(asking(), cordoned) == node_unschedulable.UNSCHEDULABLE
    assert node_unschedulable.filter(asking(tolerations=(toleration,)), cordoned) is None
    assert node_unschedulable.filter(asking(), info(node("n"))) is None


def test_the_named_node_only() -> None:
    """A pod with `nodeName` fits its node and no other."""
    wants = asking(nodeName="n")
    assert node_name.filters(wants)
    assert not node_name.filters(asking())
    assert node_name.filter(wants, info(node("n"))) is None
    assert node_name.filter(wants, info(node("m"))) == node_name.OTHER_NODE


def test_taints_forbid_or_put_off() -> None:
    """NoSchedule and NoExecute reject; PreferNoSchedule is counted against the node."""
    for effect in ("NoSchedule", "NoExecute"):
        tainted = info(node("n", taints=[taint("a", effect)]))
        assert taint_toleration.filter(asking(), tainted) == taint_toleration.UNTOLERATED
    soft = info(node("n", taints=[taint("a", "PreferNoSchedule"), taint("b", "PreferNoSchedule")]))
    assert taint_toleration.filter(asking(), soft) is None
    assert taint_toleration.score(asking(), soft) == 2
    assert taint_toleration.score(asking(tolerations=(Toleration(key="a", operator="Exists"),)), soft) == 1
    hard_only = Toleration(key="a", operator="Exists", effect="NoSchedule")
    assert taint_toleration.score(asking(tolerations=(hard_only,)), soft) == 2


@pytest.mark.parametrize(
    ("operator", "values", "value", "met"),
    [
        ("In", ("a", "b"), "b", True), ("In", ("a",), None, False), ("NotIn", ("a",), "b", True), ("NotIn", ("a",), None, True),
        ("Exists", (), "x", True), ("Exists", (), None, False), ("DoesNotExist", (), None, True), ("DoesNotExist", (), "", False),
        ("Gt", ("3",), "4", True), ("Gt", ("3",), "3", False), ("Lt", ("3",), "-4", True), ("Lt", ("3",), None, False),
        ("Gt", ("3",), "many", False), ("Gt", ("x",), "4", False), ("Gt", ("1", "2"), "4", False), ("Unknown", (), "x", False),
    ],
)  # fmt: skip
def test_node_selector_operators(operator: str, values: tuple[str, ...], value: str | None, met: bool) -> None:  # noqa: FBT001
    """Each operator as Kubernetes reads it; a label that is no number is neither greater nor less."""
    requirement = NodeSelectorRequirement(key="k", operator=operator, values=values)
    assert requirement_matches(requirement, value) is met


def test_node_affinity_terms_are_alternatives() -> None:
    """One of the terms has to match, all requirements of it; an empty term matches nothing."""
    ssd = info(node("n", labels={"disk": "ssd"}))
    either = asking(affinity=affinity(expression("disk", "In", "hdd"), expression("disk", "Exists")))
    assert node_affinity.filter(either, ssd) is None
    both = NodeSelectorTerm(
        matchExpressions=(*expression("disk", "Exists").matchExpressions, *expression("x", "Exists").matchExpressions)
    )
    assert node_affinity.filter(asking(affinity=affinity(both)), ssd) == node_affinity.NO_MATCH
    assert node_affinity.filter(asking(affinity=affinity(NodeSelectorTerm())), ssd) == node_affinity.NO_MATCH
    assert node_affinity.filter(asking(nodeSelector={"disk": "ssd", "x": "y"}), ssd) == node_affinity.NO_MATCH


def test_affinity_that_names_nodes_leaves_no_other() -> None:
    """Terms that all name nodes exclude the others before any other plugin is asked."""
    one = asking(affinity=affinity(named("In", "a"), named("In", "b")))
    assert one.node_names == frozenset({"a", "b"})
    assert node_affinity.prefilter(one, info(node("c"))) == node_affinity.NOT_NAMED
    assert node_affinity.prefilter(one, info(node("b"))) is None
    assert not node_affinity.names_nodes(asking(affinity=affinity(named("In", "a"), expression("disk", "Exists"))))
    assert not node_affinity.names_nodes(asking(affinity=affinity(named("NotIn", "a"))))


def test_preferred_terms_add_up() -> None:
    """The weights of the preferred terms that match; an empty one counts for nothing."""
    wishes = {
        expression("disk", "Exists"): 10,
        expression("disk", "In", "ssd"): 5,
        expression("x", "Exists"): 100,
        NodeSelectorTerm(): 7,
    }
    likes = asking(affinity=affinity(preferred=wishes))
    assert node_affinity.scores(likes)
    assert node_affinity.score(likes, info(node("n", labels={"disk": "ssd"}))) == 15
    assert not node_affinity.scores(asking(affinity=affinity(preferred={NodeSelectorTerm(): 7})))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("0.0.0.0", "TCP", 80), ("10.0.0.1", "TCP", 80), True),
        (("10.0.0.2", "TCP", 80), ("10.0.0.1", "TCP", 80), False),
        (("0.0.0.0", "UDP", 80), ("0.0.0.0", "TCP", 80), False),
        (("0.0.0.0", "TCP", 81), ("0.0.0.0", "TCP", 80), False),
    ],
)
def test_host_port_conflicts(one: tuple[str, str, int], other: tuple[str, str, int], same: bool) -> None:  # noqa: FBT001
    """Protocol and port decide, and the address unless one of the two means every address."""
    assert node_ports.conflict(one, other) is same
    assert node_ports.conflict(other, one) is same


def test_ports_of_containers_and_sidecars() -> None:
    """A node's ports are taken by containers and sidecars, and not by ports that are the pod's own."""
    sidecar = container(host_ports=(81,), restartPolicy="Always")
    init = container(host_ports=(82,))
    own = container()
    made = PodSpec(containers=(container(host_ports=(80,)), own), initContainers=(sidecar, init))
    assert footprint(made).ports == (("0.0.0.0", "TCP", 80), ("0.0.0.0", "TCP", 81))
    taken = info(node("n"), pod("a", made))
    assert node_ports.filter(asking(host_ports=(81,)), taken) == node_ports.PORTS_TAKEN
    assert node_ports.filter(asking(host_ports=(82,)), taken) is None
    assert ContainerPort(containerPort=80).hostPort == 0


def test_requests_of_init_containers_sidecars_and_overhead() -> None:
    """The containers with the sidecars, or the hungriest init container with those before it; then overhead."""
    made = PodSpec(
        initContainers=(
            container({"cpu": "1"}, restartPolicy="Always"), container({"cpu": "3", "memory": "1Gi"}), container({"memory": "2Gi"}),
        ),
        containers=(container({"cpu": "500m", "memory": "100Mi"}), container()),
        overhead={"cpu": parse("250m")},
    )  # fmt: skip
    found = footprint(made)
    assert (found.cpu, found.memory) == (4250, 2 * 2**30)
    assert (found.non_zero_cpu, found.non_zero_memory) == (4250, 2 * 2**30 + 200 * 2**20)


def test_requests_of_the_pod_itself_come_first() -> None:
    """Resources on the level of the pod replace what its containers ask for together."""
    level = ResourceRequirements(requests={"cpu": parse("2")})
    found = footprint(PodSpec(containers=(container({"cpu": "1", "memory": "1Gi"}),), resources=level))
    assert (found.cpu, found.memory) == (2000, 2**30)


def test_everything_that_is_lacking_is_named() -> None:
    """All resources that are short are listed; asking more than the node ever has cannot be resolved."""
    full = info(
        node("n", cpu="1", memory="1Gi", pods="1", resources={"example.com/gpu": "1"}), pod("a", spec({"cpu": "600m"}))
    )
    wants = asking(requests={"cpu": "500m", "example.com/gpu": "1"})
    assert node_resources_fit.filter(wants, full) == ("NodeResourcesFit", ("Too many pods", "Insufficient cpu"), True)
    greedy = asking(requests={"memory": "2Gi", "example.com/gpu": "2", "ephemeral-storage": "1"})
    assert node_resources_fit.filter(greedy, full) == (
        "NodeResourcesFit",
        ("Too many pods", "Insufficient memory", "Insufficient ephemeral-storage", "Insufficient example.com/gpu"), False,
    )  # fmt: skip


def test_asking_for_nothing_fits_an_over_committed_node() -> None:
    """What a pod does not ask for is not checked: bound by hand, a node may hold more than it has."""
    crowded = info(node("n", cpu="1"), pod("a", spec({"cpu": "3"})))
    assert node_resources_fit.filter(asking(), crowded) is None
    assert node_resources_fit.filter(asking(requests={"memory": "1Gi"}), crowded) is None
    assert node_resources_fit.filter(asking(requests={"cpu": "1m"}), crowded) is not None


def test_least_allocated_counts_the_missing() -> None:
    """A container that asks for nothing counts for 100m and 200Mi."""
    half = info(node("n", cpu="1", memory="2000Mi"), pod("a"), pod("b"))
    assert node_resources_fit.score(asking(), half) == (70 + 70) // 2
    assert node_resources_fit.score(asking(requests={"cpu": "0", "memory": "1400Mi"}), half) == (80 + 10) // 2
    assert node_resources_fit.score(asking(requests={"cpu": "5"}), half) == (0 + 70) // 2
    assert node_resources_fit.score(asking(), info(node("n", cpu="0", memory="0"))) == 0


def test_balance_is_judged_against_that_without_the_pod() -> None:
    """75 for a pod that keeps the balance, more for one that restores it, less for one that upsets it."""
    empty = info(node("n", cpu="1", memory="1000Mi"))
    tilted = info(node("n", cpu="1", memory="1000Mi"), pod("a", spec({"cpu": "400m"})))
    even, cpu, memory = (
        asking(requests=each) for each in ({"cpu": "500m", "memory": "500Mi"}, {"cpu": "400m"}, {"memory": "400Mi"})
    )
    score = node_resources_balanced_allocation.score
    assert (score(even, empty), score(cpu, empty), score(memory, tilted)) == (75, 65, 85)
    assert score(cpu, info(node("n", cpu="0"))) == 75
    assert not node_resources_balanced_allocation.scores(asking())


def test_normalising() -> None:
    """Scores are scaled to the highest; nothing to scale leaves them all best or all worst."""
    assert highest_is_best([0, 3, 7]) == [0, 42, 100]
    assert lowest_is_best([0, 3, 7]) == [100, 58, 0]
    assert (highest_is_best([0, 0]), lowest_is_best([0, 0])) == ([0, 0], [100, 100])


MB = 1 << 20


def located(image: str, *nodes: Node, init: str = "") -> list[int]:
    """The score for images of each node."""
    cache = Cache()
    for each in nodes:
        cache.set_node(each)
    first = (Container(name="i", image=init),) if init else ()
    wanted = PodInfo(pod("p", PodSpec(containers=(Container(name="c", image=image),), initContainers=first)))
    return [image_locality.score(wanted, each) for each in cache.nodes]


def test_images_that_are_there() -> None:
    """From 23 MB up to 1000 MB a container, less the fewer nodes have them; names without a tag mean the latest."""
    having, without = node("n1", images={"web:latest": 1000 * MB, "r:5000/db:2": 200 * MB}), node("n2")
    assert located("web", having) == [100]
    assert located("web", having, without) == [48, 0]
    assert located("web:1", having) == [0]
    assert located("r:5000/db:2", having) == [18]
    assert located("r:5000/db", having) == [0]
    assert located("web", having, init="r:5000/db:2") == [59]
    assert located("small", node("n", images={"small:latest": 22 * MB})) == [0]


def test_images_of_nodes_that_change() -> None:
    """What a node no longer reports is gone; a size counts as it was first reported."""
    cache = Cache()
    for name, size in (("n1", 500), ("n2", 900)):
        cache.set_node(node(name, images={"web:latest": size * MB}))
    assert [cache.images.worth("web:latest", name) for name in ("n1", "n2")] == [500 * MB, 500 * MB]
    cache.set_node(node("n1"))
    assert [cache.images.worth("web:latest", name) for name in ("n1", "n2")] == [0, 250 * MB]
    cache.remove_node("n2")
    cache.set_node(node("n1", images={"web:latest": 700 * MB}))
    assert cache.images.worth("web:latest", "n1") == 700 * MB
