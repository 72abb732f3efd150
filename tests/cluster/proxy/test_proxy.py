"""Where connections to Services go, in a cluster whose controllers write the slices."""

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import ClientIPConfig, LoadBalancerIngress, LoadBalancerStatus, SessionAffinityConfig
from cluster.network import Client, Failure, Sessions
from tests.cluster.proxy.town import OUTSIDE, WEB, Town

WEB_IP = "10.96.0.80"
REFUSED, DROPPED, UNREACHABLE = Failure.REFUSED, Failure.DROPPED, Failure.UNREACHABLE


@pytest.fixture
def town() -> Town:
    """A Service with one server on each of three nodes."""
    made = Town(WEB)
    for number in (1, 2, 3):
        made.server(f"web-{number}", f"node-{number}")
    return made


def address(town: Town, node: str) -> str:
    """A node's address."""
    return town.engine.api.get(kinds.NODES, node).status.addresses[0].address


def test_every_ready_pod_answers_at_its_named_port(town: Town) -> None:
    """A Service's address leads to each ready pod that it selects, at the number its named port has there."""
    town.server("other", "node-1", labels={"app": "other"})
    assert town.callers(WEB_IP) == {"web-1", "web-2", "web-3"}


def test_the_same_call_goes_the_same_way(town: Town) -> None:
    """Chance is replaced by the seed: what was asked once is answered alike for ever."""
    assert [town.call(WEB_IP, number=5) for _ in range(3)] == [town.call(WEB_IP, number=5)] * 3


def test_nobody_there_is_refused() -> None:
    """A Service without endpoints rejects; a port that it does not have is dropped; so is what is no address at all."""
    town = Town(WEB)
    assert town.call(WEB_IP) is REFUSED
    town.server("web-1", "node-1")
    assert town.call(WEB_IP) == "web-1"
    assert town.call(WEB_IP, 81) is DROPPED
    assert town.call(WEB_IP, protocol="UDP") is DROPPED
    assert town.call("10.96.77.77") is DROPPED
    assert town.call("10.244.200.200") is UNREACHABLE


def test_a_pod_that_is_not_ready_does_not_answer(town: Town) -> None:
    """Readiness decides, unless the Service publishes addresses that are not ready."""
    town.server("slow", "node-1", told='sim.ktui.dev/ready: "false"')
    assert "slow" not in town.callers(WEB_IP)
    town.change("web", publishNotReadyAddresses=True)
    assert "slow" in town.callers(WEB_IP)


def test_the_last_ones_serve_while_they_terminate() -> None:
    """Where no endpoint is ready those that terminate and still serve answer; where one is they do not."""
    town = Town(WEB)
    town.server("old", "node-1", told='sim.ktui.dev/stop-after: "60s"', terminationGracePeriodSeconds=100)
    town.engine.api.delete(kinds.PODS, "default/old", actor="user")
    town.engine.run_for(5_000)
    assert town.callers(WEB_IP) == {"old"}
    town.server("new", "node-2")
    assert town.callers(WEB_IP) == {"new"}


def test_internal_traffic_stays_local_or_is_dropped(town: Town) -> None:
    """With internalTrafficPolicy Local a node's clients meet its own pods; without any they wait in vain."""
    town.change("web", internalTrafficPolicy="Local")
    assert town.callers(WEB_IP, node="node-2") == {"web-2"}
    town.delete(kinds.PODS, "web-2")
    assert town.call(WEB_IP, node="node-2") is DROPPED
    town.delete(kinds.PODS, "web-1")
    town.delete(kinds.PODS, "web-3")
    assert town.call(WEB_IP, node="node-2") is REFUSED


def test_a_node_port_answers_on_every_node(town: Town) -> None:
    """Every node takes connections to the port and passes them on to any pod, for clients inside and outside."""
    town.change("web", type="NodePort")
    port = town.engine.api.get(kinds.SERVICES, "default/web").spec.ports[0].nodePort
    for node in ("node-1", "node-2", "node-3"):
        assert town.callers(address(town, node), port=port, client=OUTSIDE) == {"web-1", "web-2", "web-3"}
        assert town.callers(address(town, node), port=port) == {"web-1", "web-2", "web-3"}
    assert town.call(address(town, "node-1"), port + 1) == f"{address(town, 'node-1')}:{port + 1}"


def test_external_traffic_stays_local_or_is_dropped(town: Town) -> None:
    """Local for external traffic: clients outside meet the pods of the node they called; pods meet all."""
    town.change("web", type="NodePort", externalTrafficPolicy="Local")
    port = town.engine.api.get(kinds.SERVICES, "default/web").spec.ports[0].nodePort
    assert town.callers(address(town, "node-2"), port=port, client=OUTSIDE) == {"web-2"}
    town.delete(kinds.PODS, "web-2")
    assert town.call(address(town, "node-2"), port, client=OUTSIDE) is DROPPED
    assert town.callers(address(town, "node-2"), port=port) == {"web-1", "web-3"}


