"""The scheduling queue: order, back-off, parking."""

from cluster.scheduler.queue import MAX_PARKED, SchedulingQueue, Stage, Waiting


def queue(*names: str, priority: int = 0) -> SchedulingQueue[str]:
    """A queue with pods added in order."""
    made: SchedulingQueue[str] = SchedulingQueue()
    for name in names:
        made.add(name, f"uid-{name}", priority, 1)
    return made


def pop(waiting: SchedulingQueue[str], now: int = 0) -> Waiting[str]:
    """The next pod, which there must be."""
    found = waiting.pop(now)
    assert found is not None
    return found


def test_priority_then_first_come() -> None:
    """A higher priority goes first; within one it is first come first served."""
    waiting = queue("a", "b")
    waiting.add("urgent", "uid", 10, 1)
    assert [pop(waiting).key for _ in range(3)] == ["urgent", "a", "b"]
    assert waiting.pop(0) is None


def test_back_off_doubles_to_ten_seconds() -> None:
    """A pod that failed backs off 1, 2, 4, 8 and then 10 s from its last failure."""
    waiting = queue("slow")
    for end in (1000, 2000, 4000, 8000, 10_000, 10_000):
        waiting.park(pop(waiting, 10**6), "group", 0)
        waiting.move("group", 0, 2)
        waiting.add("busy", "uid", 0, 1)
        assert pop(waiting, end - 1).key == "busy"
        waiting.add("busy", "uid", 0, 1)
        assert [pop(waiting, end).key, pop(waiting, end).key] == ["busy", "slow"]
        waiting.add("slow", "uid-slow", 0, 1)


def test_back_off_is_cut_short_when_nothing_else_is_ready() -> None:
    """With no active pod, the one whose back-off ends first is tried at once."""
    waiting = queue("a", "b")
    for _ in range(2):
        waiting.park(pop(waiting), "group", 0)
    assert not waiting
    waiting.move("group", 10, 2)
    assert waiting
    assert [pop(waiting, 10).key, pop(waiting, 10).key] == ["a", "b"]


def test_a_parked_pod_waits_for_its_group_to_move() -> None:
    """Only the groups an event helps are tried again, and they carry its cause."""
    waiting = queue("a", "b")
    waiting.park(pop(waiting), "cpu", 0)
    waiting.park(pop(waiting), "taint", 0)
    waiting.move_where(lambda group: group == "taint", 5000, 77)
    found = pop(waiting, 5000)
    assert (found.key, found.cause) == ("b", 77)
    assert waiting.pop(5000) is None
    assert dict(waiting.stages()) == {"a": Stage.PARKED, "b": Stage.GONE}


def test_parked_for_five_minutes() -> None:
    """A parked pod is flushed after 5 minutes, and not before."""
    waiting = queue("a", "b")
    waiting.park(pop(waiting), "group", 0)
    waiting.park(pop(waiting), "group", 1000)
    assert waiting.flush(MAX_PARKED - 1) == MAX_PARKED
    assert not waiting
    assert waiting.flush(MAX_PARKED) == MAX_PARKED + 1000
    assert pop(waiting, MAX_PARKED).key == "a"
    assert waiting.flush(MAX_PARKED + 1000) is None


def test_removed_from_wherever_it_stands() -> None:
    """A pod that is gone is not popped, whether it was active, backing off or parked."""
    waiting = queue("active", "parked", "backing-off")
    names = [pop(waiting) for _ in range(3)]
    waiting.add("active", "uid-active", 0, 1)
    waiting.park(names[1], "x", 0)
    waiting.park(names[2], "y", 0)
    waiting.move("y", 0, 1)
    for name in ("active", "parked", "backing-off"):
        waiting.remove(name)
    assert not waiting
    assert not waiting.has_parked
    assert waiting.pop(10**6) is None
    assert len(waiting) == 0


def test_added_twice_is_one_pod_at_the_end() -> None:
    """Adding a pod again gives it a new place, not a second one."""
    waiting = queue("a", "b", "a")
    assert [pop(waiting).key, pop(waiting).key] == ["b", "a"]
    assert waiting.pop(0) is None


def test_a_new_pod_of_the_same_name_starts_afresh() -> None:
    """Another uid is another pod: it has not failed before."""
    waiting = queue("a")
    waiting.park(pop(waiting), "group", 0)
    waiting.add("a", "another", 0, 1)
    assert pop(waiting).failures == 0
    assert not waiting.has_parked
