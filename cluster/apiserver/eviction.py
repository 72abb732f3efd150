"""The eviction subresource: a pod is deleted if its disruption budget allows one more disruption.

On the data's way beside `delete`. Mirrors EvictionREST (pkg/registry/core/pod/storage) and
component-helpers' DisruptionAllowed condition, which the disruption controller keeps with the same rule.
Invariant: a disruption is taken off the budget before the pod is deleted, never twice for one pod.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.core import Pod
from cluster.api.disruption import with_disruption
from cluster.api.errors import ApiError, Forbidden, TooManyBudgets, TooManyRequests
from cluster.api.kinds import POD_DISRUPTION_BUDGETS, PODS
from cluster.api.meta import Condition, StatusCause, StatusDetails
from cluster.api.policy import PodDisruptionBudget, PodDisruptionBudgetStatus
from cluster.apiserver import deletion

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

ALLOWED = "DisruptionAllowed"
SYNC_FAILED = "SyncFailed"
MOST_DISRUPTED = 2_000
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
RETRY_SECONDS = 10


def evict(
    api: "ApiServer", pod_key: str, *, actor: str, grace: int | None = None, uid: str = "",
    resource_version: str = "", dry_run: bool = False,
) -> None:  # fmt: skip
    """Delete a pod as far as its budget allows.

    Raises NotFound, Conflict (preconditions), TooManyRequests if the budget allows no disruption now,
    TooManyBudgets if it has more than one.
    """
    pod = api.get(PODS, pod_key)
    deletion.check_preconditions(PODS, pod, uid, resource_version, api.store.table(PODS).revision(pod_key))
    if not _harmless(pod):
        budgets = [budget for budget in api.policies.budgets.of(pod.metadata.namespace) if _covers(budget, pod)]
        if len(budgets) > 1:
            raise TooManyBudgets(SEVERAL)
        if budgets and not _needs_no_budget(pod, budgets[0]):
            _take_one(api, budgets[0], pod, actor, dry_run=dry_run)
    if not dry_run:
        conditions = with_disruption(pod, "EvictionByEvictionAPI", "Eviction API: evicting", api.now)
        told = replace(pod, status=replace(pod.status, conditions=conditions))
        api.update_status(PODS, told, actor=actor, previous=pod)
        api.delete(PODS, pod_key, actor=actor, grace=grace)


def _harmless(pod: Pod) -> bool:
    """Whether nothing is disrupted by deleting the pod: it has not started, has ended, or is going (`canIgnorePDB`)."""
    return pod.status.phase in ("Succeeded", "Failed", "Pending") or bool(pod.metadata.deletionTimestamp)


def _covers(budget: PodDisruptionBudget, pod: Pod) -> bool:
    try:
        return labels.from_label_selector(budget.spec.selector).matches(pod.metadata.labels)
    except ApiError:
        return False


def _needs_no_budget(pod: Pod, budget: PodDisruptionBudget) -> bool:
    """Whether the pod does not serve, and the budget lets such pods go."""
    if any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions):
        return False
    status = budget.status
    enough = status.currentHealthy >= status.desiredHealthy > 0
    return enough or budget.spec.unhealthyPodEvictionPolicy == "AlwaysAllow"


def _take_one(api: "ApiServer", budget: PodDisruptionBudget, pod: Pod, actor: str, *, dry_run: bool) -> None:
    """Take a disruption off the budget, for this pod (`checkAndDecrement`)."""
    status, name = budget.status, budget.metadata.name
    if status.observedGeneration < budget.metadata.generation:
        _refuse(f"The disruption budget {name} is still being processed by the server.", RETRY_SECONDS)
    if status.disruptionsAllowed < 0:
        raise Forbidden.of("poddisruptionbudget", name, "pdb disruptions allowed is negative", "policy")
    if len(status.disruptedPods) > MOST_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise Forbidden.of("poddisruptionbudget", name, why, "policy")
    if status.disruptionsAllowed == 0:
        _refuse(_why(budget))
    left = replace(
        status, disruptionsAllowed=status.disruptionsAllowed - 1,
        disruptedPods={**status.disruptedPods, pod.metadata.name: api.now},
    )  # fmt: skip
    if not left.disruptionsAllowed:
        left = allowance(left, api.now)
    if not dry_run:
        api.update_status(POD_DISRUPTION_BUDGETS, replace(budget, status=left), actor=actor, previous=budget)


def _why(budget: PodDisruptionBudget) -> str:
    status, name = budget.status, budget.metadata.name
    for condition in status.conditions:
        if condition.type == ALLOWED and condition.status == "False" and condition.reason == SYNC_FAILED:
            why = "does not allow evicting pods currently because it failed sync"
            return f"The disruption budget {name} {why}: {condition.message}"
    needs, has = status.desiredHealthy, status.currentHealthy
    return f"The disruption budget {name} needs {needs} healthy pods and has {has} currently"


def _refuse(why: str, retry: int = 0) -> None:
    cause = StatusCause(reason="DisruptionBudget", message=why)
    raise TooManyRequests(REFUSED, StatusDetails(causes=(cause,), retryAfterSeconds=retry))


# The condition of budgets


def allowance(status: PodDisruptionBudgetStatus, now: str) -> PodDisruptionBudgetStatus:
    """The status with the condition that tells whether it allows a disruption."""
    if status.disruptionsAllowed > 0:
        return _with_condition(status, "True", "SufficientPods", "", now)
    return _with_condition(status, "False", "InsufficientPods", "", now)


def sync_failure(status: PodDisruptionBudgetStatus, message: str, now: str) -> PodDisruptionBudgetStatus:
    """The status of a budget that cannot be measured: it allows nothing (`failSafe`)."""
    return _with_condition(replace(status, disruptionsAllowed=0), "False", SYNC_FAILED, message, now)


def _with_condition(
    status: PodDisruptionBudgetStatus, value: str, reason: str, message: str, now: str
) -> PodDisruptionBudgetStatus:
    old = next((condition for condition in status.conditions if condition.type == ALLOWED), None)
    made = Condition(
        type=ALLOWED, status=value, reason=reason, message=message, observedGeneration=status.observedGeneration,
        lastTransitionTime=now if old is None or old.status != value else old.lastTransitionTime,
    )  # fmt: skip
    others = [made if condition is old else condition for condition in status.conditions]
    return replace(status, conditions=tuple(others if old is not None else [*others, made]))
