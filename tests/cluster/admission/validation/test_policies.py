"""The rules of autoscalers, budgets, quotas, classes of pods, webhooks and admission policies."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import refused, refused_change

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def scaled(**spec: Any) -> dict[str, Any]:
    """An autoscaler with these fields of the spec."""
    return {"spec": {"scaleTargetRef": TARGET, "maxReplicas": 3, **spec}}


def metric(**fields: Any) -> dict[str, Any]:
    """An autoscaler of one metric."""
    return scaled(metrics=[fields])


SOURCES = '"ContainerResource", "External", "Object", "Pods", "Resource"'
CPU = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (scaled(), []),
        (scaled(maxReplicas=-1, minReplicas=-2),
         ["spec.minReplicas: Invalid value: -2: must be greater than or equal to 1",
          "spec.maxReplicas: Invalid value: -1: must be greater than 0"]),
        (scaled(scaleTargetRef={**TARGET, "apiVersion": "a/b/c"}),
         ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c']),
        (metric(type="Resource", resource=CPU), []),
        (metric(type="Resource"),
         ["spec.metrics[0].resource: Required value: must populate information for the given metric source"]),
        (metric(type="Disk", resource=CPU),
         [f'spec.metrics[0].type: Unsupported value: "Disk": supported values: {SOURCES}'] * 2),
        (metric(type="Resource", resource=CPU, pods={"metric": {"name": "m"}, "target": {"type": "Value"}}),
         [("spec.metrics[0].pods.target.averageValue: Required value: "
           "must specify a positive target averageValue"),
          "spec.metrics[0].pods: Forbidden: must populate the given metric source only"]),
        (metric(type="Resource", resource={"name": "cpu", "target": {"type": "Share", "averageValue": "0"}}),
         [('spec.metrics[0].resource.target.type: Invalid value: "Share": '
           "must be either Utilization, Value, or AverageValue"),
          'spec.metrics[0].resource.target.averageValue: Invalid value: "0": must be positive']),
        (metric(type="External", external={"metric": {"name": "m"}, "target": {"type": "Value"}}),
         [("spec.metrics[0].external.target.averageValue: Required value: "
           "must set either a target value for metric or a per-pod target")]),
        (scaled(behavior={"scaleUp": {"stabilizationWindowSeconds": 3601, "selectPolicy": "Any"}}),
         ["spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600",
          'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"']),
        (scaled(behavior={"scaleDown": {"policies": [{"type": "Nodes", "value": 0, "periodSeconds": 1801}]}}),
         ['spec.behavior.scaleDown.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"',
          "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
          ("spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: "
           "must be less than or equal to 1800")]),
    ],
)  # fmt: skip
def test_autoscalers(plain: dict[str, Any], expected: list[str]) -> None:
    """Bounds in order, a target that can be found, metrics of one source, a behaviour within limits."""
    assert refused(kinds.HORIZONTAL_POD_AUTOSCALERS, plain) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": "50%"}, []),
        ({"maxUnavailable": -1}, ["spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"]),
        ({"unhealthyPodEvictionPolicy": "Never"},
         ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']),
    ],
)  # fmt: skip
def test_budgets(spec: dict[str, Any], expected: list[str]) -> None:
    """A budget is a number or a part of the pods."""
    assert refused(kinds.POD_DISRUPTION_BUDGETS, {"spec": spec}) == expected


QUOTA = "must be a standard resource for quota"
EXIST = (
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"hard": {"pods": "4", "count/jobs.batch": "1", "requests.nvidia.com/gpu": "2"}}, []),
        ({"hard": {"disk": "1"}},
         ['spec.hard[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
          f'spec.hard[disk]: Invalid value: "disk": {QUOTA}']),
        ({"hard": {"pods": "1500m"}}, ['spec.hard[pods]: Invalid value: "1500m": must be an integer']),
        ({"scopes": ["BestEffort", "NotBestEffort"]},
         ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes']),
        ({"hard": {"cpu": "1"}, "scopes": ["BestEffort"]},
         ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource']),
        ({"scopes": ["Old"]}, ['spec.scopes: Invalid value: ["Old"]: unsupported scope']),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "Terminating", "operator": "In", "values": ["a"]}]}},
         [f'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": {EXIST}']),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}},
         [("spec.scopeSelector.matchExpressions.values: Required value: "
           "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]),
    ],
)  # fmt: skip
def test_quotas(spec: dict[str, Any], expected: list[str]) -> None:
    """A quota limits what can be counted, for pods that can be told apart."""
    assert refused(kinds.RESOURCE_QUOTAS, {"spec": spec}) == expected


def test_the_scopes_of_a_quota_stay() -> None:
    """What a quota is about never changes."""
    before, after = (
        {"spec": {"hard": {"pods": "1"}, "scopes": [scope]}} for scope in ("Terminating", "NotTerminating")
    )
    assert refused_change(kinds.RESOURCE_QUOTAS, before, after) == [
        'spec.scopes: Invalid value: ["NotTerminating"]: field is immutable'
    ]


HIGH = "maximum allowed value of a user defined priority is 1000000000"
RESERVED = "priority class names with 'system-' prefix are reserved for system use only. error: "


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.PRIORITY_CLASSES, {"value": 1_000_000_000}, []),
        (kinds.PRIORITY_CLASSES, {"value": 1_000_000_001}, [f"value: Forbidden: {HIGH}"]),
        (kinds.PRIORITY_CLASSES, {"metadata": {"name": "system-mine"}, "value": 1},
         [f"metadata.name: Forbidden: {RESERVED}system-mine is not a known system priority class"]),
        (kinds.PRIORITY_CLASSES, {"metadata": {"name": "system-node-critical"}, "value": 1},
         [f"metadata.name: Forbidden: {RESERVED}value of system-node-critical PriorityClass must be 2000001000"]),
        (kinds.PRIORITY_CLASSES, {"preemptionPolicy": "Ask"},
         ['preemptionPolicy: Unsupported value: "Ask": supported values: "PreemptLowerPriority", "Never"']),
        (kinds.RUNTIME_CLASSES, {"handler": "runc", "overhead": {"podFixed": {"cpu": "-1"}}},
         ['overhead.podFixed.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']),
        (kinds.LIMIT_RANGES, {"spec": {"limits": [{"type": "Container"}, {"type": "Container"}]}},
         ['spec.limits[1].type: Duplicate value: "Container"']),
        (kinds.LIMIT_RANGES, {"spec": {"limits": [{"type": "Disk"}]}},
         ['spec.limits[0].type: Invalid value: "Disk": must be a standard limit type or fully qualified']),
    ],
)  # fmt: skip
def test_classes_and_limits(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """Priorities below the system's, and limits of what there is."""
    assert refused(kind, plain) == expected


