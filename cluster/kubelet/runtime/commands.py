"""What a container runs: the command of its pod, or of its image where that is well known.

Between a pod's spec and its process. Nothing of an image is there, so an image that is not in the tables is a
server, which runs until it is stopped. Invariant: whether a container runs a command follows from its spec.
"""

from collections.abc import Mapping, Sequence

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.environment import expanded
from cluster.kubelet.runtime.execute import Inside, Sight, inside, look, program
from cluster.kubelet.runtime.shell import FOREVER, SHELLS
from cluster.kubelet.runtime.syntax import NotSimulated
from cluster.store import Store

WORK = 5000
"""How long a program takes that is not simulated, in a pod whose containers are to end."""
INIT_WORK = 1000
_SHELL, _DONE = ("sh",), ("true",)
_GREETING = "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n"
IMAGES: Mapping[str, tuple[str, ...]] = {
    "alpine": _SHELL, "amazonlinux": _SHELL, "bash": _SHELL, "busybox": _SHELL, "centos": _SHELL, "debian": _SHELL,
    "fedora": _SHELL, "node": _DONE, "perl": _DONE, "python": _DONE, "rockylinux": _SHELL, "ubuntu": _SHELL,
}  # fmt: skip
"""Images without an entry point of their own: what they run where the pod says nothing."""


def command(container: Container) -> tuple[str, ...]:
    """The words that the container's process is started with; none if that is the image's secret."""
    name = image_name(container)
    usual = IMAGES.get(name)
    if container.command:
        given = (*container.command, *container.args)
        # A shell without a script ends at once in an image that has nothing else; in others it starts who knows what.
        return () if usual is None and len(given) == 1 and given[0].rpartition("/")[2] in SHELLS else given
    if name == "hello-world":
        return ("echo", _GREETING)
    return () if usual is None else container.args or usual


def image_name(container: Container) -> str:
    """The last part of the image's name, without tag and digest."""
    return container.image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def bare(container: Container) -> bool:
    """Whether the image has nothing but the usual programs."""
    return IMAGES.get(image_name(container)) == _SHELL


def simulated(container: Container) -> bool:
    """Whether what the process does is known: a shell or one of the usual programs, which serve nobody."""
    words = command(container)
    return bool(words) and (words[0].rpartition("/")[2] in SHELLS or program(words[0]) is not None)


def waits_for_input(container: Container) -> bool:
    """Whether the process is a shell that is given its commands later."""
    words = command(container)
    return container.stdin and len(words) == 1 and words[0].rpartition("/")[2] in SHELLS


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


def seen(store: Store, pod: Pod, container: Container, started: str, until: int | None = None) -> Sight | None:
    """The container's process `until` ms after its start (RFC 3339), or at its end; None if it is not simulated."""
    if not command(container) or waits_for_input(container):
        return None
    view = inside(store, pod, container)
    try:
        return look(view, entry_point(container, view), started, until=until, foreign=foreign_time(pod, container))
    except NotSimulated:
        return None


def view_at(store: Store, pod: Pod, container: Container, started: str, until: int) -> Inside:
    """What somebody sees in the container `until` ms after its start: its files as its process has left them."""
    found, view = seen(store, pod, container, started, until), inside(store, pod, container)
    return view if found is None else Inside(pod, container, view.environment, found.files)


def entry_point(container: Container, view: Inside) -> Sequence[str]:
    """The command with its variables replaced."""
    return [expanded(part, view.environment) for part in command(container)]


def ending(store: Store, pod: Pod, container: Container, started: str) -> tuple[int, int] | None:
    """After how many ms the process ends, and with which code; None if it does not."""
    words = command(container)
    if words[:1] == ("sleep",) and len(words) == 2 and words[1].isdecimal():
        return int(words[1]) * 1000, 0
    found = seen(store, pod, container, started)
    if found is None and words and not waits_for_input(container):
        # A script that is not simulated is a program like any other.
        time = foreign_time(pod, container)
        return None if time >= FOREVER else (time, 0)
    return None if found is None or found.code is None or found.took >= FOREVER else (found.took, found.code)
