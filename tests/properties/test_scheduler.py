"""Whatever the cluster and the pods, the fast scheduler chooses what the literal rules choose."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.core import (
    Affinity,
    ContainerImage,
    Namespace,
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorTerm,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSpec,
    PreferredSchedulingTerm,
    Service,
    ServiceSpec,
    Toleration,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from cluster.api.kinds import NODES, PODS
from cluster.api.labels import Selector, from_map
from cluster.api.meta import LabelSelector, ObjectMeta
from tests.cluster.scheduler import literal
from tests.cluster.scheduler.world import HOST, ZONE, World, container, expression, named, node, pod, taint

RACK, DISK = "example.com/rack", "disk"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
GPU = "example.com/gpu"

taints = st.lists(
    st.builds(taint, st.sampled_from(["a", "b"]), st.sampled_from(EFFECTS), st.sampled_from(["", "x"])),
    max_size=2, unique_by=lambda each: (each.key, each.effect),
)  # fmt: skip
tolerations = st.lists(
    st.builds(
        Toleration, key=st.sampled_from(["", "a", "b"]), effect=st.sampled_from(["", *EFFECTS]),
        operator=st.just("Exists"),
    )
    | st.builds(Toleration, key=st.sampled_from(["a", "b"]), operator=st.sampled_from(["", "Equal"]), value=st.just("x")),
    max_size=2,
)  # fmt: skip
node_labels = st.fixed_dictionaries(
    {}, optional={DISK: st.sampled_from(["ssd", "hdd"]), "size": st.sampled_from(["1", "5", "x"]), RACK: st.sampled_from("rst")}
)  # fmt: skip


images = st.sampled_from([{}, {}, {"nginx:latest": 700 << 20}, {"nginx:latest": 700 << 20, "busybox:latest": 5 << 20}])


@st.composite
def nodes(draw: st.DrawFn, number: int) -> Node:
    """A node of any size and zone, sometimes tainted, sometimes cordoned."""
    return node(
        f"n{number}", cpu=draw(st.sampled_from(["1", "2", "3", "0"])), memory=draw(st.sampled_from(["1Gi", "2Gi", "3Gi"])),
        pods=draw(st.sampled_from(["2", "4", "110"])), zone=draw(st.sampled_from(["", "z1", "z2", "z3"])),
        labels=draw(node_labels), taints=draw(taints), unschedulable=draw(st.integers(0, 7)) == 0,
        resources=draw(st.sampled_from([{}, {}, {GPU: "1"}, {"ephemeral-storage": "1Gi"}])), images=draw(images),
    )  # fmt: skip


terms = st.one_of(
    st.builds(expression, st.just(DISK), st.sampled_from(["In", "NotIn"]), st.sampled_from(["ssd", "hdd"])),
    st.builds(expression, st.just("size"), st.sampled_from(["Gt", "Lt"]), st.sampled_from(["1", "3"])),
    st.builds(expression, st.sampled_from([RACK, HOST, ZONE]), st.sampled_from(["Exists", "DoesNotExist"])),
    st.builds(
        expression, st.just(ZONE), st.sampled_from(["In", "NotIn"]), st.sampled_from(["z1", "z2"]), st.just("z3")
    ),
    st.builds(expression, st.just(HOST), st.just("In"), st.sampled_from(["n0", "n1"]), st.just("n3")),
    st.builds(named, st.sampled_from(["In", "NotIn"]), st.sampled_from(["n0", "n1"]), st.just("n2")),
    st.just(NodeSelectorTerm()),
)


picked = st.sampled_from(
    [LabelSelector(matchLabels={"app": "a"}), LabelSelector(matchLabels={"app": "b"}), LabelSelector()]
)
pod_terms = st.builds(
    PodAffinityTerm, topologyKey=st.sampled_from([HOST, ZONE, RACK]), labelSelector=picked,
    namespaces=st.sampled_from([(), (), ("other",), ("default", "other")]),
    namespaceSelector=st.sampled_from([None, None, LabelSelector(), LabelSelector(matchLabels={"name": "other"})]),
)  # fmt: skip
required_terms = st.lists(pod_terms, max_size=2).map(tuple)
wished_terms = st.lists(
    st.builds(WeightedPodAffinityTerm, weight=st.sampled_from([1, 7, 100]), podAffinityTerm=pod_terms), max_size=2
).map(tuple)  # fmt: skip
company = st.builds(
    Affinity,
    podAffinity=st.none() | st.builds(
        PodAffinity, requiredDuringSchedulingIgnoredDuringExecution=required_terms,
        preferredDuringSchedulingIgnoredDuringExecution=wished_terms,
    ),
    podAntiAffinity=st.none() | st.builds(
        PodAntiAffinity, requiredDuringSchedulingIgnoredDuringExecution=required_terms,
        preferredDuringSchedulingIgnoredDuringExecution=wished_terms,
    ),
)  # fmt: skip


@st.composite
def affinities(draw: st.DrawFn) -> Affinity | None:
    """Node affinity, if any."""
    required = draw(st.none() | st.lists(terms, min_size=1, max_size=2))
    wishes = draw(
        st.lists(st.builds(PreferredSchedulingTerm, preference=terms, weight=st.sampled_from([1, 7, 100])), max_size=2)
    )
    if required is None and not wishes:
        return None
    demand = None if required is None else NodeSelector(nodeSelectorTerms=tuple(required))
    return Affinity(
        nodeAffinity=NodeAffinity(
            requiredDuringSchedulingIgnoredDuringExecution=demand,
            preferredDuringSchedulingIgnoredDuringExecution=tuple(wishes),
        )
    )


spreads = st.lists(
    st.builds(
        TopologySpreadConstraint, topologyKey=st.sampled_from([HOST, ZONE, RACK]), maxSkew=st.integers(1, 2),
        whenUnsatisfiable=st.sampled_from(["DoNotSchedule", "ScheduleAnyway"]),
        labelSelector=st.sampled_from([LabelSelector(matchLabels={"app": "a"}), LabelSelector(), None]),
        nodeAffinityPolicy=st.sampled_from(["", "Honor", "Ignore"]), nodeTaintsPolicy=st.sampled_from(["", "Honor"]),
    ),
    max_size=2, unique_by=lambda each: (each.topologyKey, each.whenUnsatisfiable),
)  # fmt: skip


@st.composite
def specs(draw: st.DrawFn) -> PodSpec:
    """A spec with any mix of demands."""
    asked = draw(st.fixed_dictionaries({}, optional={
        "cpu": st.sampled_from(["100m", "500m", "1", "4"]), "memory": st.sampled_from(["0", "100Mi", "1Gi"]),
        "ephemeral-storage": st.just("400Mi"), GPU: st.just("1"),
    }))  # fmt: skip
    restricted = draw(st.integers(0, 2)) == 0
    init = draw(st.sampled_from(["", "", "", "Always", "Never"]))
    return PodSpec(
        schedulerName="default-scheduler",
        containers=(container(asked, draw(st.sampled_from([(), (), (), (80,), (81,)]))),),
        initContainers=(container({"cpu": "700m"}, restartPolicy=init),) if init else (),
        tolerations=tuple(draw(tolerations)), topologySpreadConstraints=tuple(draw(spreads)),
        affinity=draw(affinities() | company) if restricted else None,
        nodeSelector=draw(st.sampled_from([{}, {}, {}, {DISK: "ssd"}, {HOST: "n1"}])),
    )  # fmt: skip


labels = st.sampled_from([{"app": "a"}, {"app": "b"}, {}])
services = st.sampled_from([None, {"app": "a"}, {"app": "b"}])


def check(world: World, each: Pod, siblings: Selector | None) -> None:
    """Schedule a pod and compare the choice, every node's total or the reasons with the literal rules."""
    table = list(world.store.table(NODES).values())
    placed = [
        found for found in world.store.table(PODS).values() if found.spec.nodeName and found.status.phase == "Pending"
    ]
    picks = siblings if siblings is not None and siblings.matches(each.metadata.labels) else None
    expected = literal.decide(each, table, placed, picks)
    world.put(each)
    world.run(7)
    name = each.metadata.name
    assert world.where(name) == expected.choice, expected.totals
    explained = world.scheduler.explain(f"default/{name}")
    assert explained is not None
    assert explained.choice == expected.choice
    assert {found.node: found.total for found in explained.nodes if not found.rejection} == expected.totals
    assert {
        found.node: list(found.rejection.reasons) for found in explained.nodes if found.rejection
    } == expected.rejected
    if not expected.choice:
        assert world.says(name).startswith(literal.summary(expected.rejected, len(table)))
    world.run(100)


