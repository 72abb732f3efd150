"""Nodes: what their kubelets register, report and beat, how they go down and come back, and what they refuse."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, NodeGroup
from cluster.api.core import Node, NodeStatus, Taint
from cluster.api.errors import NotFound
from cluster.api.meta import ObjectMeta
from cluster.api.quantity import Quantity
from tests.cluster.kubelet.world import INSTANT, USER, World

SMALL = replace(
    INSTANT,
    nodes=(
        replace(INSTANT.nodes[0], capacity={"cpu": Quantity("1"), "memory": Quantity("1Gi"), "pods": Quantity("3")}),
    ),
)


def lease_time(world: World, name: str = "node-1") -> str:
    """The renew time that the node's Lease holds."""
    return world.api.get(kinds.LEASES, f"kube-node-lease/{name}").spec.renewTime


def test_configured_nodes_are_registered_complete() -> None:
    """A node has its labels, addresses, resources, range, conditions and system information from the start."""
    node = World().node("node-2")
    assert dict(node.metadata.labels) == {
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": "node-2", "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "zone-2",
    }  # fmt: skip
    assert dict(node.metadata.annotations) == {"node.alpha.kubernetes.io/ttl": "0"}
    assert (node.spec.podCIDR, node.spec.podCIDRs) == ("10.244.1.0/24", ("10.244.1.0/24",))
    status = node.status
    assert [(one.type, one.address) for one in status.addresses] == [
        ("InternalIP", "172.18.0.4"), ("Hostname", "node-2"),
    ]  # fmt: skip
    assert dict(status.capacity) == {"cpu": "4", "ephemeral-storage": "100Gi", "memory": "8Gi", "pods": "110"}
    assert status.allocatable == status.capacity
    assert (status.nodeInfo.kubeletVersion, status.nodeInfo.operatingSystem) == ("v1.36.2", "linux")
    assert [(one.type, one.status, one.reason, one.message) for one in status.conditions] == [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]


def test_registration_is_told() -> None:
    """A kubelet that starts tells so of its node, as far as NodeReady."""
    assert World().told("node-3") == [
        "Starting", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID",
        "NodeAllocatableEnforced", "NodeReady",
    ]  # fmt: skip


def test_groups_give_taints_annotations_and_capacity() -> None:
    """What a node group says is on its nodes."""
    group = NodeGroup(
        name="gpu-{n}", count=2, annotations={"note": "n{n}"}, capacity={"cpu": Quantity("16")},
        taints=(Taint(key="gpu", value="yes", effect="NoSchedule"),),
    )  # fmt: skip
    node = World(replace(DEFAULT, nodes=(*DEFAULT.nodes, group))).node("gpu-2")
    assert node.metadata.annotations["note"] == "n2"
    assert node.spec.taints[0].key == "gpu"
    assert (node.status.capacity["cpu"], node.status.allocatable["memory"]) == ("16", "8Gi")
    assert node.spec.podCIDR == "10.244.4.0/24"


def test_beating_lease_stores_no_time() -> None:
    """While the kubelet runs its Lease has no renew time, and nothing is written however long it runs."""
    world = World()
    revision = world.store.revision
    world.run(3_600_000)
    assert (lease_time(world), world.store.revision) == ("", revision)


def test_stopped_kubelet_leaves_its_last_beat() -> None:
    """When a node goes down its Lease holds the last of the beats, one each ten seconds."""
    world = World()
    world.run(37_000)
    world.kubelets.stop("node-1")
    assert lease_time(world) == "2026-01-01T00:00:30.000000Z"
    world.run(100_000)
    world.kubelets.start("node-1")
    assert lease_time(world) == ""
    world.run(1000)
    world.kubelets.stop("node-1")
    assert lease_time(world) == "2026-01-01T00:02:17.000000Z"


def test_unknown_node_cannot_be_stopped() -> None:
    """Stopping or starting a node that does not exist is NotFound."""
    world = World()
    with pytest.raises(NotFound):
        world.kubelets.stop("nowhere")
    with pytest.raises(NotFound):
        world.kubelets.start("nowhere")


def test_pods_of_a_stopped_node_do_not_progress() -> None:
    """Neither starts nor exits nor deletions happen on a node that is down; they do when it is back."""
    world = World()
    world.pod("old")
    world.run(5000)
    world.kubelets.stop("node-1")
    world.pod("new")
    world.api.delete(kinds.PODS, "default/old", actor=USER)
    world.run(120_000)
    assert world.get("new").status.startTime == ""
    assert world.find("old") is not None
    world.kubelets.start("node-1")
    world.run(5000)
    assert world.get("new").status.phase == "Running"
    assert world.find("old") is None


