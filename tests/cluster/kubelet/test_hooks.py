"""Lifecycle hooks, stop signals' ends, sidecars' turns, and how kubelets that are rebuilt go on with them."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Timing
from cluster.api.core import ContainerStateTerminated, Pod
from tests.cluster.kubelet.world import USER, World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))
TRAP = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]


def world(*containers: dict[str, Any], **spec: Any) -> World:
    """A world with one pod of these containers."""
    made = World(AT_ONCE)
    named = [{"name": chr(99 + number), "image": "nginx", **one} for number, one in enumerate(containers)]
    made.pod(containers=named, **spec)
    return made


def failures(made: World) -> int:
    """How often a postStart hook has failed."""
    return sum(one.count for one in made.events() if one.reason == "FailedPostStartHook")


def last_version(made: World) -> Pod:
    """The deleted pod as it was last."""
    found = [entry.object for _, entry in made.store.log() if entry.key == "default/web" and entry.object is not None]
    assert isinstance(found[-1], Pod)
    return found[-1]


def ends(pod: Pod, made: World) -> dict[str, tuple[int, int]]:
    """When each container ended (s), and with which code."""
    found: dict[str, tuple[int, int]] = {}
    for one in (*pod.status.initContainerStatuses, *pod.status.containerStatuses):
        ended = one.state.terminated
        assert ended is not None
        found[one.name] = (made.clock.milliseconds(ended.finishedAt) // 1000, ended.exitCode)
    return found


def ended(made: World) -> ContainerStateTerminated:
    """How the container's last run ended."""
    found = made.container().state.terminated or made.container().lastState.terminated
    assert found is not None
    return found


def test_post_start_holds_the_status_and_the_next_container_back() -> None:
    """A container waits until its hook is done; the next one is made after that."""
    made = world({"lifecycle": {"postStart": {"sleep": {"seconds": 5}}}}, {})
    made.run(5000)
    assert [made.reason(), made.reason(position=1)] == ["ContainerCreating", "ContainerCreating"]
    assert made.told() == ["Pulling", "Pulled", "Created", "Started"]
    assert made.get().status.podIP
    made.run(1000)
    running = made.container().state.running
    assert running is not None
    assert running.startedAt == "2026-01-01T00:00:00Z"
    assert made.get().status.phase == "Running"
    assert made.clock.next_time() is None


def test_post_start_commands_run_in_the_container() -> None:
    """A command that succeeds lets the container run, and its time is waited for."""
    hook = {"exec": {"command": ["sh", "-c", "test -f /etc/hosts && sleep 2"]}}
    made = world({"lifecycle": {"postStart": hook}})
    made.run(2000)
    assert made.reason() == "ContainerCreating"
    made.run(1000)
    assert made.container().ready


def test_a_failed_post_start_hook_kills_the_container() -> None:
    """The hook's failure is told, the container is stopped, shows PostStartHookError, and then backs off."""
    command = ["sh", "-c", "echo no; exit 1"]
    made = world({"lifecycle": {"postStart": {"exec": {"command": command}}}})
    made.run(1400)
    assert [one.message for one in made.events()][-2:] == ["PostStartHook failed", "FailedPostStartHook"]
    assert made.told()[-2:] == ["FailedPostStartHook", "Killing"]
    waiting, pod = made.container().state.waiting, made.get()
    assert waiting is not None
    words = (
        f'Exec lifecycle hook ([sh -c echo no; exit 1]) for Container "c" in Pod "web_default({pod.metadata.uid})" failed - '
        "error: command 'sh -c echo no; exit 1' exited with 1: no\n, message: \"no\\n\""
    )
    assert (waiting.reason, waiting.message) == ("PostStartHookError", words)
    assert made.container().lastState.terminated is not None
    made.run(3500)
    assert (made.reason(), made.container().restartCount) == ("CrashLoopBackOff", 1)
    made.run(12_000)
    assert made.container().restartCount == 2


def test_a_failed_post_start_hook_of_a_pod_that_never_restarts() -> None:
    """The pod has failed: nothing will start the container again."""
    hook = {"httpGet": {"port": 81, "path": "/"}}
    made = world({"image": "agnhost", "ports": [{"containerPort": 80}], "lifecycle": {"postStart": hook}},
                 restartPolicy="Never")  # fmt: skip
    made.run(5000)
    assert (made.get().status.phase, ended(made).exitCode) == ("Failed", 143)