def never_over_committed(world: World) -> None:
    """No node that was given a pod gives more than it has, nor one port twice; strangers may have filled others."""
    for each in world.store.table(NODES).values():
        there = [
            found for found in literal.on(each, world.store.table(PODS).values()) if found.status.phase == "Pending"
        ]
        if all(found.spec.schedulerName == STRANGERS for found in there):
            continue
        assert len(there) <= literal.offered(each, "pods")
        for resource in ("cpu", "memory", "ephemeral-storage", GPU):
            asked = sum(literal.request(pod_, resource) for pod_ in there)
            assert not asked or asked <= literal.offered(each, resource)
        taken = [port for pod_ in there for port in literal.ports(pod_)]
        assert len(taken) == len(set(taken))


@st.composite
def clusters(draw: st.DrawFn) -> list[Node]:
    """One to six nodes of every sort."""
    return [draw(nodes(number)) for number in range(draw(st.integers(1, 6)))]


NAMESPACES = tuple(Namespace(metadata=ObjectMeta(name=name, labels={"name": name})) for name in ("default", "other"))
STRANGERS = "another"
"""The scheduler of pods that are there already, which asks no node how much it has."""
strangers = st.lists(st.tuples(st.integers(0, 5), labels, st.none() | company), max_size=3)


def stranger(number: int, where: int, carried: dict[str, str], friends: Affinity | None) -> Pod:
    """A pod of another namespace that is there already."""
    given_spec = PodSpec(nodeName=f"n{where}", containers=(container(),), affinity=friends, schedulerName=STRANGERS)
    return pod(f"s{number}", given_spec, carried, namespace="other")


