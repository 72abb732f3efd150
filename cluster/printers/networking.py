"""Ingresses, their classes, NetworkPolicies, ServiceCIDRs and IPAddresses as rows.

Invariant: an Ingress without hosts serves every host, `*`, and one with TLS also listens on 443.
"""

from cluster.api.networking import Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR
from cluster.printers.column import AGE, NAME, Printer, texts
from cluster.printers.now import Now
from cluster.printers.selectors import selector_text


def addresses(ingress: Ingress) -> str:
    """Where an Ingress is reached, in order; empty while nobody said."""
    points = {item.ip or item.hostname for item in ingress.status.loadBalancer.ingress}
    return ",".join(sorted(points - {""}))


def _hosts(ingress: Ingress) -> str:
    """The first three hosts; as the API server does, what is left is counted in rules, not in hosts."""
    rules = ingress.spec.rules
    shown: list[str] = []
    for rule in rules:
        if len(shown) == 3:
            return f"{','.join(shown)} + {len(rules) - 3} more..."
        if rule.host:
            shown.append(rule.host)
    return ",".join(shown) or "*"


def _ingress(value: Ingress, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        value.spec.ingressClassName or "<none>",
        _hosts(value),
        addresses(value),
        "80, 443" if value.spec.tls else "80",
        now.since(value.metadata.creationTimestamp),
    )


def _ingress_class(value: IngressClass, now: Now) -> tuple[str, ...]:
    found = value.spec.parameters
    kind = f"{found.kind}.{found.apiGroup}" if found and found.apiGroup else found.kind if found else ""
    return (
        value.metadata.name,
        value.spec.controller,
        f"{kind}/{found.name}" if found else "<none>",
        now.since(value.metadata.creationTimestamp),
    )


def _network_policy(value: NetworkPolicy, now: Now) -> tuple[str, ...]:
    return value.metadata.name, selector_text(value.spec.podSelector), now.since(value.metadata.creationTimestamp)


def _service_cidr(value: ServiceCIDR, now: Now) -> tuple[str, ...]:
    return value.metadata.name, ",".join(value.spec.cidrs), now.since(value.metadata.creationTimestamp)


def _ip_address(value: IPAddress, _: Now) -> tuple[str, ...]:
    parent = value.spec.parentRef
    if parent is None:
        return value.metadata.name, "<none>"
    resource = f"{parent.resource}.{parent.group}".lower().rstrip(".")
    return value.metadata.name, "/".join(part for part in (resource, parent.namespace, parent.name) if part)


INGRESS = Printer((NAME, *texts("Class", "Hosts", "Address", "Ports"), AGE), _ingress)
INGRESS_CLASS = Printer((NAME, *texts("Controller", "Parameters"), AGE), _ingress_class)
NETWORK_POLICY = Printer((NAME, *texts("Pod-Selector"), AGE), _network_policy)
SERVICE_CIDR = Printer((NAME, *texts("CIDRs"), AGE), _service_cidr)
IP_ADDRESS = Printer((NAME, *texts("ParentRef")), _ip_address)
