"""The scheduler as a component: what it binds, what it says, and when it tries again."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api.core import (
    ContainerStatus,
    PodSchedulingGate,
    ResourceRequirements,
    Service,
    ServiceSpec,
    Toleration,
    TopologySpreadConstraint,
)
from cluster.api.errors import Conflict
from cluster.api.kinds import EVENTS, NODES, PODS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.quantity import Quantity
from tests.cluster.scheduler.world import HOST, ZONE, World, affinity, named, node, pod, spec, taint

NO_VICTIMS = "no new claims to deallocate, preemption: 0/{0} nodes are available: {0} No preemption victims found for incoming pod."
NOT_HELPFUL = (
    "no new claims to deallocate, preemption: 0/{0} nodes are available: {0} Preemption is not helpful for scheduling."
)


def three(**more: Any) -> World:
    """Three nodes of one core, each in a zone of its own."""
    return World(*[node(f"node-{n}", cpu="1", memory="3840Mi", zone=f"zone-{n}", **more) for n in (1, 2, 3)])


def test_a_pod_is_bound_and_says_so() -> None:
    """The pod gets its node, its condition and its node's zone, and an event tells."""
    world = three()
    world.put(pod("web"))
    world.run()
    bound = world.pod("web")
    assert bound.spec.nodeName == "node-1"
    assert [(each.type, each.status) for each in bound.status.conditions] == [("PodScheduled", "True")]
    assert bound.metadata.labels == {ZONE: "zone-1"}
    (event,) = world.events("web")
    assert (event.type, event.reason, event.message) == (
        "Normal",
        "Scheduled",
        "Successfully assigned default/web to node-1",
    )
    assert event.reportingComponent == "default-scheduler"


@pytest.mark.parametrize(
    ("wanted", "reasons", "ending"),
    [
        (spec({"cpu": "1500m", "memory": "8Gi"}), "3 Insufficient cpu, 3 Insufficient memory", NOT_HELPFUL),
        (spec(nodeSelector={"disktype": "ssd"}), "3 node(s) didn't match Pod's node affinity/selector", NOT_HELPFUL),
        (spec(affinity=affinity(named("In", "node-9"))), "3 node(s) didn't satisfy plugin(s) [NodeAffinity]", NOT_HELPFUL),
        (spec(host_ports=(8480,)), "3 node(s) didn't have free ports for the requested pod ports", NO_VICTIMS),
        (spec({"memory": "2Gi"}), "3 Insufficient memory", NO_VICTIMS),
    ],
)  # fmt: skip
def test_why_no_node_will_do(wanted: object, reasons: str, ending: str) -> None:
    """Condition and event carry Kubernetes' sentence, with what preemption could do about it."""
    world = three()
    world.put(*[pod(f"first-{n}", spec({"memory": "2Gi"}, host_ports=(8480,))) for n in (1, 2, 3)]).run()
    world.put(pod("last", wanted)).run()  # type: ignore[arg-type]
    message = f"0/3 nodes are available: {reasons}. {ending.format(3)}"
    (condition,) = world.pod("last").status.conditions
    assert (condition.type, condition.status, condition.reason, condition.message) == (
        "PodScheduled",
        "False",
        "Unschedulable",
        message,
    )
    assert condition.observedGeneration == 1
    (event,) = world.events("last")
    assert (event.type, event.reason, event.message) == ("Warning", "FailedScheduling", message)


def test_reasons_are_counted_by_node() -> None:
    """Each node counts for its first reason, and preemption for what each plugin could not undo."""
    world = three()
    world.put(pod("first", spec({"cpu": "600m"}, nodeSelector={HOST: "node-3"}))).run()
    world.put(pod("second", spec({"cpu": "600m"}, nodeSelector={HOST: "node-3"}))).run()
    assert world.says("second") == (
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector. no new claims to "
        "deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not "
        "helpful for scheduling."
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"unschedulable": True, "taints": [taint("node.kubernetes.io/unschedulable")]}, "node(s) were unschedulable"),
        ({"taints": [taint("dedicated", value="db")]}, "node(s) had untolerated taint(s)"),
    ],
)
def test_nodes_that_take_no_one(fields: dict[str, object], reason: str) -> None:
    """Cordons and taints have their own words."""
    world = three(**fields)
    world.put(pod("web")).run()
    assert world.says("web") == f"0/3 nodes are available: 3 {reason}. {NOT_HELPFUL.format(3)}"


