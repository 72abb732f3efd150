"""Defaults of the kinds that are not pods."""

from typing import Any

import pytest

from cluster.admission import defaults
from cluster.api import codec, kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import read

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}


def defaulted(kind: Kind[Any], plain: dict[str, Any]) -> dict[str, Any]:
    """The object after defaults, as plain data."""
    found: dict[str, Any] = codec.to_plain(defaults.apply(kind, read(kind, plain)))
    return found


def test_replication_controller() -> None:
    """It takes its labels and its selector from its template, where it has none."""
    found = defaulted(kinds.REPLICATION_CONTROLLERS, {"spec": {"template": TEMPLATE}})
    assert found["spec"]["replicas"] == 1
    assert found["spec"]["selector"] == found["metadata"]["labels"] == {"app": "web"}
    assert found["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    own = defaulted(kinds.REPLICATION_CONTROLLERS, {
        "metadata": {"labels": {"own": "1"}}, "spec": {"replicas": 0, "selector": {"x": "y"}, "template": TEMPLATE},
    })  # fmt: skip
    assert (own["spec"]["replicas"], own["spec"]["selector"], own["metadata"]["labels"]) == (
        0,
        {"x": "y"},
        {"own": "1"},
    )
    assert "template" not in defaulted(kinds.REPLICATION_CONTROLLERS, {"spec": {}})["spec"]


def test_replica_set() -> None:
    """It has one replica, and must be told its selector."""
    found = defaulted(kinds.REPLICA_SETS, {"spec": {"template": TEMPLATE}})
    assert found["spec"]["replicas"] == 1
    assert "selector" not in found["spec"]
    assert "labels" not in found["metadata"]


def test_deployment() -> None:
    """It rolls by quarters, keeps ten revisions and gives up after ten minutes."""
    found = defaulted(kinds.DEPLOYMENTS, {"spec": {"template": TEMPLATE}})["spec"]
    del found["template"]
    assert found == {
        "replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
    }  # fmt: skip


def test_deployment_keeps_what_it_is_told() -> None:
    """Zeros are values, and a strategy that recreates has no rolling update."""
    spec = {
        "replicas": 0,
        "revisionHistoryLimit": 0,
        "strategy": {"rollingUpdate": {"maxSurge": 0}},
        "template": TEMPLATE,
    }
    found = defaulted(kinds.DEPLOYMENTS, {"spec": spec})["spec"]
    assert (found["replicas"], found["revisionHistoryLimit"]) == (0, 0)
    assert found["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": "25%"}
    recreate = defaulted(kinds.DEPLOYMENTS, {"spec": {"strategy": {"type": "Recreate"}, "template": TEMPLATE}})
    assert recreate["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"ports": [{"port": 80}]},
         {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
          "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}]}),
        ({"ports": [{"port": 80, "targetPort": "http", "protocol": "UDP"}], "type": "NodePort"},
         {"type": "NodePort", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
          "externalTrafficPolicy": "Cluster", "ports": [{"port": 80, "protocol": "UDP", "targetPort": "http"}]}),
        ({"type": "LoadBalancer"},
         {"type": "LoadBalancer", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
          "externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": True}),
        ({"type": "ExternalName", "externalName": "x.example.com"},
         {"type": "ExternalName", "externalName": "x.example.com", "sessionAffinity": "None"}),
        ({"externalIPs": ["192.0.2.1"]},
         {"type": "ClusterIP", "externalIPs": ["192.0.2.1"], "sessionAffinity": "None",
          "internalTrafficPolicy": "Cluster", "externalTrafficPolicy": "Cluster"}),
        ({"sessionAffinity": "ClientIP"},
         {"type": "ClusterIP", "sessionAffinity": "ClientIP", "internalTrafficPolicy": "Cluster",
          "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}}}),
        ({"sessionAffinity": "None", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}},
         {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}),
    ],
)  # fmt: skip
def test_services(spec: dict[str, Any], expected: dict[str, Any]) -> None:
    """A Service gets what its type has use for; addresses come later."""
    assert defaulted(kinds.SERVICES, {"spec": spec})["spec"] == expected


def test_load_balancers_addresses() -> None:
    """An address that a load balancer gave is a virtual one unless it says otherwise."""
    ingress = [{"ip": "192.0.2.1"}, {"hostname": "x"}, {"ip": "192.0.2.2", "ipMode": "Proxy"}]
    plain = {"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": ingress}}}
    found = defaulted(kinds.SERVICES, plain)["status"]["loadBalancer"]["ingress"]
    assert [entry.get("ipMode") for entry in found] == ["VIP", None, "Proxy"]


def test_endpoints_and_slices() -> None:
    """Every port has a protocol, and a slice's a name, be it empty."""
    subsets = [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}, {"port": 53, "protocol": "UDP"}]}]
    found = defaulted(kinds.ENDPOINTS, {"subsets": subsets})["subsets"][0]["ports"]
    assert [port["protocol"] for port in found] == ["TCP", "UDP"]
    plain = {"addressType": "IPv4", "endpoints": [], "ports": [{"port": 80}]}
    assert defaulted(kinds.ENDPOINT_SLICES, plain)["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]


def test_namespace() -> None:
    """A namespace carries its name as a label, whatever label it was given, and is active."""
    found = defaulted(kinds.NAMESPACES, {"metadata": {"labels": {"kubernetes.io/metadata.name": "liar", "a": "b"}}})
    assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": "web", "a": "b"}
    assert found["status"] == {"phase": "Active"}


def test_node() -> None:
    """All that a node has can be allocated, unless something is kept back."""
    capacity = {"cpu": "4"}
    assert defaulted(kinds.NODES, {"status": {"capacity": capacity}})["status"]["allocatable"] == capacity
    kept = defaulted(kinds.NODES, {"status": {"capacity": capacity, "allocatable": {"cpu": "3"}}})
    assert kept["status"]["allocatable"] == {"cpu": "3"}


def test_secret() -> None:
    """Plain text is encoded over the data and never stored as it is."""
    plain = {"data": {"a": "b2xk", "b": "Yg=="}, "stringData": {"a": "new", "c": "ß"}}
    found = defaulted(kinds.SECRETS, plain)
    assert found["data"] == {"a": "bmV3", "b": "Yg==", "c": "w58="}
    assert found["type"] == "Opaque"
    assert "stringData" not in found


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.plural)
def test_nothing_missing_nothing_changed(kind: Kind[Any]) -> None:
    """Of every kind, an object that has been defaulted stays as it is."""
    once = defaults.apply(kind, read(kind, {}))
    assert defaults.apply(kind, once) == once
