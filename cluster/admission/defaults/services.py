"""Defaults of Services and of the endpoints behind them.

On the data's way between decoding and admission. Mirrors SetDefaults_Service and the defaults of
Endpoints and EndpointSlices; addresses and IP families come from allocation, not from here.
Invariant: every port has a protocol, and a Service's port a target.
"""

from cluster.admission.sharing import changed, each
from cluster.api import core, discovery
from cluster.api.core import Endpoints, EndpointSubset, Service, ServicePort, ServiceSpec
from cluster.api.discovery import EndpointSlice

AFFINITY_SECONDS = 10_800
_AFFINITY = core.SessionAffinityConfig(clientIP=core.ClientIPConfig(timeoutSeconds=AFFINITY_SECONDS))
_TYPES_WITH_ADDRESS = ("ClusterIP", "NodePort", "LoadBalancer")


def service(value: Service) -> Service:
    """The Service with its defaults."""
    spec = value.spec
    type_ = spec.type or "ClusterIP"
    affinity = spec.sessionAffinity or "None"
    outside = type_ in ("NodePort", "LoadBalancer") or (type_ == "ClusterIP" and bool(spec.externalIPs))
    allocate = spec.allocateLoadBalancerNodePorts
    spec = changed(
        spec,
        type=type_,
        sessionAffinity=affinity,
        sessionAffinityConfig=_affinity(spec, affinity),
        ports=each(spec.ports, _port),
        externalTrafficPolicy=spec.externalTrafficPolicy or ("Cluster" if outside else ""),
        internalTrafficPolicy=spec.internalTrafficPolicy or ("Cluster" if type_ in _TYPES_WITH_ADDRESS else ""),
        allocateLoadBalancerNodePorts=True if type_ == "LoadBalancer" and allocate is None else allocate,
    )
    value = changed(value, spec=spec)
    return _load_balancer(value) if type_ == "LoadBalancer" else value


def _affinity(spec: ServiceSpec, affinity: str) -> core.SessionAffinityConfig | None:
    config = spec.sessionAffinityConfig
    if affinity == "None":
        return None
    if affinity == "ClientIP" and (config is None or config.clientIP is None or config.clientIP.timeoutSeconds is None):
        return _AFFINITY
    return config


def _port(value: ServicePort) -> ServicePort:
    return changed(value, protocol=value.protocol or "TCP", targetPort=value.targetPort or value.port)


def _load_balancer(value: Service) -> Service:
    balancer = value.status.loadBalancer
    ingress = each(balancer.ingress, _ingress)
    return changed(value, status=changed(value.status, loadBalancer=changed(balancer, ingress=ingress)))


def _ingress(value: core.LoadBalancerIngress) -> core.LoadBalancerIngress:
    return changed(value, ipMode="VIP") if value.ip and not value.ipMode else value


def endpoints(value: Endpoints) -> Endpoints:
    """The Endpoints with a protocol on every port."""
    return changed(value, subsets=each(value.subsets, _subset))


def _subset(value: EndpointSubset) -> EndpointSubset:
    return changed(value, ports=each(value.ports, _endpoint_port))


def _endpoint_port(value: core.EndpointPort) -> core.EndpointPort:
    return value if value.protocol else changed(value, protocol="TCP")


def endpoint_slice(value: EndpointSlice) -> EndpointSlice:
    """The slice with a name, if an empty one, and a protocol on every port."""
    return changed(value, ports=each(value.ports, _slice_port))


def _slice_port(value: discovery.EndpointPort) -> discovery.EndpointPort:
    return changed(value, name="" if value.name is None else value.name, protocol=value.protocol or "TCP")
