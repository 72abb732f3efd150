"""When a CronJob is due: the next time that its schedule names, and the last one it has missed.

Pure; times are virtual ms. Mirrors robfig/cron's SpecSchedule.Next and mostRecentScheduleTime
(pkg/controller/cronjob/utils.go). Invariant: the next time is later than the moment asked about.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cluster.api import cron
from cluster.api.cron import Schedule

YEARS = 5
MINUTE = timedelta(minutes=1)
MANY = 100
"""So many missed times are told of."""


class Missed(NamedTuple):
    """The latest time that has passed without a Job, and how many there were (at least)."""

    time: datetime | None
    times: int


def zone_of(schedule: str, time_zone: str) -> tzinfo:
    """The zone that a schedule is read in. ValueError if there is no such zone."""
    name = time_zone
    if not name and schedule.startswith(("TZ=", "CRON_TZ=")):
        name = schedule.partition("=")[2].partition(" ")[0]
    if not name or name in {"UTC", "Etc/UTC", "Local"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name}") from error


def next_time(text: str, zone: tzinfo, after: datetime) -> datetime | None:
    """The first time later than `after` that the schedule names, within five years. ValueError as `cron.parse`."""
    schedule = cron.parse(text)
    if schedule.interval:
        return after.replace(microsecond=0) + timedelta(seconds=schedule.interval)
    local = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) + MINUTE
    end = local.replace(day=1) + timedelta(days=366 * YEARS)
    for day in _days(schedule, local, end):
        for hour in sorted(schedule.hours):
            for minute in sorted(schedule.minutes):
                found = day.replace(hour=hour, minute=minute)
                if found >= local and (moment := _moment(found, zone)) is not None and moment > after:
                    return moment
    return None


def _days(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    day = start.replace(hour=0, minute=0)
    while day <= end:
        if day.month not in schedule.months:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            continue
        if _is_day(schedule, day):
            yield day
        day += timedelta(days=1)


def _is_day(schedule: Schedule, day: datetime) -> bool:
    """Where both day and weekday are given, one of them is enough."""
    of_month, of_week = day.day in schedule.days, day.isoweekday() % 7 in schedule.weekdays
    if schedule.every_day or schedule.every_weekday:
        return of_month and of_week
    return of_month or of_week


def _moment(local: datetime, zone: tzinfo) -> datetime | None:
    """The moment that a local time means; None if clocks skip it."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local else None


def missed(text: str, zone: tzinfo, since: datetime, now: datetime) -> Missed:
    """The latest time named after `since` and up to `now`."""
    latest, count = None, 0
    found = next_time(text, zone, since)
    while found is not None and found <= now:
        latest, count = found, count + 1
        if count > MANY:
            return Missed(_latest(text, zone, found, now), count)
        found = next_time(text, zone, found)
    return Missed(latest, count)


def _latest(text: str, zone: tzinfo, known: datetime, now: datetime) -> datetime:
    """The latest time named up to `now`, found by halving the stretch since a known one."""
    first, last, found = known, now, known
    while last - first > MINUTE:
        middle = first + (last - first) / 2
        candidate = next_time(text, zone, middle)
        if candidate is not None and candidate <= now:
            found, first = candidate, candidate
        else:
            last = middle
    return found
