"""StatefulSets: order, names, strategy, and the claims made for their pods.

On the data's way one of the kinds' validations. Mirrors ValidateStatefulSet and its update in
pkg/apis/apps/validation. Invariant: what the pods are known by never changes.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.validation import metadata, pods, templates
from cluster.admission.validation.checks import (
    Causes,
    dns_label,
    nonnegative,
    one_of,
)
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.admission.validation.workloads import counts, not_more
from cluster.api import kinds, labels, names
from cluster.api.apps import StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

_UPDATABLE = (
    "'replicas'", "'ordinals'", "'template'", "'updateStrategy'", "'revisionHistoryLimit'",
    "'persistentVolumeClaimRetentionPolicy'",
)  # fmt: skip
IMMUTABLE = (
    f"updates to statefulset spec for fields other than {', '.join(_UPDATABLE)} and 'minReadySeconds' are forbidden"
)
_COUNTS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")


def create(value: StatefulSet) -> list[StatusCause]:
    """What is wrong with a new StatefulSet."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain)
    causes += _spec(value.spec)
    if value.spec.serviceName:
        causes += dns_label("spec.serviceName", value.spec.serviceName)
    return causes


def update(new: StatefulSet, old: StatefulSet) -> list[StatusCause]:
    """What is wrong with a changed StatefulSet."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += _spec(new.spec)
    spec, before = new.spec, old.spec
    allowed = replace(
        spec,
        replicas=before.replicas,
        ordinals=before.ordinals,
        template=before.template,
        updateStrategy=before.updateStrategy,
        minReadySeconds=before.minReadySeconds,
        revisionHistoryLimit=before.revisionHistoryLimit,
        persistentVolumeClaimRetentionPolicy=before.persistentVolumeClaimRetentionPolicy,
    )
    if allowed != before:
        causes.append(error.forbidden("spec", IMMUTABLE))
    return causes


def status_update(new: StatefulSet, old: StatefulSet) -> list[StatusCause]:
    """What is wrong with a changed status."""
    status = new.status
    causes = list(counts(status, _COUNTS))
    causes += nonnegative("status.observedGeneration", status.observedGeneration)
    if status.collisionCount is not None:
        causes += nonnegative("status.collisionCount", status.collisionCount)
    for part in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        causes += not_more(status, part, "replicas")
    causes += not_more(status, "availableReplicas", "readyReplicas")
    return causes + metadata.update(new.metadata, old.metadata)


def _spec(spec: StatefulSetSpec) -> list[StatusCause]:
    causes = list(_policies(spec))
    causes += nonnegative("spec.replicas", spec.replicas or 0)
    causes += nonnegative("spec.minReadySeconds", spec.minReadySeconds)
    if spec.ordinals is not None:
        causes += nonnegative("spec.ordinals.start", spec.ordinals.start)
    field, selector = "spec.selector", spec.selector
    if selector is None:
        causes.append(error.required(field))
    else:
        causes += label_selector(field, selector)
        if not selector.matchLabels and not selector.matchExpressions:
            causes.append(error.invalid(field, selector, "empty selector is invalid for statefulset"))
    template = spec.template
    try:
        causes += templates.matched("spec.template", template, labels.from_label_selector(selector))
    except BadRequest:
        causes.append(error.invalid(field, selector, ""))
    else:
        causes += pods.template(
            "spec.template", template, claims=tuple(c.metadata.name for c in spec.volumeClaimTemplates)
        )
    causes += templates.always("spec.template", template)
    return causes + list(templates.no_deadline("spec.template", template, "StatefulSet"))


def _policies(spec: StatefulSetSpec) -> Causes:
    field, policy = "spec.podManagementPolicy", spec.podManagementPolicy
    if not policy:
        yield error.required(field)
    elif policy not in ("OrderedReady", "Parallel"):
        yield error.invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _strategy("spec.updateStrategy", spec.updateStrategy)
    keep = spec.persistentVolumeClaimRetentionPolicy
    if keep is not None:
        for name in ("whenDeleted", "whenScaled"):
            here = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
            yield from one_of(here, getattr(keep, name), ("Delete", "Retain"))


def _strategy(field: str, strategy: StatefulSetUpdateStrategy) -> Causes:
    rolling = strategy.rollingUpdate
    if not strategy.type:
        yield error.required(field)
    elif strategy.type == "OnDelete":
        if rolling is not None:
            shown = error.Fields(Partition=rolling.partition or 0, MaxUnavailable=rolling.maxUnavailable)
            yield error.invalid(f"{field}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif strategy.type != "RollingUpdate":
        shown = error.Fields(Type=strategy.type, RollingUpdate=None if rolling is None else _rolling(rolling))
        yield error.invalid(field, shown, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        yield from nonnegative(f"{field}.rollingUpdate.partition", rolling.partition or 0)


def _rolling(value: Any) -> error.Fields:
    return error.Fields(Partition=value.partition or 0, MaxUnavailable=value.maxUnavailable)


RULES: Mapping[Kind[Any], Rules] = {kinds.STATEFUL_SETS: Rules(create, update, status_update)}
