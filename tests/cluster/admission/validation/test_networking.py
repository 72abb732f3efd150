"""The rules of Ingresses, IngressClasses, NetworkPolicies, IPAddresses and ServiceCIDRs."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import refused, refused_change

BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


def path(text: str, path_type: str = "Prefix") -> dict[str, Any]:
    """An Ingress with one path."""
    return {"spec": {"rules": [{"http": {"paths": [{"path": text, "pathType": path_type, "backend": BACKEND}]}}]}}


def backend(**fields: Any) -> dict[str, Any]:
    """An Ingress with this backend for everything."""
    return {"spec": {"defaultBackend": fields}}


HERE = "spec.rules[0].http.paths[0]"


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (path("/"), []),
        ({"spec": {}}, ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]),
        (path("//x"), [f"{HERE}.path: Invalid value: \"//x\": must not contain '//'"]),
        (path("/x/.."), [f"{HERE}.path: Invalid value: \"/x/..\": cannot end with '/..'"]),
        (path("", "ImplementationSpecific"), []),
        (path("/", "Regex"),
         [f'{HERE}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"']),
        (backend(), ['spec.defaultBackend: Invalid value: "": resource or service backend is required']),
        (backend(service={"name": "web"}), ["spec.defaultBackend: Required value: port name or number is required"]),
        (backend(**BACKEND, resource={"kind": "K", "name": "n"}),
         ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends']),
        (backend(resource={"kind": "", "name": "a/b"}),
         ["spec.defaultBackend.resource.kind: Required value: kind is required",
          "spec.defaultBackend.resource.name: Invalid value: \"a/b\": may not contain '/'"]),
        ({"spec": {"rules": [{"host": "10.0.0.1", "http": {"paths": []}}]}},
         ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
          "spec.rules[0].http.paths: Required value"]),
        ({**backend(**BACKEND), "metadata": {"annotations": {"kubernetes.io/ingress.class": "a"}},
          "spec": {"defaultBackend": BACKEND, "ingressClassName": "b"}},
         [('annotations.kubernetes.io/ingress.class: Invalid value: "a": '
           "can not be set when the class field is also set")]),
    ],
)  # fmt: skip
def test_ingresses(plain: dict[str, Any], expected: list[str]) -> None:
    """Hosts are names, paths are absolute, and a backend is one thing with one port."""
    assert refused(kinds.INGRESSES, plain) == expected


PARAMETERS = {"kind": "K", "name": "n"}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"controller": "example.com/x", "parameters": PARAMETERS}, []),
        ({"controller": "x"},
         ['spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")']),
        ({"controller": "example.com/x y"},
         [('spec.controller: Invalid value: "x y": Invalid path '
           "(regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')")]),
        ({"controller": "example.com/x", "parameters": {**PARAMETERS, "scope": "Namespace"}},
         ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]),
        ({"controller": "example.com/x", "parameters": {**PARAMETERS, "namespace": "a"}},
         ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"]),
    ],
)  # fmt: skip
def test_ingress_classes(plain: dict[str, Any], expected: list[str]) -> None:
    """A class names its controller, and parameters that there can be."""
    assert [cause.replace("\\\\", "\\") for cause in refused(kinds.INGRESS_CLASSES, {"spec": plain})] == expected


def test_the_controller_of_a_class_stays() -> None:
    """A class is not handed over."""
    one, other = ({"spec": {"controller": f"example.com/{name}"}} for name in "xy")
    assert refused_change(kinds.INGRESS_CLASSES, one, other) == [
        'spec.controller: Invalid value: "example.com/y": field is immutable'
    ]


def ports(**fields: Any) -> dict[str, Any]:
    """A policy about a port."""
    return {"spec": {"podSelector": {}, "ingress": [{"ports": [fields]}]}}


def peer(**fields: Any) -> dict[str, Any]:
    """A policy about whom the pods may reach."""
    return {"spec": {"podSelector": {}, "egress": [{"to": [fields]}]}}


PORT, PEER = "spec.ingress[0].ports[0]", "spec.egress[0].to[0]"


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (ports(port="http"), []),
        (ports(port="http", endPort=5),
         [f"{PORT}.endPort: Invalid value: 5: may not be specified when `port` is non-numeric"]),
        (ports(endPort=5), [f"{PORT}.endPort: Invalid value: 5: may not be specified when `port` is not specified"]),
        (ports(protocol="ICMP"),
         [f'{PORT}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"']),
        (peer(), [f"{PEER}: Required value: must specify a peer"]),
        (peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}),
         [f'{PEER}.ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`']),
        (peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}), []),
    ],
)  # fmt: skip
def test_network_policies(plain: dict[str, Any], expected: list[str]) -> None:
    """Ports that are ports, and peers that are one thing."""
    assert refused(kinds.NETWORK_POLICIES, plain) == expected


PARENT = {"resource": "services", "name": "web", "namespace": "shop"}


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.IP_ADDRESSES, {"metadata": {"name": "10.96.0.7"}, "spec": {"parentRef": PARENT}}, []),
        (kinds.IP_ADDRESSES, {"metadata": {"name": "2001:DB8::1"}, "spec": {}},
         ['metadata.name: Invalid value: "2001:DB8::1": must be a canonical form IP address',
          "spec.parentRef: Required value"]),
        (kinds.SERVICE_CIDRS, {"spec": {"cidrs": []}}, ["spec.cidrs: Required value: at least one CIDR required"]),
        (kinds.SERVICE_CIDRS, {"spec": {"cidrs": ["10.0.0.0/16", "10.1.0.0/16"]}},
         [('spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, '
           "i.e 192.168.0.0/24 and 2001:db8::/64")]),
        (kinds.SERVICE_CIDRS, {"spec": {"cidrs": ["10.0.0.0/16", "fd00::/64"]}}, []),
    ],
)  # fmt: skip
def test_addresses(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """An address goes by its one proper name, and a range is of one family each."""
    assert refused(kind, plain) == expected


def test_a_range_may_get_a_second_family() -> None:
    """A ServiceCIDR of one family may be given the other; nothing else of it changes."""
    one = {"spec": {"cidrs": ["10.0.0.0/16"]}}
    assert refused_change(kinds.SERVICE_CIDRS, one, {"spec": {"cidrs": ["10.0.0.0/16", "fd00::/64"]}}) == []
    assert refused_change(kinds.SERVICE_CIDRS, one, {"spec": {"cidrs": ["10.1.0.0/16"]}}) == [
        'spec.cidrs: Invalid value: ["10.1.0.0/16"]: field is immutable'
    ]