@settings(max_examples=150, deadline=None)
@given(clusters(), strangers, st.lists(st.tuples(specs(), labels, st.integers(1, 6)), min_size=1, max_size=4), services)
def test_the_same_choice_as_the_literal_rules(
    cluster: list[Node], others: list[tuple[int, dict[str, str], Affinity | None]],
    templates: list[tuple[PodSpec, dict[str, str], int]], service: dict[str, str] | None,
) -> None:  # fmt: skip
    """Every pod goes where scoring all nodes afresh would put it, with the same scores, or fails for the same reasons."""
    there = [stranger(number, *each) for number, each in enumerate(others) if each[0] < len(cluster)]
    world = World(*NAMESPACES, *cluster, *there)
    siblings = served(world, service)
    for number, (spec, carried, copies) in enumerate(templates):
        for copy in range(copies):
            check(world, pod(f"p{number}-{copy}", spec, carried), siblings)
    never_over_committed(world)


def served(world: World, selector: dict[str, str] | None) -> Selector | None:
    """Put a Service in front of pods, and give back what it selects."""
    if not selector:
        return None
    world.put(Service(metadata=ObjectMeta(name="s", namespace="default"), spec=ServiceSpec(selector=selector)))
    world.run(10)
    return from_map(selector)


roomy = st.builds(
    node, name=st.just(""), cpu=st.sampled_from(["8", "16"]), memory=st.sampled_from(["8Gi", "32Gi"]),
    zone=st.sampled_from(["z1", "z2", "z3"]), images=images, taints=taints.map(lambda found: [each for each in found if each.effect == EFFECTS[1]]),
    labels=node_labels,
)  # fmt: skip
easy = st.builds(
    lambda asked, spread, wishes, friends: PodSpec(
        schedulerName="default-scheduler", containers=(container(asked),), topologySpreadConstraints=tuple(spread),
        affinity=replace(
            friends or Affinity(),
            nodeAffinity=NodeAffinity(preferredDuringSchedulingIgnoredDuringExecution=tuple(wishes)),
        ),
    ),
    st.sampled_from([{}, {"cpu": "500m"}, {"memory": "1Gi"}, {"cpu": "200m", "memory": "700Mi"}]),
    st.just([]) | spreads,
    st.lists(st.builds(PreferredSchedulingTerm, preference=terms, weight=st.sampled_from([1, 7, 100])), max_size=2),
    st.none() | company,
)  # fmt: skip


