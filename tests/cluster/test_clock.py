"""The virtual timeline."""

from hypothesis import given
from hypothesis import strategies as st

from cluster.clock import Clock


def test_first_come_first_served_within_one_time() -> None:
    """Items due at the same time run in the order they were added, earlier times first."""
    clock, ran = Clock(), list[str]()
    clock.at(20, ran.append, "c")
    clock.at(10, ran.append, "a")
    clock.at(10, ran.append, "b")
    assert clock.run_until(15)
    assert (ran, clock.now, clock.next_time()) == (["a", "b"], 15, 20)


def test_what_an_item_adds_for_now_runs_now() -> None:
    """Work added for the present, or the past, runs as the last of the present."""
    clock, ran = Clock(), list[str]()

    def first(_: None) -> None:
        clock.at(3, ran.append, "past")
        clock.after(0, ran.append, "now")
        ran.append("first")

    clock.at(5, first)
    clock.run_until(5)
    assert (ran, clock.now) == (["first", "past", "now"], 5)


def test_timestamps_count_from_the_epoch() -> None:
    """Zero is the epoch; seconds are cut, microseconds kept, and reading one back gives its time."""
    clock = Clock("2026-11-23T08:00:00Z")
    clock.run_until(61_234)
    assert clock.timestamp() == "2026-11-23T08:01:01Z"
    assert clock.micro_timestamp() == "2026-11-23T08:01:01.234000Z"
    assert clock.milliseconds(clock.timestamp()) == 61_000
    assert clock.timestamp(0) == "2026-11-23T08:00:00Z"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30)), max_size=30), st.integers(1, 7))
def test_slices_change_nothing(items: list[tuple[int, int]], every: int) -> None:
    """A run cut after every few items runs the same items in the same order."""

    def run(cut: int) -> list[tuple[int, int, int]]:
        clock, ran, asked = Clock(), list[tuple[int, int, int]](), 0

        def act(item: tuple[int, int]) -> None:
            ran.append((clock.now, *item))
            if item[1]:
                clock.after(item[1], act, (item[0], 0))

        def stop() -> bool:
            nonlocal asked
            asked += 1
            return bool(cut) and asked % cut == 0

        for item in items:
            clock.at(item[0], act, item)
        while not clock.run_until(100, stop):
            assert clock.next_time() is None or clock.next_time() == clock.now or clock.now <= 100
        return ran

    assert run(0) == run(every)


def test_a_long_item_goes_on_before_the_others() -> None:
    """The rest of an item runs right after it, though a run may be cut in between; when nothing runs it is due now."""
    clock, ran = Clock(), list[str]()

    def portion(left: int) -> None:
        ran.append(f"portion {left}")
        if left:
            clock.go_on(portion, left - 1)

    clock.at(5, portion, 2)
    clock.at(5, ran.append, "other")
    while not clock.run_until(10, lambda: True):
        pass
    assert ran == ["portion 2", "portion 1", "portion 0", "other"]
    clock.go_on(ran.append, "late")
    clock.run_until(10)
    assert ran[-1] == "late"
