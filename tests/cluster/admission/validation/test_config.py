"""The rules of namespaces, nodes, configuration, events and leases."""

from base64 import b64encode
from typing import Any

import pytest

from cluster.admission import validation
from cluster.api import kinds, names
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import read, refused, refused_change, said

FROZEN = "field is immutable when `immutable` is set"
TAINT = {"key": "a", "value": "b", "effect": "NoSchedule"}
BIG = "x" * 1_048_577


def encoded(text: str) -> str:
    """Text as a Secret carries it."""
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.CONFIG_MAPS, {"data": {"a.b-c_D": "1"}}, []),
        (kinds.CONFIG_MAPS, {"data": {"a b": "1", "..": "2"}},
         [f'data[a b]: Invalid value: "a b": {names.config_map_key("a b")[0]}',
          "data[..]: Invalid value: \"..\": must not be '..'"]),
        (kinds.CONFIG_MAPS, {"data": {"a": "1"}, "binaryData": {"a": "MQ=="}},
         ['data[a]: Invalid value: "a": duplicate of key present in binaryData']),
        (kinds.CONFIG_MAPS, {"data": {"a": BIG}}, ["[]: Too long: may not be more than 1048576 bytes"]),
        (kinds.SECRETS, {"stringData": {"a": BIG}}, ["data: Too long: may not be more than 1048576 bytes"]),
        (kinds.SECRETS, {"type": "kubernetes.io/basic-auth"}, ["data[username]: Required value", "data[password]: Required value"]),
        (kinds.SECRETS, {"type": "kubernetes.io/basic-auth", "stringData": {"username": ""}}, []),
        (kinds.SECRETS, {"type": "kubernetes.io/ssh-auth"}, ["data[ssh-privatekey]: Required value"]),
        (kinds.SECRETS, {"type": "kubernetes.io/tls", "stringData": {"tls.crt": "x"}}, ["data[tls.key]: Required value"]),
        (kinds.SECRETS, {"type": "kubernetes.io/dockerconfigjson"}, ["data[.dockerconfigjson]: Required value"]),
        (kinds.SECRETS, {"type": "kubernetes.io/dockercfg", "stringData": {".dockercfg": "{}"}}, []),
        (kinds.SECRETS, {"type": "kubernetes.io/dockercfg", "stringData": {".dockercfg": "{"}},
         ['data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input']),
        (kinds.SECRETS, {"type": "kubernetes.io/service-account-token"},
         ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]),
        (kinds.SERVICE_ACCOUNTS, {}, []),
        (kinds.NAMESPACES, {"spec": {"finalizers": ["mine"]}},
         ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']),
        (kinds.NODES, {"spec": {"taints": [TAINT, {**TAINT, "effect": "NoExecute"}]}}, []),
        (kinds.NODES, {"spec": {"taints": [TAINT, TAINT]}},
         [('metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: '
          "taints must be unique by key and effect pair")]),
        (kinds.NODES, {"spec": {"taints": [{"key": "a", "value": "b c", "effect": ""}]}},
         [f'metadata.taints[0].value: Invalid value: "b c": {names.label_value("b c")[0]}',
          "metadata.taints[0].effect: Required value"]),
        (kinds.NODES, {"status": {"capacity": {"cpu": "-1", "pods": "1.5"}, "allocatable": {"cpu": "1"}}},
         ['status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
          'status.capacity.pods: Invalid value: "1500m": must be an integer']),
        (kinds.NODES, {"spec": {"podCIDRs": ["10.0.0.0/24", "10.0.1.0/24"]}},
         ['spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family']),
        (kinds.NODES, {"spec": {"podCIDRs": ["10.0.0.0"]}},
         ['spec.podCIDRs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']),
        (kinds.EVENTS, {"involvedObject": {"namespace": "shop"}}, []),
        (kinds.EVENTS, {"involvedObject": {"namespace": "other"}},
         ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']),
        (kinds.LEASES, {"spec": {"leaseDurationSeconds": 0, "leaseTransitions": -1}},
         ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than zero",
          "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"]),
    ],
)  # fmt: skip
def test_new_objects(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """Keys and sizes of data, what a Secret's type asks for, taints and amounts of nodes."""
    assert refused(kind, plain) == expected


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (kinds.CONFIG_MAPS, {"immutable": True, "data": {"a": "1"}}, {"immutable": True, "data": {"a": "2"}},
         [f"data: Forbidden: {FROZEN}"]),
        (kinds.CONFIG_MAPS, {"immutable": True}, {"immutable": False}, [f"immutable: Forbidden: {FROZEN}"]),
        (kinds.CONFIG_MAPS, {"data": {"a": "1"}}, {"immutable": True}, []),
        (kinds.SECRETS, {"immutable": True}, {"immutable": True, "stringData": {"a": "1"}}, [f"data: Forbidden: {FROZEN}"]),
        (kinds.SECRETS, {}, {"type": "kubernetes.io/basic-auth"},
         ['type: Invalid value: "kubernetes.io/basic-auth": field is immutable',
          "data[username]: Required value", "data[password]: Required value"]),
        (kinds.NODES, {"spec": {"podCIDRs": ["10.0.0.0/24"], "providerID": "a"}}, {"spec": {"providerID": "b"}},
         ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
          'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid']),
        (kinds.NODES, {}, {"spec": {"podCIDRs": ["10.0.0.0/24"], "providerID": "b", "unschedulable": True}}, []),
        (kinds.NODES, {}, {"spec": {"externalID": "x"}}, ["spec.externalID: Forbidden: may not be updated"]),
        (kinds.NAMESPACES, {}, {"metadata": {"labels": {"a": "b"}}}, []),
        (kinds.LEASES, {}, {"spec": {"holderIdentity": ""}}, ['spec.holderIdentity: Invalid value: "": must not be empty']),
        (kinds.EVENTS, {"involvedObject": {"namespace": "shop"}}, {"involvedObject": {"namespace": "x"}},
         ['involvedObject.namespace: Invalid value: "x": does not match event.namespace']),
    ],
)  # fmt: skip
def test_changed_objects(kind: Kind[Any], before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    """What was said to be immutable is; what identifies a node is set once."""
    assert refused_change(kind, before, after) == expected


def test_a_nodes_status() -> None:
    """Amounts are checked when they change, and no address is there twice."""
    address = {"type": "InternalIP", "address": "10.0.0.1"}
    old = read(kinds.NODES, {})
    new = read(kinds.NODES, {"status": {"capacity": {"cpu": "-1"}, "addresses": [address, address]}})
    assert said(validation.status_update(kinds.NODES, new, old)) == [
        'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
        'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    ]
    assert validation.status_update(kinds.SERVICES, read(kinds.SERVICES, {}), read(kinds.SERVICES, {})) == []


def test_events_of_the_cluster() -> None:
    """An event about something without a namespace lies in `default`."""
    assert refused(kinds.EVENTS, {"involvedObject": {"kind": "Node"}}) == [
        'involvedObject.namespace: Invalid value: "": does not match event.namespace'
    ]
    event = read(kinds.EVENTS, {"metadata": {"namespace": "default"}, "involvedObject": {"kind": "Node"}})
    assert validation.create(kinds.EVENTS, event) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", ""), ("null", ""), ("", "unexpected end of JSON input"), ('{"auths":', "unexpected end of JSON input"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ("5", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
    ],
)  # fmt: skip
def test_docker_configs(text: str, why: str) -> None:
    """What a registry's credentials are kept in is an object of JSON, and is never repeated."""
    plain = {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": text}}
    told = [f'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": {why}'] if why else []
    assert refused(kinds.SECRETS, plain) == told
