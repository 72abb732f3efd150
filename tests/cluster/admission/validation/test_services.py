"""The rules of Services, Endpoints and EndpointSlices beyond the recorded ones."""

from typing import Any

import pytest

from cluster.admission.validation import endpoints
from cluster.api import kinds, names
from cluster.api.core import EndpointAddress, Endpoints, EndpointSubset
from cluster.api.meta import ObjectMeta
from tests.cluster.admission.requests import refused, refused_change

META = ObjectMeta(name="web", namespace="default", uid="1", creationTimestamp="2026-01-01T00:00:00Z")
IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
LABEL = names.is_dns1123_label("A_B")[0]
BALANCED = "may only be used when `type` is 'LoadBalancer'"
ADDRESSES = {
    "clusterIP": "10.96.0.1",
    "clusterIPs": ["10.96.0.1"],
    "ipFamilies": ["IPv4"],
    "ipFamilyPolicy": "SingleStack",
}


def service(**spec: Any) -> dict[str, Any]:
    """A Service of one port with these fields of the spec."""
    return {"spec": {"ports": [{"port": 80}], **spec}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (ADDRESSES, []),
        ({"type": "LoadBalancer", "clusterIP": "None", "clusterIPs": ["None"]},
         ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services']),
        ({"ports": [{"port": 80, "appProtocol": "a b"}]},
         [f'spec.ports[0].appProtocol: Invalid value: "a b": {names.qualified_name("a b")[0]}']),
        ({"type": "NodePort", "ports": [{"name": "a", "port": 1, "nodePort": 30000}, {"name": "b", "port": 2, "nodePort": 30000}]},
         ["spec.ports[1].nodePort: Duplicate value: 30000"]),
        ({"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
         [("spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
          "must be greater than 0 and less than 86400")]),
        ({"externalIPs": ["0.0.0.0", "169.254.0.1", "224.0.0.1"]},
         ['spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
          ('spec.externalIPs[1]: Invalid value: "169.254.0.1": '
          "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
          ('spec.externalIPs[2]: Invalid value: "224.0.0.1": '
          "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]),
        ({"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.2"]},
         ['spec.clusterIPs: Invalid value: ["10.96.0.2"]: first value must match `clusterIP`']),
        ({"clusterIP": "None", "clusterIPs": ["None", "10.96.0.1"]},
         ['spec.clusterIPs: Invalid value: ["None","10.96.0.1"]: \'None\' must be the first and only value']),
        ({"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1", "fd00::1", "fd00::2"]},
         ['spec.clusterIPs: Invalid value: ["10.96.0.1","fd00::1","fd00::2"]: may only hold up to 2 values']),
        ({**ADDRESSES, "ipFamilies": ["IPv6"]},
         ['spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`']),
        ({"ipFamilies": ["IPv4", "IPv4", "IPv5"]},
         ['spec.ipFamilies[1]: Duplicate value: "IPv4"',
          'spec.ipFamilies[2]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"']),
        ({"ipFamilyPolicy": "Both"},
         [('spec.ipFamilyPolicy: Unsupported value: "Both": '
          'supported values: "PreferDualStack", "RequireDualStack", "SingleStack"')]),
        ({"type": "ExternalName", "externalName": "db.example.com.", "ports": []}, []),
        ({"type": "ExternalName", "externalName": "db", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"},
         ["spec.ipFamilies: Forbidden: may not be set for ExternalName services",
          "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services"]),
        ({"loadBalancerSourceRanges": ["10.0.0.0/33"]},
         [f"spec.LoadBalancerSourceRanges: Forbidden: {BALANCED}",
          ('spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/33": '
          "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]),
        ({"allocateLoadBalancerNodePorts": True}, [f"spec.allocateLoadBalancerNodePorts: Forbidden: {BALANCED}"]),
        ({"loadBalancerClass": "a"}, [f"spec.loadBalancerClass: Forbidden: {BALANCED}"]),
        ({"type": "LoadBalancer", "loadBalancerClass": "a b"},
         [f'spec.loadBalancerClass: Invalid value: "a b": {names.qualified_name("a b")[0]}']),
        ({"externalTrafficPolicy": "Local"},
         ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']),
        ({"type": "NodePort", "externalTrafficPolicy": "Near", "internalTrafficPolicy": "Far"},
         ['spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
          'spec.internalTrafficPolicy: Unsupported value: "Far": supported values: "Cluster", "Local"']),
        ({"healthCheckNodePort": 30000},
         [("spec.healthCheckNodePort: Invalid value: 30000: "
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]),
        ({"trafficDistribution": "Far"},
         [('spec.trafficDistribution: Unsupported value: "Far": '
          'supported values: "PreferClose", "PreferSameNode", "PreferSameZone"')]),
    ],
)  # fmt: skip
def test_services(spec: dict[str, Any], expected: list[str]) -> None:
    """Every field goes with the Service's type."""
    assert refused(kinds.SERVICES, service(**spec)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (ADDRESSES, ADDRESSES, []),
        (ADDRESSES, {**ADDRESSES, "clusterIP": "10.96.0.2", "clusterIPs": ["10.96.0.2"]},
         ['spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set']),
        (ADDRESSES, {}, ["spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset",
                         "spec.ipFamilies[0]: Invalid value: null: primary ipFamily can not be unset"]),
        (ADDRESSES, {"type": "ExternalName", "externalName": "db"}, []),
        ({"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1", "fd00::1"]}, {"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"]},
         ["spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary clusterIP"]),
        ({"type": "LoadBalancer", "loadBalancerClass": "a"}, {"type": "LoadBalancer", "loadBalancerClass": "b"},
         ['spec.loadBalancerClass: Invalid value: "b": may not change once set']),
        ({"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30001},
         {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30002},
         ["spec.healthCheckNodePort: Forbidden: field is immutable"]),
    ],
)  # fmt: skip
def test_changed_services(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    """A Service keeps its first address, its class and its health port."""
    assert refused_change(kinds.SERVICES, service(**before), service(**after)) == expected


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        ({"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}, []),
        ({}, ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"]),
        ({"addresses": [{"ip": "localhost", "hostname": "A_B"}]},
         [f'subsets[0].addresses[0].ip: Invalid value: "localhost": {IP}',
          f'subsets[0].addresses[0].hostname: Invalid value: "A_B": {LABEL}',
          'subsets[0].addresses[0].ip: Invalid value: "localhost": must be a valid IP address']),
        ({"notReadyAddresses": [{"ip": "127.0.0.1"}]},
         [('subsets[0].notReadyAddresses[0].ip: Invalid value: "127.0.0.1": '
          "may not be in the loopback range (127.0.0.0/8, ::1/128)")]),
        ({"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 0}, {"name": "b", "port": 2, "protocol": "X"}]},
         ["subsets[0].ports[0].name: Required value",
          "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
          'subsets[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"']),
    ],
)  # fmt: skip
def test_endpoints(subset: dict[str, Any], expected: list[str]) -> None:
    """Endpoints have addresses that can be reached, and ports with names if there are several."""
    assert refused(kinds.ENDPOINTS, {"subsets": [subset]}) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"name": "a", "port": 1}, {"port": 2}]}, []),
        ({"addressType": "IP"}, ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"']),
        ({"addressType": ""}, ["addressType: Required value"]),
        ({"endpoints": [{"addresses": []}]}, ["endpoints[0].addresses: Required value: must contain at least 1 address"]),
        ({"endpoints": [{"addresses": ["10.0.0.1"]}] * 1001},
         ["endpoints: Too many: 1001: must have at most 1000 items"]),
        ({"endpoints": [{"addresses": ["fd00::1"]}]},
         ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address']),
        ({"addressType": "FQDN", "endpoints": [{"addresses": ["db.example.com"], "hostname": "A_B"}]},
         [f'endpoints[0].hostname: Invalid value: "A_B": {LABEL}']),
        ({"ports": [{"name": "a"}, {"name": "a", "protocol": "X"}]},
         ['ports[1].name: Duplicate value: "a"',
          'ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"']),
    ],
)  # fmt: skip
def test_slices(fields: dict[str, Any], expected: list[str]) -> None:
    """A slice's addresses are of its type, and its ports have names of their own."""
    assert refused(kinds.ENDPOINT_SLICES, {"addressType": "IPv4", "endpoints": [], **fields}) == expected


def test_a_slices_type_stays() -> None:
    """The type of addresses never changes; the endpoints may."""
    before = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]}
    assert refused_change(kinds.ENDPOINT_SLICES, before, {**before, "endpoints": [{"addresses": ["10.0.0.2"]}]}) == []
    assert refused_change(kinds.ENDPOINT_SLICES, before, {"addressType": "FQDN", "endpoints": []}) == [
        'addressType: Invalid value: "FQDN": field is immutable'
    ]


@pytest.mark.parametrize("length", [0, 1, 4])
def test_whatever_is_new_of_many_addresses_is_looked_at(length: int) -> None:
    """A wrong address is found wherever it comes in among those that were there, and whatever went at the same time."""
    good = [EndpointAddress(ip=f"10.0.0.{number}") for number in range(1, length + 1)]
    wrong = EndpointAddress(ip="10.0.0.999")
    before = Endpoints(metadata=META, subsets=(EndpointSubset(addresses=tuple(good)),))
    for position in range(length + 1):
        for kept in (good, [*good[1:], *good[:1]], good[1:], good[:-1]):
            found = (*kept[:position], wrong, *kept[position:])
            now = Endpoints(metadata=META, subsets=(EndpointSubset(addresses=found),))
            here = f"subsets[0].addresses[{found.index(wrong)}].ip"
            assert {cause.field for cause in endpoints.endpoints_update(now, before)} == {here}
