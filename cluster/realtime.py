"""Pacing: how fast virtual time passes, and running the engine in slices short enough to live with.

Above the engine, and the only part of `cluster` that reads a real clock. Wall time becomes virtual
time by three numbers: a wall origin, a virtual origin and a speed. Invariant: pacing decides when
the engine runs, never what it does; the log is the same at any speed.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

SLICE = 0.004
"""How long the engine runs at a time, in wall seconds."""
GAP = 0.001
"""How long the event loop has between two slices: a key press needs several turns of it."""
IDLE = 0.1
"""How long the pacer sleeps at most when nothing is due."""
LAG = 0.25
"""By how many wall seconds the engine may fall behind before the difference is let go."""


COLLECT_IDLE, COLLECT_BUSY = 5.0, 15.0
"""How long after the last collection of garbage the next one waits, in wall seconds."""


class Collect(Protocol):
    """Collects garbage if it is time."""

    def __call__(self, *, idle: bool) -> None:
        """`idle`: nothing is waiting to be run."""


class Timeline(Protocol):
    """What is paced: a clock with work on it."""

    now: int

    def next_time(self) -> int | None:
        """When something is due next, in virtual ms."""

    def run_until(self, time: int, stop: Callable[[], bool] | None = None) -> bool:
        """Run to a virtual time, or until `stop` says so (then False)."""


class Pacer:
    """Runs a timeline at `speed` virtual seconds a wall second."""

    def __init__(self, timeline: Timeline, speed: float = 1.0, wall: Callable[[], float] = perf_counter) -> None:
        self._timeline, self._wall = timeline, wall
        self._speed, self._paused = speed, False
        self._origin, self._virtual = wall(), timeline.now
        self._woken = asyncio.Event()

    @property
    def speed(self) -> float:
        """Virtual seconds a wall second, as set (also while paused)."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether virtual time stands still."""
        return self._paused

    @property
    def target(self) -> int:
        """The virtual time, in ms, that it should be now."""
        if self._paused:
            return self._virtual
        return self._virtual + int((self._wall() - self._origin) * 1000 * self._speed)

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from now."""
        self.run_slice()
        self._restart()
        self._speed = speed
        self._woken.set()

    def pause(self) -> None:
        """Let virtual time stand still."""
        self.run_slice()
        self._restart()
        self._paused = True

    def resume(self) -> None:
        """Let virtual time go on from where it stands."""
        self._restart()
        self._paused = False
        self._woken.set()

    def step(self) -> bool:
        """While paused: jump to the next thing due and run it. False if nothing is due."""
        due = self._timeline.next_time()
        if due is None:
            return False
        self._timeline.run_until(due)
        self._restart()
        self._woken.set()
        return True

    def touch(self) -> None:
        """Somebody outside writes: let it be the present, and look at the timeline right after."""
        due, target = self._timeline.next_time(), self.target
        if due is None or due > target:
            self._timeline.run_until(target)
        self._woken.set()

    def run_slice(self, length: float = SLICE) -> bool:
        """Run for at most `length` wall seconds toward the target; whether it was reached."""
        wall = self._wall
        end = wall() + length
        reached = self._timeline.run_until(self.target, lambda: wall() >= end)
        if not reached and not self._paused:
            self._let_go()
        return reached

    async def run(self, after: Callable[[], None]) -> None:
        """Keep time until cancelled; `after` is called after every slice, and must be quick."""
        with _collecting_when_told() as collect:
            while True:
                self._woken.clear()
                reached = self.run_slice()
                after()
                await asyncio.sleep(GAP)
                collect(idle=reached)
                if reached:
                    await self._sleep()

    async def _sleep(self) -> None:
        due = self._timeline.next_time()
        seconds = IDLE
        if due is not None and not self._paused:
            seconds = min(IDLE, max(0.0, (due - self.target) / 1000 / self._speed))
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def _restart(self) -> None:
        self._origin, self._virtual = self._wall(), self._timeline.now

    def _let_go(self) -> None:
        most = int(LAG * 1000 * max(1.0, self._speed))
        behind = self.target - self._timeline.now
        if behind > most:
            self._virtual -= behind - most


@contextmanager
def _collecting_when_told() -> Iterator[Collect]:
    """Python's garbage collector, run between slices only; what survives is not looked at again.

    A cluster's objects are no garbage and hold no cycles, so walking them all, as the collector does
    whenever it likes, is a long pause for nothing.
    """
    last = perf_counter()

    def collect(*, idle: bool) -> None:
        nonlocal last
        if perf_counter() - last >= (COLLECT_IDLE if idle else COLLECT_BUSY):
            gc.collect()
            gc.freeze()
            last = perf_counter()

    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield collect
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
