"""Rows of Ingresses, NetworkPolicies and addresses."""

from typing import Any

import pytest

from cluster.api import kinds
from tests.cluster.printers.rows import AGE, row_of


def _rules(*hosts: str) -> dict[str, Any]:
    return {"rules": [{"host": host} if host else {} for host in hosts]}


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ((), "*"),
        (("",), "*"),
        (("a.example", "b.example"), "a.example,b.example"),
        (("a", "b", "c"), "a,b,c"),
        (("a", "b", "c", "d", "e"), "a,b,c + 2 more..."),
        (("", "a", "b", "c", ""), "a,b,c + 2 more..."),
    ],
)
def test_ingress_hosts(hosts: tuple[str, ...], text: str) -> None:
    """Three hosts are shown, and the rules beyond three are counted; no host is every host."""
    assert row_of(kinds.INGRESSES, spec=_rules(*hosts))[2] == text


def test_ingresses() -> None:
    """Addresses stand in order, each once; TLS opens a second port."""
    points = [{"ip": "192.0.2.9"}, {"hostname": "lb.example"}, {"ip": "192.0.2.10"}, {"ip": "192.0.2.9"}]
    spec = {"ingressClassName": "nginx", "tls": [{"hosts": ["a"]}], **_rules("a")}
    cells = row_of(kinds.INGRESSES, spec=spec, status={"loadBalancer": {"ingress": points}})
    assert cells == ("x", "nginx", "a", "192.0.2.10,192.0.2.9,lb.example", "80, 443", AGE)
    assert row_of(kinds.INGRESSES) == ("x", "<none>", "*", "", "80", AGE)


def test_ingress_classes() -> None:
    """A class's parameters are told as a kind with its group, and a name."""
    parameters = {"apiGroup": "k8s.example", "kind": "Setup", "name": "edge"}
    cells = row_of(kinds.INGRESS_CLASSES, spec={"controller": "c.example/i", "parameters": parameters})
    assert cells == ("x", "c.example/i", "Setup.k8s.example/edge", AGE)
    assert row_of(kinds.INGRESS_CLASSES, spec={"parameters": {"kind": "Setup", "name": "e"}})[2] == "Setup/e"
    assert row_of(kinds.INGRESS_CLASSES)[2] == "<none>"


def test_policies_and_addresses() -> None:
    """A policy for every pod selects `<none>`; an address names what it belongs to."""
    assert row_of(kinds.NETWORK_POLICIES, spec={"podSelector": {"matchLabels": {"a": "b"}}}) == ("x", "a=b", AGE)
    assert row_of(kinds.NETWORK_POLICIES, spec={"podSelector": {}})[1] == "<none>"
    assert row_of(kinds.SERVICE_CIDRS, spec={"cidrs": ["10.96.0.0/12", "fd00::/112"]})[1] == "10.96.0.0/12,fd00::/112"
    parent = {"resource": "services", "namespace": "default", "name": "web"}
    assert row_of(kinds.IP_ADDRESSES, spec={"parentRef": parent}) == ("x", "services/default/web")
    parent = {"group": "net.example", "resource": "gates", "name": "g"}
    assert row_of(kinds.IP_ADDRESSES, spec={"parentRef": parent}) == ("x", "gates.net.example/g")
    assert row_of(kinds.IP_ADDRESSES) == ("x", "<none>")
