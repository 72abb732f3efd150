"""CronJobs: schedule, time zone, and the Jobs they make.

On the data's way one of the kinds' validations. Mirrors ValidateCronJobCreate and ValidateCronJobUpdate.
Invariant: a name leaves room for what is added to it in the names of the Jobs.
"""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, nonnegative, required_one_of
from cluster.admission.validation.jobs import job_spec
from cluster.admission.validation.rules import Rules
from cluster.api import cron, kinds, names
from cluster.api.batch import CronJob, CronJobSpec, JobTemplateSpec
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

NAME_LENGTH = 52
_ZONE_PART = re.compile(r"[A-Za-z._0-9+-]{1,14}", re.ASCII)


def create(value: CronJob) -> list[StatusCause]:
    """What is wrong with a new CronJob."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    causes += _spec(value.spec, None)
    if len(value.metadata.name) > NAME_LENGTH:
        causes.append(error.invalid("metadata.name", value.metadata.name, names.max_length(NAME_LENGTH)))
    return causes


def update(new: CronJob, old: CronJob) -> list[StatusCause]:
    """What is wrong with a changed CronJob."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.spec is old.spec else causes + _spec(new.spec, old.spec)


def _spec(spec: CronJobSpec, old: CronJobSpec | None) -> list[StatusCause]:
    causes = list(_schedule("spec.schedule", spec, zone_allowed=old is not None and "TZ" in old.schedule))
    if spec.startingDeadlineSeconds is not None:
        causes += nonnegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds)
    if spec.timeZone and (old is None or old.timeZone != spec.timeZone):
        causes += _time_zone("spec.timeZone", spec.timeZone)
    causes += required_one_of("spec.concurrencyPolicy", spec.concurrencyPolicy, ("Allow", "Forbid", "Replace"))
    causes += _job_template("spec.jobTemplate.spec", spec.jobTemplate)
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        causes += nonnegative(f"spec.{name}", getattr(spec, name) or 0)
    return causes


def _schedule(field: str, spec: CronJobSpec, *, zone_allowed: bool) -> Causes:
    if not spec.schedule:
        yield error.required(field)
        return
    try:
        cron.parse(spec.schedule)
    except ValueError as wrong:
        yield error.invalid(field, spec.schedule, str(wrong))
    if "TZ" not in spec.schedule:
        return
    if not zone_allowed:
        yield error.invalid(field, spec.schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    elif spec.timeZone:
        yield error.invalid(field, spec.schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")


def _time_zone(field: str, zone: str) -> Causes:
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part):
            yield error.invalid(field, zone, f"unknown time zone {zone}")
            return
    if zone.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield error.invalid(field, zone, why)
        if zone == "Local":
            return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield error.invalid(field, zone, f"unknown time zone {zone}")


def _job_template(field: str, template: JobTemplateSpec) -> list[StatusCause]:
    causes = job_spec(field, template.spec)
    if template.spec.selector is not None:
        causes.append(error.invalid(f"{field}.selector", template.spec.selector, "`selector` will be auto-generated"))
    if template.spec.manualSelector:
        choices = ("nil", "false")
        causes.append(error.not_supported(f"{field}.manualSelector", template.spec.manualSelector, choices))
    return causes


RULES: Mapping[Kind[Any], Rules] = {kinds.CRON_JOBS: Rules(create, update)}
