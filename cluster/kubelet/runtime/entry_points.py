"""What a container is started with: the command of its pod, or of its image where that is well known.

Between a pod's spec and its process. Nothing of an image is there, so an image that is not in the tables is a
server. Invariant: whether a container runs a command follows from its spec.
"""

from collections.abc import Mapping, Sequence

from cluster.api.core import Container
from cluster.kubelet.runtime.programs import PROGRAMS, SHELLS, WRAPPERS

NETWORK_PROGRAMS = ("curl", "dig", "getent", "host", "nc", "nslookup", "ping", "wget")
"""The programs that use the network (`network_programs` has them)."""
LACKING: Mapping[str, tuple[str, ...]] = {"alpine": ("dig", "host"), "busybox": ("curl", "dig", "getent", "host")}
"""Images that are known not to have some of the programs that are simulated."""
_FOLDERS = ("/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/")
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
        return () if usual is None and _shell(given) and not container.stdin else given
    if name == "curl" and container.args:
        own = not container.args[0].startswith("-") and is_program(container.args[0])
        return container.args if own else ("curl", *container.args)
    if name == "hello-world":
        return ("echo", _GREETING)
    if usual is None:
        return container.args if container.stdin and _shell(container.args) else ()
    return container.args or usual


def _shell(words: Sequence[str]) -> bool:
    """Whether the words start a shell without a script."""
    return len(words) == 1 and words[0].rpartition("/")[2] in SHELLS


def image_name(container: Container) -> str:
    """The last part of the image's name, without tag and digest."""
    return container.image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def bare(container: Container) -> bool:
    """Whether the image has nothing but the usual programs."""
    return IMAGES.get(image_name(container)) == _SHELL


def simulated(container: Container) -> bool:
    """Whether what the process does is known: a shell or one of the usual programs, which serve nobody."""
    words = command(container)
    return bool(words) and (words[0].rpartition("/")[2] in SHELLS or is_program(words[0]))


def waits_for_input(container: Container) -> bool:
    """Whether the process is a shell that is given its commands later."""
    return container.stdin and _shell(command(container))


def uses_network(container: Container) -> bool:
    """Whether the command may run one of the programs that use the network."""
    return any(name in text for text in command(container) for name in NETWORK_PROGRAMS)


def is_program(name: str) -> bool:
    """Whether there is a simulated program of this name or path."""
    from cluster.kubelet.runtime.file_programs import PROGRAMS as FILE_PROGRAMS  # noqa: PLC0415 - the shell and its programs, which most clusters never need
    from cluster.kubelet.runtime.text_programs import PROGRAMS as TEXT_PROGRAMS  # noqa: PLC0415 - the shell and its programs, which most clusters never need

    base = base_name(name)
    return any(base in known for known in (PROGRAMS, WRAPPERS, FILE_PROGRAMS, TEXT_PROGRAMS, NETWORK_PROGRAMS))


def lacks(container: Container, name: str) -> bool:
    """Whether the image is known not to have a program that is simulated."""
    return base_name(name) in LACKING.get(image_name(container), ())


def base_name(name: str) -> str:
    """The name of a program given by its path, if that is a usual one."""
    folder, slash, base = name.rpartition("/")
    return base if not slash or folder + slash in _FOLDERS else name
