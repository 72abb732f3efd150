"""DaemonSets on a whole cluster: where their pods are, how they roll, and what the status says."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.apps import DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet
from cluster.api.cluster import DEFAULT
from cluster.api.core import Node, Pod, PodSpec, Taint
from cluster.api.kinds import CONTROLLER_REVISIONS, DAEMON_SETS, EVENTS, NODES, PODS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.clock import Clock
from cluster.controllers.daemon_set import DaemonSetController, decisions
from cluster.controllers.daemon_set.patience import Patience
from cluster.controllers.daemon_set.placement import node_of
from cluster.controllers.history import POD_LABEL
from cluster.controllers.pod_states import is_active, ready_since
from cluster.engine import Engine
from tests.properties.world import template

KEY = "default/agent"
NODES_THERE = ["node-1", "node-2", "node-3"]


def daemon(
    engine: Engine, *, surge: int = 0, unavailable: int = 1, on_delete: bool = False, **spec: object
) -> DaemonSet:
    """Make a DaemonSet on a settled cluster, and let it settle."""
    engine.settle()
    made = template("agent")
    rolling = RollingUpdateDaemonSet(maxSurge=surge, maxUnavailable=unavailable)
    strategy = DaemonSetUpdateStrategy(type="RollingUpdate", rollingUpdate=rolling)
    if on_delete:
        strategy = DaemonSetUpdateStrategy(type="OnDelete")
    value = DaemonSet(
        metadata=ObjectMeta(name="agent", namespace="default"),
        spec=DaemonSetSpec(
            selector=LabelSelector(matchLabels={"app": "agent"}), updateStrategy=strategy,
            template=replace(made, spec=replace(made.spec, **spec)),
        ),
    )  # fmt: skip
    engine.api.create(DAEMON_SETS, value, actor="user")
    engine.settle()
    return engine.api.get(DAEMON_SETS, KEY)


def pods(engine: Engine) -> list[Pod]:
    """The active pods, by node."""
    return sorted((pod for pod in engine.api.list(PODS) if is_active(pod)), key=node_of)


def set_image(engine: Engine, image: str) -> None:
    """Change the template's image."""
    owner = engine.api.get(DAEMON_SETS, KEY)
    made = owner.spec.template
    spec = replace(made.spec, containers=(replace(made.spec.containers[0], image=image),))
    engine.api.update(
        DAEMON_SETS, replace(owner, spec=replace(owner.spec, template=replace(made, spec=spec))), actor="user"
    )


def images(engine: Engine) -> set[str]:
    """The images that the active pods run."""
    return {pod.spec.containers[0].image for pod in pods(engine)}


def change_node(engine: Engine, name: str, **spec: object) -> None:
    """Change a node's spec."""
    node = engine.api.get(NODES, name)
    engine.api.update(NODES, replace(node, spec=replace(node.spec, **spec)), actor="user")


def test_every_node_has_one_pod() -> None:
    """One pod a node, bound by the scheduler to the node it was made for, and counted."""
    engine = Engine(DEFAULT)
    status = daemon(engine).status
    assert [pod.spec.nodeName for pod in pods(engine)] == NODES_THERE
    assert (status.desiredNumberScheduled, status.currentNumberScheduled, status.numberReady) == (3, 3, 3)
    assert (status.updatedNumberScheduled, status.numberAvailable, status.numberUnavailable) == (3, 3, 0)
    tolerated = [each.key.partition("/")[2] for each in pods(engine)[0].spec.tolerations]
    assert tolerated == [
        "not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable",
    ]  # fmt: skip


def test_the_template_decides_which_nodes() -> None:
    """Nodes that the selector misses get no pod; when it is taken away they do, and the old pod goes first."""
    engine = Engine(DEFAULT)
    daemon(engine, nodeSelector={"kubernetes.io/hostname": "node-2"})
    assert [pod.spec.nodeName for pod in pods(engine)] == ["node-2"]
    owner = engine.api.get(DAEMON_SETS, KEY)
    made = owner.spec.template
    open_template = replace(made, spec=replace(made.spec, nodeSelector={}))
    engine.api.update(DAEMON_SETS, replace(owner, spec=replace(owner.spec, template=open_template)), actor="user")
    engine.settle()
    assert [pod.spec.nodeName for pod in pods(engine)] == NODES_THERE
    assert len({pod.metadata.labels[POD_LABEL] for pod in pods(engine)}) == 1


