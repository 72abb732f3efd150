"""Pacing: which virtual time belongs to which wall time, and that slicing changes nothing."""

import asyncio

import pytest

from cluster.clock import Clock
from cluster.realtime import LAG, Pacer


class Wall:
    """A wall clock that the test moves; each reading may take a little time of its own."""

    def __init__(self, tick: float = 0.0) -> None:
        self.time = 100.0
        self.tick = tick

    def __call__(self) -> float:
        """The time, in seconds."""
        self.time += self.tick
        return self.time


class Work:
    """Something to do on a clock: it notes when it was done, and is due again after `every` ms."""

    def __init__(self, clock: Clock, every: int) -> None:
        self._clock, self._every = clock, every
        self.done: list[int] = []
        clock.after(every, self.run)

    def run(self, _: None) -> None:
        """Do it."""
        self.done.append(self._clock.now)
        self._clock.after(self._every, self.run)


@pytest.fixture
def clock() -> Clock:
    """A timeline."""
    return Clock()


def test_virtual_time_follows_wall_time_at_the_speed(clock: Clock) -> None:
    """At x10 a wall second is ten virtual ones; a change of speed leaves no gap and makes no jump."""
    wall = Wall()
    pacer = Pacer(clock, 10.0, wall)
    wall.time += 1.0
    assert pacer.run_slice()
    assert clock.now == 10_000
    pacer.set_speed(1.0)
    wall.time += 1.0
    pacer.run_slice()
    assert clock.now == 11_000
    assert pacer.speed == 1.0


def test_while_paused_time_stands_still(clock: Clock) -> None:
    """Wall time that passes during a pause is not caught up on."""
    wall = Wall()
    pacer = Pacer(clock, 1.0, wall)
    wall.time += 1.0
    pacer.pause()
    assert (clock.now, pacer.paused) == (1_000, True)
    wall.time += 60.0
    pacer.run_slice()
    assert clock.now == 1_000
    pacer.resume()
    wall.time += 0.5
    pacer.run_slice()
    assert clock.now == 1_500


def test_a_step_goes_to_the_next_thing_due(clock: Clock) -> None:
    """Stepping runs exactly what is due next, and says when there is nothing."""
    pacer = Pacer(clock, 1.0, Wall())
    pacer.pause()
    assert not pacer.step()
    work = Work(clock, 300)
    assert pacer.step()
    assert pacer.step()
    assert work.done == [300, 600]
    assert pacer.target == 600


def test_a_slice_ends_in_time_and_the_next_goes_on(clock: Clock) -> None:
    """Work that takes longer than a slice is cut, and the cuts change neither order nor times."""
    wall = Wall(tick=0.001)
    work = Work(clock, 5)
    pacer = Pacer(clock, 1.0, wall)
    wall.time += 0.1
    slices = 1
    while not pacer.run_slice():
        slices += 1
    assert slices > 5
    assert work.done == list(range(5, clock.now + 1, 5))


def test_a_machine_too_slow_falls_behind_no_further_than_a_moment(clock: Clock) -> None:
    """What cannot be kept up with is let go, so that the app does not chase the past."""
    wall = Wall()
    pacer = Pacer(clock, 1.0, wall)
    Work(clock, 1)
    wall.time += 10.0
    wall.tick = 0.01
    assert not pacer.run_slice()
    wall.tick = 0.0
    assert pacer.target - clock.now <= LAG * 1000


def test_a_write_from_outside_happens_now(clock: Clock) -> None:
    """`touch` brings the timeline to the present when nothing is due, and leaves what is due to the slices."""
    wall = Wall()
    pacer = Pacer(clock, 1.0, wall)
    wall.time += 2.0
    pacer.touch()
    assert clock.now == 2_000
    work = Work(clock, 100)
    wall.time += 1.0
    pacer.touch()
    assert (clock.now, work.done) == (2_000, [])


async def test_the_task_runs_what_is_due_and_sleeps_until_touched(clock: Clock) -> None:
    """`run` calls back after every slice and looks again as soon as somebody wrote."""
    pacer = Pacer(clock, 1000.0)
    work = Work(clock, 100)
    slices: list[int] = []
    enough = asyncio.Event()

    def after() -> None:
        slices.append(clock.now)
        if len(work.done) >= 3:
            enough.set()

    task = asyncio.create_task(pacer.run(after))
    async with asyncio.timeout(5):
        await enough.wait()
    task.cancel()
    assert work.done[:3] == [100, 200, 300]
    assert slices == sorted(slices)
