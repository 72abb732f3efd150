"""DaemonSets, ControllerRevisions and PodTemplates.

On the data's way three of the kinds' validations. Mirrors ValidateDaemonSet, ValidateControllerRevision
and ValidatePodTemplate. Invariant: a revision's data is what it was when it was made.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata, pods, templates
from cluster.admission.validation.checks import Causes, at_most_all, nonnegative, number_or_percent, unchanged
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.admission.validation.workloads import counts
from cluster.api import kinds, labels, names
from cluster.api.apps import (
    ControllerRevision,
    DaemonSet,
    DaemonSetSpec,
    DaemonSetUpdateStrategy,
    RollingUpdateDaemonSet,
)
from cluster.api.core import PodTemplate
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

_COUNTS = (
    "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
    "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
)  # fmt: skip


def daemon_set(value: DaemonSet) -> list[StatusCause]:
    """What is wrong with a new DaemonSet."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _spec(value.spec)


def daemon_set_update(new: DaemonSet, old: DaemonSet) -> list[StatusCause]:
    """What is wrong with a changed DaemonSet."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += _spec(new.spec)
    return causes + list(unchanged("spec.selector", new.spec.selector, old.spec.selector))


def daemon_set_status_update(new: DaemonSet, old: DaemonSet) -> list[StatusCause]:
    """What is wrong with a changed status of a DaemonSet."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += counts(new.status, _COUNTS)
    count, before = new.status.collisionCount, old.status.collisionCount
    if before is not None and (count is None or count < before):
        causes.append(error.invalid("status.collisionCount", count, "cannot be decremented"))
    return causes


def _spec(spec: DaemonSetSpec) -> list[StatusCause]:
    field, selector, template = "spec.selector", spec.selector, spec.template
    causes = list(label_selector(field, selector))
    try:
        causes += templates.matched("spec.template", template, labels.from_label_selector(selector))
    except BadRequest:
        causes.append(error.invalid(field, selector, "invalid label selector"))
    if selector is None or (not selector.matchLabels and not selector.matchExpressions):
        shown = selector or None
        causes.append(error.invalid(field, shown, "empty selector is invalid for daemonset"))
    causes += pods.template("spec.template", template)
    causes += templates.always("spec.template", template)
    causes += templates.no_deadline("spec.template", template, "DaemonSet")
    causes += nonnegative("spec.minReadySeconds", spec.minReadySeconds)
    causes += _strategy("spec.updateStrategy", spec.updateStrategy)
    if spec.revisionHistoryLimit is not None:
        causes += nonnegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit)
    return causes


def _strategy(field: str, strategy: DaemonSetUpdateStrategy) -> Causes:
    rolling = strategy.rollingUpdate
    if strategy.type == "RollingUpdate":
        if rolling is None:
            yield error.required(f"{field}.rollingUpdate")
        else:
            yield from _rolling_update(f"{field}.rollingUpdate", rolling)
    elif strategy.type != "OnDelete":
        yield error.not_supported(f"{field}.type", strategy.type, ("RollingUpdate", "OnDelete"))


def _rolling_update(field: str, rolling: RollingUpdateDaemonSet) -> Causes:
    unavailable, surge = rolling.maxUnavailable or 0, rolling.maxSurge or 0
    for name, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        yield from number_or_percent(f"{field}.{name}", value)
        yield from at_most_all(f"{field}.{name}", value)
    some = [value for value in (unavailable, surge) if value not in (0, "0%")]
    if len(some) == 2:
        yield error.invalid(f"{field}.maxSurge", surge, "may not be set when maxUnavailable is non-zero")
    elif not some:
        yield error.required(f"{field}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def controller_revision(value: ControllerRevision) -> list[StatusCause]:
    """What is wrong with a new ControllerRevision."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    if not value.data:
        causes.append(error.required("data", "data is mandatory"))
    return causes + list(nonnegative("revision", value.revision))


def controller_revision_update(new: ControllerRevision, old: ControllerRevision) -> list[StatusCause]:
    """What is wrong with a changed ControllerRevision."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += nonnegative("revision", new.revision)
    return causes + list(unchanged("data", new.data, old.data))


def pod_template(value: PodTemplate) -> list[StatusCause]:
    """What is wrong with a new PodTemplate."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + pods.template("template", value.template)


def pod_template_update(new: PodTemplate, old: PodTemplate) -> list[StatusCause]:
    """What is wrong with a changed PodTemplate."""
    return metadata.update(new.metadata, old.metadata) + pods.template("template", new.template)


RULES: Mapping[Kind[Any], Rules] = {
    kinds.DAEMON_SETS: Rules(daemon_set, daemon_set_update, daemon_set_status_update),
    kinds.CONTROLLER_REVISIONS: Rules(controller_revision, controller_revision_update),
    kinds.POD_TEMPLATES: Rules(pod_template, pod_template_update),
}
