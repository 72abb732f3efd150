"""Jobs: numbers, modes, selector and template, and what of them may change.

On the data's way one of the kinds' validations; CronJobs hold the same spec. Mirrors ValidateJob and
ValidateJobUpdate; the policies are in `job_policies`, the status in `job_status`. Invariant: which
pods are a Job's never changes.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.jobs import CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME
from cluster.admission.validation import metadata, pods
from cluster.admission.validation.checks import (
    IMMUTABLE,
    Causes,
    domain_prefixed_path,
    nonnegative,
    one_of,
    unchanged,
)
from cluster.admission.validation.job_policies import pod_failure_policy, success_policy
from cluster.admission.validation.job_status import status_update
from cluster.admission.validation.pod_dump import printed
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.admission.validation.templates import matched
from cluster.api import kinds, labels, names
from cluster.api.batch import Job, JobSpec
from cluster.api.core import Affinity, PodSpec, PodTemplateSpec
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

MODES = ("NonIndexed", "Indexed")
MOST_PARALLEL, MANY_COMPLETIONS, MANY_PARALLEL, MANY_FAILED = 100_000, 100_000, 10_000, 10_000
MANAGED_BY_LENGTH = 63
_NUMBERS = (
    "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
    "backoffLimitPerIndex", "maxFailedIndexes",
)  # fmt: skip
_META = ("name", "generateName", "namespace", "labels", "annotations", "finalizers")
_FIXED = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")


def create(value: Job) -> list[StatusCause]:
    """What is wrong with a new Job."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    causes += _generated(value)
    causes += _selecting_spec(value.spec)
    spec = value.spec
    if spec.completionMode == "Indexed" and spec.completions:
        last = f"{value.metadata.name}-{spec.completions - 1}"
        if names.is_dns1123_label(last):
            why = f"will not able to create pod with invalid DNS label: {last}"
            causes.append(error.invalid("metadata.name", value.metadata.name, why))
    return causes


def update(new: Job, old: Job) -> list[StatusCause]:
    """What is wrong with a changed Job."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    spec, before = new.spec, old.spec
    causes += _selecting_spec(spec)
    causes += _completions(spec, before)
    causes += unchanged("spec.selector", spec.selector, before.selector)
    causes += _template_change(spec, old)
    for name in _FIXED:
        causes += unchanged(f"spec.{name}", getattr(spec, name) or None, getattr(before, name) or None)
    return causes


def job_spec(field: str, spec: JobSpec) -> list[StatusCause]:
    """What is wrong with a Job's spec at `field`, but for its selector."""
    causes = list(_numbers(field, spec))
    causes += _mode(field, spec)
    if spec.podFailurePolicy is not None:
        causes += pod_failure_policy(f"{field}.podFailurePolicy", spec)
    if spec.successPolicy is not None:
        causes += success_policy(f"{field}.successPolicy", spec)
    if spec.podReplacementPolicy:
        choices = ("Failed", "TerminatingOrFailed") if spec.podFailurePolicy is None else ("Failed",)
        causes += one_of(f"{field}.podReplacementPolicy", spec.podReplacementPolicy, choices)
    causes += pods.template(f"{field}.template", spec.template)
    return causes + list(_restart_policy(f"{field}.template.spec.restartPolicy", spec))


def _generated(value: Job) -> Causes:
    """The labels and the selector that the registry gave, where nobody made others by hand."""
    spec, uid, name = value.spec, value.metadata.uid, value.metadata.name
    if spec.manualSelector or spec.selector is None:
        return
    wanted = {LEGACY_CONTROLLER_UID: uid, LEGACY_JOB_NAME: name, CONTROLLER_UID: uid, JOB_NAME: name}
    own, field = spec.template.metadata.labels, "spec.template.metadata.labels"
    for key, text in wanted.items():
        if key not in own:
            yield error.required(f"{field}[{key}]", f"must be '{text}'")
        elif own[key] != text:
            yield error.invalid(f"{field}[{key}]", own, f"must be '{text}'")
    try:
        readable = labels.from_label_selector(spec.selector)
    except BadRequest:
        return
    if not readable.matches(wanted):
        yield error.invalid("spec.selector", spec.selector, "`selector` not auto-generated")


def _selecting_spec(spec: JobSpec) -> list[StatusCause]:
    causes = job_spec("spec", spec)
    if spec.selector is None:
        return [*causes, error.required("spec.selector")]
    causes += label_selector("spec.selector", spec.selector)
    try:
        readable = labels.from_label_selector(spec.selector)
    except BadRequest:
        return causes
    return causes + list(matched("spec.template", spec.template, readable))


