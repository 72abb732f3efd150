"""Schedules as cron writes them."""

import pytest

from cluster.api import cron


def test_fields() -> None:
    """Each field holds values, ranges, steps and names, in any case, joined by commas."""
    found = cron.parse("*/15,3 9-17/4 1 JAN,mar-apr sun,2")
    assert found.minutes == {0, 3, 15, 30, 45}
    assert found.hours == {9, 13, 17}
    assert found.days == {1}
    assert found.months == {1, 3, 4}
    assert found.weekdays == {0, 2}
    assert (found.every_day, found.every_weekday) == (False, False)


def test_open_fields() -> None:
    """A star or a question mark without a step leaves day or weekday open; with one it does not."""
    assert (cron.parse("0 0 * * 1").every_day, cron.parse("0 0 ? * *").every_weekday) == (True, True)
    assert cron.parse("0 0 */2 * *").every_day is False


def test_a_step_goes_to_the_end() -> None:
    """A single value with a step means from there to the end of the field."""
    assert cron.parse("50/4 * * * *").minutes == {50, 54, 58}


@pytest.mark.parametrize(
    ("word", "text"),
    [("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
     ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *")],
)  # fmt: skip
def test_words(word: str, text: str) -> None:
    """The words stand for five fields."""
    assert cron.parse(word) == cron.parse(text)


def test_intervals() -> None:
    """`@every` is due again so long after it was, in whole seconds, one at least."""
    assert cron.parse("@every 1h30m").interval == 5400
    assert cron.parse("@every 10ms").interval == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty spec string"),
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/2/3 * * * *", "too many slashes: */2/3"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@often", "unrecognized descriptor: @often"),
        ("@every often", 'failed to parse duration @every often: time: invalid duration "often"'),
        ("TZ=UTC", "invalid cron schedule format: runtime error: slice bounds out of range [:-1]"),
    ],
)
def test_refusals(text: str, why: str) -> None:
    """What cannot be read is refused in the words of the Go library."""
    with pytest.raises(ValueError, match=r".") as caught:
        cron.parse(text)
    assert str(caught.value) == why
