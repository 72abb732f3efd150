"""How a command goes that the kubelet runs in a container: a probe's, or a hook's.

Between the kubelet's probes and hooks and `execute`. A program that is not simulated is taken for one of the image that
does its work at once, but in images that have none of their own. Invariant: running one changes nothing; whoever
runs it may keep what it wrote.
"""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import commands, entry_points
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.jobs import FOREVER
from cluster.kubelet.runtime.programs import SHELLS
from cluster.store import Store


class ExecResult(Struct, frozen=True):
    """Both streams together, the exit code, how long it took (ms, FOREVER if it never ends); or runc's error.

    `files` are those of the container as the command has left them.
    """

    output: str = ""
    code: int = 0
    took: int = 0
    missing: str = ""
    files: Files | None = None


def run_in(
    store: Store, pod: Pod, container: Container, started: str, age: int, argv: Sequence[str], date: str
) -> ExecResult:
    """Run a command in the container as its process has left it `age` ms after its start (RFC 3339)."""
    from cluster.kubelet.runtime.execute import NotExecutable, execute  # noqa: PLC0415 - the shell and its programs, which most clusters never need
    from cluster.kubelet.runtime.syntax import NotSimulated  # noqa: PLC0415 - the shell and its programs, which most clusters never need

    if leaves_simulation(container, argv):
        return ExecResult()
    try:
        found = execute(commands.view_at(store, pod, container, started, age), argv, date)
    except NotExecutable as error:
        return ExecResult(missing=str(error))
    except NotSimulated:
        return ExecResult()
    text = b"".join(output.data for output in found.outputs).decode("utf-8", "replace")
    return ExecResult(text, found.code, min(found.took, FOREVER), files=found.files)


def leaves_simulation(container: Container, argv: Sequence[str]) -> bool:
    """Whether the command is, or has in its script, a program that is not simulated but may be in the image."""
    if entry_points.bare(container) or not argv or not argv[0]:
        return False
    if argv[0].rpartition("/")[2] not in SHELLS:
        return not entry_points.is_program(argv[0])
    from cluster.kubelet.runtime.launch import programs_in  # noqa: PLC0415 - the shell and its programs, which most clusters never need
    from cluster.kubelet.runtime.syntax import NotSimulated  # noqa: PLC0415 - the shell and its programs, which most clusters never need

    script = next((text for option, text in pairwise(argv) if option.endswith("c")), "")
    try:
        return any(not entry_points.is_program(name) for name in programs_in(script))
    except NotSimulated:
        return True
