"""Processes that run side by side on the same volumes, each as far as its time has come.

Between the shell, whose runs stand still wherever time passes, and whoever looks at a process. Invariant: at any time
every process has done what it does up to then, in the order of the times and, at one time, of the processes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from operator import itemgetter

from msgspec import Struct

from cluster.kubelet.runtime import shell
from cluster.kubelet.runtime.filesystem import Change, Files, Volume
from cluster.kubelet.runtime.given import FIRST_SECOND
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.sockets import Sockets, Unending
from cluster.kubelet.runtime.syntax import NotSimulated
from cluster.network import Wait

MOST_STEPS = 100_000
"""So often others go on while an end is looked for, and it is taken for one that does not come."""
Coming = tuple[int, Volume, Change | Mapping[str, bytes]]


class Output(Struct, frozen=True):
    """Something that was written: so many ms after the start, to 1 (stdout) or 2 (stderr)."""

    after: int
    stream: int
    data: bytes


class Sight(Struct, frozen=True):
    """A process as it stands at some time: what it wrote, its files, when they changed, its end (None: not yet).

    What comes after now holds while what was found in `waits` stays so.
    """

    outputs: tuple[Output, ...]
    files: Files
    changed: tuple[int, ...]
    code: int | None
    took: int
    waits: frozenset[Wait] = frozenset()


class Process:
    """A run on its way: `begun` is the start of its time (Unix ms)."""

    def __init__(self, run: Run, steps: shell.Steps, sockets: Sockets, begun: int = 0) -> None:
        self.run, self.steps, self.sockets, self.begun = run, steps, sockets, begun
        self.rank: tuple[str, int] = ("", 0)
        """Its place among those whose time comes at once: the same whoever looks."""
        self.code: int | None = None
        self.refused: NotSimulated | None = None

    def go_on(self) -> bool:
        """Go on until time passes; whether it will go on after that."""
        try:
            next(self.steps)
        except StopIteration as end:
            self.code = int(end.value) & 255
        except (shell.Endless, Unending):
            return False
        except NotSimulated as error:
            self.refused = error
        return self.code is None and self.refused is None


class Simulation:
    """Some processes, and what happens to their volumes without them."""

    def __init__(self, processes: Iterable[Process], coming: Iterable[Coming] = ()) -> None:
        self.processes = list(processes)
        self._coming = sorted(coming, key=itemgetter(0))[::-1]
        self._future = [time for time, _, _ in self._coming]
        self._queue: list[tuple[int, tuple[str, int], int]] = []
        for place, process in enumerate(self.processes):
            heappush(self._queue, (process.begun, process.rank, place))
        self.now = 0

    def run_until(self, time: int) -> None:
        """Let everybody go on up to a time (Unix ms)."""
        while self._queue and self._queue[0][0] <= time:
            self._step()
        self._happen(time)
        self.now = max(self.now, time)

    def run_to_end(self, place: int = 0) -> None:
        """Let everybody go on until one of the processes has ended, or is seen to have no end."""
        wanted, steps = self.processes[place], 0
        wanted.run.searching = True
        while any(each == place for _, _, each in self._queue):
            steps += self._step() != place
            if steps > MOST_STEPS:
                break
        self.now = max(self.now, wanted.begun + wanted.run.elapsed)

    def _step(self) -> int:
        time, rank, place = heappop(self._queue)
        process = self.processes[place]
        fresh = not process.run.elapsed
        self._happen(time + FIRST_SECOND if fresh else time)
        if process.go_on():
            heappush(self._queue, (process.begun + process.run.elapsed, rank, place))
        return place

    def _happen(self, time: int) -> None:
        """Change the volumes as they have changed up to a time."""
        while self._coming and self._coming[-1][0] <= time:
            due, volume, change = self._coming.pop()
            if isinstance(change, Change):
                volume.happen(change)
            else:
                volume.become(change, due)

    def sight(self, place: int = 0, *, after: int = -1) -> Sight:
        """How a process stands, and what it has written later than `after` ms after its start."""
        process = self.processes[place]
        run, begun = process.run, process.begun
        times = {change.at for volume in run.files.volumes() for _, change in volume.log}
        changed = tuple(sorted(max(time - begun, 0) for time in times.union(self._future)))
        took = shell.FOREVER if process.code is None else run.elapsed
        first = bisect_right(run.outputs, after, key=itemgetter(0)) if after >= 0 else 0
        outputs = tuple(Output(*output) for output in run.outputs[first:])
        return Sight(outputs, run.files, changed, process.code, took, frozenset(process.sockets.waits))