class Change(NamedTuple):
    """Something that happens to the cluster between two pods."""

    what: str
    which: int


changes = st.builds(
    Change, st.sampled_from(["schedule", "schedule", "schedule", "delete", "finish", "dying", "cordon", "move", "taint", "pull", "remove", "add"]),
    st.integers(0, 99),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.lists(roomy, min_size=3, max_size=9),
    st.lists(easy, min_size=1, max_size=3),
    st.lists(changes, min_size=5, max_size=40),
    services,
)
def test_the_same_choice_while_the_cluster_changes(
    cluster: list[Node], templates: list[PodSpec], story: list[Change], service: dict[str, str] | None
) -> None:
    """Pods and nodes may come, change and go between decisions: each is still the literal one."""
    world = World(*NAMESPACES, *[rename(each, f"n{number}") for number, each in enumerate(cluster)])
    siblings = served(world, service)
    for number, (what, which) in enumerate(story):
        if what == "schedule":
            spec = templates[which % len(templates)]
            check(world, pod(f"p{number}", spec, {"app": "ab"[which % 2]}), siblings)
        else:
            happen(world, what, which, number)
            world.run(100)
        if which == 0:
            world.rebuild()
    never_over_committed(world)


def rename(found: Node, name: str) -> Node:
    """The node under another name."""
    meta = replace(found.metadata, name=name, labels={**found.metadata.labels, HOST: name})
    return replace(found, metadata=meta)


def happen(world: World, what: str, which: int, number: int) -> None:
    """Change a node or an assigned pod."""
    if what == "add":
        world.put(node(f"n-{number}", zone="z4", cpu="8", memory="32Gi"))
    elif what in {"delete", "finish", "dying"}:
        happen_to_pod(world, what, which)
    else:
        happen_to_node(world, what, which)


def happen_to_pod(world: World, what: str, which: int) -> None:
    """Delete an assigned pod, let it finish, or let it begin to go."""
    placed = [
        each for each in world.store.table(PODS).values() if each.spec.nodeName and each.status.phase == "Pending"
    ]
    if not placed:
        return
    each = placed[which % len(placed)]
    if what == "delete":
        world.delete(PODS, f"default/{each.metadata.name}")
    elif what == "finish":
        world.put(replace(each, status=replace(each.status, phase="Succeeded")))
    else:
        world.put(replace(each, metadata=replace(each.metadata, deletionTimestamp="2026-01-01T00:00:00Z")))


def happen_to_node(world: World, what: str, which: int) -> None:
    """Remove a node, move it to another zone, cordon or taint it, or let it pull an image."""
    there = list(world.store.table(NODES).values())
    if len(there) < 3:
        return
    each = there[which % len(there)]
    if what == "remove":
        world.delete(NODES, each.metadata.name)
    elif what == "move":
        labels = {**each.metadata.labels, ZONE: f"z{which % 4}"}
        world.put(replace(each, metadata=replace(each.metadata, labels=labels)))
    elif what == "pull":
        found = (ContainerImage(names=("nginx:latest",), sizeBytes=700 << 20),) if which % 3 else ()
        world.put(replace(each, status=replace(each.status, images=found)))
    elif what == "cordon":
        world.put(replace(each, spec=replace(each.spec, unschedulable=not each.spec.unschedulable)))
    else:
        world.put(replace(each, spec=replace(each.spec, taints=(taint("c", EFFECTS[which % 3]),))))
