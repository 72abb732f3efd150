"""Affinity, tolerations and topology spread: where a pod may run."""

from typing import Any

import pytest

from cluster.api import kinds, names
from tests.cluster.admission.requests import pod, refused

KEY = names.qualified_name("a b")[0]
VALUE = names.label_value("a b")[0]
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
NODES = f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms"
PODS = f"spec.affinity.podAffinity.{REQUIRED}[0]"
T = "spec.tolerations[0]"
S = "spec.topologySpreadConstraints[0]"


def node_term(**term: Any) -> dict[str, Any]:
    """A pod that requires a node of one term."""
    return pod(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}})


def requirement(operator: str, *values: str, key: str = "disk") -> list[dict[str, Any]]:
    """One requirement of a node's labels or fields."""
    return [{"key": key, "operator": operator, "values": list(values)}]


def near(**term: Any) -> dict[str, Any]:
    """A pod that requires others near it."""
    return pod(affinity={"podAffinity": {REQUIRED: [{"topologyKey": "zone", "labelSelector": {}, **term}]}})


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (pod(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": []}}}),
         [f"{NODES}: Required value: must have at least one node selector term"]),
        (node_term(matchExpressions=requirement("In")),
         [f"{NODES}[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"]),
        (node_term(matchExpressions=requirement("Exists", "x")),
         [(f"{NODES}[0].matchExpressions[0].values: Forbidden: "
          "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]),
        (node_term(matchExpressions=requirement("Gt", "1", "2")),
         [(f"{NODES}[0].matchExpressions[0].values: Required value: "
          "must be specified single value when `operator` is 'Lt' or 'Gt'")]),
        (node_term(matchExpressions=requirement("Is", "x")),
         [f'{NODES}[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator']),
        (node_term(matchExpressions=requirement("In", "a b", key="a b")),
         [f'{NODES}[0].matchExpressions[0].key: Invalid value: "a b": {KEY}',
          f'{NODES}[0].matchExpressions[0].values[0]: Invalid value: "a b": {VALUE}']),
        (node_term(matchFields=requirement("In", "node-1", key="metadata.name")), []),
        (node_term(matchFields=requirement("In", key="metadata.name")),
         [(f"{NODES}[0].matchFields[0].values: Required value: "
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")]),
        (node_term(matchFields=requirement("In", "x", key="spec.name")),
         [f'{NODES}[0].matchFields[0].key: Invalid value: "spec.name": not a valid field selector key']),
        (pod(affinity={"nodeAffinity": {PREFERRED: [{"weight": 0, "preference": {"matchExpressions": requirement("In", "a b")}}]}}),
         [f"spec.affinity.nodeAffinity.{PREFERRED}[0].weight: Invalid value: 0: must be in the range 1-100"]),
        (near(topologyKey=""),
         [f"{PODS}.topologyKey: Required value: can not be empty",
          *(f'{PODS}.topologyKey: Invalid value: "": {message}' for message in names.qualified_name(""))]),
        (near(labelSelector={"matchLabels": {"a b": "x"}}),
         [f'{PODS}.labelSelector.matchLabels: Invalid value: "a b": {KEY}']),
        (near(namespaces=["A"]), [f'{PODS}.namespace: Invalid value: "A": {names.is_dns1123_label("A")[0]}']),
        (near(labelSelector=None, matchLabelKeys=["a"]),
         [f"{PODS}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"]),
        (near(labelSelector={"matchLabels": {"a": "1"}}, matchLabelKeys=["a"], mismatchLabelKeys=["a"]),
         [f'{PODS}[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
          f'{PODS}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys']),
        (pod(affinity={"podAntiAffinity": {PREFERRED: [{"weight": 101, "podAffinityTerm": {"topologyKey": "zone"}}]}}),
         [f"spec.affinity.podAntiAffinity.{PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100"]),
    ],
)  # fmt: skip
def test_affinity(plain: dict[str, Any], expected: list[str]) -> None:
    """Terms name labels that can exist, with operators that are known."""
    assert refused(kinds.PODS, plain) == [text for text in expected]  # noqa: C416 - generators stand among them


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"key": "a b", "operator": "Exists"}, [f'{T}.key: Invalid value: "a b": {KEY}']),
        ({"value": "x"}, [(f'{T}.operator: Invalid value: "": '
                          'operator must be Exists when `key` is empty, which means "match all values and all keys"')]),
        ({"key": "a", "operator": "Exists", "value": "x"},
         [f"{T}.operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'"]),
        ({"key": "a", "value": "a b"}, [f'{T}.operator: Invalid value: "a b": {VALUE}']),
        ({"key": "a", "operator": "Is"}, [f'{T}.operator: Unsupported value: "Is": supported values: "Equal", "Exists"']),
        ({"key": "a", "effect": "Never"},
         [f'{T}.effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"']),
        ({"key": "a", "effect": "NoSchedule", "tolerationSeconds": 5},
         [f"{T}.effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"]),
    ],
)  # fmt: skip
def test_tolerations(toleration: dict[str, Any], expected: list[str]) -> None:
    """A toleration matches taints that can exist."""
    assert refused(kinds.PODS, pod(tolerations=[toleration])) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": []}]}},
         [(f"{S}.labelSelector.matchExpressions[0].values: Required value: "
          "must be specified when `operator` is 'In' or 'NotIn'")]),
        ({"matchLabelKeys": ["a"]},
         [f"{S}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"]),
        ({"nodeAffinityPolicy": "Obey"},
         [f'{S}.nodeAffinityPolicy: Unsupported value: "Obey": supported values: "Honor", "Ignore"']),
    ],
)  # fmt: skip
def test_spread(fields: dict[str, Any], expected: list[str]) -> None:
    """A constraint counts pods that can be selected."""
    constraint = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", **fields}
    assert refused(kinds.PODS, pod(topologySpreadConstraints=[constraint])) == expected