def test_returning_kubelet_reports_node_and_pods_again() -> None:
    """What others made of a silent node and its pods is set right when it is back."""
    world = World()
    world.pod()
    world.run(5000)
    world.kubelets.stop("node-1")
    node, pod = world.node(), world.get()
    unknown = tuple(replace(one, status="Unknown") for one in node.status.conditions)
    world.api.update_status(kinds.NODES, replace(node, status=replace(node.status, conditions=unknown)), actor=USER)
    unready = tuple(replace(one, status="False") if one.type == "Ready" else one for one in pod.status.conditions)
    world.api.update_status(kinds.PODS, replace(pod, status=replace(pod.status, conditions=unready)), actor=USER)
    world.run(60_000)
    world.kubelets.start("node-1")
    world.run(1000)
    ready = world.node().status.conditions[-1]
    assert (ready.type, ready.status, ready.lastTransitionTime) == ("Ready", "True", "2026-01-01T00:01:05Z")
    assert world.condition("Ready") == ("True", "", "")
    assert world.container().restartCount == 0


def test_node_made_by_hand_gets_a_kubelet() -> None:
    """A Node that somebody creates is registered: Ready, with a range, a Lease, and resources if it had none."""
    world = World()
    world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="mine", labels={"a": "b"})), actor=USER)
    world.run(1000)
    node = world.node("mine")
    assert node.metadata.labels["kubernetes.io/hostname"] == "mine"
    assert node.metadata.labels["a"] == "b"
    assert (node.spec.podCIDR, node.status.capacity["pods"]) == ("10.244.3.0/24", "110")
    assert node.status.conditions[-1].status == "True"
    assert lease_time(world, "mine") == ""
    world.pod(node="mine")
    world.run()
    assert world.get().status.podIP == "10.244.3.2"


def test_node_made_by_hand_keeps_its_capacity() -> None:
    """Capacity that came with the Node is not replaced."""
    world = World()
    status = NodeStatus(capacity={"cpu": Quantity("64"), "pods": Quantity("10")})
    world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="big"), status=status), actor=USER)
    world.run(1000)
    assert dict(world.node("big").status.allocatable) == {"cpu": "64", "pods": "10"}


def test_node_that_goes_before_its_kubelet_has_seen_it() -> None:
    """A Node made and deleted at once is nobody's business; one made again meanwhile is registered as what it is now."""
    world = World()
    for name in ("brief", "again"):
        world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name=name)), actor=USER)
        world.api.delete(kinds.NODES, name, actor=USER)
    made = world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="again")), actor=USER)
    world.run(1000)
    assert world.api.find(kinds.NODES, "brief") is None
    assert world.node("again").metadata.uid == made.metadata.uid
    assert world.node("again").spec.podCIDR == "10.244.3.0/24"


def test_node_of_a_name_whose_kubelet_was_stopped_is_another_machine() -> None:
    """A Node made anew under the name of one that was down is registered, and its Lease is its own."""
    world = World()
    world.run(1000)
    world.kubelets.stop("node-1")
    world.api.delete(kinds.NODES, "node-1", actor=USER)
    world.run(1000)
    made = world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="node-1")), actor=USER)
    world.run(1000)
    assert world.node("node-1").status.allocatable["pods"] == "110"
    assert lease_time(world) == ""
    lease = world.api.get(kinds.LEASES, "kube-node-lease/node-1")
    assert [owner.uid for owner in lease.metadata.ownerReferences] == [made.metadata.uid]


def test_node_without_agent_stays_alone() -> None:
    """A Node annotated agent "false" has no kubelet: nothing is written for it."""
    world = World()
    meta = ObjectMeta(name="hollow", annotations={"sim.ktui.dev/agent": "false"})
    made = world.api.create(kinds.NODES, Node(metadata=meta), actor=USER)
    world.run(10_000)
    assert world.node("hollow") is made


def test_running_kubelet_sets_its_node_right() -> None:
    """What others say of a node whose kubelet runs holds until its next report."""
    world = World()
    node = world.node()
    unknown = tuple(replace(one, status="Unknown") for one in node.status.conditions)
    world.api.update_status(kinds.NODES, replace(node, status=replace(node.status, conditions=unknown)), actor=USER)
    world.run(11_000)
    assert world.node().status.conditions == tuple(
        replace(one, lastHeartbeatTime="2026-01-01T00:00:10Z", lastTransitionTime="2026-01-01T00:00:10Z")
        for one in node.status.conditions
    )


def test_node_put_back_from_a_copy_goes_on() -> None:
    """A node that is deleted and made again as it was has a Lease again, and its pods go on."""
    world = World()
    world.pod()
    world.run(10_000)
    node = world.node()
    world.api.delete(kinds.NODES, "node-1", actor=USER)
    world.api.delete(kinds.LEASES, "kube-node-lease/node-1", actor=USER)
    world.run(1000)
    world.api.create(kinds.NODES, node, actor=USER)
    world.run(1000)
    assert lease_time(world) == ""
    world.pod("next")
    world.run(10_000)
    assert world.get("next").status.podIP == "10.244.0.3"