def test_spread_constraints_that_cannot_be_met() -> None:
    """A domain too full, and a label that no node has, as the real scheduler puts it."""

    def constraint(key: str, least: int | None = None) -> tuple[TopologySpreadConstraint, ...]:
        picks = LabelSelector(matchLabels={"app": "web"})
        return (
            TopologySpreadConstraint(
                maxSkew=1, minDomains=least, topologyKey=key, whenUnsatisfiable="DoNotSchedule", labelSelector=picks
            ),
        )

    world = three()
    world.put(
        *[pod(f"web-{n}", spec(topologySpreadConstraints=constraint(ZONE)), {"app": "web"}) for n in range(6)]
    ).run()
    assert sorted(world.where(f"web-{n}") for n in range(6)) == [
        "node-1",
        "node-1",
        "node-2",
        "node-2",
        "node-3",
        "node-3",
    ]
    world.put(
        pod("skewed", spec(topologySpreadConstraints=constraint(ZONE, 4), nodeSelector={HOST: "node-1"})),
        pod("no-such-key", spec(topologySpreadConstraints=constraint("example.com/rack"))),
    ).run()
    assert world.says("skewed").startswith(
        "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 2 node(s) didn't match Pod's node affinity/selector. "
    )
    assert world.says("no-such-key") == (
        f"0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label). {NOT_HELPFUL.format(3)}"
    )


def test_no_nodes_and_then_one() -> None:
    """Without nodes the message is another; the first node that comes takes the pod."""
    world = World(pod("web")).run()
    assert world.says("web") == "no nodes available to schedule pods"
    world.put(node("late")).run()
    assert world.where("web") == "late"


