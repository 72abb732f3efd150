"""The node life cycle: silence, conditions, taints, and how fast nodes are emptied."""

from msgspec.structs import replace

from cluster.api.coordination import Lease, LeaseSpec
from cluster.api.core import Namespace, Node, NodeCondition, NodeStatus
from cluster.api.kinds import EVENTS, LEASES, NAMESPACES, NODES, PODS
from cluster.api.meta import ObjectMeta
from cluster.controllers.node_lifecycle import NodeLifecycleController
from cluster.controllers.node_lifecycle.zones import FULL, NORMAL, PARTIAL, Zones
from tests.cluster.controllers.plane import USER, Plane, key

UNREACHABLE, NOT_READY = "node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"
NODE_NAMES = ("node-a", "node-b", "node-c")


def plane(*more: str) -> Plane:
    """A control plane with the controller, and nodes that beat."""
    world = Plane(NodeLifecycleController)
    world.api.create(NAMESPACES, Namespace(metadata=ObjectMeta(name="kube-node-lease")), actor=USER)
    for name in more:
        labels = {"topology.kubernetes.io/zone": "zone-a"}
        world.api.create(NODES, Node(metadata=ObjectMeta(name=name, labels=labels)), actor=USER)
    for name in (*NODE_NAMES, *more):
        meta = ObjectMeta(name=name, namespace="kube-node-lease")
        world.api.create(LEASES, Lease(metadata=meta, spec=LeaseSpec(holderIdentity=name)), actor=USER)
        report(world, name)
    world.run(10_000)
    return world


def report(world: Plane, name: str, ready: str = "True") -> None:
    """Let a kubelet report its node."""
    node, now = world.api.get(NODES, name), world.clock.timestamp()
    states = {"Ready": ready, "MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False"}
    made = tuple(
        NodeCondition(
            type=kind, status=status, reason="Kubelet", message="well", lastHeartbeatTime=now, lastTransitionTime=now
        )
        for kind, status in states.items()
    )
    world.api.update_status(NODES, replace(node, status=replace(node.status, conditions=made)), actor="kubelet")


def beat(world: Plane, name: str, *, beats: bool) -> None:
    """Stop or start a kubelet's heartbeat."""
    lease = world.api.get(LEASES, f"kube-node-lease/{name}")
    time = "" if beats else world.clock.micro_timestamp()
    world.api.update(LEASES, replace(lease, spec=replace(lease.spec, renewTime=time)), actor="kubelet")
    if beats:
        report(world, name)


def ready(world: Plane, name: str) -> str:
    """The node's Ready status."""
    return next(found.status for found in world.api.get(NODES, name).status.conditions if found.type == "Ready")


def taints(world: Plane, name: str) -> list[tuple[str, str]]:
    """The node's taints."""
    return [(taint.key, taint.effect) for taint in world.api.get(NODES, name).spec.taints]


def messages(world: Plane) -> list[tuple[str, str, str]]:
    """What the events say, oldest first."""
    return [(event.involvedObject.name, event.reason, event.message) for event in world.store.table(EVENTS).values()]


def test_beating_nodes_cost_nothing() -> None:
    """While all nodes beat nothing is written and nothing is scheduled."""
    world = plane()
    assert world.quiet()
    assert world.clock.next_time() is None


def test_registered() -> None:
    """A node that joins is announced, and one that leaves."""
    world = plane("node-new")
    world.api.delete(NODES, "node-new", actor=USER)
    world.run(10_000)
    assert messages(world) == [
        ("node-new", "RegisteredNode", "Node node-new event: Registered Node node-new in Controller"),
        ("node-new", "RemovingNode", "Node node-new event: Removing Node node-new from Controller"),
    ]


