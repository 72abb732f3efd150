"""The roles that every cluster has."""

from cluster.api import kinds
from cluster.api.rbac import PolicyRule, RoleRef, Subject
from cluster.authorization import bootstrap_policy
from cluster.engine import Engine
from tests.cluster.authorization.policies import GROUP, names

DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz")


def test_a_row_is_a_role() -> None:
    """Labels, annotations and rules as a real cluster shows them: verbs spelled out and sorted, core as empty."""
    found = {role.metadata.name: role for role in bootstrap_policy.cluster_roles()}
    editors = found["system:aggregate-to-edit"]
    assert editors.metadata.labels == {
        "kubernetes.io/bootstrapping": "rbac-defaults",
        "rbac.authorization.k8s.io/aggregate-to-edit": "true",
    }
    assert editors.metadata.annotations == {"rbac.authorization.kubernetes.io/autoupdate": "true"}
    assert editors.rules[3] == PolicyRule(apiGroups=("",), resources=("pods/eviction",), verbs=("create",))
    assert editors.rules[6] == PolicyRule(
        apiGroups=("", "events.k8s.io"), resources=("events",),
        verbs=("create", "delete", "deletecollection", "patch", "update"),
    )  # fmt: skip
    assert found["cluster-admin"].rules == (
        PolicyRule(apiGroups=("*",), resources=("*",), verbs=("*",)),
        PolicyRule(nonResourceURLs=("*",), verbs=("*",)),
    )
    assert found["system:discovery"].rules == (
        PolicyRule(nonResourceURLs=(*DISCOVERY, "/version", "/version/"), verbs=("get",)),
    )
    leader = next(rule for rule in found["system:kube-scheduler"].rules if rule.resourceNames)
    assert leader == PolicyRule(
        apiGroups=("coordination.k8s.io",), resources=("leases",), resourceNames=("kube-scheduler",),
        verbs=("get", "list", "update", "watch"),
    )  # fmt: skip


def test_aggregated_roles_say_what_they_gather() -> None:
    """admin, edit and view have no rules of their own; edit is part of admin, and view of edit."""
    found = {role.metadata.name: role for role in bootstrap_policy.cluster_roles() if role.aggregationRule}
    assert sorted(found) == ["admin", "edit", "view"]
    for name, role in found.items():
        assert not role.rules
        assert role.aggregationRule is not None
        selectors = [selector.matchLabels for selector in role.aggregationRule.clusterRoleSelectors]
        assert selectors == [{f"rbac.authorization.k8s.io/aggregate-to-{name}": "true"}]
    assert found["view"].metadata.labels["rbac.authorization.k8s.io/aggregate-to-edit"] == "true"
    assert found["edit"].metadata.labels["rbac.authorization.k8s.io/aggregate-to-admin"] == "true"


def test_bindings_name_the_roles_there_are() -> None:
    """Every binding's role is one of these; controllers' roles are bound to accounts of their names."""
    bindings = {binding.metadata.name: binding for binding in bootstrap_policy.cluster_role_bindings()}
    assert {binding.roleRef.name for binding in bindings.values()} <= set(names(bootstrap_policy.cluster_roles()))
    assert bindings["system:controller:job-controller"].subjects == (
        Subject(kind="ServiceAccount", name="job-controller", namespace="kube-system"),
    )
    assert bindings["cluster-admin"].roleRef == RoleRef(apiGroup=GROUP, kind="ClusterRole", name="cluster-admin")
    assert bindings["cluster-admin"].subjects == (Subject(apiGroup=GROUP, kind="Group", name="system:masters"),)
    assert bindings["system:node"].subjects == ()
    keys = {kinds.key(role) for role in bootstrap_policy.roles()}
    for binding in bootstrap_policy.role_bindings():
        assert f"{binding.metadata.namespace}/{binding.roleRef.name}" in keys


def test_a_cluster_starts_with_them() -> None:
    """Sixty-nine ClusterRoles, as a real 1.36 has them, and what binds them."""
    store = Engine().store
    assert len(store.table(kinds.CLUSTER_ROLES)) == 69
    assert len(store.table(kinds.CLUSTER_ROLE_BINDINGS)) == 50
    assert len(store.table(kinds.ROLES)) == 7
    assert len(store.table(kinds.ROLE_BINDINGS)) == 7


def test_every_controller_has_its_account() -> None:
    """Those that a kube-controller-manager starts without a cloud; each is bound to its role."""
    names = [account.metadata.name for account in bootstrap_policy.controller_accounts()]
    bound = {subject.name for binding in bootstrap_policy.cluster_role_bindings() for subject in binding.subjects}
    assert {"job-controller", "replicaset-controller", "generic-garbage-collector"} < set(names) < bound
    assert "service-controller" not in names
    assert {account.metadata.namespace for account in bootstrap_policy.controller_accounts()} == {"kube-system"}
