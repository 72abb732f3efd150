"""Rows of nodes, Services, events and plain kinds, and whole tables."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.printers import table_text
from tests.cluster.printers.rows import AGE, NOW, made, row_of


@pytest.mark.parametrize(
    ("ready", "unschedulable", "text"),
    [
        ("True", False, "Ready"), ("False", False, "NotReady"), ("Unknown", False, "NotReady"), ("", False, "Unknown"),
        ("True", True, "Ready,SchedulingDisabled"), ("False", True, "NotReady,SchedulingDisabled"),
    ],
)  # fmt: skip
def test_node_status(ready: str, unschedulable: bool, text: str) -> None:  # noqa: FBT001 - a row of the table above
    """A node's word is its Ready condition, and cordoning is told beside it."""
    conditions = [{"type": "Ready", "status": ready}] if ready else []
    assert row_of(kinds.NODES, spec={"unschedulable": unschedulable}, status={"conditions": conditions})[1] == text


def test_node_details() -> None:
    """Roles come from both forms of the label, in order; addresses and versions have their words when unknown."""
    labels = {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge", "node-role.kubernetes.io/": ""}
    info = {"kubeletVersion": "v1.36.2", "osImage": "Linux"}
    status = {"nodeInfo": info, "addresses": [{"type": "InternalIP", "address": "192.168.0.1"}]}
    cells = row_of(kinds.NODES, {"labels": labels}, status=status)
    assert cells[2:] == ("edge,worker", AGE, "v1.36.2", "192.168.0.1", "<none>", "Linux", "<unknown>", "<unknown>")


@pytest.mark.parametrize(
    ("spec", "status", "external"),
    [
        ({"type": "ClusterIP"}, {}, "<none>"),
        ({"type": "ClusterIP", "externalIPs": ["192.0.2.77", "192.0.2.78"]}, {}, "192.0.2.77,192.0.2.78"),
        ({"type": "NodePort"}, {}, "<none>"),
        ({"type": "LoadBalancer"}, {}, "<pending>"),
        (
            {"type": "LoadBalancer"},
            {"loadBalancer": {"ingress": [{"ip": "5.6.7.8"}, {"hostname": "a.example"}]}},
            "5.6.7.8,a.example",
        ),
        (
            {"type": "LoadBalancer", "externalIPs": ["1.2.3.4"]},
            {"loadBalancer": {"ingress": [{"ip": "5.6.7.8"}]}},
            "5.6.7.8,1.2.3.4",
        ),
        ({"type": "ExternalName", "externalName": "example.com"}, {}, "example.com"),
        ({}, {}, "<unknown>"),
    ],
)
def test_external_ip(spec: dict[str, Any], status: dict[str, Any], external: str) -> None:
    """Where a Service is reached from outside depends on its type; a load balancer's address is awaited."""
    assert row_of(kinds.SERVICES, spec=spec, status=status)[3] == external


def test_service_ports_and_selector() -> None:
    """A node port stands between the port and the protocol; no ports, address or selector are `<none>`."""
    ports = [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]
    cells = row_of(
        kinds.SERVICES,
        spec={"type": "NodePort", "clusterIP": "10.96.0.9", "ports": ports, "selector": {"b": "2", "a": "1"}},
    )
    assert cells == ("x", "NodePort", "10.96.0.9", "<none>", "80:30080/TCP,53/UDP", AGE, "a=1,b=2")
    assert row_of(kinds.SERVICES, spec={"type": "ExternalName", "externalName": "e"})[2:] == (
        "<none>",
        "e",
        "<none>",
        AGE,
        "<none>",
    )


@pytest.mark.parametrize(
    ("subsets", "text"),
    [
        ([], "<none>"),
        ([{"notReadyAddresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 80}]}], ""),
        ([{"addresses": [{"ip": "10.1.0.1"}, {"ip": "fd00::1"}], "ports": [{"port": 80}]}], "10.1.0.1:80,[fd00::1]:80"),
        ([{"addresses": [{"ip": "10.1.0.1"}]}], "10.1.0.1"),
        (
            [{"addresses": [{"ip": "10.1.0.1"}, {"ip": "10.1.0.2"}], "ports": [{"port": 80}, {"port": 443}]}],
            "10.1.0.1:80,10.1.0.2:80,10.1.0.1:443 + 1 more...",
        ),
    ],
)
def test_endpoints(subsets: list[Any], text: str) -> None:
    """Ready addresses are listed port by port, three at most; without any of them the cell is empty."""
    assert row_of(kinds.ENDPOINTS, subsets=subsets) == ("x", text, AGE)


def test_endpoint_slices() -> None:
    """Ports and addresses are shortened each by itself; none at all is `<unset>`, every port `*`."""
    full = row_of(
        kinds.ENDPOINT_SLICES,
        addressType="IPv4",
        ports=[{"port": 53}, {"port": 80}, {"port": 443}, {"port": 9113}],
        endpoints=[{"addresses": ["10.1.0.1"]}, {"addresses": ["10.1.0.2"]}],
    )
    assert full == ("x", "IPv4", "53,80,443 + 1 more...", "10.1.0.1,10.1.0.2", AGE)
    assert row_of(kinds.ENDPOINT_SLICES, addressType="IPv4", endpoints=[]) == ("x", "IPv4", "<unset>", "<unset>", AGE)
    assert row_of(kinds.ENDPOINT_SLICES, addressType="IPv4", endpoints=[], ports=[{}])[2] == "*"


def test_events() -> None:
    """A row names the object as kubectl does, and tells the ages of the first and last occurrence."""
    event: dict[str, Any] = {
        "involvedObject": {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{c}"}, "type": "Warning",
        "reason": "BackOff", "message": "Back-off restarting\n", "source": {"component": "kubelet", "host": "node-1"}, "count": 4,
        "firstTimestamp": "2026-01-01T01:00:00Z", "lastTimestamp": "2026-01-01T01:59:30Z",
    }  # fmt: skip
    assert row_of(kinds.EVENTS, **event) == (
        "30s", "Warning", "BackOff", "pod/web", "spec.containers{c}", "kubelet, node-1", "Back-off restarting", "60m", "4", "x",
    )  # fmt: skip


def test_events_of_the_newer_form() -> None:
    """An event with eventTime and a series is aged by them, and its reporter stands in for the source."""
    cells = row_of(
        kinds.EVENTS, involvedObject={"kind": "Node"}, eventTime="2026-01-01T01:58:00.000000Z",
        reportingComponent="default-scheduler", series={"count": 7, "lastObservedTime": "2026-01-01T01:59:00.000000Z"},
    )  # fmt: skip
    assert (cells[0], cells[3], cells[5], cells[7], cells[8]) == ("60s", "node", "default-scheduler", "2m", "7")
    assert row_of(kinds.EVENTS, eventTime="2026-01-01T01:58:00.000000Z")[0] == "2m"


def test_plain_kinds() -> None:
    """A field or two, counted where it is a map."""
    assert row_of(kinds.NAMESPACES, status={"phase": "Active"}) == ("x", "Active", AGE)
    assert row_of(kinds.CONFIG_MAPS, data={"a": "1"}, binaryData={"b": "AA=="}) == ("x", "2", AGE)
    assert row_of(kinds.SECRETS, type="Opaque", data={"a": "MQ=="}) == ("x", "Opaque", "1", AGE)
    assert row_of(kinds.SERVICE_ACCOUNTS) == ("x", AGE)
    assert row_of(kinds.LEASES, spec={"holderIdentity": "node-1"}) == ("x", "node-1", AGE)


def test_table_text() -> None:
    """A table is laid out as kubectl does: three blanks between columns, upper-case headers, no trailing blanks."""
    objects = [
        made(kinds.NAMESPACES, name, status={"phase": phase})
        for name, phase in (("default", "Active"), ("o", "Terminating"))
    ]
    assert table_text(kinds.NAMESPACES, objects, NOW) == (
        "NAME      STATUS        AGE\n"
        "default   Active        120m\n"
        "o         Terminating   120m\n"
    )  # fmt: skip


def test_table_text_with_everything() -> None:
    """Wide columns keep their places; namespaces go first and labels last; a cell is cut at a line break."""
    meta = {"namespace": "shop", "labels": {"b": "2", "a": "1"}}
    event = made(kinds.EVENTS, "web.1", meta, involvedObject={"kind": "Pod", "name": "web"}, type="Normal", reason="Started",
                  message="one\ntwo", source={"component": "kubelet"}, firstTimestamp="2026-01-01T01:59:00Z")  # fmt: skip
    assert table_text(kinds.EVENTS, [event], NOW, wide=True, namespace=True, labels=True) == (
        "NAMESPACE   LAST SEEN   TYPE     REASON    OBJECT    SUBOBJECT   SOURCE    MESSAGE   FIRST SEEN   COUNT   NAME    LABELS\n"
        "shop        60s         Normal   Started   pod/web               kubelet   one...    60s          1       web.1   a=1,b=2\n"
    )


def test_table_text_of_nothing() -> None:
    """An empty table is its header."""
    assert table_text(kinds.SECRETS, [], NOW) == "NAME   TYPE   DATA   AGE\n"
