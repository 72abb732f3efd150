"""The API server's first look at a Service: which network fields its type and its past imply.

Pure functions, Service in, Service out; `allocation` fills in what is left. Mirrors what the real
service registry does around validation. Invariant: nothing here knows which addresses are taken.
"""

from msgspec.structs import replace

from cluster.api.core import Service, ServicePort, ServiceSpec
from cluster.api.errors import Invalid
from cluster.api.meta import StatusCause

NONE = "None"
SINGLE_STACK, REQUIRE_DUAL_STACK = "SingleStack", "RequireDualStack"
_OTHER_FAMILY = {"IPv4": "IPv6", "IPv6": "IPv4"}
_POLICY = "spec.ipFamilyPolicy"


def needs_cluster_ip(spec: ServiceSpec) -> bool:
    """Whether a Service of this type is reached at an address of the cluster's."""
    return spec.type != "ExternalName"


def needs_node_port(spec: ServiceSpec) -> bool:
    """Whether a Service of this type is reached at a port of every node's."""
    return spec.type in {"NodePort", "LoadBalancer"}


def needs_health_check_port(spec: ServiceSpec) -> bool:
    """Whether nodes tell a load balancer, at a port of its own, if they have endpoints."""
    return spec.type == "LoadBalancer" and spec.externalTrafficPolicy == "Local"


def settled(service: Service, old: Service | None) -> Service:
    """The service with what follows without allocating: fields kept from `old`, dropped, or copied.

    An update that leaves out addresses and ports keeps them, one that changes the type loses what the
    new type has no use for, and `clusterIP` and `clusterIPs` follow each other.
    """
    spec = service.spec
    if old is not None:
        spec = _dropped(_kept(spec, old.spec), old.spec)
    spec = _same_addresses(spec, None if old is None else old.spec)
    return service if spec is service.spec else replace(service, spec=spec)


def _kept(spec: ServiceSpec, old: ServiceSpec) -> ServiceSpec:
    """`spec` with the addresses and ports of `old` that it does not mention."""
    if needs_cluster_ip(spec) and needs_cluster_ip(old):
        if not spec.clusterIP and (not spec.clusterIPs or spec.clusterIPs == old.clusterIPs):
            spec = replace(spec, clusterIP=old.clusterIP)
        if not spec.clusterIPs and spec.clusterIP == old.clusterIP:
            spec = replace(spec, clusterIPs=old.clusterIPs)
    if needs_node_port(spec) and needs_node_port(old):
        spec = replace(spec, ports=_kept_ports(spec.ports, old.ports))
    if needs_health_check_port(spec) and needs_health_check_port(old) and not spec.healthCheckNodePort:
        spec = replace(spec, healthCheckNodePort=old.healthCheckNodePort)
    return spec


def _kept_ports(ports: tuple[ServicePort, ...], old: tuple[ServicePort, ...]) -> tuple[ServicePort, ...]:
    before = {(port.protocol, port.port): port.nodePort for port in old}
    used = {port.nodePort for port in ports}
    kept = []
    for port in ports:
        node_port = before.get((port.protocol, port.port), 0)
        if port.nodePort == 0 and node_port and node_port not in used:
            used.add(node_port)
            kept.append(replace(port, nodePort=node_port))
        else:
            kept.append(port)
    return tuple(kept)


def _dropped(spec: ServiceSpec, old: ServiceSpec) -> ServiceSpec:
    """`spec` without what only the type of `old` used, where the writer merely carried it along."""
    if not needs_cluster_ip(spec) and needs_cluster_ip(old) and spec.clusterIPs == old.clusterIPs:
        spec = replace(spec, clusterIP="", clusterIPs=())
        if spec.ipFamilies == old.ipFamilies and spec.ipFamilyPolicy == old.ipFamilyPolicy:
            spec = replace(spec, ipFamilies=(), ipFamilyPolicy="")
    if not needs_node_port(spec) and needs_node_port(old) and _node_ports(spec) == _node_ports(old):
        spec = replace(spec, ports=tuple(replace(port, nodePort=0) for port in spec.ports))
    if not needs_health_check_port(spec) and spec.healthCheckNodePort == old.healthCheckNodePort:
        spec = replace(spec, healthCheckNodePort=0)
    if spec.type != "LoadBalancer" and old.type == "LoadBalancer":
        if spec.allocateLoadBalancerNodePorts == old.allocateLoadBalancerNodePorts:
            spec = replace(spec, allocateLoadBalancerNodePorts=None)
        if spec.loadBalancerClass == old.loadBalancerClass:
            spec = replace(spec, loadBalancerClass="")
    if not (needs_node_port(spec) or spec.externalIPs) and spec.externalTrafficPolicy == old.externalTrafficPolicy:
        spec = replace(spec, externalTrafficPolicy="")
    return spec


