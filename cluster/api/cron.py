"""Schedules as cron writes them: five fields, or a word such as `@hourly`.

Validation asks whether a schedule can be read, the CronJob controller when it is next due. Mirrors
github.com/robfig/cron/v3's ParseStandard, and its messages. Invariant: what `parse` returns has at
least one value in every field.
"""

from functools import lru_cache
from typing import NamedTuple

from cluster.api.cluster import milliseconds


class Bounds(NamedTuple):
    """The least and the greatest value of a field, and the names some values go by."""

    least: int
    most: int
    names: tuple[str, ...] = ()


class Schedule(NamedTuple):
    """The values of each field; `every_day` and `every_weekday` if that field was left open.

    With `interval` (whole seconds) the schedule is no calendar's, but due again so long after it was.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_day: bool = False
    every_weekday: bool = False
    interval: int = 0


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (Bounds(0, 59), Bounds(0, 23), Bounds(1, 31), Bounds(1, 12, _MONTHS), Bounds(0, 6, _WEEKDAYS))
_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "
_EMPTY: frozenset[int] = frozenset()


@lru_cache(maxsize=1024)
def parse(text: str) -> Schedule:
    """The schedule that the text means. ValueError, in the words of the Go library, if it means none."""
    if not text:
        raise ValueError("empty spec string")
    rest = text
    if text.startswith(("TZ=", "CRON_TZ=")):
        if " " not in text:
            raise ValueError("invalid cron schedule format: runtime error: slice bounds out of range [:-1]")
        rest = text.partition(" ")[2].strip()
    if rest.startswith("@"):
        return _word(rest)
    fields = rest.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    minutes, hours, days, months, weekdays = map(_field, fields, _FIELDS)
    return Schedule(minutes, hours, days, months, weekdays, _open(fields[2]), _open(fields[4]))


def _word(text: str) -> Schedule:
    if text in _WORDS:
        return parse(_WORDS[text])
    if text.startswith(_EVERY):
        given = text.removeprefix(_EVERY)
        try:
            length = milliseconds(given)
        except ValueError as error:
            raise ValueError(f'failed to parse duration {text}: time: invalid duration "{given}"') from error
        return Schedule(_EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, interval=max(1, length // 1000))
    raise ValueError(f"unrecognized descriptor: {text}")


def _open(field: str) -> bool:
    """Whether a field leaves all values open, so that the other of day and weekday decides alone."""
    return any(
        part.partition("/")[0] in ("*", "?") and part.partition("/")[2] in ("", "1") for part in field.split(",")
    )


def _field(text: str, bounds: Bounds) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        if part:
            values |= _range(part, bounds)
    return frozenset(values)


def _range(text: str, bounds: Bounds) -> set[int]:
    limits, *steps = text.split("/")
    first, *last = limits.split("-")
    if first in ("*", "?"):
        start, end = bounds.least, bounds.most
    else:
        start = _value(first, bounds)
        if len(last) > 1:
            raise ValueError(f"too many hyphens: {text}")
        end = _value(last[0], bounds) if last else start
    step = 1
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    if steps:
        step = _number(steps[0])
        if not last and first not in ("*", "?"):
            end = bounds.most
    _check(text, bounds, start, end, step)
    return set(range(start, end + 1, step))


def _check(text: str, bounds: Bounds, start: int, end: int, step: int) -> None:
    if start < bounds.least:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.least}): {text}")
    if end > bounds.most:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.most}): {text}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {text}")


def _value(text: str, bounds: Bounds) -> int:
    name = text.lower()
    if name in bounds.names:
        return bounds.names.index(name) + bounds.least
    return _number(text)


def _number(text: str) -> int:
    digits = text.removeprefix("-").removeprefix("+")
    if not digits.isascii() or not digits.isdecimal():
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if text.startswith("-") and int(digits):
        raise ValueError(f"negative number (-{int(digits)}) not allowed: {text}")
    return int(digits)
