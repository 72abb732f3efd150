"""Cluster addresses and node ports: who gets which, what is refused and in which words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api.cluster import Cluster, Network
from cluster.api.core import Service, ServicePort, ServiceSpec
from cluster.api.errors import ApiError, InternalError, Invalid
from cluster.api.kinds import SERVICES, key
from cluster.api.meta import ObjectMeta
from cluster.apiserver.allocation import Allocator
from cluster.store import Store

WEB = ServicePort(port=80, protocol="TCP", targetPort=80)


class Registry:
    """A store with the allocator in front of it, as the API server has them."""

    def __init__(self, config: Cluster | None = None) -> None:
        self.store, self.config = Store(), config or Cluster()
        self.allocator = Allocator(self.store, 1, self.config)

    def put(self, service: Service) -> Service:
        """Allocate and write, over the version stored if there is one."""
        old = self.store.table(SERVICES).get(key(service))
        new = self.allocator.allocate(service, old)
        self.store.put(SERVICES, key(new), new, "test")
        return new

    def drop(self, service: Service) -> None:
        """Remove a stored service."""
        self.store.delete(SERVICES, key(service), "test")


def service(name: str = "web", **spec: object) -> Service:
    """A Service of one port as it arrives, defaulted."""
    given_spec = {"type": "ClusterIP", "ports": (WEB,), "selector": {"app": "web"}, **spec}
    return Service(metadata=ObjectMeta(name=name, namespace="default"), spec=ServiceSpec(**given_spec))  # type: ignore[arg-type]


def refusal(registry: Registry, wanted: Service) -> str:
    """The message that a service is refused with."""
    with pytest.raises(Invalid) as caught:
        registry.put(wanted)
    return caught.value.message


def test_cluster_ip_is_given_once() -> None:
    """A Service gets one address of the range, with family fields, above the band kept for explicit ones."""
    made = Registry().put(service())
    assert made.spec.clusterIPs == (made.spec.clusterIP,)
    assert made.spec.clusterIP.startswith("10.96.")
    assert not made.spec.clusterIP.startswith("10.96.0.")
    assert (made.spec.ipFamilies, made.spec.ipFamilyPolicy) == (("IPv4",), "SingleStack")


def test_address_depends_on_seed_and_name_only() -> None:
    """Other Services do not change which address one gets."""
    alone, crowded = Registry(), Registry()
    for number in range(20):
        crowded.put(service(f"other-{number}"))
    assert alone.put(service()).spec.clusterIP == crowded.put(service()).spec.clusterIP


def test_explicit_addresses() -> None:
    """An address asked for is given, refused while another holds it, and free again after."""
    registry = Registry()
    fixed = registry.put(service("fixed", clusterIP="10.96.0.40"))
    assert fixed.spec.clusterIPs == ("10.96.0.40",)
    taken = service("taken", clusterIP="10.96.0.40")
    assert refusal(registry, taken) == (
        'Service "taken" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.40"]: '
        "failed to allocate IP 10.96.0.40: provided IP is already allocated"
    )
    registry.drop(fixed)
    assert registry.put(taken).spec.clusterIP == "10.96.0.40"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("10.97.0.1", "the provided network does not match the current range"),
        ("10.96.0.0", "the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/16"),
    ],
)
def test_addresses_outside(address: str, words: str) -> None:
    """An address outside the range is refused in the registry's words."""
    assert refusal(Registry(), service(clusterIP=address)) == (
        f'Service "web" is invalid: spec.clusterIPs: Invalid value: ["{address}"]: failed to allocate IP {address}: {words}'
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"clusterIP": "10.96.4"},
        {"clusterIPs": ("10.96.0.41", "10.96.0.42")},
        {"clusterIP": "None", "type": "NodePort"},
    ],
)
def test_the_implausible_is_left_to_validation(spec: dict[str, Any]) -> None:
    """What makes no sense by itself passes unallocated: validation names what is wrong."""
    left = Registry().allocator.allocate(service(**spec))
    assert left.spec.ipFamilies == ()


