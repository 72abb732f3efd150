"""Services: type, ports, selector, and the fields that go with each type.

On the data's way one of the kinds' validations. Mirrors ValidateService and ValidateServiceUpdate;
cluster addresses are in `service_addresses`. Invariant: whatever allocation could still fill in is
not asked for here.
"""

from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import (
    Causes,
    dns_label,
    dns_subdomain,
    one_of,
    port,
    port_or_name,
    qualified_name,
    required_one_of,
)
from cluster.admission.validation.containers import PROTOCOLS
from cluster.admission.validation.selectors import labels
from cluster.admission.validation.service_addresses import cluster_ips, is_headless, moved
from cluster.api import names
from cluster.api.core import Service, ServicePort, ServiceSpec
from cluster.api.meta import StatusCause

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
MAX_AFFINITY_SECONDS = 86_400
_TRAFFIC = ("Cluster", "Local")
_DISTRIBUTION = ("PreferClose", "PreferSameNode", "PreferSameZone")
_BALANCED = "may only be used when `type` is 'LoadBalancer'"


def create(service: Service) -> list[StatusCause]:
    """What is wrong with a new Service."""
    return metadata.create(service.metadata, names.is_dns1123_label) + _spec(service.spec)


def update(new: Service, old: Service) -> list[StatusCause]:
    """What is wrong with a changed Service."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += moved(new.spec, old.spec)
    spec, before = new.spec, old.spec
    if spec.type == before.type == "LoadBalancer" and spec.loadBalancerClass != before.loadBalancerClass:
        value = spec.loadBalancerClass or None
        causes.append(error.invalid("spec.loadBalancerClass", value, "may not change once set"))
    if _health_checked(spec) and _health_checked(before) and spec.healthCheckNodePort != before.healthCheckNodePort:
        causes.append(error.forbidden("spec.healthCheckNodePort", "field is immutable"))
    return causes + _spec(spec)


def status_update(new: Service, old: Service) -> list[StatusCause]:
    """What is wrong with a changed status of a Service."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += balancer("status.loadBalancer", new.status.loadBalancer, balanced=new.spec.type == "LoadBalancer")
    return causes


def balancer(field: str, value: Any, *, balanced: bool = True) -> Causes:
    """Where a load balancer can be reached (`ValidateLoadBalancerStatus`; an Ingress's has no modes)."""
    if value.ingress and not balanced:
        yield error.forbidden(f"{field}.ingress", "may only be used when `spec.type` is 'LoadBalancer'")
        return
    for index, ingress in enumerate(value.ingress):
        here = f"{field}.ingress[{index}]"
        if ingress.ip:
            yield from addresses.valid_ip(f"{here}.ip", ingress.ip)
        mode = getattr(ingress, "ipMode", "")
        if mode and not ingress.ip:
            yield error.forbidden(f"{here}.ipMode", "may not be specified when `ip` is not set")
        elif mode:
            yield from one_of(f"{here}.ipMode", mode, ("Proxy", "VIP"))
        if ingress.hostname:
            yield from dns_subdomain(f"{here}.hostname", ingress.hostname)
            if addresses.parse(ingress.hostname) is not None:
                yield error.invalid(f"{here}.hostname", ingress.hostname, "must be a DNS name, not an IP address")


def _spec(spec: ServiceSpec) -> list[StatusCause]:
    headless = is_headless(spec)
    causes: list[StatusCause] = []
    if not spec.ports and not headless and spec.type != "ExternalName":
        causes.append(error.required("spec.ports"))
    if headless and spec.type in ("LoadBalancer", "NodePort"):
        why = f"may not be set to 'None' for {spec.type} services"
        causes.append(error.invalid("spec.clusterIPs[0]", spec.clusterIPs[0], why))
    if spec.type == "ExternalName":
        causes += _external_name(spec)
    causes += _ports(spec.ports)
    causes += labels("spec.selector", spec.selector)
    causes += _affinity(spec)
    causes += cluster_ips(spec)
    for index, address in enumerate(spec.externalIPs):
        wrong = list(addresses.valid_ip(f"spec.externalIPs[{index}]", address))
        causes += wrong or addresses.non_special(f"spec.externalIPs[{index}]", address)
    causes += required_one_of("spec.type", spec.type, TYPES)
    causes += _port_conflicts(spec)
    causes += _load_balancer(spec)
    return causes + list(_traffic(spec))


def _external_name(spec: ServiceSpec) -> Causes:
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if getattr(spec, name):
            yield error.forbidden(f"spec.{name}", "may not be set for ExternalName services")
    name = spec.externalName.removesuffix(".")
    if name:
        yield from dns_subdomain("spec.externalName", name)
    else:
        yield error.required("spec.externalName")