def test_range_of_a_deleted_node_is_given_again() -> None:
    """A new node takes the lowest range that is free."""
    world = World()
    world.api.delete(kinds.NODES, "node-2", actor=USER)
    world.run(1000)
    world.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="another")), actor=USER)
    world.run(1000)
    assert world.node("another").spec.podCIDR == "10.244.1.0/24"


def test_lease_that_was_deleted_is_made_again() -> None:
    """A running kubelet does not do without its Lease."""
    world = World()
    world.api.delete(kinds.LEASES, "kube-node-lease/node-1", actor=USER)
    world.run(1000)
    assert lease_time(world) == ""


def test_pod_that_does_not_fit_is_refused() -> None:
    """A pod put on a node by hand fails with the resource it is short of."""
    world = World(SMALL)
    big = {"name": "sum", "image": "example/sum:1", "resources": {"requests": {"cpu": "3", "memory": "1Gi"}}}
    world.pod("too-big", nodeName="node-2", containers=[big])
    world.run(1000)
    status = world.get("too-big").status
    words = "Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 1000"
    assert (status.phase, status.reason, status.message) == ("Failed", "OutOfcpu", f"Pod was rejected: {words}")
    assert (status.qosClass, status.startTime, status.conditions) == ("Burstable", "2026-01-01T00:00:00Z", ())
    assert (world.events("too-big")[0].type, world.message("OutOfcpu", "too-big")) == ("Warning", words)


def test_number_of_pods_is_a_resource() -> None:
    """One pod more than the node takes is refused; when one has ended there is room."""
    world = World(SMALL)
    for name in "abcd":
        world.pod(name)
    world.run(1000)
    assert world.get("d").status.message == (
        "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"
    )
    world.api.delete(kinds.PODS, "default/a", actor=USER)
    world.run(1000)
    world.pod("e")
    world.run(1000)
    assert world.get("e").status.phase == "Running"


def test_finished_pod_frees_its_resources() -> None:
    """A pod that has ended holds neither resources nor an address."""
    world = World(SMALL)
    whole = [{"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "1"}}}]
    world.pod("first", containers=whole, restartPolicy="Never", annotations={"exit_after": "1s"})
    world.run(3000)
    world.pod("second", containers=whole)
    world.run(1000)
    assert world.get("second").status.phase == "Running"
    assert world.get("second").status.podIP == world.get("first").status.podIP


def test_affinity_port_and_taint_are_checked_at_the_node() -> None:
    """A pod put on the wrong node, or beside one with its host port, or against NoExecute, is refused."""
    world = World(INSTANT)
    world.pod("selector", nodeName="node-3", nodeSelector={"topology.kubernetes.io/zone": "zone-1"})
    terms = [{"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "NotIn", "values": ["zone-3"]}]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    world.pod("affinity", nodeName="node-3", affinity={"nodeAffinity": required})
    ports = [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80, "hostPort": 80}]}]
    world.pod("port-1", containers=ports)
    world.pod("port-2", containers=ports)
    node = world.node("node-2")
    tainted = replace(node.spec, taints=(Taint(key="down", effect="NoExecute"),))
    world.api.update(kinds.NODES, replace(node, spec=tainted), actor=USER)
    world.run(1000)
    world.pod("tainted", nodeName="node-2")
    world.pod("tolerant", nodeName="node-2", tolerations=[{"operator": "Exists"}])
    world.run(1000)
    words = "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
    assert world.get("selector").status.message == words
    assert world.get("affinity").status.reason == "NodeAffinity"
    assert world.get("port-2").status.reason == "NodePorts"
    assert world.get("tainted").status.reason == "TaintToleration"
    assert {world.get(name).status.phase for name in ("port-1", "tolerant")} == {"Running"}


def test_range_that_is_used_up_delays_pods() -> None:
    """A pod for which the node has no address left waits for one."""
    many = replace(INSTANT, nodes=(NodeGroup(capacity={"pods": Quantity("500")}),))
    world = World(many)
    for number in range(254):
        world.pod(f"pod-{number}")
    world.run(1000)
    waiting = [pod for pod in world.store.table(kinds.PODS).values() if pod.status.phase == "Pending"]
    assert len(waiting) == 1
    name = waiting[0].metadata.name
    assert "no IP addresses available in range set: 10.244.0.0/24" in world.message("FailedCreatePodSandBox", name)
    world.api.delete(kinds.PODS, "default/pod-0", actor=USER)
    world.run(30_000)
    assert world.get(name).status.podIP == "10.244.0.2"
