"""The resource quota controller: `status` says what the quota allows and what is used of it.

Between the readers of quotas and of what they count, and the API server. Admission charges what is made;
this counts anew what exists, so that it gives back what went, and counts for a new quota what is there
already. Mirrors kube-controller-manager's resourcequota-controller, whose resync every five minutes is
not needed, for nothing is missed. Invariant: once quiet, `status.used` equals a recount; and the kinds
that no quota counts are not read.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.admission.plugins.quota import in_scope
from cluster.admission.plugins.quota.charges import concerns
from cluster.admission.plugins.quota.evaluation import IGNORED
from cluster.api import quantity
from cluster.api.cluster import Cluster
from cluster.api.core import ResourceQuota, ResourceQuotaStatus
from cluster.api.kinds import RESOURCE_QUOTAS, Kind
from cluster.api.quantity import Quantity
from cluster.apiserver import ApiServer
from cluster.controllers.resource_quota.ledger import Ledger
from cluster.reconcile import Reader, WorkQueue

ACTOR = "resourcequota-controller"
SECOND = 1_000
Kinds = tuple[Kind[Any], ...]


class ResourceQuotaController:
    """Keeps the status of quotas; its keys are namespaces."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._ledgers: dict[Kind[Any], Ledger] = {}
        self._followed: set[str] = set()
        self._kinds: dict[frozenset[str], tuple[int, Kinds]] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, RESOURCE_QUOTAS, self._on_quota)

    def _on_quota(self, key: str, _: ResourceQuota | None, __: ResourceQuota | None) -> None:
        self._queue.add(key.partition("/")[0])

    def _on_object(self, key: str, _: Any, __: Any) -> None:
        namespace = key.partition("/")[0]
        if namespace in self._followed:
            self._queue.add(namespace)

    def _reconcile(self, namespace: str) -> int | None:
        """Make the status of a namespace's quotas right; when to look again, if time alone changes it."""
        quotas = self._api.policies.quotas.of(namespace)
        if not quotas:
            self._forget(namespace)
            return None
        self._followed.add(namespace)
        due: list[str] = []
        for quota in quotas:
            ledgers = {kind: self._ledger(kind, namespace) for kind in self._counted(quota)}
            status = ResourceQuotaStatus(hard=quota.spec.hard, used=self._used(quota, ledgers))
            if status != quota.status:
                self._api.update_status(RESOURCE_QUOTAS, replace(quota, status=status), actor=ACTOR, previous=quota)
            due += filter(None, (ledger.next_due(namespace) for ledger in ledgers.values()))
        clock = self._api.clock
        return clock.milliseconds(min(due)) + SECOND - clock.now if due else None

    def _forget(self, namespace: str) -> None:
        self._followed.discard(namespace)
        for ledger in self._ledgers.values():
            ledger.drop(namespace)

    def _ledger(self, kind: Kind[Any], namespace: str) -> Ledger:
        ledger = self._ledgers.get(kind)
        if ledger is None:
            ledger = self._ledgers[kind] = Ledger(self._api.store, kind)
            if kind is not RESOURCE_QUOTAS:
                Reader(self._api.store, self._api.clock, kind, self._on_object)
        ledger.follow(namespace, self._api.now)
        return ledger

    def _counted(self, quota: ResourceQuota) -> Kinds:
        """The kinds whose objects the quota counts."""
        registry, names = self._api.registry, frozenset(quota.spec.hard)
        known = self._kinds.get(names)
        if known is None or known[0] != registry.generation:
            found = tuple(
                kind.stored
                for kind in registry.kinds
                if kind.namespaced and kind.qualified not in IGNORED and any(concerns(kind, name) for name in names)
            )
            known = self._kinds[names] = (registry.generation, found)
        return known[1]

    def _used(self, quota: ResourceQuota, ledgers: Mapping[Kind[Any], Ledger]) -> Mapping[str, Quantity]:
        """What is used of the quota, written as before where the amount is the same."""
        hard, present, namespace = quota.spec.hard, quota.status.used, quota.metadata.namespace
        totals = {name: 0 for kind in ledgers for name in hard if concerns(kind, name)}
        written: dict[str, Quantity] = {}
        for ledger in ledgers.values():
            for charge, count in ledger.tally(namespace, self._api.now).items():
                if in_scope(quota.spec, charge):
                    for name, amount in charge.amounts:
                        if name in totals and (more := quantity.nano(amount) * count):
                            totals[name] += more
                            written.setdefault(name, amount)
        counted = {name: _amount(total, present.get(name), written.get(name, "")) for name, total in totals.items()}
        return {name: counted.get(name) or present[name] for name in sorted(hard) if name in counted or name in present}


def _amount(total: int, present: Quantity | None, written: str) -> Quantity:
    if present is not None and quantity.nano(present) == total:
        return present
    return quantity.from_nano(total, present if present is not None and quantity.nano(present) else written)
