"""Shells that are a container's process: they run until who has attached to them leaves."""

import pytest
from msgspec.structs import replace

from cluster.kubelet.memory import Left, Memory
from tests.cluster.kubelet.test_restart_policies import AT_ONCE
from tests.cluster.kubelet.world import World


def world(image: str = "busybox", policy: str = "Never") -> World:
    """A world in which a pod's container is a shell that is given its commands later."""
    made = World(AT_ONCE)
    made.pod(restartPolicy=policy, containers=[{"name": "c", "image": image, "stdin": True, "args": ["sh"]}])
    made.run(60_000)
    return made


def leave(made: World, code: int) -> None:
    """End the shell now."""
    memory, pod = Memory(made.store), made.get()
    count = made.container().restartCount
    memory.keep(pod, "c", replace(memory.of(pod, "c", count), left=Left(made.clock.now, code)))


@pytest.mark.parametrize("image", ["busybox", "nginx"])
def test_a_shell_ends_when_it_is_left(image: str) -> None:
    """It runs as long as nobody leaves it, and ends with the code that it was left with."""
    made = world(image)
    assert made.get().status.phase == "Running"
    leave(made, 3)
    made.run(1000)
    ended = made.container().state.terminated
    assert ended is not None
    assert (ended.exitCode, made.get().status.phase) == (3, "Failed")


def test_it_is_started_again_as_its_policy_says() -> None:
    """The next run is a shell of its own, that nobody has left yet."""
    made = world(policy="Always")
    leave(made, 0)
    made.run(60_000)
    assert (made.container().restartCount, made.container().state.running is not None) == (1, True)


def test_a_kubelet_that_was_not_there_learns_of_it() -> None:
    """That a shell was left is known to whoever looks after the node by then."""
    made = world()
    leave(made, 0)
    made.rebuild()
    made.run(2000)
    assert made.get().status.phase == "Succeeded"
