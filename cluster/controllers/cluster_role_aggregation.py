"""The aggregation controller: a ClusterRole with an aggregationRule holds the rules of those that it selects.

Between the reader of ClusterRoles and the API server. Mirrors kube-controller-manager's
clusterrole-aggregation-controller. Invariant: a gathering role's rules are those of its parts, by their names,
each once; and a change wakes the roles alone that gather what was changed.
"""

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.cluster import Cluster
from cluster.api.kinds import CLUSTER_ROLES
from cluster.api.labels import Selector
from cluster.api.rbac import ClusterRole, PolicyRule
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "clusterrole-aggregation-controller"


class ClusterRoleAggregationController:
    """Keeps the rules of the roles that gather others'."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._selectors: dict[str, tuple[Selector, ...]] = {}
        self._parts: dict[str, set[str]] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, CLUSTER_ROLES, self._on_role)

    def _on_role(self, name: str, old: ClusterRole | None, new: ClusterRole | None) -> None:
        if old is None or new is None or old.aggregationRule != new.aggregationRule:
            self._regather(name, new)
        if name in self._selectors:
            self._queue.add(name)
        for gathering, selectors in self._selectors.items():
            if gathering == name:
                continue
            parts = self._parts[gathering]
            if new is not None and _selected(new, selectors):
                parts.add(name)
            elif name in parts:
                parts.remove(name)
            else:
                continue
            self._queue.add(gathering)

    def _regather(self, name: str, role: ClusterRole | None) -> None:
        """Take in what a role selects now."""
        rule = role.aggregationRule if role is not None else None
        if rule is None:
            self._selectors.pop(name, None)
            self._parts.pop(name, None)
            return
        selectors = self._selectors[name] = tuple(map(labels.from_label_selector, rule.clusterRoleSelectors))
        self._parts[name] = {
            key
            for key, part in self._api.store.table(CLUSTER_ROLES).items()
            if key != name and _selected(part, selectors)
        }

    def _reconcile(self, name: str) -> None:
        found = self._api.find(CLUSTER_ROLES, name)
        if found is None or name not in self._selectors:
            return
        rules: dict[PolicyRule, None] = {}
        for part in map(self._part, sorted(self._parts[name])):
            rules.update(dict.fromkeys(part.rules if part else ()))
        if tuple(rules) != found.rules:
            self._api.update(CLUSTER_ROLES, replace(found, rules=tuple(rules)), actor=ACTOR, previous=found)

    def _part(self, name: str) -> ClusterRole | None:
        return self._api.find(CLUSTER_ROLES, name)


def _selected(role: ClusterRole, selectors: tuple[Selector, ...]) -> bool:
    return any(selector.matches(role.metadata.labels) for selector in selectors)
