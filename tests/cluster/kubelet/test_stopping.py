"""Containers and pods end: exits, restarts and their back-off, failing pulls, changed images, deletion, deadlines."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from tests.cluster.kubelet.world import INSTANT, USER, World

CRASH = {"exit_code": "1", "exit_after": "2s"}


def restarts(world: World, limit: int) -> list[int]:
    """The seconds at which the container was started, up to so many starts."""
    seen: list[int] = []
    while len(seen) < limit and world.clock.now < 10_000_000:
        world.run(1000)
        running = world.container().state.running
        if running is not None:
            started = world.clock.milliseconds(running.startedAt) // 1000
            if started not in seen:
                seen.append(started)
    return seen


def test_exit_is_terminated_with_reason_and_code() -> None:
    """A container of a pod that never restarts ends Completed or Error, and the pod Succeeded or Failed."""
    world = World(INSTANT)
    world.pod("good", restartPolicy="Never", annotations={"exit_after": "5s"})
    world.pod("bad", restartPolicy="Never", annotations={"exit_code": "3"})
    world.run(10_000)
    for name, phase, code, reason, told in (
        ("good", "Succeeded", 0, "Completed", "PodCompleted"),
        ("bad", "Failed", 3, "Error", "PodFailed"),
    ):
        ended = world.container(name).state.terminated
        assert ended is not None
        assert (ended.exitCode, ended.reason) == (code, reason)
        assert ended.containerID == world.container(name).containerID
        assert world.get(name).status.phase == phase
        assert world.condition("Ready", name) == ("False", told, "")
        assert world.condition("ContainersReady", name) == ("False", told, "")
        assert world.condition("PodReadyToStartContainers", name)[0] == "False"
    assert world.condition("Initialized", "good") == ("True", "PodCompleted", "")


def test_pod_waits_for_its_last_container() -> None:
    """A pod that never restarts is Running until every container has ended; one failure fails it."""
    world = World(INSTANT)
    containers = [{"name": "a", "image": "nginx"}, {"name": "b", "image": "nginx"}]
    world.pod(containers=containers, restartPolicy="Never",
              annotations={"exit_code.a": "1", "exit_after.a": "1s", "exit_after.b": "20s"})  # fmt: skip
    world.run(10_000)
    assert world.get().status.phase == "Running"
    assert world.condition("Ready") == ("False", "ContainersNotReady", "containers with unready status: [a]")
    world.run(20_000)
    assert world.get().status.phase == "Failed"


def test_on_failure_restarts_failures_only() -> None:
    """OnFailure starts a failed container again and leaves a successful one."""
    world = World(INSTANT)
    world.pod("failing", restartPolicy="OnFailure", annotations=CRASH)
    world.pod("working", restartPolicy="OnFailure", annotations={"exit_after": "2s"})
    world.run(9000)
    assert world.container("failing").restartCount == 1
    assert world.get("failing").status.phase == "Running"
    assert world.get("working").status.phase == "Succeeded"


def test_crash_loop_backs_off_from_ten_seconds_to_five_minutes() -> None:
    """The first restart comes at once, then 10 s after the exit, doubling up to 5 min."""
    world = World(INSTANT)
    world.pod(annotations=CRASH)
    starts = restarts(world, 9)
    gaps = [later - earlier - 2 for earlier, later in pairwise(starts)]
    assert gaps == [1, 10, 20, 40, 80, 160, 300, 300]


def test_crash_loop_is_told() -> None:
    """A container that waits for its restart says how long, shows its last run and tells BackOff."""
    world = World(INSTANT)
    world.pod(annotations=CRASH)
    world.run(8000)
    status, pod = world.container(), world.get()
    who = f"web_default({pod.metadata.uid})"
    assert status.state.waiting is not None
    assert (status.state.waiting.reason, status.state.waiting.message) == (
        "CrashLoopBackOff", f"back-off 10s restarting failed container=c pod={who}",
    )  # fmt: skip
    assert (status.restartCount, status.ready, status.started) == (1, False, False)
    assert status.lastState.terminated is not None
    assert (status.lastState.terminated.exitCode, status.lastState.terminated.reason) == (1, "Error")
    assert pod.status.phase == "Running"
    assert world.message("BackOff") == f"Back-off restarting failed container c in pod {who}"
    assert [one.type for one in world.events() if one.reason == "BackOff"] == ["Warning"]


def test_long_run_is_forgiven() -> None:
    """After more than ten minutes of running the back-off starts again from nothing."""
    world = World(INSTANT)
    world.pod(annotations={"exit_code": "1", "exit_after": "11m"})
    starts = restarts(world, 4)
    assert [later - earlier - 660 for earlier, later in pairwise(starts)] == [1, 1, 1]


def test_failing_init_container_is_restarted_or_fails_the_pod() -> None:
    """A failed init container is started again unless the pod never restarts, which then has failed."""
    world = World(INSTANT)
    init = [{"name": "prepare", "image": "nginx"}]
    for name, policy in (("always", "Always"), ("never", "Never")):
        world.pod(name, initContainers=init, restartPolicy=policy, annotations={"exit_code.prepare": "1"})
    world.run(8000)
    status = world.get("always").status
    assert status.phase == "Pending"
    assert status.initContainerStatuses[0].restartCount == 1
    assert status.initContainerStatuses[0].state.waiting is not None
    assert status.initContainerStatuses[0].state.waiting.reason == "CrashLoopBackOff"
    assert world.get("never").status.phase == "Failed"


def test_sidecars_stop_when_the_main_containers_are_done() -> None:
    """A pod whose main containers have ended is over: its sidecars are killed."""
    world = World(INSTANT)
    side = {"name": "side", "image": "nginx", "restartPolicy": "Always"}
    world.pod(initContainers=[side], restartPolicy="Never", annotations={"exit_after.c": "5s"})
    world.run(10_000)
    status = world.get().status
    assert status.phase == "Succeeded"
    assert status.initContainerStatuses[0].state.terminated is not None
    assert world.message("Killing") == "Stopping container side"


def test_pull_error_backs_off_and_recovers() -> None:
    """A failing pull alternates ErrImagePull and ImagePullBackOff, and works once the cause is gone."""
    world = World(INSTANT)
    why = 'failed to resolve reference "docker.io/library/nope:1": not found'
    world.pod(containers=[{"name": "c", "image": "nope:1"}], annotations={"pull_error": why})
    world.run(500)
    assert world.reason() == "ErrImagePull"
    assert world.message("Failed") == "Error: ErrImagePull"
    assert f'Failed to pull image "nope:1": {why}' in [one.message for one in world.events()]
    world.run(2000)
    waiting = world.container().state.waiting
    assert waiting is not None
    assert (waiting.reason, waiting.message) == (
        "ImagePullBackOff", f'Back-off pulling image "nope:1": ErrImagePull: {why}',
    )  # fmt: skip
    assert world.message("BackOff") == 'Back-off pulling image "nope:1"'
    assert world.message("Failed") == "Error: ImagePullBackOff"
    assert world.get().status.phase == "Pending"
    pod = world.get()
    world.api.update(kinds.PODS, replace(pod, metadata=replace(pod.metadata, annotations={})), actor=USER)
    world.run(10_000)
    assert world.get().status.phase == "Running"


def test_pulls_are_tried_again_ever_later() -> None:
    """Between tries of a pull lie 10 s, 20 s, 40 s … up to five minutes."""
    world = World(INSTANT)
    world.pod(annotations={"pull_error": "no"})
    world.run(1_100_000)
    tries = [
        world.clock.milliseconds(entry.object.lastTimestamp) // 1000
        for entry in world.store.table(kinds.EVENTS).read(0, 10_000)
        if entry.object is not None and entry.object.reason == "Pulling"
    ]
    assert [later - earlier for earlier, later in pairwise(tries)] == [10, 20, 40, 80, 160, 300, 300]


def test_image_that_may_not_be_pulled() -> None:
    """With policy Never the machine has the image, unless it is said to fail: ErrImageNeverPull."""
    world = World(INSTANT)
    container = {"name": "c", "image": "local:1", "imagePullPolicy": "Never"}
    world.pod("there", containers=[container])
    world.pod("missing", containers=[container], annotations={"pull_error": "no"})
    world.run(1000)
    assert world.get("there").status.phase == "Running"
    assert world.reason("missing") == "ErrImageNeverPull"
    assert world.message("ErrImageNeverPull", "missing") == (
        'Container image "local:1" is not present with pull policy of Never'
    )


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("busyBOX", "invalid reference format: repository name (library/busyBOX) must be lowercase"),
        ("example.com/Shop:1", "invalid reference format: repository name (Shop) must be lowercase"),
        (":latest", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("example.com//shop", "invalid reference format"),
        ("$IMAGE", "invalid reference format: repository name (library/$IMAGE) must be lowercase"),
    ],
)
def test_an_image_name_that_is_none(image: str, why: str) -> None:
    """InvalidImageName is told with the reference's fault, nothing is pulled, and a right name ends it."""
    world = World(INSTANT)
    world.pod(containers=[{"name": "c", "image": image}])
    world.run(1000)
    words = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": {why}'
    waiting = world.container().state.waiting
    assert waiting is not None
    assert (waiting.reason, waiting.message) == ("InvalidImageName", words)
    assert [(one.type, one.reason, one.message) for one in world.events()] == [
        ("Warning", "InspectFailed", words), ("Warning", "Failed", "Error: InvalidImageName"),
    ]  # fmt: skip
    assert world.clock.next_time() is None
    pod = world.get()
    fixed = replace(pod.spec.containers[0], image="busybox")
    world.api.update(kinds.PODS, replace(pod, spec=replace(pod.spec, containers=(fixed,))), actor=USER)
    world.run(1000)
    assert world.get().status.phase == "Running"