def test_priorities_stay() -> None:
    """The value of a class never changes, its description may."""
    before = {"value": 5}
    assert refused_change(kinds.PRIORITY_CLASSES, before, {"value": 5, "description": "more"}) == []
    assert refused_change(kinds.PRIORITY_CLASSES, before, {"value": 6}) == [
        "value: Forbidden: may not be changed in an update."
    ]


RULE = {"operations": ["CREATE"], "apiGroups": ["*"], "apiVersions": ["v1"], "resources": ["pods"]}
HOOK = {
    "name": "a.example.com", "clientConfig": {"url": "https://example.com/x"}, "sideEffects": "None",
    "admissionReviewVersions": ["v1"], "rules": [RULE],
}  # fmt: skip
OPERATIONS = '"*", "CONNECT", "CREATE", "DELETE", "UPDATE"'


@pytest.mark.parametrize("kind", [kinds.VALIDATING_WEBHOOK_CONFIGURATIONS, kinds.MUTATING_WEBHOOK_CONFIGURATIONS])
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"name": "a.b"}, ['name: Invalid value: "a.b": should be a domain with at least three segments separated by dots']),
        ({"sideEffects": "Some"}, ['sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"']),
        ({"timeoutSeconds": 31},
         ["timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"]),
        ({"clientConfig": {}}, ["clientConfig: Required value: exactly one of url or service is required"]),
        ({"clientConfig": {"url": "http://example.com"}},
         [('clientConfig.url: Invalid value: "http": '
           "'https' is the only allowed URL scheme; desired format: https://host[/path]")]),
        ({"admissionReviewVersions": ["v2"]},
         ['admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1']),
        ({"rules": [{**RULE, "operations": ["READ"]}]},
         [f'rules[0].operations[0]: Unsupported value: "READ": supported values: {OPERATIONS}']),
        ({"rules": [{**RULE, "resources": ["*", "pods"]}]},
         [('rules[0].resources: Invalid value: ["*","pods"]: '
           "if '*' is present, must not specify other resources without subresources")]),
        ({"matchConditions": [{"name": "", "expression": " "}]},
         ["matchConditions[0].expression: Required value", "matchConditions[0].name: Required value"]),
    ],
)  # fmt: skip
def test_webhooks(kind: Kind[Any], fields: dict[str, Any], expected: list[str]) -> None:
    """A webhook has a full name, one place, rules that mean something, and says what it does besides."""
    found = refused(kind, {"webhooks": [{**HOOK, **fields}]})
    assert [cause.removeprefix("webhooks[0].") for cause in found] == expected


