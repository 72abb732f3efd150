"""Texts from outside are harmless on the screen; tones, bars and amounts say what they should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktui.model import bars, tone
from ktui.model.text import clean, lines
from ktui.model.tone import Tone


@given(st.text())
def test_clean_text_is_printable_and_keeps_its_length(text: str) -> None:
    """Every character that could act on the terminal becomes one that cannot."""
    assert clean(text).isprintable()
    assert len(clean(text)) == len(text)


def test_controls_are_shown_as_symbols() -> None:
    """An escape sequence is seen, not obeyed; markup is left as it is."""
    assert clean("a\x1b[31mb\x7f\u202e") == "a␛[31mb␡\ufffd"
    assert clean("[red]x[/]") == "[red]x[/]"


def test_lines_are_split_and_tabs_expanded() -> None:
    """Only line feeds break lines."""
    assert lines("a\tb\nc\rd") == ["a   b", "c␍d"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Running", Tone.GOOD), ("Pending", Tone.WORKING), ("Init:0/2", Tone.WORKING), ("Init:Error", Tone.BAD), ("Completed", Tone.DIM),
     ("CrashLoopBackOff", Tone.BAD), ("ErrImageNeverPull", Tone.BAD), ("ExitCode:3", Tone.BAD), ("Ready,SchedulingDisabled", Tone.WARN),
     ("NotReady,SchedulingDisabled", Tone.BAD), ("Whatever", Tone.PLAIN)],
)  # fmt: skip
def test_status_words_have_tones(word: str, expected: Tone) -> None:
    """Each status that kubectl prints is told as good, working, bad or past."""
    assert tone.of_status(word) is expected
    assert tone.of_marked(tone.marked(word)) is expected


def test_ratios_have_tones() -> None:
    """All, some, none; none of none is nothing to worry about."""
    assert [tone.of_ratio(text) for text in ("2/2", "1/2", "0/2", "0/0", "x")] == [
        Tone.GOOD, Tone.WARN, Tone.BAD, Tone.DIM, Tone.PLAIN,
    ]  # fmt: skip


@given(st.integers(0, 10_000), st.integers(0, 5_000), st.integers(1, 30))
def test_a_bar_is_as_wide_as_asked(used: int, whole: int, width: int) -> None:
    """Whatever the share, the columns beside it do not move."""
    assert len(bars.bar(used, whole, width)) == width


def test_bars_and_amounts() -> None:
    """Half is half; something is never drawn as nothing; amounts are in the usual units."""
    assert bars.bar(1, 2, 4) == "██··"
    assert bars.bar(1, 1000, 4) == "▏···"
    assert bars.bar(0, 10, 3) == "···"
    assert (bars.percent(1, 3), bars.percent(3, 2), bars.percent(1, 0)) == (33, 150, 0)
    assert [bars.cores(milli) for milli in (0, 250, 1000, 1500, 64_000)] == ["0", "250m", "1", "1.5", "64"]
    assert [bars.memory(count) for count in (0, 1023, 64 * 2**20, 8 * 2**30, 2**30 * 15 // 2)] == [
        "0",
        "1023",
        "64Mi",
        "8Gi",
        "7.5Gi",
    ]