def test_taints_keep_pods_away_or_drive_them_off() -> None:
    """NoSchedule keeps new pods off and lets the one there go on; NoExecute takes it away; a cordon does neither."""
    engine = Engine(DEFAULT)
    daemon(engine)
    change_node(engine, "node-1", taints=(Taint(key="a", effect="NoSchedule"),))
    change_node(engine, "node-2", taints=(Taint(key="b", effect="NoExecute"),))
    change_node(engine, "node-3", unschedulable=True)
    engine.settle()
    assert [pod.spec.nodeName for pod in pods(engine)] == ["node-1", "node-3"]
    status = engine.api.get(DAEMON_SETS, KEY).status
    assert (status.desiredNumberScheduled, status.numberMisscheduled) == (1, 1)


def test_new_nodes_get_a_pod_and_gone_ones_lose_it() -> None:
    """A node that joins gets its pod; the status follows a node that is removed."""
    engine = Engine(DEFAULT)
    daemon(engine)
    engine.api.create(NODES, Node(metadata=ObjectMeta(name="late")), actor="user")
    engine.settle()
    assert [pod.spec.nodeName for pod in pods(engine)] == ["late", *NODES_THERE]
    engine.api.delete(NODES, "node-1", actor="user")
    engine.settle()
    assert engine.api.get(DAEMON_SETS, KEY).status.desiredNumberScheduled == 3


def test_a_deleted_or_failed_pod_is_replaced() -> None:
    """What a user deletes comes back; what failed is deleted with an event and comes back too."""
    engine = Engine(DEFAULT)
    daemon(engine)
    first, second, _ = pods(engine)
    engine.api.delete(PODS, kinds.key(first), actor="user")
    engine.api.update_status(PODS, replace(second, status=replace(second.status, phase="Failed")), actor="kubelet")
    engine.settle()
    assert [pod.spec.nodeName for pod in pods(engine)] == NODES_THERE
    assert not {first.metadata.name, second.metadata.name} & {pod.metadata.name for pod in pods(engine)}
    [message] = [event.message for event in engine.api.list(EVENTS) if event.reason == "FailedDaemonPod"]
    assert message == f"Found failed daemon pod default/{second.metadata.name} on node node-2, will try to kill it"