POLICY: dict[str, Any] = {"matchConstraints": {"resourceRules": [RULE]}, "validations": [{"expression": "true"}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (POLICY, []),
        ({}, ["spec.matchConstraints: Required value",
              *(f"spec.{name}: Required value: validations or auditAnnotations must contain at least one item"
                for name in ("validations", "auditAnnotations"))]),
        ({**POLICY, "paramKind": {"apiVersion": "v1", "kind": "My Kind"}},
         [('spec.paramKind.kind: Invalid value: "My Kind": may have mixed case, but should otherwise match: '
           "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
           "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
           "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')").replace(",  or", ", or")]),
        ({**POLICY, "validations": [{"expression": "true", "reason": "Because"}]},
         [('spec.validations[0].reason: Unsupported value: "Because": '
           'supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"')]),
        ({**POLICY, "variables": [{"name": "a-b", "expression": "1"}]},
         ['spec.variables[0].name: Invalid value: "a-b": name is not a valid CEL identifier']),
        ({**POLICY, "variables": [{"name": "a", "expression": "1"}, {"name": "b", "expression": "variables.a + 1"}]}, []),
        ({**POLICY, "variables": [{"name": "a", "expression": "variables.b"}, {"name": "b", "expression": "1"}]},
         [('spec.variables[0].expression: Invalid value: "variables.b": compilation failed: '
          "ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^")]),
        ({**POLICY, "validations": [{"expression": "variables.none > 1"}]},
         [('spec.validations[0].expression: Invalid value: "variables.none > 1": compilation failed: '
          "ERROR: <input>:1:10: undefined field 'none'\n | variables.none > 1\n | .........^")]),
    ],
)  # fmt: skip
def test_admission_policies(spec: dict[str, Any], expected: list[str]) -> None:
    """A policy says what it is about and what it asks for."""
    assert refused(kinds.VALIDATING_ADMISSION_POLICIES, {"spec": spec}) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"policyName": "p", "validationActions": ["Deny"]}, []),
        ({"validationActions": []},
         ["spec.policyName: Required value",
          "spec.validationActions: Required value: at least one validation action is required"]),
        ({"policyName": "p", "validationActions": ["Deny"], "paramRef": {}},
         ["spec.paramRef: Required value: one of name or selector must be specified"]),
        ({"policyName": "p", "validationActions": ["Audit", "Audit"]},
         ['spec.validationActions[1]: Duplicate value: "Audit"']),
    ],
)  # fmt: skip
def test_bindings(spec: dict[str, Any], expected: list[str]) -> None:
    """A binding names its policy and what is done."""
    assert refused(kinds.VALIDATING_ADMISSION_POLICY_BINDINGS, {"spec": spec}) == expected