def test_external_addresses_are_taken_for_the_service(town: Town) -> None:
    """An external IP, and a load balancer's, lead to the Service from anywhere; its own address only from inside."""
    town.change("web", type="LoadBalancer", externalIPs=("198.51.100.7",))
    service = town.engine.api.get(kinds.SERVICES, "default/web")
    balancer = LoadBalancerStatus(
        ingress=(LoadBalancerIngress(ip="198.51.100.8"), LoadBalancerIngress(ip="198.51.100.9", ipMode="Proxy"))
    )
    status = replace(service.status, loadBalancer=balancer)
    town.engine.api.update_status(kinds.SERVICES, replace(service, status=status), actor="cloud")
    town.engine.run_for(100)
    for called in ("198.51.100.7", "198.51.100.8"):
        assert town.callers(called) == town.callers(called, client=OUTSIDE) == {"web-1", "web-2", "web-3"}
    assert town.call("198.51.100.9") is DROPPED
    assert town.call(WEB_IP, client=OUTSIDE) is DROPPED


@pytest.mark.parametrize("distribution", ["PreferClose", "PreferSameZone", "PreferSameNode"])
def test_near_endpoints_are_preferred(town: Town, distribution: str) -> None:
    """With a trafficDistribution a client meets the pods of its zone or node, and all of them where it has none."""
    town.change("web", trafficDistribution=distribution)
    assert town.callers(WEB_IP, node="node-3") == {"web-3"}
    town.delete(kinds.PODS, "web-3")
    assert town.callers(WEB_IP, node="node-3") == {"web-1", "web-2"}


def test_a_client_stays_with_its_endpoint(town: Town) -> None:
    """ClientIP affinity: one client meets one pod, whatever it asks; different clients meet different ones."""
    town.change("web", sessionAffinity="ClientIP")
    sessions: Sessions = {}
    assert len(town.callers(WEB_IP, sessions=sessions)) == 1
    met = {town.call(WEB_IP, source=f"10.244.1.{number}") for number in range(2, 60)}
    assert met == {"web-1", "web-2", "web-3"}
    first = town.call(WEB_IP, sessions=sessions)
    assert isinstance(first, str)
    town.delete(kinds.PODS, first)
    second = town.call(WEB_IP, sessions=sessions)
    assert second != first
    assert town.call(WEB_IP, sessions=sessions) == second


def test_a_client_is_forgotten_after_the_timeout(town: Town) -> None:
    """Each connection renews a session; after a pause longer than the timeout the choice is made anew."""
    config = SessionAffinityConfig(clientIP=ClientIPConfig(timeoutSeconds=10))
    town.change("web", sessionAffinity="ClientIP", sessionAffinityConfig=config)
    client = Client("10.244.1.50", "node-1")
    sessions: Sessions = {}
    first = town.call(WEB_IP, client=client, sessions=sessions)
    for _ in range(5):
        town.engine.run_for(9_000)
        assert town.call(WEB_IP, client=client, sessions=sessions) == first
    met = set()
    for _ in range(20):
        town.engine.run_for(11_000)
        met.add(town.call(WEB_IP, client=client, sessions=sessions))
    assert met == {"web-1", "web-2", "web-3"}


def test_endpoints_without_a_selector() -> None:
    """Endpoints that a user wrote answer at their addresses."""
    town = Town("""
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: default}
spec: {clusterIP: 10.96.0.81, ports: [{port: 80, targetPort: 9376}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: outside-1, namespace: default, labels: {kubernetes.io/service-name: outside}}
addressType: IPv4
ports: [{name: "", port: 9376}]
endpoints: [{addresses: [192.0.2.42]}]
""")
    assert town.call("10.96.0.81") == "192.0.2.42:9376"


def test_the_api_server_has_a_service() -> None:
    """`kubernetes` leads to the control plane."""
    town = Town()
    first = town.engine.api.get(kinds.SERVICES, "default/kubernetes").spec.clusterIP
    assert town.call(first, 443) == "172.18.0.2:6443"


def test_the_past_is_answered_as_it_was(town: Town) -> None:
    """A question about a time before a change is answered as before it, and pods that have gone are still known."""
    assert town.callers(WEB_IP) == {"web-1", "web-2", "web-3"}
    then = town.engine.clock.now
    town.engine.run_for(5_000)
    town.delete(kinds.PODS, "web-1")
    town.delete(kinds.SERVICES, "web")
    assert town.call(WEB_IP) is DROPPED
    assert town.callers(WEB_IP, time=then) == {"web-1", "web-2", "web-3"}


def test_a_node_that_is_down_answers_nobody(town: Town) -> None:
    """What runs on a node that is down is not reached from elsewhere, until its endpoints are taken away; nor is the node."""
    home, pod = address(town, "node-2"), town.pod("web-2").status.podIP
    assert town.call(pod, 8080) == "web-2"
    town.engine.fail_node("node-2")
    town.engine.run_for(1_000)
    assert "web-2" in town.callers(WEB_IP)
    assert town.call(pod, 8080) is town.call(home, 22) is DROPPED
    assert town.call(pod, 8080, node="node-2") == "web-2"
    down = town.engine.clock.now
    town.engine.run_for(60_000)
    assert town.callers(WEB_IP) == {"web-1", "web-3"}
    town.engine.restore_node("node-2")
    town.engine.run_for(10_000)
    assert town.call(pod, 8080) == "web-2"
    assert town.call(pod, 8080, time=down) is DROPPED


def test_ready_endpoints_are_listed_whatever_the_policies(town: Town) -> None:
    """Who connects to endpoints directly sees every ready one of the port."""
    town.change("web", internalTrafficPolicy="Local")
    found = town.proxy.endpoints("default/web", "")
    assert sorted(town.named(each, town.engine.clock.now) for each in found) == ["web-1", "web-2", "web-3"]
    assert town.proxy.endpoints("default/web", "other") == town.proxy.endpoints("default/none", "") == []
