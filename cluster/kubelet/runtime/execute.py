"""Running a command in a container, to its end or for as long as somebody looks.

Asked by whoever opens a session in a container, and by its log. Nothing of an image is there, so what is
not in `PROGRAMS` is not found, in runc's words. Invariant: a run is a function of the pod, the objects it
names and the time; what it writes into volumes is kept by whoever asked.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.contents import Output
from cluster.kubelet.runtime.entry_points import NETWORK_PROGRAMS, base_name, is_program, lacks
from cluster.kubelet.runtime.file_programs import PROGRAMS as FILE_PROGRAMS
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.launch import Find, Launcher
from cluster.kubelet.runtime.programs import PROGRAMS, SHELLS, Program, Run
from cluster.kubelet.runtime.simulation import Process, Sight, Simulation
from cluster.kubelet.runtime.sockets import Link, Sockets
from cluster.kubelet.runtime.text_programs import PROGRAMS as TEXT_PROGRAMS


class NotExecutable(Exception):
    """runc could not start the command; the words are its own."""


class Inside(Struct, frozen=True):
    """What a process in a container sees."""

    pod: Pod
    container: Container
    environment: Mapping[str, str]
    files: Files
    link: Link | None = None


class Outcome(Struct, frozen=True):
    """How a command went: what it wrote, its exit code, after how many ms it ended, and its files as it left them."""

    outputs: tuple[Output, ...]
    code: int
    took: int
    files: Files | None = None
    waits: bool = False
    """Whether it might have gone otherwise, had the network answered otherwise after its start."""

    def text(self, stream: int) -> bytes:
        """Everything written to one of the two streams."""
        return b"".join(output.data for output in self.outputs if output.stream == stream)


def execute(view: Inside, argv: Sequence[str], date: str) -> Outcome:
    """Run a command that starts at `date` (RFC 3339). NotExecutable if there is no such program.

    shell.NotSimulated if a script asks for more than the simulated shell can do.
    """
    if not argv or not argv[0]:
        _not_found("")
    if not _known(argv[0]) or lacks(view.container, argv[0]):
        _not_found(argv[0])
    seen = look(replace(view, files=view.files.copy()), argv, date)
    return Outcome(seen.outputs, 0 if seen.code is None else seen.code, seen.took, seen.files, bool(seen.waits))


def is_shell(argv: Sequence[str]) -> bool:
    """Whether the command is a shell without a script, which reads its commands from stdin."""
    return bool(argv) and base_name(argv[0]) in SHELLS and not any(part.endswith("c") for part in argv[1:2])


def look(view: Inside, argv: Sequence[str], date: str, *, until: int | None = None, foreign: int = 0) -> Sight:
    """The command as it stands `until` ms after its start, or at its end (`took` is FOREVER if it has none).

    `foreign` is how long programs run that are not simulated. shell.NotSimulated as for `execute`.
    """
    process = begin(view, argv, date, foreign=foreign)
    together = Simulation([process])
    if until is None:
        together.run_to_end()
    else:
        together.run_until(process.begun + until)
    if process.refused is not None:
        raise process.refused
    return together.sight()


def begin(view: Inside, argv: Sequence[str], date: str, *, foreign: int = 0) -> Process:
    """A process that has done nothing yet; it writes into the very files of the view."""
    run = Run(view.environment, view.files, view.container.workingDir or "/", date, foreign)
    sockets = Sockets(view.link)
    steps = Launcher(finder(sockets, view.container))(run, list(argv))
    return Process(run, steps, sockets, run.begun)


def finder(sockets: Sockets, container: Container) -> Find:
    """Finds the container's programs by name or path; those that use the network have these sockets."""

    def find(name: str) -> Program | None:
        base = base_name(name)
        if base in NETWORK_PROGRAMS:
            from cluster.kubelet.runtime.network_programs import run_program  # noqa: PLC0415 - few containers use them

            return None if lacks(container, base) else lambda run, words: run_program(base, run, sockets, words)
        return PROGRAMS.get(base) or FILE_PROGRAMS.get(base) or TEXT_PROGRAMS.get(base)

    return find


def _known(name: str) -> bool:
    return base_name(name) in SHELLS or is_program(name)


def _not_found(name: str) -> NoReturn:
    why = f"stat {name}: no such file or directory" if "/" in name else "executable file not found in $PATH"
    raise NotExecutable(f'exec failed: unable to start container process: exec: "{name}": {why}')
