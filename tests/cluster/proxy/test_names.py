"""What the cluster's DNS answers."""

import pytest

from cluster.api import kinds
from cluster.network import Answer
from tests.cluster.proxy.town import Town

TEXT = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, clusterIP: 10.96.0.80, ports: [{name: http, port: 80, targetPort: http}, {name: admin, port: 81}]}
---
apiVersion: v1
kind: Service
metadata: {name: peers, namespace: default}
spec: {selector: {app: web}, clusterIP: None, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: bare, namespace: default}
spec: {selector: {app: web}, clusterIP: None}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: default}
spec: {type: ExternalName, externalName: db.example.com}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: default}
spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: round, namespace: default}
spec: {type: ExternalName, externalName: round.default.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: default}
spec: {selector: {app: none}, clusterIP: None, ports: [{port: 80}]}
"""


@pytest.fixture(scope="module")
def town() -> Town:
    """Services of every sort, and two servers, of which one has a host name of its own, and one that is not ready."""
    made = Town(TEXT)
    made.server("web-1", "node-1")
    made.server("web-2", "node-2", hostname="second", subdomain="peers")
    made.server("late", "node-3", told='sim.ktui.dev/ready: "false"')
    return made


def ask(town: Town, name: str, kind: str = "A") -> Answer:
    """The answer to a question asked now."""
    return town.proxy.lookup(name, kind, town.engine.clock.now)


def data(town: Town, name: str, kind: str = "A") -> list[str]:
    """What the records of an answer say; the name has to be there."""
    found = ask(town, name, kind)
    assert found.exists
    return [record.data for record in found.records]


def address(town: Town, pod: str) -> str:
    """A pod's address."""
    return town.pod(pod).status.podIP


def test_a_service_has_its_address(town: Town) -> None:
    """A Service's name is its cluster IP, in the case that was asked; there is no AAAA record, but the name is there."""
    assert data(town, "web.default.svc.cluster.local") == ["10.96.0.80"]
    assert data(town, "WEB.default.svc.cluster.local.") == ["10.96.0.80"]
    assert data(town, "web.default.svc.cluster.local", "AAAA") == []
    assert data(town, "kubernetes.default.svc.cluster.local") == ["10.96.0.1"]


def test_a_headless_service_has_its_ready_pods(town: Town) -> None:
    """A headless Service's name is the addresses of all ready endpoints, with ports or without."""
    ready = sorted([address(town, "web-1"), address(town, "web-2")])
    assert sorted(data(town, "peers.default.svc.cluster.local")) == ready
    assert sorted(data(town, "bare.default.svc.cluster.local")) == ready
    assert not ask(town, "empty.default.svc.cluster.local").exists


def test_each_address_comes_first_in_its_turn(town: Town) -> None:
    """Who takes the first address of a headless Service does not always meet the same pod; at one time the order is one."""
    now = town.engine.clock.now
    name = "peers.default.svc.cluster.local"
    first = {town.proxy.lookup(name, "A", now + ahead).records[0].data for ahead in range(20)}
    assert first == {address(town, "web-1"), address(town, "web-2")}
    assert town.proxy.lookup(name, "A", now) == town.proxy.lookup(name, "A", now)


def test_endpoints_have_names(town: Town) -> None:
    """An endpoint is named by its host name, or by its address with dashes; one that is not ready has no name."""
    dashed = address(town, "web-1").replace(".", "-")
    assert data(town, "second.peers.default.svc.cluster.local") == [address(town, "web-2")]
    assert data(town, f"{dashed}.peers.default.svc.cluster.local") == [address(town, "web-1")]
    late = address(town, "late").replace(".", "-")
    assert not ask(town, f"{late}.peers.default.svc.cluster.local").exists


def test_named_ports_have_srv_records(town: Town) -> None:
    """A port's SRV record is the Service's port at the Service's name; of a headless one, each endpoint's own."""
    assert data(town, "_http._tcp.web.default.svc.cluster.local", "SRV") == ["0 100 80 web.default.svc.cluster.local"]
    assert len(data(town, "web.default.svc.cluster.local", "SRV")) == 2
    dashed = address(town, "web-1").replace(".", "-")
    assert sorted(data(town, "_http._tcp.peers.default.svc.cluster.local", "SRV")) == [
        f"0 50 8080 {dashed}.peers.default.svc.cluster.local",
        "0 50 8080 second.peers.default.svc.cluster.local",
    ]
    assert not ask(town, "_http._udp.web.default.svc.cluster.local", "SRV").exists
    assert not ask(town, "_none._tcp.web.default.svc.cluster.local", "SRV").exists


def test_an_external_name_is_an_alias(town: Town) -> None:
    """ExternalName is a CNAME, followed as far as the cluster knows the name; a circle ends."""
    assert data(town, "outside.default.svc.cluster.local") == ["db.example.com"]
    assert data(town, "alias.default.svc.cluster.local") == ["web.default.svc.cluster.local", "10.96.0.80"]
    circle = set(data(town, "round.default.svc.cluster.local"))
    assert circle == {"round.default.svc.cluster.local"}


def test_pods_have_names_by_address(town: Town) -> None:
    """A pod's name is its address with dashes, of any address as long as the namespace exists."""
    assert data(town, "10-244-0-7.default.pod.cluster.local") == ["10.244.0.7"]
    assert not ask(town, "10-244-0-7.nowhere.pod.cluster.local").exists
    assert not ask(town, "10-244-0.default.pod.cluster.local").exists


def test_addresses_have_names(town: Town) -> None:
    """An address leads back to the Service that has it, or to the names that Services give an endpoint."""
    assert data(town, "80.0.96.10.in-addr.arpa", "PTR") == ["web.default.svc.cluster.local"]
    backwards = ".".join(reversed(address(town, "web-2").split("."))) + ".in-addr.arpa"
    assert "second.peers.default.svc.cluster.local" in data(town, backwards, "PTR")
    assert not ask(town, "1.2.0.192.in-addr.arpa", "PTR").exists


@pytest.mark.parametrize(
    "name",
    [
        "none.default.svc.cluster.local",
        "web.nowhere.svc.cluster.local",
        "web",
        "example.com",
        "a.b.c.d.e.svc.cluster.local",
    ],
)
def test_other_names_are_not_there(town: Town, name: str) -> None:
    """What is no name of the cluster is not found; what would be a Service's says which one's."""
    found = ask(town, name)
    assert not found.exists
    assert not found.records
    if name.startswith("none"):
        assert found.about == "default/none"


def test_parts_of_the_zone_are_there(town: Town) -> None:
    """The zone and its namespaces are there without having records."""
    assert data(town, "svc.cluster.local") == []
    assert data(town, "default.svc.cluster.local") == []


def test_a_name_follows_its_service() -> None:
    """A Service that is made or deleted is there or not from then on."""
    town = Town()
    assert not ask(town, "web.default.svc.cluster.local").exists
    town.apply("""
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {clusterIP: 10.96.0.80, ports: [{port: 80}]}
""")
    assert data(town, "web.default.svc.cluster.local") == ["10.96.0.80"]
    assert not town.proxy.lookup("web.default.svc.cluster.local", "A", town.engine.clock.now - 10_000).exists
    town.delete(kinds.SERVICES, "web")
    assert not ask(town, "web.default.svc.cluster.local").exists
