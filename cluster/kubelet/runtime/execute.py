"""Running a command in a container: the few programs that tell what the cluster knows.

Asked by whoever opens a session in a container, and by its log. Nothing of an image is there, so what is
not in `PROGRAMS` is not found, in runc's words. Invariant: a run is a function of the pod, the objects it
names and the time; it changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import shell
from cluster.kubelet.runtime.environment import environment, expanded
from cluster.kubelet.runtime.filesystem import Files, files
from cluster.kubelet.runtime.programs import PROGRAMS, Program, Run
from cluster.store import Store

_FOLDERS = ("/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/")
SHELLS = ("sh", "bash", "ash")


class NotExecutable(Exception):
    """runc could not start the command; the words are its own."""


class Inside(Struct, frozen=True):
    """What a process in a container sees."""

    pod: Pod
    container: Container
    environment: Mapping[str, str]
    files: Files


class Output(Struct, frozen=True):
    """Something that was written: so many ms after the start, to 1 (stdout) or 2 (stderr)."""

    after: int
    stream: int
    data: bytes


class Outcome(Struct, frozen=True):
    """How a command went: what it wrote, its exit code, and after how many ms it ended."""

    outputs: tuple[Output, ...]
    code: int
    took: int

    def text(self, stream: int) -> bytes:
        """Everything written to one of the two streams."""
        return b"".join(output.data for output in self.outputs if output.stream == stream)


def inside(store: Store, pod: Pod, container: Container) -> Inside:
    """What a process in the container would see now."""
    return Inside(pod, container, environment(store, pod, container), files(store, pod, container))


def execute(view: Inside, argv: Sequence[str], date: str) -> Outcome:
    """Run a command that starts at `date` (RFC 3339). NotExecutable if there is no such program.

    shell.NotSimulated if a script asks for more than the simulated shell can do.
    """
    if not argv or not argv[0]:
        _not_found("")
    run = Run(view.environment, view.files, view.container.workingDir or "/", date)
    rest = list(argv[1:])
    code = shell.main(run, rest, program) if _base(argv[0]) in SHELLS else _program(argv[0])(run, rest)
    return Outcome(tuple(Output(*output) for output in run.outputs), code & 255, run.elapsed)


def is_shell(argv: Sequence[str]) -> bool:
    """Whether the command is a shell without a script, which reads its commands from stdin."""
    return bool(argv) and _base(argv[0]) in SHELLS and not any(part.endswith("c") for part in argv[1:2])


def entry_point(container: Container, view: Inside) -> list[str]:
    """The command that the pod gives the container; nothing if it leaves that to the image."""
    if not container.command:
        return []
    return [expanded(part, view.environment) for part in (*container.command, *container.args)]


def program(name: str) -> Program | None:
    """The program of this name or path, or None."""
    return PROGRAMS.get(_base(name))


def _base(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    return base if not slash or folder + slash in _FOLDERS else name


def _program(name: str) -> Program:
    found = program(name)
    if found is None:
        _not_found(name)
    return found


def _not_found(name: str) -> NoReturn:
    why = f"stat {name}: no such file or directory" if "/" in name else "executable file not found in $PATH"
    raise NotExecutable(f'exec failed: unable to start container process: exec: "{name}": {why}')
