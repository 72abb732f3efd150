"""Pods whose containers run their commands: what a manifest says is what is seen."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Timing, from_document
from cluster.kubelet.runtime import commands, logs
from tests.cluster.kubelet.world import USER, World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))


def world(policy: str = "Always", **container: Any) -> World:
    """A world with one pod of one container."""
    made = World(AT_ONCE)
    made.pod(restartPolicy=policy, containers=[{"name": "c", "image": "busybox:1.36", **container}])
    return made


def test_a_command_that_ends_completes_its_pod() -> None:
    """Exit code, reason and times come from the command; Succeeded or Failed from the exit code."""
    done = world("Never", command=["sh", "-c", "echo hi; sleep 3; exit 0"])
    done.run(2500)
    assert done.get().status.phase == "Running"
    done.run(2000)
    ended = done.container().state.terminated
    assert ended is not None
    assert (done.get().status.phase, ended.exitCode, ended.reason) == ("Succeeded", 0, "Completed")
    failed = world("Never", args=["sh", "-c", "exit 3"])
    failed.run(1000)
    ended = failed.container().state.terminated
    assert ended is not None
    assert (failed.get().status.phase, ended.exitCode, ended.reason) == ("Failed", 3, "Error")


def test_a_shell_without_input_ends_and_backs_off() -> None:
    """A busybox left alone completes at once, again and again; with stdin open its shell waits."""
    left = world()
    left.run(15_000)
    assert (left.reason(), left.container().restartCount) == ("CrashLoopBackOff", 2)
    last = left.container().lastState.terminated
    assert last is not None
    assert (last.exitCode, last.reason) == (0, "Completed")
    held = world(stdin=True, tty=True)
    held.run()
    assert held.container().state.running is not None
    assert held.clock.next_time() is None


@pytest.mark.parametrize(
    ("policy", "container", "phase"),
    [
        ("Always", {"image": "nginx"}, "Running"),
        ("Never", {"image": "nginx"}, "Running"),
        ("Always", {"command": ["while-true"]}, "Running"),
        ("Never", {"image": "redis", "command": ["sh"]}, "Running"),
        ("Never", {"image": "perl", "command": ["perl", "-wle", "print 1"]}, "Succeeded"),
        ("Always", {"command": ["sh", "-c", "while true; do date; sleep 1; done"]}, "Running"),
        ("Never", {"command": ["sh", "-c", "work & wait"]}, "Succeeded"),
        ("Never", {"image": "docker.io/library/hello-world:latest"}, "Succeeded"),
    ],
)
def test_what_is_not_known_serves_or_works(policy: str, container: dict[str, Any], phase: str) -> None:
    """An image's own command serves for ever; a given one that is not simulated ends where containers are to end."""
    made = world(policy, **container)
    made.run()
    assert made.get().status.phase == phase
    assert made.clock.next_time() is None


@pytest.mark.parametrize(
    ("script", "gone", "code", "said"),
    [
        ("sleep 1000", 30_000, 137, ""),
        ("trap 'echo bye; exit 5' TERM; sleep 1000", 30_000, 137, ""),
        ("trap 'echo bye; exit 5' TERM; sleep 1000 & wait", 0, 5, "bye\n"),
        ("trap 'echo bye; sleep 4; exit 0' TERM; while true; do sleep 1; done", 4500, 0, "bye\n"),
        ("trap '' TERM; while true; do sleep 1; done", 30_000, 137, ""),
        ("trap 'echo on' TERM; sleep 1000 & wait; echo $?; exit 6", 0, 6, "on\n143\n"),
    ],
)
def test_a_shell_ends_on_sigterm_as_it_is_told(script: str, gone: int, code: int, said: str) -> None:
    """The first process of a container ignores SIGTERM unless it traps it; then it ends once its command has."""
    made = world(command=["sh", "-c", script])
    made.run(1500)
    made.api.delete(kinds.PODS, "default/web", actor=USER)
    made.run(max(gone - 800, 100))
    assert (made.find() is not None) is (gone > 0)
    made.run(2500)
    assert made.find() is None
    last = [entry.object for entry in made.store.table(kinds.PODS).entries() if entry.object is not None][-1]
    ended = last.status.containerStatuses[0].state.terminated
    assert ended is not None
    assert ended.exitCode == code
    text = [line.text for line in logs.lines(made.store, last, last.spec.containers[0], ended.startedAt, 60_000)]
    assert b"".join(text).decode() == said