def _ports(ports: tuple[ServicePort, ...]) -> Causes:
    seen: set[str] = set()
    for index, value in enumerate(ports):
        here = f"spec.ports[{index}]"
        if value.name:
            yield from dns_label(f"{here}.name", value.name)
            if value.name in seen:
                yield error.duplicate(f"{here}.name", value.name)
            seen.add(value.name)
        elif len(ports) > 1:
            yield error.required(f"{here}.name")
        yield from port(f"{here}.port", value.port)
        yield from required_one_of(f"{here}.protocol", value.protocol, PROTOCOLS)
        yield from port_or_name(f"{here}.targetPort", value.targetPort)
        if value.appProtocol:
            yield from qualified_name(f"{here}.appProtocol", value.appProtocol)


def _affinity(spec: ServiceSpec) -> Causes:
    yield from required_one_of("spec.sessionAffinity", spec.sessionAffinity, ("ClientIP", "None"))
    field, config = "spec.sessionAffinityConfig", spec.sessionAffinityConfig
    if spec.sessionAffinity == "ClientIP":
        seconds = None if config is None or config.clientIP is None else config.clientIP.timeoutSeconds
        if seconds is None:
            yield error.required(field, "when session affinity type is ClientIP")
        elif not 0 < seconds <= MAX_AFFINITY_SECONDS:
            why = f"must be greater than 0 and less than {MAX_AFFINITY_SECONDS}"
            yield error.invalid(f"{field}.clientIP.timeoutSeconds", seconds, why)
    elif spec.sessionAffinity == "None" and config is not None:
        yield error.forbidden(field, "must not be set when session affinity is None")


def _port_conflicts(spec: ServiceSpec) -> Causes:
    if spec.type == "ClusterIP":
        for index, value in enumerate(spec.ports):
            if value.nodePort:
                why = "may not be used when `type` is 'ClusterIP'"
                yield error.forbidden(f"spec.ports[{index}].nodePort", why)
    node_ports: set[tuple[str, int]] = set()
    ports: set[tuple[str, int]] = set()
    for index, value in enumerate(spec.ports):
        if value.nodePort and (value.protocol, value.nodePort) in node_ports:
            yield error.duplicate(f"spec.ports[{index}].nodePort", value.nodePort)
        node_ports.add((value.protocol, value.nodePort))
    for index, value in enumerate(spec.ports):
        if (value.protocol, value.port) in ports:
            yield error.duplicate(f"spec.ports[{index}]", _shown(value))
        ports.add((value.protocol, value.port))


def _shown(value: ServicePort) -> error.Fields:
    return error.Fields(Name="", Protocol=value.protocol, AppProtocol=None, Port=value.port, TargetPort=0, NodePort=0)


def _load_balancer(spec: ServiceSpec) -> Causes:
    balanced = spec.type == "LoadBalancer"
    field = "spec.LoadBalancerSourceRanges"
    if spec.loadBalancerSourceRanges and not balanced:
        yield error.forbidden(field, _BALANCED)
    for index, value in enumerate(spec.loadBalancerSourceRanges):
        yield from addresses.valid_cidr(f"{field}[{index}]", value.strip())
    if balanced and spec.allocateLoadBalancerNodePorts is None:
        yield error.required("allocateLoadBalancerNodePorts")
    if not balanced and spec.allocateLoadBalancerNodePorts is not None:
        yield error.forbidden("spec.allocateLoadBalancerNodePorts", _BALANCED)
    if spec.loadBalancerClass and balanced:
        yield from qualified_name("spec.loadBalancerClass", spec.loadBalancerClass)
    elif spec.loadBalancerClass:
        yield error.forbidden("spec.loadBalancerClass", _BALANCED)


def _traffic(spec: ServiceSpec) -> Causes:
    policy, inside = spec.externalTrafficPolicy, spec.internalTrafficPolicy
    outside = spec.type in ("NodePort", "LoadBalancer") or (spec.type == "ClusterIP" and bool(spec.externalIPs))
    if outside:
        yield from required_one_of("spec.externalTrafficPolicy", policy, _TRAFFIC)
    elif policy:
        why = "may only be set for externally-accessible services"
        yield error.invalid("spec.externalTrafficPolicy", policy, why)
    if spec.healthCheckNodePort and not _health_checked(spec):
        why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield error.invalid("spec.healthCheckNodePort", spec.healthCheckNodePort, why)
    elif spec.healthCheckNodePort:
        yield from port("spec.healthCheckNodePort", spec.healthCheckNodePort)
    if inside:
        yield from one_of("spec.internalTrafficPolicy", inside, _TRAFFIC)
    if spec.trafficDistribution:
        yield from one_of("spec.trafficDistribution", spec.trafficDistribution, _DISTRIBUTION)


def _health_checked(spec: ServiceSpec) -> bool:
    return spec.type == "LoadBalancer" and spec.externalTrafficPolicy == "Local"
