"""Processes that run side by side on the same volumes, each as far as its time has come.

Between the shell, whose runs stand still wherever time passes, and whoever looks at a process. Invariant: at any time
every process has done what it does up to then, in the order of the times and, at one time, of the processes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from operator import itemgetter

from msgspec import Struct

from cluster.kubelet.runtime.contents import Output
from cluster.kubelet.runtime.endless import Endless
from cluster.kubelet.runtime.filesystem import Change, Files, Volume
from cluster.kubelet.runtime.given import FIRST_SECOND
from cluster.kubelet.runtime.jobs import FOREVER, Condition, Job, Steps
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.sockets import Sockets, Unending
from cluster.kubelet.runtime.syntax import NotSimulated
from cluster.network import Wait

MISUSED = 2
NEVER = 1 << 62
MOST_STEPS = 5_000
"""So often others go on while an end is looked for, and it is taken for one that does not come."""
Coming = tuple[int, Volume, Change | Mapping[str, bytes]]
"""When (Unix ms) which volume changes without a process: in one thing, or to hold these files."""
TERM = "TERM"


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
    """A run on its way: `begun` is the start of its time (Unix ms); `job` is what it is of another process, `main`."""

    def __init__(self, run: Run, steps: Steps, sockets: Sockets, begun: int = 0) -> None:
        self.run, self.steps, self.sockets, self.begun = run, steps, sockets, begun
        self.fresh = True
        self.job: Job | None = None
        self.main = self
        self.waits: Condition | None = None
        self.rank: tuple[str, int] = ("", 0)
        """Its place among those whose time comes at once: the same whoever looks."""
        self.code: int | None = None
        self.refused: NotSimulated | None = None

    @property
    def gone(self) -> bool:
        """Whether it does nothing any more: it has ended, was killed, or its container's process has ended."""
        killed = self.job is not None and self.job.code is not None
        return self.code is not None or self.refused is not None or killed or self.main.code is not None

    def go_on(self) -> bool:
        """Go on until time passes, or it has to wait (`waits`); whether it will go on after that."""
        self.fresh = False
        try:
            self.waits = next(self.steps)
        except StopIteration as end:
            self.code = int(end.value) & 255
        except (Endless, Unending):
            return False
        except NotSimulated as error:
            self.refused, self.code = error, MISUSED if self.job is not None else None
        except RecursionError:
            self.refused = NotSimulated("the simulated shell does not go so deep")
        if self.job is not None and self.code is not None:
            self.job.code = self.code
        return not self.gone

    def send(self, signal: str) -> None:
        """Let it have a signal, which does nothing to the first process of a container that does not handle it."""
        if signal in self.run.handled:
            self.run.signals.append(signal)


class Simulation:
    """Some processes, and what happens to their volumes without them."""

    def __init__(self, processes: Iterable[Process], coming: Iterable[Coming] = ()) -> None:
        self.processes = list(processes)
        self._blocked: list[tuple[tuple[str, int], int]] = []
        self._coming = sorted(coming, key=itemgetter(0))[::-1]
        self._future = [time for time, _, _ in self._coming]
        self._told = NEVER
        self._queue: list[tuple[int, tuple[str, int], int]] = []
        for place, process in enumerate(self.processes):
            heappush(self._queue, (process.begun, process.rank, place))
        self.now = 0

    def tell_to_end(self, time: int) -> None:
        """Let everybody have SIGTERM at a time (Unix ms)."""
        self._told = time

    def run_until(self, time: int) -> None:
        """Let everybody go on up to a time (Unix ms)."""
        while self._next_time() <= time:
            self._step()
        self.now = max(self.now, time)

    def advance(self) -> int | None:
        """Let the next thing happen; the time at which something happens then, None if nothing will."""
        time = self._next_time()
        if time < NEVER:
            self._step()
            self.now = max(self.now, time)
            time = self._next_time()
        return time if time < NEVER else None

    def run_to_end(self, place: int = 0) -> None:
        """Let everybody go on until one of the processes has ended, or is seen to have no end."""
        wanted, steps = self.processes[place], 0
        wanted.run.searching = True
        while not wanted.gone and not self._halted(place) and self._next_time() < NEVER:
            steps += self._step() != place
            if steps > MOST_STEPS:
                break
        self.now = max(self.now, wanted.begun + wanted.run.elapsed)

    def _halted(self, place: int) -> bool:
        """Whether a process neither goes on nor waits: it is known to have no end."""
        known = (*(each for _, _, each in self._queue), *(each for _, each in self._blocked))
        return place not in known

    def _next_time(self) -> int:
        """When something happens next; NEVER if nothing does."""
        coming = min(self._told, self._coming[-1][0] if self._coming else NEVER)
        return min(self._queue[0][0], coming) if self._queue else coming

    def _step(self) -> int:
        """Let the next thing happen; whose step it was (-1 if nobody's)."""
        time = self._next_time()
        if not self._queue or self._queue[0][0] > time:
            self._happen(time)
            self._wake(time)
            return -1
        _, rank, place = heappop(self._queue)
        process = self.processes[place]
        self._happen(time + FIRST_SECOND if process.fresh and process.job is None else time)
        if not process.gone:
            process.run.elapsed = max(process.run.elapsed, time - process.begun)
            going = process.go_on()
            self._adopt(process, rank)
            if going and process.waits is not None:
                self._blocked.append((rank, place))
            elif going:
                heappush(self._queue, (process.begun + process.run.elapsed, rank, place))
        self._wake(time)
        return place

    def _adopt(self, process: Process, rank: tuple[str, int]) -> None:
        """Let the jobs go on that a process has started."""
        fresh = process.run.jobs.fresh
        for job in fresh:
            other = Process(job.run, job.steps, process.sockets, process.begun)
            other.job, other.main, other.rank = job, process.main, rank
            self.processes.append(other)
            heappush(self._queue, (other.begun + job.run.elapsed, rank, len(self.processes) - 1))
        fresh.clear()

    def _wake(self, time: int) -> None:
        """Let those go on that have waited for what is so now."""
        waiting, self._blocked = self._blocked, []
        for rank, place in waiting:
            process = self.processes[place]
            if process.gone:
                continue
            if process.waits is None or process.waits():
                heappush(self._queue, (max(time, process.begun + process.run.elapsed), rank, place))
            else:
                self._blocked.append((rank, place))

    def _happen(self, time: int) -> None:
        """Change the volumes as they have changed up to a time, and tell who is told to end."""
        if self._told <= time:
            self._told = NEVER
            for process in [each for each in self.processes if each.job is None]:
                process.send(TERM)
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
        took = FOREVER if process.code is None else run.elapsed
        written = sorted(run.outputs, key=itemgetter(0))
        first = bisect_right(written, after, key=itemgetter(0)) if after >= 0 else 0
        outputs = tuple(Output(*output) for output in written[first:])
        return Sight(outputs, run.files, changed, process.code, took, frozenset(process.sockets.waits))