def test_never_preempting_is_said() -> None:
    """A pod whose policy is Never is told that it may not preempt."""
    world = three()
    world.put(pod("meek", spec({"cpu": "2"}, preemptionPolicy="Never"))).run()
    assert world.says("meek").endswith(
        "no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    )


def test_gated_until_the_gates_are_gone() -> None:
    """A gated pod is not tried: it has the condition and no event; without its gates it is scheduled."""
    world = three()
    gated = pod("gated", spec(schedulingGates=(PodSchedulingGate(name="example.com/quota"),)))
    world.put(gated).run()
    (condition,) = world.pod("gated").status.conditions
    assert (condition.status, condition.reason) == ("False", "SchedulingGated")
    assert condition.message == "Scheduling is blocked due to non-empty scheduling gates"
    assert not world.events("gated")
    now = world.pod("gated")
    world.put(replace(now, spec=replace(now.spec, schedulingGates=()))).run()
    assert world.where("gated") == "node-1"


def test_other_schedulers_pods_are_left_alone() -> None:
    """Only pods of this scheduler's name are touched."""
    world = three()
    world.put(pod("other", replace(spec(), schedulerName="my-scheduler"))).run()
    assert world.where("other") == ""
    assert not world.pod("other").status.conditions


def test_higher_priority_goes_first() -> None:
    """Of pods that wait together, the highest priority gets the room."""
    world = World(node("n", cpu="1"))
    world.put(pod("low", spec({"cpu": "1"})), pod("high", spec({"cpu": "1"}, priority=10))).run()
    assert (world.where("low"), world.where("high")) == ("", "n")


def test_what_helps_a_parked_pod() -> None:
    """Room, an uncordon, a taint taken away, a label and a bigger node each bring the pod that waited for it."""
    world = World(
        node("small", cpu="1"), node("cordoned", cpu="1", unschedulable=True, labels={"a": "b"}),
        node("tainted", cpu="1", taints=[taint("t")], labels={"c": "d"}), node("plain", cpu="1", labels={"e": "f"}),
    )  # fmt: skip
    world.put(pod("full", spec({"cpu": "1"}, nodeSelector={HOST: "small"}))).run()
    waits = {
        "room": spec({"cpu": "1"}, nodeSelector={HOST: "small"}), "uncordon": spec(nodeSelector={"a": "b"}),
        "untaint": spec(nodeSelector={"c": "d"}), "label": spec(nodeSelector={"x": "y"}), "bigger": spec({"cpu": "2"}, nodeSelector={"e": "f"}),
    }  # fmt: skip
    world.put(*[pod(name, each) for name, each in waits.items()]).run()
    assert [world.where(name) for name in waits] == [""] * 5
    world.delete(PODS, "default/full")
    cordoned, tainted, plain = world.node("cordoned"), world.node("tainted"), world.node("plain")
    world.put(
        replace(cordoned, spec=replace(cordoned.spec, unschedulable=False)), replace(tainted, spec=replace(tainted.spec, taints=())),
        node("plain", cpu="2", labels={"e": "f"}), replace(node("new"), metadata=replace(node("new").metadata, labels={"x": "y"})),
    ).run(100)  # fmt: skip
    assert [world.where(name) for name in waits] == ["small", "cordoned", "tainted", "new", "plain"]
    assert plain.spec.taints == ()


def test_what_cannot_help_is_not_tried() -> None:
    """A pod parked for its node selector is not tried again because another pod leaves."""
    world = three()
    world.put(pod("other", spec({"cpu": "1"})), pod("picky", spec(nodeSelector={"x": "y"}))).run()
    before = world.store.revision
    world.delete(PODS, "default/other")
    world.run()
    assert world.store.revision == before + 1


def test_parked_pods_are_tried_again_after_five_minutes() -> None:
    """The failure is reported again then, about the pod's newer version, and the condition is not written anew."""
    world = three()
    world.put(pod("huge", spec({"cpu": "9"}))).run()
    first = world.pod("huge")
    world.run(6 * 60_000)
    assert [event.eventTime[11:19] for event in world.events("huge")] == ["00:00:00", "00:05:30"]
    world.run(6 * 60_000)
    assert [event.series and event.series.count for event in world.events("huge")] == [None, 2]
    assert world.pod("huge") is first


def test_finished_and_dying_pods() -> None:
    """A finished pod gives its room back; a dying one keeps it until it is gone, but is not counted for spreading."""
    world = World(node("n", cpu="1"))
    world.put(pod("first", spec({"cpu": "1"})), pod("second", spec({"cpu": "1"}))).run()
    dying = world.pod("first")
    world.put(replace(dying, metadata=replace(dying.metadata, deletionTimestamp="2026-01-01T00:00:00Z"))).run()
    assert world.where("second") == ""
    ended = world.pod("first")
    world.put(replace(ended, status=replace(ended.status, phase="Succeeded"))).run()
    assert world.where("second") == "n"


def test_siblings_spread_softly() -> None:
    """Pods of one Service keep to different zones and hosts although an emptier node would be had."""
    world = World(
        node("a1", cpu="64", memory="64Gi", zone="a"), node("b1", cpu="4", zone="b"), node("c1", cpu="4", zone="c")
    )
    world.put(
        Service(metadata=ObjectMeta(name="web", namespace="default"), spec=ServiceSpec(selector={"app": "web"}))
    ).run(10)
    world.put(
        *[pod(f"web-{n}", spec({"cpu": "100m"}), {"app": "web"}) for n in range(3)], pod("alone", labels={"app": "db"})
    ).run()
    assert sorted(world.where(f"web-{n}") for n in range(3)) == ["a1", "b1", "c1"]
    assert world.where("alone") == "a1"


def test_a_pod_that_is_resized_keeps_what_it_has() -> None:
    """A pod counts for what it has until its node has taken that away; then a pod that waits for room is tried again."""
    world = World(node("node-1", cpu="2"))
    world.put(pod("big", spec({"cpu": "1500m"}))).run()
    world.put(pod("next", spec({"cpu": "1"}))).run()
    assert world.pod("next").spec.nodeName == ""
    old = world.pod("big")
    has = ContainerStatus(name="c", allocatedResources={"cpu": Quantity("1500m")},
                          resources=ResourceRequirements(requests={"cpu": Quantity("1500m")}))  # fmt: skip
    asked = replace(old, metadata=replace(old.metadata, generation=2),
                    spec=replace(old.spec, containers=spec({"cpu": "500m"}).containers),
                    status=replace(old.status, containerStatuses=(has,)))  # fmt: skip
    world.put(asked).run()
    assert world.pod("next").spec.nodeName == ""
    less = replace(has, allocatedResources={"cpu": Quantity("500m")},
                   resources=ResourceRequirements(requests={"cpu": Quantity("500m")}))  # fmt: skip
    world.put(replace(asked, status=replace(asked.status, containerStatuses=(less,)))).run(1000)
    assert world.pod("next").spec.nodeName == "node-1"


def test_a_refused_binding_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the API server refuses the binding nothing is accounted, an event says why, and the pod is tried again."""
    world = World(node("n"))
    bind, refusals = world.api.bind, ["once"]

    def refuse(key: str, target: str, *, actor: str) -> object:
        if refusals:
            refusals.clear()
            raise Conflict("not now")
        return bind(key, target, actor=actor)

    monkeypatch.setattr(world.api, "bind", refuse)
    world.put(pod("web")).run()
    assert world.where("web") == "n"
    assert [each.message for each in world.events("web")] == [
        "binding rejected: not now",
        "Successfully assigned default/web to n",
    ]
    assert world.scheduler.cache.infos["n"].pods == 1


def test_every_write_names_its_cause() -> None:
    """The binding's cause is the pod's creation; that of a late one, the event that helped."""
    world = World(node("n", cpu="1"))
    world.put(pod("first", spec({"cpu": "1"})))
    created = world.store.revision
    world.run()
    assert next(world.store.table(PODS).history("default/first")).cause == created
    world.put(pod("second", spec({"cpu": "1"}))).run()
    world.delete(PODS, "default/first")
    deleted = world.store.revision
    world.run()
    bound = next(world.store.table(PODS).history("default/second"))
    assert (bound.cause, bound.actor) == (deleted, "default-scheduler")


def test_a_settled_cluster_is_quiet() -> None:
    """With nothing to schedule the scheduler leaves nothing on the calendar."""
    world = three()
    world.put(pod("web")).run()
    assert world.clock.next_time() is None
    assert world.store.table(NODES).get("node-1") is not None


def test_rebuilt_on_the_store_it_goes_on() -> None:
    """A scheduler built on a store knows what is taken and who still waits."""
    world = World(node("n", cpu="1"), node("m", cpu="1"))
    world.put(pod("first", spec({"cpu": "1"}))).run()
    world.put(pod("second", spec({"cpu": "1"})), pod("third", spec({"cpu": "1"})))
    world.rebuild()
    world.run()
    assert (world.where("first"), world.where("second"), world.where("third")) == ("n", "m", "")
    assert len(list(world.store.table(EVENTS).values())) == 3


def test_pods_on_a_node_that_comes_back() -> None:
    """A node made again under its name still carries the pods that are assigned to it."""
    world = World(node("n", cpu="1"))
    world.put(pod("first", spec({"cpu": "600m"}))).run()
    world.delete(NODES, "n")
    world.run(100)
    world.put(node("n", cpu="1"), pod("second", spec({"cpu": "600m"}))).run()
    assert world.says("second").startswith("0/1 nodes are available: 1 Insufficient cpu. ")


def test_a_pod_made_again_is_another_pod() -> None:
    """Deleted and created under one name before the scheduler looks: only the new one is bound."""
    world = World(node("n", cpu="1"))
    world.put(pod("web", spec({"cpu": "1"})))
    world.run(5)
    world.delete(PODS, "default/web")
    world.put(pod("web", spec({"cpu": "1"}), uid="another")).run()
    assert world.where("web") == "n"
    assert world.scheduler.cache.infos["n"].cpu == 1000


def test_explaining() -> None:
    """For every node the plugin that rejects it, or its scores: the highest total is the choice."""
    world = World(
        node("taken", cpu="1", taints=[taint("t")]), node("tight", cpu="1"), node("roomy", cpu="4", taints=[taint("p", "PreferNoSchedule")]),
    )  # fmt: skip
    world.put(pod("web", spec({"cpu": "500m"}, tolerations=(Toleration(key="p", operator="Exists"),)))).run()
    found = world.scheduler.explain("default/web")
    assert found is not None
    taken, tight, roomy = found.nodes
    assert taken.rejection is not None
    assert taken.rejection.reasons == ("node(s) had untolerated taint(s)",)
    assert [(each.plugin, each.score, each.weight) for each in tight.scores] == [
        ("TaintToleration", 100, 3), ("ImageLocality", 0, 1), ("NodeResourcesFit", 73, 1),
        ("NodeResourcesBalancedAllocation", 62, 1),
    ]  # fmt: skip
    assert (tight.total, found.choice, world.where("web")) == (435, "roomy", "roomy")
    assert roomy.total > tight.total
    assert world.scheduler.explain("default/nobody") is None