def test_a_trap_speaks_before_a_restart() -> None:
    """A container that its probe has killed leaves what its trap did in the log of its last run."""
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 5, "failureThreshold": 1}
    made = world(command=["sh", "-c", "trap 'echo caught; exit 7' TERM; sleep 600 & wait"], livenessProbe=probe)
    made.run(12_000)
    last = made.container().lastState.terminated
    assert last is not None
    assert (last.exitCode, made.container().restartCount > 0) == (7, True)
    pod = made.get()
    text = [line.text for line in logs.lines(made.store, pod, pod.spec.containers[0], last.startedAt, 60_000)]
    assert text == [b"caught\n"]


def test_init_containers_run_their_commands() -> None:
    """An init container that fails is run again; the main one starts after it has succeeded."""
    made = World(AT_ONCE)
    init = [{"name": "i", "image": "busybox", "command": ["sh", "-c", "sleep 5"]}]
    made.pod(initContainers=init)
    made.run(4000)
    assert made.get().status.phase == "Pending"
    made.run(4000)
    assert made.get().status.phase == "Running"


def test_a_timing_of_its_own_is_taken_at_its_word() -> None:
    """Commands are run unless the Cluster document has a timing that does not say so."""
    head = {"apiVersion": "ktui.dev/v1alpha1", "kind": "Cluster"}
    given: tuple[dict[str, Any], ...] = (
        {},
        {"timing": {}},
        {"timing": {"processes": True}},
        {"timing": {"imagePull": "0s"}},
    )
    told = [from_document({**head, **more}).timing.processes for more in given]
    assert told == [True, False, True, False]
    made = World(replace(DEFAULT, timing=Timing()))
    made.pod(containers=[{"name": "c", "image": "busybox"}])
    made.run()
    assert made.get().status.phase == "Running"


def test_rebuilt_kubelets_let_a_process_end_when_it_would_have() -> None:
    """A process's end follows from its pod and its start, whoever looks."""
    made = world("Never", command=["sleep", "40"])
    made.run(20_000)
    made.rebuild()
    made.run(19_000)
    assert made.get().status.phase == "Running"
    made.run(2000)
    assert made.get().status.phase == "Succeeded"


def test_files_of_a_container_are_those_of_its_process() -> None:
    """Who looks into a container finds what its command has written."""
    made = world(command=["sh", "-c", "echo hi > /tmp/a; sleep 10; rm /tmp/a; sleep 10"])
    made.run(1000)
    pod, started = made.get(), made.container().state.running
    assert started is not None
    for age, there in ((5000, True), (15_000, False)):
        view = commands.view_at(made.store, pod, pod.spec.containers[0], started.startedAt, age)
        assert view.files.exists("/tmp/a") is there


def test_a_container_that_uses_more_memory_than_its_limit_is_killed() -> None:
    """OOMKilled with 137 when the curve passes the limit, and again after each start."""
    made = World(AT_ONCE)
    limited = {"name": "c", "image": "nginx", "resources": {"limits": {"memory": "100Mi"}}}
    made.pod(annotations={"memory-use": "ramp 0 200Mi 60s"}, containers=[limited])
    made.run(29_000)
    assert made.container().state.running is not None
    made.run(3000)
    last = made.container().lastState.terminated or made.container().state.terminated
    assert last is not None
    assert (last.exitCode, last.reason, made.get().status.phase) == (137, "OOMKilled", "Running")
    made.rebuild()
    made.run(60_000)
    assert made.container().restartCount >= 2
