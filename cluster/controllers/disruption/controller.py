"""The disruption controller: each budget's status says how many of its pods may be taken away now.

Between the readers of budgets and pods and the API server; evictions read the status and lower it. Mirrors
kube-controller-manager's disruption-controller. Invariant: an eviction that was allowed counts as gone
until the pod is, or for two minutes; and without budgets no pod is read.
"""

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.kinds import POD_DISRUPTION_BUDGETS, PODS, key_of
from cluster.api.labels import go_text
from cluster.api.meta import LabelSelector
from cluster.api.policy import PodDisruptionBudget, PodDisruptionBudgetStatus
from cluster.apiserver import ApiServer
from cluster.apiserver.eviction import allowance, sync_failure
from cluster.controllers.disruption.expected import CannotCount, expected
from cluster.controllers.disruption.members import MemberIndex, Members
from cluster.reconcile import Reader, WorkQueue

ACTOR = "disruption-controller"
COMPONENT = "controllermanager"
DELETION_TIMEOUT = 120_000
"""For how long an eviction that was allowed may take, ms."""


class DisruptionController:
    """Keeps the status of budgets."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        self._index = MemberIndex(api.store.table(PODS), self._queue.add)
        self._reads_pods = False
        Reader(api.store, api.clock, POD_DISRUPTION_BUDGETS, self._on_budget)

    def _on_budget(self, key: str, old: PodDisruptionBudget | None, new: PodDisruptionBudget | None) -> None:
        if new is None:
            self._index.drop(key)
            return
        if old is None or old.spec is not new.spec:
            if not self._reads_pods:
                self._reads_pods = True
                Reader(self._api.store, self._api.clock, PODS, self._index.on_pod)
            self._index.define(key, new.spec.selector)
        self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        """Make the status right; when to look again, if an eviction may have failed by then."""
        budget = self._api.find(POD_DISRUPTION_BUDGETS, key)
        if budget is None:
            return None
        members = self._index.of(key)
        if not members:
            self._event(budget, "Normal", "NoPods", "No matching pods found")
        try:
            wanted = expected(self._api, budget, members)
        except CannotCount as error:
            why = f"Failed to calculate the number of expected pods: {error}"
            self._event(budget, "Warning", "CalculateExpectedPodCountFailed", why)
            self._write(budget, sync_failure(budget.status, str(error), self._api.now))
            return None
        if wanted.unmanaged:
            self._event(budget, "Warning", "UnmanagedPods", _unmanaged(budget.spec.selector))
        disrupted, again = self._disrupted(budget)
        healthy = members.healthy - sum(members.is_healthy(self._pod_key(budget, name)) for name in disrupted)
        allowed = max(healthy - wanted.healthy, 0) if wanted.pods > 0 else 0
        status = PodDisruptionBudgetStatus(
            currentHealthy=healthy, desiredHealthy=wanted.healthy, expectedPods=wanted.pods,
            disruptionsAllowed=allowed, disruptedPods=disrupted, observedGeneration=budget.metadata.generation,
            conditions=budget.status.conditions,
        )  # fmt: skip
        self._write(budget, allowance(status, self._api.now))
        return again

    def _disrupted(self, budget: PodDisruptionBudget) -> tuple[dict[str, str], int | None]:
        """The pods whose eviction was allowed and that are not being deleted yet, and when to look at them again."""
        kept: dict[str, str] = {}
        again: int | None = None
        clock = self._api.clock
        for name, since in budget.status.disruptedPods.items():
            pod = self._api.find(PODS, self._pod_key(budget, name))
            if pod is None or pod.metadata.deletionTimestamp or not self._selects(budget, name):
                continue
            left = clock.milliseconds(since) + DELETION_TIMEOUT - clock.now
            if left < 0:
                meta = budget.metadata
                why = f"Pod was expected by PDB {meta.namespace}/{meta.name} to be deleted but it wasn't"
                self._api.events.record(PODS, pod, "Warning", "NotDeleted", why, component=COMPONENT)
            else:
                kept[name] = since
                again = left + 1 if again is None else min(again, left + 1)
        return kept, again

    def _selects(self, budget: PodDisruptionBudget, name: str) -> bool:
        members: Members = self._index.of(key_of(budget.metadata.namespace, budget.metadata.name))
        return self._pod_key(budget, name) in members

    def _pod_key(self, budget: PodDisruptionBudget, name: str) -> str:
        return key_of(budget.metadata.namespace, name)

    def _write(self, budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus) -> None:
        if status != budget.status:
            new = replace(budget, status=status)
            self._api.update_status(POD_DISRUPTION_BUDGETS, new, actor=ACTOR, previous=budget)

    def _event(self, budget: PodDisruptionBudget, severity: str, reason: str, message: str) -> None:
        self._api.events.record(POD_DISRUPTION_BUDGETS, budget, severity, reason, message, component=COMPONENT)


def _unmanaged(selector: LabelSelector | None) -> str:
    return (
        f"Pods selected by this PodDisruptionBudget (selector: {go_text(selector)}) were found to be unmanaged. As a "
        "result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To "
        'account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
    )