@pytest.mark.parametrize(
    ("hook", "stop_after", "gone", "code", "failed"),
    [
        ({"sleep": {"seconds": 5}}, "1s", 6, 0, False),
        ({"sleep": {"seconds": 5}}, "1h", 20, 137, False),
        ({"exec": {"command": ["sleep", "60"]}}, "1h", 22, 137, False),
        ({"exec": {"command": ["sleep", "7"]}}, "1s", 8, 0, False),
        ({"exec": {"command": ["nginx", "-s", "quit"]}}, "1s", 1, 0, False),
        ({"exec": {"command": ["sh", "-c", "sleep 3; exit 1"]}}, "1s", 4, 0, True),
        ({"httpGet": {"port": 80, "path": "/bye"}}, "1s", 1, 0, False),
        ({"httpGet": {"port": 81, "path": "/bye"}}, "1s", 1, 0, True),
    ],
)
def test_pre_stop_counts_in_the_grace_period(
    hook: dict[str, Any], stop_after: str, gone: int, code: int, *, failed: bool
) -> None:
    """A hook comes before SIGTERM and takes of the 20 s; two are left at least, and a failing one is told."""
    container = {"lifecycle": {"preStop": hook}, "ports": [{"containerPort": 80}]}
    made = world(container, terminationGracePeriodSeconds=20, annotations={"stop_after": stop_after})
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(gone * 1000 - 100)
    assert made.find() is not None
    assert ("FailedPreStopHook" in made.told()) is failed
    made.run(200)
    assert made.find() is None
    assert ends(last_version(made), made) == {"c": (gone + 1, code)}
    if failed:
        assert made.message("FailedPreStopHook") == "PreStopHook failed"


def test_a_hook_is_cut_off_where_the_grace_period_ends() -> None:
    """Deleted with less grace than the hook takes, the pod goes when that and the least time to end are over."""
    made = world({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}})
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER, grace=1)
    made.run(3500)
    assert made.find() is None


def test_sidecars_end_after_the_main_containers_the_last_one_first() -> None:
    """A sidecar is told to end when what it serves has ended, within the same grace period."""
    side = {"image": "nginx", "restartPolicy": "Always"}
    made = World(AT_ONCE)
    made.pod(
        initContainers=[{"name": "first", **side}, {"name": "second", **side}],
        annotations={"stop_after.first": "1s", "stop_after.second": "2s", "stop_after.c": "4s"},
    )
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(6900)
    assert made.find() is not None
    made.run(200)
    assert made.find() is None
    assert ends(last_version(made), made) == {"c": (5, 0), "second": (7, 0), "first": (8, 0)}


def test_sidecars_are_killed_with_what_is_left() -> None:
    """Where the main containers use up the grace period, two seconds are left for the sidecars."""
    made = World(AT_ONCE)
    made.pod(
        initContainers=[{"name": "side", "image": "nginx", "restartPolicy": "Always"}],
        annotations={"stop_after": "1h"}, terminationGracePeriodSeconds=10,
    )  # fmt: skip
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(13_000)
    assert made.find() is None
    assert ends(last_version(made), made) == {"c": (11, 137), "side": (13, 137)}


@pytest.mark.parametrize(
    ("container", "code"),
    [
        ({"image": "redis"}, 0),
        ({"image": "example.com/shop:1"}, 143),
        ({"image": "busybox", "command": ["sleep", "100"]}, 137),
        ({"image": "busybox", "command": TRAP}, 0),
        ({"image": "busybox", "command": ["sh", "-c", "trap 'echo bye; exit 7' INT TERM; sleep 99 & wait"]}, 7),
    ],
)
def test_how_processes_end_on_sigterm(container: dict[str, Any], code: int) -> None:
    """Well-known servers end in good order, others with 143, a trap as it says, a shell without one not at all."""
    made = world(container)
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(31_000)
    assert ends(last_version(made), made)["c"][1] == code


@pytest.mark.parametrize("pause", [2000, 4000, 7000])
def test_rebuilt_kubelets_go_on_with_a_pre_stop_hook(pause: int) -> None:
    """Dropped amid a hook or amid what follows, the pod goes when it would have, to the second."""
    made = world({"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 5; exit 1"]}}}},
                 annotations={"stop_after": "4s"})  # fmt: skip
    made.run(1000)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(pause)
    made.rebuild()
    made.run(8900 - pause)
    assert made.find() is not None
    made.run(1100)
    assert made.find() is None
    assert made.told().count("FailedPreStopHook") == 1


@pytest.mark.parametrize("pause", [300, 2000, 5100, 6500])
def test_rebuilt_kubelets_go_on_with_a_post_start_hook(pause: int) -> None:
    """Dropped amid a hook that will fail, or amid the stop after it, kubelets run no hook twice."""
    hook = {"exec": {"command": ["sh", "-c", "sleep 5; exit 1"]}}
    left, right = (world({"lifecycle": {"postStart": hook}}, annotations={"stop_after": "2s"}) for _ in range(2))
    right.run(pause)
    right.rebuild()
    for made in (left, right):
        made.clock.run_until(7900)
    assert left.get().status == right.get().status
    assert right.reason() == "PostStartHookError"
    for made in (left, right):
        made.clock.run_until(60_000)
    assert failures(right) == failures(left) > 1
    assert left.container().restartCount == right.container().restartCount
