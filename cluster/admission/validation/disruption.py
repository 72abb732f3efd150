"""PodDisruptionBudgets: how many pods have to stay.

On the data's way one of the kinds' validations. Mirrors pkg/apis/policy/validation. Invariant: a budget
says what must be there or what may be missing, not both.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, at_most_all, nonnegative, number_or_percent, one_of
from cluster.admission.validation.conditions import conditions
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.api import kinds, names
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.policy import PodDisruptionBudget, PodDisruptionBudgetSpec

_COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def create(value: PodDisruptionBudget) -> list[StatusCause]:
    """What is wrong with a new budget."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + list(_spec(value.spec))


def update(new: PodDisruptionBudget, old: PodDisruptionBudget) -> list[StatusCause]:
    """What is wrong with a changed budget."""
    return metadata.update(new.metadata, old.metadata) + list(_spec(new.spec))


def status_update(new: PodDisruptionBudget, old: PodDisruptionBudget) -> list[StatusCause]:
    """What is wrong with a changed status of a budget."""
    causes = list(conditions("status.conditions", new.status.conditions))
    for name in _COUNTS:
        causes += nonnegative(f"status.{name}", getattr(new.status, name))
    return causes + metadata.update(new.metadata, old.metadata)


def _spec(spec: PodDisruptionBudgetSpec) -> Causes:
    if spec.minAvailable is not None and spec.maxUnavailable is not None:
        shown = error.Fields(
            MinAvailable=spec.minAvailable,
            Selector=spec.selector,
            MaxUnavailable=spec.maxUnavailable,
            UnhealthyPodEvictionPolicy=spec.unhealthyPodEvictionPolicy or None,
        )
        yield error.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        value = getattr(spec, name)
        if value is not None:
            yield from number_or_percent(f"spec.{name}", value)
            yield from at_most_all(f"spec.{name}", value)
    yield from label_selector("spec.selector", spec.selector)
    policy = spec.unhealthyPodEvictionPolicy
    if policy:
        yield from one_of("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))


RULES: Mapping[Kind[Any], Rules] = {kinds.POD_DISRUPTION_BUDGETS: Rules(create, update, status_update)}
