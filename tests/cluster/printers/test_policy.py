"""Rows of budgets, quotas, roles, classes and what extends the API."""

from cluster.api import kinds
from tests.cluster.printers.rows import AGE, row_of


def test_disruption_budgets() -> None:
    """The bound that is not given is not applicable; a percent stays a percent."""
    cells = row_of(kinds.POD_DISRUPTION_BUDGETS, spec={"minAvailable": "50%"}, status={"disruptionsAllowed": 2})
    assert cells == ("x", "50%", "N/A", "2", AGE)
    assert row_of(kinds.POD_DISRUPTION_BUDGETS, spec={"maxUnavailable": 0}) == ("x", "N/A", "0", "0", AGE)


def test_quotas() -> None:
    """Limits stand apart from requests and counts; what is not used yet is 0."""
    status = {"hard": {"requests.cpu": "1", "pods": "4", "limits.cpu": "2", "limits.memory": "2Gi"},
              "used": {"pods": "3", "limits.cpu": "500m"}}  # fmt: skip
    assert row_of(kinds.RESOURCE_QUOTAS, status=status) == (
        "x", "pods: 3/4, requests.cpu: 0/1", "limits.cpu: 500m/2, limits.memory: 0/2Gi", AGE,
    )  # fmt: skip
    assert row_of(kinds.RESOURCE_QUOTAS)[1:3] == ("", "")


def test_bindings() -> None:
    """Subjects stand under their kinds; a service account has its namespace before it."""
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subjects = [
        {"kind": "User", "name": "ann"}, {"kind": "Group", "name": "dev"}, {"kind": "User", "name": "bob"},
        {"kind": "ServiceAccount", "name": "ci", "namespace": "shop"},
    ]  # fmt: skip
    for kind in (kinds.ROLE_BINDINGS, kinds.CLUSTER_ROLE_BINDINGS):
        assert row_of(kind, roleRef=ref, subjects=subjects) == (
            "x", "ClusterRole/view", AGE, "ann, bob", "dev", "shop/ci",
        )  # fmt: skip


def test_kinds_told_by_their_creation() -> None:
    """The kinds the API server has no printer for show the moment they were made."""
    for kind in (kinds.ROLES, kinds.CLUSTER_ROLES, kinds.LIMIT_RANGES, kinds.CUSTOM_RESOURCE_DEFINITIONS):
        assert row_of(kind) == ("x", "2026-01-01T00:00:00Z")


def test_classes() -> None:
    """A priority class preempts unless it says otherwise; a runtime class names its handler."""
    assert row_of(kinds.PRIORITY_CLASSES, value=-5) == ("x", "-5", "false", AGE, "PreemptLowerPriority")
    cells = row_of(kinds.PRIORITY_CLASSES, value=9, globalDefault=True, preemptionPolicy="Never")
    assert cells == ("x", "9", "true", AGE, "Never")
    assert row_of(kinds.RUNTIME_CLASSES, handler="runsc") == ("x", "runsc", AGE)


def test_webhooks_and_policies() -> None:
    """Webhooks and validations are counted, and a policy names the kind of its parameters."""
    hooks = [{"name": "a.example"}, {"name": "b.example"}]
    assert row_of(kinds.VALIDATING_WEBHOOK_CONFIGURATIONS, webhooks=hooks) == ("x", "2", AGE)
    assert row_of(kinds.MUTATING_WEBHOOK_CONFIGURATIONS, webhooks=hooks) == ("x", "2", AGE)
    spec = {"validations": [{"expression": "true"}], "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}
    assert row_of(kinds.VALIDATING_ADMISSION_POLICIES, spec=spec) == ("x", "1", "v1/ConfigMap", AGE)
    assert row_of(kinds.VALIDATING_ADMISSION_POLICIES) == ("x", "0", "<unset>", AGE)


def test_policy_bindings() -> None:
    """Parameters are named with a namespace, or any; those selected by labels as the selector's Go text."""
    kind = kinds.VALIDATING_ADMISSION_POLICY_BINDINGS
    assert row_of(kind, spec={"policyName": "p"}) == ("x", "p", "<unset>", AGE)
    assert row_of(kind, spec={"paramRef": {"name": "c", "namespace": "n"}})[2] == "n/c"
    assert row_of(kind, spec={"paramRef": {"name": "c"}})[2] == "*/c"
    selector = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [{"key": "k", "operator": "In", "values": ["v", "w"]}],
    }
    assert row_of(kind, spec={"paramRef": {"selector": selector}})[2] == (
        "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},"
        "MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[v w],},},}"
    )