def test_changed_image_restarts_the_container() -> None:
    """A new image stops the container and starts it again with one restart more."""
    world = World(INSTANT)
    world.pod()
    world.run(1000)
    pod = world.get()
    container = replace(pod.spec.containers[0], image="nginx:1.28")
    world.api.update(kinds.PODS, replace(pod, spec=replace(pod.spec, containers=(container,))), actor=USER)
    world.run(2000)
    status = world.container()
    assert world.message("Killing") == "Container c definition changed, will be restarted"
    assert (status.restartCount, status.ready, status.image) == (1, True, "docker.io/library/nginx:1.28")
    assert status.lastState.terminated is not None
    assert status.lastState.terminated.exitCode == 0
    assert world.get().status.observedGeneration == world.get().metadata.generation == 2


def test_changed_image_ends_a_pull_back_off() -> None:
    """A container that could not pull its image tries a new one at once."""
    world = World(INSTANT)
    world.pod("web", annotations={"pull_error": "no"})
    world.run(100_000)
    pod = world.get()
    fixed = replace(
        pod,
        metadata=replace(pod.metadata, annotations={}),
        spec=replace(pod.spec, containers=(replace(pod.spec.containers[0], image="right:1"),)),
    )
    world.api.update(kinds.PODS, fixed, actor=USER)
    world.run(1000)
    assert world.get().status.phase == "Running"


