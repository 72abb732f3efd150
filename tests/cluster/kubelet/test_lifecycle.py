"""The life cycle's table and rules, and the small parts that they rest on."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api.codec import from_plain
from cluster.api.core import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
)
from cluster.kubelet import backoff, lifecycle
from cluster.kubelet.addresses import Addresses
from cluster.kubelet.lifecycle import TABLE, Input, State
from cluster.kubelet.runtime import images
from cluster.kubelet.runtime.process import behaviour, relevant

RUNNING = ContainerState(running=ContainerStateRunning())
NEVER_RUN = ContainerState(waiting=ContainerStateWaiting(reason="ContainerCreating"))


def ended(code: int) -> ContainerState:
    """A terminated state."""
    return ContainerState(terminated=ContainerStateTerminated(exitCode=code))


def looping(code: int) -> ContainerStatus:
    """A container that waits for its restart."""
    waiting = ContainerState(waiting=ContainerStateWaiting(reason="CrashLoopBackOff"))
    return ContainerStatus(state=waiting, lastState=ended(code))


def test_every_state_has_a_row_and_every_row_leads_to_states() -> None:
    """The table is complete: no state is without a way on, no way leads out of it."""
    assert set(TABLE) == set(State)
    assert {after for row in TABLE.values() for states in row.values() for after in states} == set(State)


@pytest.mark.parametrize("reason", ["ErrImagePull", "ErrImageNeverPull", "ImagePullBackOff", "CrashLoopBackOff"])
def test_waiting_reasons_are_states(reason: str) -> None:
    """A waiting container's reason says where it stands."""
    state = lifecycle.state_of(ContainerStatus(state=ContainerState(waiting=ContainerStateWaiting(reason=reason))))
    assert state == reason.replace("ErrImageNeverPull", "ErrImagePull")


def test_late_timers_mean_nothing() -> None:
    """What a container that stands elsewhere is told does not count."""
    running = ContainerStatus(state=RUNNING)
    assert not lifecycle.accepts(running, Input.IMAGE_READY)
    assert not lifecycle.accepts(running, Input.HOLD_START)
    assert not lifecycle.accepts(ContainerStatus(state=ended(0)), Input.EXIT)
    assert not lifecycle.accepts(ContainerStatus(), Input.PROBED)


@pytest.mark.parametrize(
    ("policy", "main", "phase"),
    [
        ("Always", [NEVER_RUN], "Pending"),
        ("Always", [RUNNING, NEVER_RUN], "Pending"),
        ("Always", [RUNNING], "Running"),
        ("Always", [ended(0)], "Running"),
        ("OnFailure", [ended(1)], "Running"),
        ("OnFailure", [ended(0), ended(0)], "Succeeded"),
        ("Never", [ended(0), ended(1)], "Failed"),
        ("Never", [ended(1), RUNNING], "Running"),
        ("Never", [ended(0)], "Succeeded"),
    ],
)
def test_phase_follows_from_containers_and_policy(policy: str, main: list[ContainerState], phase: str) -> None:
    """The phase is Kubernetes' function of restart policy and container states."""
    assert lifecycle.phase(policy, (), (), [ContainerStatus(state=state) for state in main]) == phase


def test_phase_while_initialising() -> None:
    """Unfinished init containers keep the pod Pending; a failed one fails a pod that never restarts."""
    main = [ContainerStatus(state=NEVER_RUN)]
    assert lifecycle.phase("Always", [ContainerStatus(state=RUNNING)], [False], main) == "Pending"
    assert lifecycle.phase("Never", [ContainerStatus(state=ended(1))], [False], main) == "Failed"
    assert lifecycle.phase("Always", [ContainerStatus(state=ended(1))], [False], main) == "Pending"
    running = [ContainerStatus(state=RUNNING)]
    assert lifecycle.phase("Always", [ContainerStatus(state=RUNNING, started=True)], [True], running) == "Running"
    assert lifecycle.phase("Always", (), (), [looping(1)]) == "Running"


def test_restart_policies() -> None:
    """Always restarts, Never does not, OnFailure looks at the exit code."""
    assert [lifecycle.restarts(policy, code) for policy in ("Always", "OnFailure", "Never") for code in (0, 1)] == [
        True, True, False, True, False, False,
    ]  # fmt: skip


