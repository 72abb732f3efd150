"""ReplicationControllers, ReplicaSets and Deployments: selector, template, replicas, strategy.

On the data's way three of the kinds' validations. Mirrors pkg/apis/apps/validation and
ValidateReplicationControllerSpec. Invariant: a controller selects the pods it makes, and its
selector (but a ReplicationController's) never changes.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata, pods, templates
from cluster.admission.validation.checks import Causes, at_most_all, nonnegative, number_or_percent, unchanged
from cluster.admission.validation.selectors import label_selector
from cluster.api import labels, names
from cluster.api.apps import Deployment, DeploymentStrategy, ReplicaSet, RollingUpdateDeployment
from cluster.api.core import PodTemplateSpec, ReplicationController
from cluster.api.errors import BadRequest
from cluster.api.labels import Selector
from cluster.api.meta import LabelSelector, StatusCause

_STRATEGIES = ("Recreate", "RollingUpdate")


def replication_controller(value: ReplicationController) -> list[StatusCause]:
    """What is wrong with a new ReplicationController."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _controller_spec(value)


def replication_controller_update(new: ReplicationController, old: ReplicationController) -> list[StatusCause]:
    """What is wrong with a changed ReplicationController."""
    return metadata.update(new.metadata, old.metadata) + ([] if new.spec is old.spec else _controller_spec(new))


def replica_set(value: ReplicaSet) -> list[StatusCause]:
    """What is wrong with a new ReplicaSet."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _replica_set_spec(value)


def replica_set_update(new: ReplicaSet, old: ReplicaSet) -> list[StatusCause]:
    """What is wrong with a changed ReplicaSet."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += _replica_set_spec(new)
    return causes + list(unchanged("spec.selector", new.spec.selector, old.spec.selector))


def deployment(value: Deployment) -> list[StatusCause]:
    """What is wrong with a new Deployment."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _deployment_spec(value)


def deployment_update(new: Deployment, old: Deployment) -> list[StatusCause]:
    """What is wrong with a changed Deployment."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += _deployment_spec(new)
    return causes + list(unchanged("spec.selector", new.spec.selector, old.spec.selector))


def replicas_status_update(new: Any, old: Any) -> list[StatusCause]:
    """What is wrong with a changed status of a ReplicationController or ReplicaSet."""
    causes = metadata.update(new.metadata, old.metadata)
    status = new.status
    causes += counts(
        status, ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
    )
    for part in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        causes += not_more(status, part, "replicas")
    return causes + list(not_more(status, "availableReplicas", "readyReplicas"))


def deployment_status_update(new: Deployment, old: Deployment) -> list[StatusCause]:
    """What is wrong with a changed status of a Deployment."""
    causes = metadata.update(new.metadata, old.metadata)
    status = new.status
    causes += counts(status, _DEPLOYMENT_COUNTS)
    if status.collisionCount is not None:
        causes += nonnegative("status.collisionCount", status.collisionCount)
        if old.status.collisionCount is not None and status.collisionCount < old.status.collisionCount:
            why = "cannot be decremented"
            causes.append(error.invalid("status.collisionCount", status.collisionCount, why))
    for part in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        causes += not_more(status, part, "replicas")
    return causes + list(not_more(status, "availableReplicas", "readyReplicas"))


_DEPLOYMENT_COUNTS = (
    "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
)  # fmt: skip


def counts(status: Any, parts: tuple[str, ...]) -> Causes:
    """Counts in a status, none of which can be less than zero."""
    for part in parts:
        yield from nonnegative(f"status.{part}", getattr(status, part))


def not_more(status: Any, part: str, whole: str) -> Causes:
    """No more replicas of one sort than of the sort that includes it."""
    if getattr(status, part) > getattr(status, whole):
        yield error.invalid(
            f"status.{part}", getattr(status, part), f"cannot be greater than {_SAID.get(whole, whole)}"
        )


_SAID = {"replicas": "status.replicas"}


