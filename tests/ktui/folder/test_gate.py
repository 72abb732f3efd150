"""When files are read and when they are gone."""

import pytest

from ktui.folder.gate import Gate
from ktui.folder.scan import Stamp


def stamp(number: int) -> Stamp:
    """A stamp unlike others."""
    return Stamp(number, number, number, 1)


def looked(gate: Gate, files: dict[str, Stamp], now: float) -> tuple[list[str], list[str], bool]:
    """Look, and take in what is ready."""
    verdict = gate.pass_through(files, now)
    for path in verdict.ready:
        gate.taken(path, files[path])
    return verdict.ready, verdict.gone, verdict.settled


def test_the_first_look_takes_everything() -> None:
    """What lies there at the start is read at once, and nothing twice."""
    gate = Gate()
    assert looked(gate, {"a": stamp(1), "b": stamp(1)}, 0) == (["a", "b"], [], True)
    assert looked(gate, {"a": stamp(1), "b": stamp(1)}, 1) == ([], [], True)


def test_a_change_is_read_when_it_stands_still() -> None:
    """A file is read when two looks 50 ms apart find it the same; every further change starts anew."""
    gate = Gate()
    looked(gate, {"a": stamp(1)}, 0)
    verdict = gate.pass_through({"a": stamp(2)}, 1)
    assert (verdict.ready, verdict.settled) == ([], False)
    assert verdict.wait == pytest.approx(0.05)
    assert looked(gate, {"a": stamp(3)}, 1.04) == ([], [], False)
    assert looked(gate, {"a": stamp(3)}, 1.06) == ([], [], False)
    assert looked(gate, {"a": stamp(3)}, 1.1) == (["a"], [], True)
    assert looked(gate, {"a": stamp(3)}, 1.2) == ([], [], True)


def test_what_may_be_half_a_write_is_read_again() -> None:
    """An error within 500 ms of a write is looked at once more after that; later it is one."""
    gate = Gate()
    looked(gate, {}, 0)
    gate.pass_through({"a": stamp(1)}, 1)
    assert gate.pass_through({"a": stamp(1)}, 1.1).ready == ["a"]
    assert gate.unsure("a", 1.1)
    verdict = gate.pass_through({"a": stamp(1)}, 1.2)
    assert verdict.ready == []
    assert verdict.wait == pytest.approx(0.3)
    assert gate.pass_through({"a": stamp(1)}, 1.5).ready == ["a"]
    assert not gate.unsure("a", 1.5)


def test_at_the_start_nothing_is_half_written() -> None:
    """An error that was there before the app is told at once."""
    gate = Gate()
    gate.pass_through({"a": stamp(1)}, 0)
    assert not gate.unsure("a", 0)


def test_a_vanished_file_is_gone_after_a_while() -> None:
    """A file may be missing for 700 ms while it is replaced; then it counts as deleted."""
    gate = Gate()
    looked(gate, {"a": stamp(1)}, 0)
    assert looked(gate, {}, 1) == ([], [], False)
    assert looked(gate, {}, 1.6) == ([], [], False)
    assert looked(gate, {"a": stamp(1)}, 1.65) == ([], [], True)
    assert looked(gate, {}, 2) == ([], [], False)
    assert looked(gate, {}, 2.7) == ([], ["a"], True)
    assert looked(gate, {}, 2.8) == ([], [], True)
