"""What the parts of a script run side by side with: pipes, and the jobs that a shell has started.

Between the shell, which starts jobs, and the simulation, which lets them go on. Invariant: a job that has a code does
nothing any more.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cluster.kubelet.runtime.programs import Run

FOREVER = 10 * 365 * 86_400_000
"""How long a process runs that has no end (ms)."""
KILLED = 128
"""The code of a process that a signal has ended is so much more than the signal's number."""
Condition = Callable[[], bool]
Steps = Generator[Condition | None, None, int]
"""A run: it stands still each time that its `elapsed` has grown, or until a condition holds, and returns a code."""


class Launch(Protocol):
    """Runs programs."""

    def __call__(self, run: "Run", argv: list[str]) -> Steps:
        """Run a program by its name."""

    def knows(self, name: str) -> bool:
        """Whether there is such a program."""


class Pipe:
    """Bytes on their way from who writes to who reads; `closed` when no more will come."""

    def __init__(self, data: bytes = b"", *, closed: bool = False) -> None:
        self.data, self.closed = bytearray(data), closed

    def line(self) -> bytes | None:
        """Take the next line; None while it is not complete."""
        end = self.data.find(b"\n") + 1
        if not end and not self.closed:
            return None
        return self.take(end or len(self.data))

    def take(self, size: int | None = None) -> bytes:
        """Take what is there, or so much of it."""
        taken = bytes(self.data[:size])
        del self.data[: len(taken)]
        return taken

    def lines(self) -> bytes:
        """Take all lines that are complete; at the end, everything."""
        return self.take(None if self.closed else self.data.rfind(b"\n") + 1)

    @property
    def has_line(self) -> bool:
        """Whether something can be taken, or nothing more will come."""
        return self.closed or b"\n" in self.data


class Job:
    """A part of a script that runs by itself: by its process number, until it has a `code`."""

    def __init__(self, number: int, run: "Run", steps: Steps, *, endless: bool) -> None:
        self.number, self.run, self.steps, self.endless = number, run, steps, endless
        self.code: int | None = None


class Jobs:
    """The jobs of one container's process, and the numbers of processes."""

    def __init__(self) -> None:
        self.known: list[Job] = []
        """Those that run, and the last that have ended."""
        self._count = 0
        self.fresh: list[Job] = []
        """Those that the simulation does not know yet."""

    def start(self, run: "Run", steps: Steps, *, endless: bool = False) -> Job:
        """Let a part of a script run by itself."""
        if len(self.known) >= REMEMBERED:
            self.known = [job for job in self.known if job.code is None]
        job = Job(self._count + FIRST, run, steps, endless=endless)
        self._count += 1
        self.known.append(job)
        self.fresh.append(job)
        return job

    def by_number(self, number: int) -> Job | None:
        """The job with a process number."""
        return next((job for job in self.known if job.number == number), None)


REMEMBERED = 64
FIRST = 7
"""The process number of the first job."""
