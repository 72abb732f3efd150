"""Containers for debugging: started in a pod that runs, and of no consequence for it."""

from typing import Any

from cluster.api import codec, kinds
from cluster.api.core import ContainerStatus
from tests.cluster.kubelet.test_restart_policies import AT_ONCE
from tests.cluster.kubelet.world import USER, World

SLEEP = {"name": "debug", "image": "busybox", "command": ["sleep", "30"]}


def world(**spec: Any) -> World:
    """A world in which a pod runs."""
    made = World(AT_ONCE)
    made.pod(**spec)
    made.run(2000)
    return made


def add(made: World, *containers: dict[str, Any]) -> None:
    """Ask for more ephemeral containers."""
    pod = made.get()
    plain = codec.to_plain(pod)
    plain["spec"].setdefault("ephemeralContainers", []).extend(containers)
    made.api.update_pod_part(codec.from_plain(kinds.PODS.type, plain), "ephemeralcontainers", actor=USER)


def debug(made: World, position: int = 0) -> ContainerStatus:
    """How an ephemeral container stands."""
    return made.get().status.ephemeralContainerStatuses[position]


def test_one_is_started_and_ends() -> None:
    """It is pulled and started as any container; it is never ready, and not started again; the pod goes on."""
    made = world()
    before = made.get().status.conditions
    add(made, SLEEP)
    made.run(2000)
    stands = debug(made)
    assert stands.state.running is not None
    assert (stands.ready, stands.started, made.get().status.phase) == (False, None, "Running")
    paths = {event.reason: event.involvedObject.fieldPath for event in made.events()}
    assert paths["Started"] == "spec.ephemeralContainers{debug}"
    made.run(60_000)
    ended = debug(made).state.terminated
    assert ended is not None
    assert (ended.exitCode, ended.reason, debug(made).restartCount) == (0, "Completed", 0)
    after = made.get().status
    assert (after.phase, [one.status for one in after.conditions]) == ("Running", [one.status for one in before])
    assert after.observedGeneration == 2


def test_a_failed_one_is_left_alone() -> None:
    """It does not fail its pod and is not started again; the next one is started beside it."""
    made = world()
    add(made, {**SLEEP, "command": ["sh", "-c", "exit 3"]})
    made.run(60_000)
    add(made, {**SLEEP, "name": "next"})
    made.run(5000)
    first, second = debug(made), debug(made, 1)
    assert first.state.terminated is not None
    assert (first.state.terminated.exitCode, first.restartCount) == (3, 0)
    assert second.state.running is not None
    assert made.get().status.phase == "Running"


def test_it_is_stopped_with_its_pod() -> None:
    """When the main containers are done, what was added for debugging is stopped; so it is when the pod is deleted."""
    work = {"name": "c", "image": "busybox", "command": ["sleep", "10"]}
    made = world(restartPolicy="Never", containers=[work])
    add(made, {**SLEEP, "command": ["sleep", "1000"]})
    made.run(30_000)
    ended = debug(made).state.terminated
    assert made.get().status.phase == "Succeeded"
    assert ended is not None
    other = world()
    add(other, {**SLEEP, "command": ["sleep", "1000"]})
    other.run(2000)
    other.api.delete(kinds.PODS, "default/web", actor=USER)
    other.run(60_000)
    assert other.find() is None
    stopped = [one.involvedObject.fieldPath for one in other.events() if one.reason == "Killing"]
    assert stopped == ["spec.containers{c}", "spec.ephemeralContainers{debug}"]


def test_it_waits_for_the_pod_to_begin() -> None:
    """Added to a pod whose volumes are missing, or that no kubelet has looked at yet, it is started with the pod."""
    volumes = [{"name": "v", "secret": {"secretName": "none"}}]
    held = [{"name": "c", "image": "nginx", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]
    made = world(containers=held, volumes=volumes)
    add(made, SLEEP)
    made.run(5000)
    assert debug(made).state.waiting is not None
    made.api.create(
        kinds.SECRETS,
        codec.from_plain(kinds.SECRETS.type, {"metadata": {"name": "none", "namespace": "default"}}),
        actor=USER,
    )
    made.run(5000)
    assert debug(made).state.running is not None
    down = World(AT_ONCE)
    down.kubelets.stop("node-1")
    down.pod()
    add(down, SLEEP)
    down.run(5000)
    assert down.get().status.ephemeralContainerStatuses == ()
    down.kubelets.start("node-1")
    down.run(5000)
    assert debug(down).state.running is not None


def test_a_kubelet_that_forgot_everything_goes_on() -> None:
    """A new kubelet ends what runs when it should, and starts what was added while nobody looked."""
    made = world()
    add(made, SLEEP)
    made.run(2000)
    add(made, {**SLEEP, "name": "next"})
    made.rebuild()
    made.run(10_000)
    assert debug(made, 1).state.running is not None
    made.run(60_000)
    assert [one.state.terminated is not None for one in made.get().status.ephemeralContainerStatuses] == [True, True]