def test_deleted_pod_is_killed_and_goes() -> None:
    """Deletion tells Killing, lets the process end, shows the end and removes the pod."""
    world = World()
    world.pod()
    world.run(5000)
    world.api.delete(kinds.PODS, "default/web", actor=USER)
    world.run(200)
    pod = world.get()
    assert (pod.metadata.deletionGracePeriodSeconds, pod.status.phase) == (30, "Running")
    assert world.message("Killing") == "Stopping container c"
    world.run(1000)
    assert world.find() is None
    assert world.phases() == ["Pending", "Running", "Succeeded"]


def test_grace_period_bounds_a_process_that_does_not_stop() -> None:
    """A process that ignores SIGTERM is killed after the grace period: exit code 137."""
    world = World()
    world.pod(annotations={"stop_after": "1h"}, terminationGracePeriodSeconds=45)
    world.run(5000)
    world.api.delete(kinds.PODS, "default/web", actor=USER)
    world.run(44_000)
    assert world.find() is not None
    world.run(3000)
    assert world.find() is None
    last = [e.object for _, e in world.store.log() if e.key == "default/web" and e.object is not None][-1]
    ended = last.status.containerStatuses[0].state.terminated
    assert (ended.exitCode, last.status.phase) == (137, "Failed")


def test_second_delete_may_shorten_the_grace() -> None:
    """Deleting again with less grace ends the pod sooner."""
    world = World()
    world.pod(annotations={"stop_after": "1h"})
    world.run(5000)
    world.api.delete(kinds.PODS, "default/web", actor=USER)
    world.run(1000)
    world.api.delete(kinds.PODS, "default/web", actor=USER, grace=1)
    world.run(2500)
    assert world.find() is None


def test_pod_deleted_while_creating_goes_at_once() -> None:
    """A pod none of whose containers was started is deleted without Killing."""
    world = World()
    world.pod(annotations={"pull_time": "1m"})
    world.run(5000)
    world.api.delete(kinds.PODS, "default/web", actor=USER)
    world.run(200)
    assert world.find() is None
    assert "Killing" not in world.told()
    world.run(120_000)
    assert world.told() == ["Pulling"]


def test_forced_delete_still_kills_the_containers() -> None:
    """A pod deleted with grace 0 is gone at once; its node tells that it stops the containers."""
    world = World()
    world.pod()
    world.run(5000)
    assert world.api.delete(kinds.PODS, "default/web", actor=USER, grace=0) is None
    world.run(1000)
    assert world.message("Killing") == "Stopping container c"


def test_new_pod_of_an_old_name_is_not_touched_by_old_timers() -> None:
    """A timer set for a pod that is gone does nothing to another of the same name."""
    world = World()
    world.pod(annotations={"exit_after": "30s"})
    world.run(10_000)
    world.api.delete(kinds.PODS, "default/web", actor=USER, grace=0)
    world.pod()
    world.run(60_000)
    assert (world.get().status.phase, world.container().restartCount) == ("Running", 0)


def test_finalizer_keeps_a_stopped_pod() -> None:
    """A pod with a finalizer is stopped, and stays with no grace left."""
    world = World()
    world.pod()
    pod = world.get()
    world.api.update(
        kinds.PODS, replace(pod, metadata=replace(pod.metadata, finalizers=("example.com/hold",))), actor=USER
    )
    world.run(5000)
    world.api.delete(kinds.PODS, "default/web", actor=USER)
    world.run(5000)
    pod = world.get()
    assert (pod.status.phase, pod.metadata.deletionGracePeriodSeconds) == ("Succeeded", 0)
    assert world.clock.next_time() is None


def test_active_deadline_fails_the_pod() -> None:
    """A pod that is active for longer than it may has failed: DeadlineExceeded."""
    world = World()
    world.pod(activeDeadlineSeconds=30)
    world.run(29_000)
    assert world.get().status.phase == "Running"
    world.run(2000)
    status = world.get().status
    assert (status.phase, status.reason) == ("Failed", "DeadlineExceeded")
    assert status.message == "Pod was active on the node longer than the specified deadline"
    assert status.containerStatuses[0].state.terminated is not None