def test_silent_node() -> None:
    """After 40 s of silence, at the next look, conditions are Unknown; NoSchedule at once, NoExecute a look later."""
    world = plane()
    world.running("web-1", 1)
    world.running("web-2", 2, node="node-b")
    beat(world, "node-a", beats=False)
    world.run(40_000)
    assert ready(world, "node-a") == "True"
    world.run(5_000)
    assert world.clock.now == 55_000
    node = world.api.get(NODES, "node-a")
    assert {(found.status, found.reason, found.message) for found in node.status.conditions} == {
        ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    }
    assert {found.lastTransitionTime for found in node.status.conditions} == {"2026-01-01T00:00:55Z"}
    assert {found.lastHeartbeatTime for found in node.status.conditions} == {"2026-01-01T00:00:00Z"}
    world.run(100)
    assert taints(world, "node-a") == [(UNREACHABLE, "NoSchedule")]
    world.run(5_200)
    assert taints(world, "node-a") == [(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")]
    states = {
        name: next(found.status for found in world.api.get(PODS, key(name)).status.conditions if found.type == "Ready")
        for name in ("web-1", "web-2")
    }
    assert states == {"web-1": "False", "web-2": "True"}
    assert messages(world) == [
        ("node-a", "NodeNotReady", "Node node-a status is now: NodeNotReady"),
        ("web-1", "NodeNotReady", "Node is not ready"),
    ]
    assert world.quiet()


def test_node_comes_back() -> None:
    """A node that reports again loses both taints."""
    world = plane()
    beat(world, "node-a", beats=False)
    world.run(70_000)
    assert len(taints(world, "node-a")) == 2
    beat(world, "node-a", beats=True)
    world.run(5_100)
    assert (ready(world, "node-a"), taints(world, "node-a")) == ("True", [])
    assert world.quiet()


def test_not_ready_taints_and_swap() -> None:
    """A node reported not ready gets the not-ready taints, and the unreachable ones instead when it falls silent."""
    world = plane()
    report(world, "node-a", "False")
    world.run(10_000)
    assert taints(world, "node-a") == [(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")]
    beat(world, "node-a", beats=False)
    world.run(70_000)
    assert taints(world, "node-a") == [(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")]
    assert [message for message in messages(world) if message[1] == "NodeNotReady"] == []


def test_scheduling_taints() -> None:
    """Cordoning and pressure are told to the scheduler by taints; other taints stay."""
    world = plane()
    node = world.api.get(NODES, "node-a")
    world.api.update(NODES, replace(node, spec=replace(node.spec, unschedulable=True)), actor=USER)
    world.run(100)
    (taint,) = world.api.get(NODES, "node-a").spec.taints
    assert (taint.key, taint.effect, taint.timeAdded) == (
        "node.kubernetes.io/unschedulable", "NoSchedule", "2026-01-01T00:00:10Z",
    )  # fmt: skip
    node = world.api.get(NODES, "node-a")
    pressed = tuple(
        replace(found, status="True") if found.type == "MemoryPressure" else found for found in node.status.conditions
    )
    world.api.update_status(NODES, replace(node, status=NodeStatus(conditions=pressed)), actor="kubelet")
    node = world.api.get(NODES, "node-a")
    world.api.update(NODES, replace(node, spec=replace(node.spec, unschedulable=False)), actor=USER)
    world.run(100)
    assert taints(world, "node-a") == [("node.kubernetes.io/memory-pressure", "NoSchedule")]


def test_never_reported() -> None:
    """A node nobody reports is Unknown after a minute, and says that it never was."""
    world = plane()
    world.api.create(NODES, Node(metadata=ObjectMeta(name="ghost")), actor=USER)
    world.run(60_000)
    assert world.api.get(NODES, "ghost").status.conditions == ()
    world.run(5_000)
    conditions = world.api.get(NODES, "ghost").status.conditions
    assert [found.type for found in conditions] == ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]
    assert {(found.reason, found.message, found.lastHeartbeatTime) for found in conditions} == {
        ("NodeStatusNeverUpdated", "Kubelet never posted node status.", "2026-01-01T00:00:10Z")
    }


def test_one_node_of_a_zone_every_ten_seconds() -> None:
    """NoExecute taints are set one node of a zone every ten seconds."""
    world = plane(*(f"more-{number}" for number in range(9)))
    for number in range(3):
        beat(world, f"more-{number}", beats=False)
    world.run(50_500)
    counts = []
    for _ in range(4):
        counts.append(sum(len(taints(world, f"more-{number}")) == 2 for number in range(3)))
        world.run(10_000)
    assert counts == [1, 2, 3, 3]


def test_everything_down_evicts_nothing() -> None:
    """When no node of the cluster is ready no NoExecute taint is set, and those set are taken back."""
    world = plane()
    beat(world, "node-a", beats=False)
    world.run(80_000)
    assert (UNREACHABLE, "NoExecute") in taints(world, "node-a")
    beat(world, "node-b", beats=False)
    beat(world, "node-c", beats=False)
    world.run(80_000)
    assert [taints(world, name) for name in NODE_NAMES] == [[(UNREACHABLE, "NoSchedule")]] * 3
    beat(world, "node-c", beats=True)
    world.run(30_000)
    assert (UNREACHABLE, "NoExecute") in taints(world, "node-a")
    assert (UNREACHABLE, "NoExecute") in taints(world, "node-b")
    assert taints(world, "node-c") == []


def test_zone_states() -> None:
    """A zone is down with all its nodes, disrupted with more than half of them and more than two."""
    zones = Zones()

    def node(name: str, status: str) -> Node:
        condition = NodeCondition(type="Ready", status=status)
        return Node(metadata=ObjectMeta(name=name), status=NodeStatus(conditions=(condition,)))

    for number in range(5):
        zones.follow(f"n{number}", node(f"n{number}", "True"))
    assert zones.states() == {":": NORMAL}
    for number in range(3):
        zones.follow(f"n{number}", node(f"n{number}", "Unknown"))
    assert (zones.states(), zones.interval(":")) == ({":": PARTIAL}, None)
    for number in range(5, 60):
        zones.follow(f"n{number}", node(f"n{number}", "False"))
    assert zones.interval(":") == 100_000
    zones.follow("n3", None)
    zones.follow("n4", None)
    assert (zones.states(), zones.all_down()) == ({":": FULL}, True)


def test_rebuilt_controller_goes_on() -> None:
    """A controller that starts while a node is silent still finds it lost, and announces nobody again."""
    world = plane()
    beat(world, "node-a", beats=False)
    world.run(20_000)
    world.restart(NodeLifecycleController)
    world.run(60_000)
    assert len(taints(world, "node-a")) == 2
    assert [message[1] for message in messages(world)] == ["NodeNotReady"]
    world.restart(NodeLifecycleController)
    assert world.quiet()
