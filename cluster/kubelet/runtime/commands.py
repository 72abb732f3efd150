"""A container's process: its command run from the start to some time, or to its end.

Between a pod's spec and whoever sees its process. An image that is not in the tables of `entry_points` is a
server, which runs until it is stopped. Invariant: how a process goes follows from the spec, the objects it names and
what the network answered.
"""

from typing import TYPE_CHECKING

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.contents import unix_ms
from cluster.kubelet.runtime.entry_points import command, simulated, waits_for_input
from cluster.kubelet.runtime.jobs import FOREVER, KILLED
from cluster.network import Wait
from cluster.store import Store

if TYPE_CHECKING:
    from cluster.kubelet.runtime.execute import Inside
    from cluster.kubelet.runtime.scene import Scene
    from cluster.kubelet.runtime.simulation import Sight

WORK = 5000
"""How long a program takes that is not simulated, in a pod whose containers are to end."""
INIT_WORK = 1000


def ignores_termination(container: Container) -> bool:
    """Whether SIGTERM does nothing to the process: the first of a container has no default for it."""
    words = command(container)
    return simulated(container) and not any("trap" in text or text == "exec" or "exec " in text for text in words)


def foreign_time(pod: Pod, container: Container) -> int:
    """How long a program runs in this container that is not simulated (ms)."""
    if container.restartPolicy == "Always":
        return FOREVER
    if any(one.name == container.name for one in pod.spec.initContainers):
        return INIT_WORK
    return FOREVER if pod.spec.restartPolicy == "Always" else WORK


def seen(
    store: Store, pod: Pod, container: Container, started: str, until: int | None = None, told: int | None = None,
    *, after: int = -1,
) -> "Sight | None":  # fmt: skip
    """The container's process `until` ms after its start (RFC 3339), or at its end; None if it is not simulated.

    What it wrote is told from later than `after` ms on; `told` is so many ms after its start it is told to end.
    """
    if not command(container) or waits_for_input(container):
        return None
    scene = _scene(store, pod, container, started, until, told)
    if scene.process is None or scene.process.refused is not None:
        return None
    return scene.simulation.sight(after=after)


def stopped(
    store: Store, pod: Pod, container: Container, started: str, told: int, grace: int
) -> tuple[int, int] | None:
    """How the process ends that is told to `told` ms after its start: after how many ms then, and with which code.

    After FOREVER if it does not within the grace period (ms); None if it is not simulated.
    """
    found = seen(store, pod, container, started, told + grace, told)
    if found is None:
        return None
    return (FOREVER, KILLED + 9) if found.code is None else (max(found.took - told, 0), found.code)


def view_at(store: Store, pod: Pod, container: Container, started: str, until: int) -> "Inside":
    """What somebody sees in the container `until` ms after its start: its files as the processes have left them."""
    return _scene(store, pod, container, started, until).view


def _scene(
    store: Store, pod: Pod, container: Container, started: str, until: int | None, told: int | None = None
) -> "Scene":
    from cluster.kubelet.runtime.scene import Scene  # noqa: PLC0415 - the shell and its programs, which most clusters never need
    from cluster.kubelet.runtime.stage import stage_of  # noqa: PLC0415 - the shell and its programs, which most clusters never need

    if until is not None and told is None:
        return stage_of(store).scene(store, pod, container, started, until)
    scene = Scene(store, pod, container, started, None if told is None else unix_ms(started) + told)
    scene.play(until)
    return scene


class Foreseen(Struct, frozen=True):
    """How a process ends as things stand: after how many ms and with which code, or None.

    It may end otherwise once something else is found than in `waits`.
    """

    end: tuple[int, int] | None = None
    waits: frozenset[Wait] = frozenset()


def foreseen(store: Store, pod: Pod, container: Container, started: str) -> Foreseen:
    """How the container's process will end, if nothing changes."""
    words = command(container)
    if words[:1] == ("sleep",) and len(words) == 2 and words[1].isdecimal():
        return Foreseen((int(words[1]) * 1000, 0))
    found = seen(store, pod, container, started)
    if found is None and words and not waits_for_input(container):
        # A script that is not simulated is a program like any other.
        time = foreign_time(pod, container)
        return Foreseen(None if time >= FOREVER else (time, 0))
    if found is None:
        return Foreseen()
    endless = found.code is None or found.took >= FOREVER
    return Foreseen(None if endless or found.code is None else (found.took, found.code), found.waits)