def _numbers(field: str, spec: JobSpec) -> Causes:
    for name in _NUMBERS:
        value = getattr(spec, name)
        if value is not None:
            yield from nonnegative(f"{field}.{name}", value)
    if spec.maxFailedIndexes is not None and spec.backoffLimitPerIndex is None:
        yield error.required(f"{field}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if spec.managedBy:
        yield from domain_prefixed_path(f"{field}.managedBy", spec.managedBy)
        if len(spec.managedBy) > MANAGED_BY_LENGTH:
            yield error.too_long(f"{field}.managedBy", MANAGED_BY_LENGTH)


def _mode(field: str, spec: JobSpec) -> Causes:
    if spec.completionMode:
        yield from one_of(f"{field}.completionMode", spec.completionMode, MODES)
    if spec.completionMode == "Indexed":
        yield from _indexed(field, spec)
    elif spec.completionMode in ("", "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            value = getattr(spec, name)
            if value is not None:
                yield error.invalid(f"{field}.{name}", value, "requires indexed completion mode")


def _indexed(field: str, spec: JobSpec) -> Causes:
    completions, parallel, failed = spec.completions, spec.parallelism, spec.maxFailedIndexes
    if completions is None:
        yield error.required(f"{field}.completions", "when completion mode is Indexed")
    if parallel is not None and parallel > MOST_PARALLEL:
        why = f"must be less than or equal to {MOST_PARALLEL} when completion mode is Indexed"
        yield error.invalid(f"{field}.parallelism", parallel, why)
    if completions is not None and failed is not None and failed > completions:
        yield error.invalid(f"{field}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if failed is not None and failed > MOST_PARALLEL:
        yield error.invalid(f"{field}.maxFailedIndexes", failed, f"must be less than or equal to {MOST_PARALLEL}")
    if completions is None or completions <= MANY_COMPLETIONS or spec.backoffLimitPerIndex is None:
        return
    often = f"when completions are above {MANY_COMPLETIONS} and used with backoff limit per index"
    if failed is None:
        why = f"must be specified when completions is above {MANY_COMPLETIONS}"
        yield error.required(f"{field}.maxFailedIndexes", why)
    if parallel is not None and parallel > MANY_PARALLEL:
        why = f"must be less than or equal to {MANY_PARALLEL} {often}"
        yield error.invalid(f"{field}.parallelism", parallel, why)
    if failed is not None and failed > MANY_FAILED:
        why = f"must be less than or equal to {MANY_FAILED} {often}"
        yield error.invalid(f"{field}.maxFailedIndexes", failed, why)


def _restart_policy(field: str, spec: JobSpec) -> Causes:
    policy = spec.template.spec.restartPolicy
    if policy in ("", "Always"):
        yield error.required(field, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield error.not_supported(field, policy, ("OnFailure", "Never"))
    elif spec.podFailurePolicy is not None and policy != "Never":
        yield error.invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _completions(new: JobSpec, old: JobSpec) -> Causes:
    """An indexed Job may be resized, its completions together with its parallelism."""
    field = "spec.completions"
    if new.completionMode != "Indexed":
        yield from unchanged(field, new.completions, old.completions)
    elif new.completions not in (old.completions, new.parallelism, None):
        why = "can only be modified in tandem with spec.parallelism"
        yield error.invalid(field, new.completions, why)


def _template_change(spec: JobSpec, old: Job) -> Causes:
    """The template stays, but for where its pods may run and what they ask for while the Job has not begun."""
    before = old.spec
    wanted, template = before.template, spec.template
    if not before.suspend:
        yield from _unchanged_template("spec.template", template, wanted)
        return
    if not old.status.startTime:
        wanted = _with_directives(wanted, template)
    allowed = replace(wanted, spec=_with_resources(wanted.spec, template.spec))
    yield from _unchanged_template("spec.template", template, allowed)


def _unchanged_template(field: str, new: PodTemplateSpec, old: PodTemplateSpec) -> Causes:
    if new != old:
        meta = {name: value for name in _META if (value := getattr(new.metadata, name))}
        yield error.invalid(field, error.Fields(**meta, Spec=_nested(printed(new.spec))), IMMUTABLE)


def _nested(value: Any) -> Any:
    """Printed data whose fields stay in their order."""
    if isinstance(value, dict):
        return error.Fields({name: _nested(item) for name, item in value.items()})
    return [_nested(item) for item in value] if isinstance(value, list) else value


def _with_directives(old: PodTemplateSpec, new: PodTemplateSpec) -> PodTemplateSpec:
    spec = replace(
        old.spec,
        affinity=_with_node_affinity(old.spec.affinity, new.spec.affinity),
        nodeSelector=new.spec.nodeSelector,
        tolerations=new.spec.tolerations,
        schedulingGates=new.spec.schedulingGates,
    )
    meta = replace(old.metadata, labels=new.metadata.labels, annotations=new.metadata.annotations)
    return replace(old, metadata=meta, spec=spec)


def _with_node_affinity(old: Affinity | None, new: Affinity | None) -> Affinity | None:
    if new is None:
        rest = None if old is None else replace(old, nodeAffinity=None)
        return None if rest == Affinity() else rest
    return replace(old or Affinity(), nodeAffinity=new.nodeAffinity)


def _with_resources(old: PodSpec, new: PodSpec) -> PodSpec:
    def taken(name: str) -> tuple[Any, ...]:
        before, after = getattr(old, name), getattr(new, name)
        if len(before) != len(after):
            return before  # type: ignore[no-any-return]
        return tuple(
            replace(one, resources=other.resources) if one.name == other.name else one
            for one, other in zip(before, after, strict=True)
        )

    return replace(old, containers=taken("containers"), initContainers=taken("initContainers"))


RULES: Mapping[Kind[Any], Rules] = {kinds.JOBS: Rules(create, update, status_update)}