def test_a_node_that_fails_pods_again_and_again_is_given_time() -> None:
    """The first is replaced at once, the next after one second, then two, four and so on."""
    engine = Engine(DEFAULT)
    daemon(engine)
    ages = []
    for _ in range(4):
        start, pod = engine.clock.now, next(pod for pod in pods(engine) if pod.spec.nodeName == "node-1")
        engine.api.update_status(PODS, replace(pod, status=replace(pod.status, phase="Failed")), actor="kubelet")
        while engine.api.find(PODS, kinds.key(pod)) is not None:
            engine.run_for(100)
        ages.append((engine.clock.now - start) // 900)
        while not any(pod.spec.nodeName == "node-1" for pod in pods(engine)):
            engine.run_for(10)
    assert ages == [0, 1, 2, 4]


def test_patience_begins_anew_after_half_an_hour() -> None:
    """And never asks for more than a quarter."""
    clock = Clock()
    patience = Patience(clock)
    for _ in range(20):
        clock.now += patience.left(1, "n")
        patience.note(1, "n")
    assert (patience.left(1, "n"), patience.left(2, "n"), patience.left(1, "m")) == (900_000, 0, 0)
    clock.now += 1_800_001
    patience.note(1, "n")
    assert patience.left(1, "n") == 1_000


def test_a_rollout_keeps_within_max_unavailable() -> None:
    """Node by node the template changes; never are more pods unavailable than allowed."""
    engine = Engine(DEFAULT)
    daemon(engine)
    set_image(engine, "agent:2")
    lowest = 3
    for _ in range(200):
        engine.run_for(100)
        lowest = min(lowest, sum(ready_since(pod) is not None for pod in pods(engine)))
    assert (images(engine), lowest) == ({"agent:2"}, 2)
    assert [each.revision for each in engine.api.list(CONTROLLER_REVISIONS)] in ([1, 2], [2, 1])


def test_a_surge_has_the_new_pod_before_the_old_one_goes() -> None:
    """With maxSurge the number of ready pods never falls."""
    engine = Engine(DEFAULT)
    daemon(engine, surge=1, unavailable=0)
    set_image(engine, "agent:2")
    lowest, most = 3, 0
    for _ in range(300):
        engine.run_for(100)
        ready = sum(ready_since(pod) is not None for pod in pods(engine))
        lowest, most = min(lowest, ready), max(most, len(pods(engine)))
    assert (images(engine), lowest, most) == ({"agent:2"}, 3, 4)


def test_on_delete_waits_for_the_user() -> None:
    """Nothing is replaced until a user deletes it; then it comes back new."""
    engine = Engine(DEFAULT)
    daemon(engine, on_delete=True)
    set_image(engine, "agent:2")
    engine.settle()
    assert images(engine) == {"nginx:1"}
    assert engine.api.get(DAEMON_SETS, KEY).status.updatedNumberScheduled == 0
    engine.api.delete(PODS, kinds.key(pods(engine)[0]), actor="user")
    engine.settle()
    assert [pod.spec.containers[0].image for pod in pods(engine)] == ["agent:2", "nginx:1", "nginx:1"]


def test_going_back_numbers_the_old_revision_anew() -> None:
    """A template that was there before gets the next number, and no second revision."""
    engine = Engine(DEFAULT)
    daemon(engine)
    for image in ("agent:2", "nginx:1"):
        set_image(engine, image)
        engine.settle()
    found = {each.revision: each.data["spec"]["template"] for each in engine.api.list(CONTROLLER_REVISIONS)}
    assert sorted(found) == [2, 3]
    assert found[3]["spec"]["containers"][0]["image"] == "nginx:1"
    assert found[3]["$patch"] == "replace"


def test_a_new_controller_goes_on_from_the_store() -> None:
    """Built anew in the middle of a rollout it finishes, and a settled set writes nothing more."""
    engine = Engine(DEFAULT)
    daemon(engine)
    set_image(engine, "agent:2")
    engine.run_for(1_000)
    DaemonSetController(engine.api, DEFAULT)
    engine.settle()
    assert images(engine) == {"agent:2"}
    revision = engine.store.revision
    engine.run_for(3_600_000)
    assert engine.store.revision == revision


def test_a_selector_of_everything_is_refused() -> None:
    """Nothing is made; an event says why."""
    engine = Engine(DEFAULT)
    engine.settle()
    value = DaemonSet(
        metadata=ObjectMeta(name="agent", namespace="default"),
        spec=DaemonSetSpec(selector=LabelSelector(), template=template("x")),
    )
    engine.store.put(DAEMON_SETS, KEY, replace(value, metadata=replace(value.metadata, uid="u")), "user")
    engine.settle()
    assert pods(engine) == []
    assert [event.reason for event in engine.api.list(EVENTS) if event.involvedObject.kind == "DaemonSet"] == [
        "SelectingAll"
    ]


def test_limits_are_rounded_up_and_never_both_nothing() -> None:
    """Percents are of the nodes wanted; where both come to nothing one pod may be unavailable."""
    owner = DaemonSet(metadata=ObjectMeta(), spec=DaemonSetSpec(template=template("x")))

    def of(surge: int | str, unavailable: int | str) -> tuple[int, int]:
        rolling = RollingUpdateDaemonSet(maxSurge=surge, maxUnavailable=unavailable)
        strategy = DaemonSetUpdateStrategy(type="RollingUpdate", rollingUpdate=rolling)
        return decisions.limits(replace(owner, spec=replace(owner.spec, updateStrategy=strategy)), 10)

    assert of(0, "25%") == (0, 3)
    assert of("1%", 0) == (1, 0)
    assert of(0, 0) == (0, 1)
    assert decisions.limits(owner, 10) == (0, 1)


def test_a_pod_names_its_node_before_it_is_bound() -> None:
    """By its affinity to the node's name, as the controller writes it, and by nothing else."""
    assert node_of(Pod(metadata=ObjectMeta(), spec=PodSpec())) == ""
    assert node_of(Pod(metadata=ObjectMeta(), spec=PodSpec(nodeName="n"))) == "n"