def test_headless() -> None:
    """A headless Service has no address; without a selector it is for both families."""
    registry = Registry()
    with_selector = registry.put(service(clusterIP="None")).spec
    assert (with_selector.clusterIPs, with_selector.ipFamilies, with_selector.ipFamilyPolicy) == (
        ("None",), ("IPv4",), "SingleStack",
    )  # fmt: skip
    without = registry.put(service("bare", clusterIP="None", selector={})).spec
    assert (without.ipFamilies, without.ipFamilyPolicy) == (("IPv4", "IPv6"), "RequireDualStack")
    single = registry.put(
        service("bare", clusterIP="None", selector={}, ipFamilyPolicy="SingleStack", ipFamilies=without.ipFamilies)
    )
    assert single.spec.ipFamilies == ("IPv4",)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
        ),
        ({"ipFamilies": ("IPv6",)}, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        (
            {"clusterIP": "fd00::1"},
            'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
        ),
        (
            {"ipFamilies": ("IPv4", "IPv6")},
            (
                "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' "
                "when multiple IP families are specified"
            ),
        ),
    ],
)
def test_families_the_cluster_has_not(spec: dict[str, Any], words: str) -> None:
    """A cluster of one family refuses what needs the other."""
    assert refusal(Registry(), service(**spec)) == f'Service "web" is invalid: {words}'


def test_prefer_dual_stack_takes_what_there_is() -> None:
    """PreferDualStack on a cluster of one family is that family."""
    assert Registry().put(service(ipFamilyPolicy="PreferDualStack")).spec.ipFamilies == ("IPv4",)


def test_updates_keep_what_they_leave_out() -> None:
    """A replaced Service keeps its address and, by protocol and port, its node ports."""
    registry = Registry()
    first = registry.put(service(type="NodePort"))
    second = registry.put(service(type="NodePort", ports=(WEB, ServicePort(name="b", port=81, protocol="TCP"))))
    assert second.spec.clusterIP == first.spec.clusterIP
    assert second.spec.ports[0].nodePort == first.spec.ports[0].nodePort
    assert second.spec.ports[1].nodePort not in (0, first.spec.ports[0].nodePort)


def test_type_changes_release() -> None:
    """ExternalName gives the address and the node ports back, and a Service that returns gets them again."""
    registry = Registry()
    first = registry.put(service(type="NodePort", clusterIP="10.96.0.50", externalTrafficPolicy="Cluster"))
    gone = registry.put(replace(first, spec=replace(first.spec, type="ExternalName", externalName="example.com"))).spec
    assert (gone.clusterIP, gone.clusterIPs, gone.ipFamilies, gone.ipFamilyPolicy) == ("", (), (), "")
    assert (gone.ports[0].nodePort, gone.externalTrafficPolicy) == (0, "")
    assert registry.put(service("other", clusterIP="10.96.0.50")).spec.clusterIP == "10.96.0.50"


def test_load_balancer_fields_go_with_the_type() -> None:
    """A LoadBalancer made a ClusterIP loses the fields only balancers have, and its health check port."""
    registry = Registry()
    first = registry.put(
        service(
            type="LoadBalancer",
            allocateLoadBalancerNodePorts=True,
            externalTrafficPolicy="Local",
            loadBalancerClass="x/y",
        )
    )
    assert 30000 <= first.spec.healthCheckNodePort <= 32767
    assert first.spec.healthCheckNodePort != first.spec.ports[0].nodePort
    kept = registry.put(replace(first, spec=replace(first.spec, healthCheckNodePort=0)))
    assert kept.spec.healthCheckNodePort == first.spec.healthCheckNodePort
    plain = registry.put(replace(first, spec=replace(first.spec, type="ClusterIP"))).spec
    assert (plain.allocateLoadBalancerNodePorts, plain.loadBalancerClass, plain.healthCheckNodePort) == (None, "", 0)
    assert plain.ports[0].nodePort == 0


def test_load_balancer_without_node_ports() -> None:
    """allocateLoadBalancerNodePorts: false gives only the node ports asked for."""
    ports = (WEB, ServicePort(name="b", port=81, protocol="TCP", nodePort=30500))
    made = Registry().put(service(type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=ports))
    assert [port.nodePort for port in made.spec.ports] == [0, 30500]


def test_node_port_errors() -> None:
    """A node port asked for must be in the range and free."""
    registry = Registry()
    low = service("low", type="NodePort", ports=(replace(WEB, nodePort=8080),))
    assert refusal(registry, low) == (
        'Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. '
        "The range of valid ports is 30000-32767"
    )
    registry.put(service("first", type="NodePort", ports=(replace(WEB, nodePort=30872),)))
    assert refusal(registry, service("second", type="NodePort", ports=(replace(WEB, nodePort=30872),))) == (
        'Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30872: provided port is already allocated'
    )