def _node_ports(spec: ServiceSpec) -> list[int]:
    return sorted(port.nodePort for port in spec.ports if port.nodePort)


def _same_addresses(spec: ServiceSpec, old: ServiceSpec | None) -> ServiceSpec:
    """`clusterIP` is the field of old and `clusterIPs` the list of today: the one changed wins."""
    if old is None:
        return replace(spec, clusterIPs=(spec.clusterIP,)) if spec.clusterIP and not spec.clusterIPs else spec
    if spec.clusterIP != old.clusterIP and spec.clusterIPs == old.clusterIPs:
        return replace(spec, clusterIPs=(spec.clusterIP,) if spec.clusterIP else ())
    return spec


def with_families(service: Service, old: Service | None, family: str) -> Service:
    """The service with ipFamilyPolicy and ipFamilies, on a cluster whose one family is `family`.

    Invalid, in the registry's words, if it asks for two families or for the other one. A headless
    Service without a selector may name families the cluster does not have.
    """
    spec = service.spec
    selectorless = spec.clusterIP == NONE and not spec.selector
    policy = spec.ipFamilyPolicy or (old.spec.ipFamilyPolicy if old else "")
    policy = policy or (REQUIRE_DUAL_STACK if selectorless else SINGLE_STACK)
    spec = replace(spec, ipFamilyPolicy=policy)
    causes: list[StatusCause] = []
    if old is not None:
        spec = _downgraded(spec, old.spec, causes)
    _check_single(spec, causes)
    spec = _inferred(spec, family, causes)
    if not causes and not selectorless:
        _check_configured(spec, family, causes)
    if causes:
        raise Invalid.of("Service", service.metadata.name, causes)
    families = spec.ipFamilies or (family,)
    if selectorless and len(families) == 1 and policy != SINGLE_STACK:
        families = (families[0], _OTHER_FAMILY[families[0]])
    return replace(service, spec=replace(spec, ipFamilies=families))


def _downgraded(spec: ServiceSpec, old: ServiceSpec, causes: list[StatusCause]) -> ServiceSpec:
    if spec.ipFamilyPolicy == SINGLE_STACK:
        if spec.clusterIPs == old.clusterIPs:
            spec = replace(spec, clusterIPs=spec.clusterIPs[:1])
        if spec.ipFamilies == old.ipFamilies:
            spec = replace(spec, ipFamilies=spec.ipFamilies[:1])
        return spec
    words = "must be 'SingleStack' to release the secondary "
    if 0 < len(spec.clusterIPs) < len(old.clusterIPs):
        causes.append(invalid(_POLICY, f'"{spec.ipFamilyPolicy}"', words + "cluster IP"))
    if 0 < len(spec.ipFamilies) < len(old.ipFamilies):
        causes.append(invalid(_POLICY, f'"{spec.ipFamilyPolicy}"', words + "IP family"))
    return spec


def _check_single(spec: ServiceSpec, causes: list[StatusCause]) -> None:
    if spec.ipFamilyPolicy != SINGLE_STACK:
        return
    for values, what in ((spec.clusterIPs, "cluster IPs"), (spec.ipFamilies, "IP families")):
        if len(values) == 2:
            words = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            causes.append(invalid(_POLICY, f'"{spec.ipFamilyPolicy}"', words))


def _inferred(spec: ServiceSpec, family: str, causes: list[StatusCause]) -> ServiceSpec:
    """`spec` with the families of the addresses it gives."""
    families = list(spec.ipFamilies)
    for index, address in enumerate(spec.clusterIPs):
        if address == NONE:
            break
        if index < len(families):
            continue
        found = "IPv6" if ":" in address else "IPv4"
        if found == family:
            families.append(found)
        else:
            words = f"{found} is not configured on this cluster"
            causes.append(invalid(f"spec.clusterIPs[{index}]", quoted(spec.clusterIPs), words))
    return spec if len(families) == len(spec.ipFamilies) else replace(spec, ipFamilies=tuple(families))


def _check_configured(spec: ServiceSpec, family: str, causes: list[StatusCause]) -> None:
    if spec.ipFamilyPolicy == REQUIRE_DUAL_STACK:
        words = "this cluster is not configured for dual-stack services"
        causes.append(invalid(_POLICY, f'"{spec.ipFamilyPolicy}"', words))
    for index, wanted in enumerate(spec.ipFamilies):
        if wanted != family:
            causes.append(invalid(f"spec.ipFamilies[{index}]", f'"{wanted}"', "not configured on this cluster"))


def invalid(field: str, value: str, words: str) -> StatusCause:
    """A cause as `field.Invalid` prints it; `value` is JSON."""
    return StatusCause(field=field, message=f"Invalid value: {value}: {words}", reason="FieldValueInvalid")


def quoted(values: tuple[str, ...]) -> str:
    """Strings as compact JSON."""
    return "[" + ",".join(f'"{value}"' for value in values) + "]"