def _controller_spec(value: ReplicationController) -> list[StatusCause]:
    spec = value.spec
    causes = list(nonnegative("spec.minReadySeconds", spec.minReadySeconds))
    if not spec.selector:
        causes.append(error.required("spec.selector"))
    causes += nonnegative("spec.replicas", spec.replicas or 0)
    if spec.template is None:
        return [*causes, error.required("spec.template")]
    return causes + _template(spec.template, labels.from_map(spec.selector), "ReplicationController")


def _replica_set_spec(value: ReplicaSet) -> list[StatusCause]:
    spec = value.spec
    causes = list(nonnegative("spec.replicas", spec.replicas or 0))
    causes += nonnegative("spec.minReadySeconds", spec.minReadySeconds)
    return causes + _selected(spec.selector, spec.template)


def _deployment_spec(value: Deployment) -> list[StatusCause]:
    spec = value.spec
    causes = list(nonnegative("spec.replicas", spec.replicas or 0))
    causes += _selected(spec.selector, spec.template)
    causes += _strategy(spec.strategy)
    causes += nonnegative("spec.minReadySeconds", spec.minReadySeconds)
    if spec.revisionHistoryLimit is not None:
        causes += nonnegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit)
    deadline = spec.progressDeadlineSeconds
    if deadline is not None:
        causes += nonnegative("spec.progressDeadlineSeconds", deadline)
        if deadline <= spec.minReadySeconds:
            why = "must be greater than minReadySeconds"
            causes.append(error.invalid("spec.progressDeadlineSeconds", deadline, why))
    return causes


def _selected(selector: LabelSelector | None, template: PodTemplateSpec) -> list[StatusCause]:
    field = "spec.selector"
    causes = list(label_selector(field, selector))
    if selector is None:
        causes.append(error.required(field))
    elif not selector.matchLabels and not selector.matchExpressions:
        causes.append(error.invalid(field, selector, "empty selector is invalid for deployment"))
    try:
        readable = labels.from_label_selector(selector)
    except BadRequest:
        return [*causes, error.invalid(field, selector, "invalid label selector")]
    return causes + _template(template, readable, "ReplicaSet")


def _template(template: PodTemplateSpec, selector: Selector, kind: str) -> list[StatusCause]:
    field = "spec.template"
    causes = list(templates.matched(field, template, selector))
    causes += pods.template(field, template)
    causes += templates.always(field, template)
    return causes + list(templates.no_deadline(field, template, kind))


def _strategy(strategy: DeploymentStrategy) -> Causes:
    field, rolling = "spec.strategy", strategy.rollingUpdate
    if strategy.type == "Recreate":
        if rolling is not None:
            why = "may not be specified when strategy `type` is 'Recreate'"
            yield error.forbidden(f"{field}.rollingUpdate", why)
    elif strategy.type != "RollingUpdate":
        shown: Mapping[str, Any] | None = None
        if rolling is not None:
            shown = error.Fields(MaxUnavailable=rolling.maxUnavailable or 0, MaxSurge=rolling.maxSurge or 0)
        yield error.not_supported(field, error.Fields(Type=strategy.type, RollingUpdate=shown), _STRATEGIES)
    elif rolling is None:
        yield error.required(f"{field}.rollingUpdate", "this should be defaulted and never be nil")
    else:
        yield from _rolling_update(f"{field}.rollingUpdate", rolling)


def _rolling_update(field: str, rolling: RollingUpdateDeployment) -> Causes:
    unavailable, surge = rolling.maxUnavailable or 0, rolling.maxSurge or 0
    yield from number_or_percent(f"{field}.maxUnavailable", unavailable)
    yield from number_or_percent(f"{field}.maxSurge", surge)
    if _number(unavailable) == 0 and _number(surge) == 0:
        yield error.invalid(f"{field}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
    yield from at_most_all(f"{field}.maxUnavailable", unavailable)


def _number(value: int | str) -> int:
    if isinstance(value, int):
        return value
    return 0 if names.is_percent(value) else int(value.removesuffix("%"))