def test_created_twice() -> None:
    """A Service created again under its name is refused for the address it asks for, which it has already."""
    registry = Registry()
    fixed = service("fixed", clusterIP="10.96.0.40")
    registry.put(fixed)
    with pytest.raises(Invalid, match="provided IP is already allocated"):
        registry.allocator.allocate(fixed)


def test_one_port_number_shares_a_node_port_between_protocols() -> None:
    """TCP and UDP of one port number get the same node port; an explicit one wins wherever it stands."""
    udp = ServicePort(name="udp", port=80, protocol="UDP", nodePort=30123)
    made = Registry().put(service(type="NodePort", ports=(WEB, udp)))
    assert [port.nodePort for port in made.spec.ports] == [30123, 30123]


def test_exhausted_pools() -> None:
    """A full range is an internal error, as in Kubernetes."""
    config = Cluster(network=Network(serviceClusterIPRange="10.96.0.0/30", serviceNodePortRange="30000-30000"))
    registry = Registry(config)
    registry.put(service("a", type="NodePort"))
    with pytest.raises(InternalError, match="failed to allocate a nodePort: range is full"):
        registry.put(service("b", type="NodePort"))
    registry.put(service("b"))
    with pytest.raises(InternalError, match="failed to allocate a serviceIP: range is full"):
        registry.put(service("c"))


def test_an_answer_reserves_nothing() -> None:
    """A refused or dry-run write leaves the pools as they were."""
    registry = Registry()
    wanted = service("dry", type="NodePort", clusterIP="10.96.0.60", ports=(replace(WEB, nodePort=30999),))
    registry.allocator.allocate(wanted)
    assert (
        registry.put(replace(wanted, metadata=ObjectMeta(name="real", namespace="default"))).spec.clusterIP
        == "10.96.0.60"
    )


def test_compacted_history_is_read_again() -> None:
    """An allocator that fell behind a compaction starts again from what is stored."""
    registry = Registry()
    first = registry.put(service(clusterIP="10.96.0.40"))
    registry.store.put(
        SERVICES,
        key(first),
        replace(first, spec=replace(first.spec, clusterIP="10.96.0.41", clusterIPs=("10.96.0.41",))),
        "test",
    )
    registry.store.put(SERVICES, "default/x", service("x", clusterIP="10.96.0.42", clusterIPs=("10.96.0.42",)), "test")
    registry.store.compact(registry.store.revision)
    registry.allocator._position = -1
    assert registry.put(service("b", clusterIP="10.96.0.40")).spec.clusterIP == "10.96.0.40"
    assert "already allocated" in refusal(registry, service("c", clusterIP="10.96.0.41"))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.sampled_from(["ClusterIP", "NodePort", "ExternalName", "delete"]), st.sampled_from(["", "10.96.0.5"])
        ),
        max_size=25,
    )
)  # fmt: skip
def test_nothing_is_held_twice(steps: list[tuple[int, str, str]]) -> None:
    """After any writes no two Services share an address or node port, and a rebuilt allocator agrees."""
    registry = Registry(
        Cluster(network=Network(serviceClusterIPRange="10.96.0.0/28", serviceNodePortRange="30000-30003"))
    )
    table = registry.store.table(SERVICES)
    for number, kind, address in steps:
        changeable = kind != "ExternalName" and f"default/s{number}" not in table
        wanted = service(f"s{number}", type=kind, clusterIP=address if changeable else "")
        if kind == "delete":
            if key(wanted) in table:
                registry.drop(wanted)
            continue
        try:
            registry.put(wanted)
        except ApiError:
            continue
    addresses = [ip for found in table.values() for ip in found.spec.clusterIPs]
    ports = [port.nodePort for found in table.values() for port in found.spec.ports if port.nodePort]
    assert len(addresses) == len(set(addresses))
    assert len(ports) == len(set(ports))
    registry.allocator._catch_up()
    rebuilt = Allocator(registry.store, 1, registry.config)
    assert rebuilt._addresses.holders == registry.allocator._addresses.holders
    assert rebuilt._ports.holders == registry.allocator._ports.holders