def test_back_off_delays() -> None:
    """None before the first try, then 10 s doubling up to five minutes."""
    assert [backoff.delay(tries) // 1000 for tries in range(9)] == [0, 10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0s"), (350, "350ms"), (1500, "1.5s"), (10_000, "10s"), (80_000, "1m20s"), (300_000, "5m0s"),
     (3_661_500, "1h1m1.5s")],
)  # fmt: skip
def test_durations_are_written_as_go_does(ms: int, text: str) -> None:
    """Durations in messages read as a real kubelet's."""
    assert backoff.duration_text(ms) == text


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("kubeguide/redis-master", "docker.io/kubeguide/redis-master:latest"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ("localhost/a", "localhost/a:latest"),
        ("host:5000/a/b", "host:5000/a/b:latest"),
        ("nginx@sha256:ab", "docker.io/library/nginx@sha256:ab"),
    ],
)
def test_images_are_named_as_the_runtime_does(image: str, name: str) -> None:
    """A short name is one of Docker Hub's, and the tag is latest if none is given."""
    assert images.full_name(image) == name


def test_image_that_is_on_its_way_is_not_pulled_twice() -> None:
    """Who wants an image that is being pulled waits for that pull."""
    store = images.Images()
    assert store.pull("a", 0, 1000) == 1000
    assert store.pull("a", 400, 1000) == 1000
    assert store.pull("b", 400, 1000) == 2000
    assert (store.has("a", 999), store.has("a", 1000), store.has("c", 5000)) == (False, True, False)


def test_behaviour_reads_the_containers_own_annotation_first() -> None:
    """An annotation for one container goes before the pod's, nonsense is no annotation."""
    told = {
        "sim.ktui.dev/exit-after": "10s", "sim.ktui.dev/exit-after.a": "1s", "sim.ktui.dev/exit-code": "7",
        "sim.ktui.dev/ready-after": "soon",
    }  # fmt: skip
    first = behaviour(Container(name="a"), told, init=False)
    other = behaviour(Container(name="b"), told, init=False)
    assert (first.exit_after, other.exit_after, first.exit_code, first.ready_after) == (1000, 10_000, 7, 0)
    assert behaviour(Container(name="a"), {"sim.ktui.dev/exit-code": "0"}, init=False).exit_after == 1000
    assert behaviour(Container(name="a"), {}, init=False).exit_after is None
    assert behaviour(Container(name="a"), {}, init=True).exit_after == 1000
    assert behaviour(Container(name="a", restartPolicy="Always"), {}, init=True).exit_after is None


def test_restart_rules_come_before_the_policy() -> None:
    """The first rule that fits an exit code starts a container again; without one its policy decides."""
    rules = from_plain(
        Container,
        {"name": "a", "restartPolicyRules": [
            {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}},
        ]},
    ).restartPolicyRules  # fmt: skip
    assert [lifecycle.restarts("Never", code, rules) for code in (0, 1, 42)] == [False, False, True]
    others = from_plain(
        Container,
        {"name": "a", "restartPolicyRules": [
            {"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [0, 1]}},
        ]},
    ).restartPolicyRules  # fmt: skip
    assert [lifecycle.restarts("Never", code, others) for code in (0, 1, 42)] == [False, False, True]


def test_only_our_annotations_matter() -> None:
    """Pods that differ in other people's annotations behave alike."""
    assert relevant({"b": "2", "sim.ktui.dev/exit-code": "1"}) == (("sim.ktui.dev/exit-code", "1"),)
    assert relevant({}) == ()


@given(st.lists(st.tuples(st.booleans(), st.integers(min_value=0, max_value=20)), max_size=60))
def test_addresses_are_unique_and_counted_again_alike(steps: list[tuple[bool, int]]) -> None:
    """No address is held twice, and an allocator that counts the holders again gives the same one next."""
    cidr = "10.244.7.0/28"
    first, held = Addresses(cidr), list[str]()
    for take, which in steps:
        if take:
            address = first.take()
            assert (address == "") == (len(held) == 13)
            held += [address] if address else []
        elif held:
            first.release(held.pop(which % len(held)))
        assert len(set(held)) == len(held)
    assert all(IPv4Address(address) in IPv4Network(cidr) for address in held)
    again = Addresses(cidr)
    for address in held:
        again.hold(address)
    again.hold("172.18.0.3")
    assert again.take() == first.take()
