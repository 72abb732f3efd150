"""A command in a container that goes on while somebody looks on: as far as time has come.

Between a session and a simulation, for commands that have no end or that ask the network again and again. Invariant: what
was written once is not told otherwise later.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.kubelet.runtime.builtins import MISUSED
from cluster.kubelet.runtime.contents import Output, unix_ms
from cluster.kubelet.runtime.execute import Inside, Outcome, begin, execute
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.jobs import FOREVER
from cluster.kubelet.runtime.programs import STDERR
from cluster.kubelet.runtime.simulation import Simulation


class Live:
    """A command from its start on (RFC 3339); it writes into a copy of the container's files."""

    def __init__(self, view: Inside, argv: Sequence[str], date: str) -> None:
        self.files: Files = view.files.copy()
        self._process = begin(replace(view, files=self.files), argv, date)
        self._simulation = Simulation([self._process])
        self._begun = unix_ms(date)
        self._read = -1
        self.code: int | None = None
        """Its exit code, once it has ended."""

    def advance(self, age: int) -> tuple[Output, ...]:
        """What it has written since the last time, `age` ms after its start."""
        self._simulation.run_until(self._begun + age)
        process = self._process
        told = self._simulation.sight(after=self._read).outputs
        self._read = age
        if process.refused is not None:
            self.code = MISUSED
            return (*told, Output(age, STDERR, f"sh: {process.refused}\n".encode()))
        if process.code is not None and process.run.elapsed <= age:
            self.code = process.code
        return tuple(output for output in told if output.after <= age)


def begun(view: Inside, argv: Sequence[str], date: str) -> Outcome | Live:
    """A command's outcome, if that is known at its start; else the command. NotExecutable and NotSimulated as for `execute`.

    What the network will answer later is not known.
    """
    if view.link is not None:
        view = replace(view, link=replace(view.link, past=True))
    outcome = execute(view, argv, date)
    return Live(view, argv, date) if outcome.took >= FOREVER or outcome.waits else outcome
