"""Services, Endpoints and EndpointSlices as rows: addresses and ports, shortened after three.

Invariant: an address that is wanted but not there yet is `<pending>`; one never wanted is `<none>`.
"""

from collections.abc import Iterable

from cluster.api.core import Endpoints, Service
from cluster.api.discovery import EndpointSlice
from cluster.printers.column import AGE, NAME, Printer, texts, wide
from cluster.printers.now import Now
from cluster.printers.selectors import label_text

_SHOWN = 3


def host_port(address: str, port: int | str | None) -> str:
    """An address and port as one text; IPv6 in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def shortened(items: Iterable[str]) -> str:
    """Items joined by commas: the first three, and how many more there are."""
    listed = list(items)
    text = ",".join(listed[:_SHOWN])
    return f"{text} + {len(listed) - _SHOWN} more..." if len(listed) > _SHOWN else text


def external_ip(service: Service) -> str:
    """Where a Service is reached from outside, by its type."""
    spec = service.spec
    if spec.type == "ExternalName":
        return spec.externalName
    if spec.type in {"ClusterIP", "NodePort"}:
        return ",".join(spec.externalIPs) or "<none>"
    if spec.type != "LoadBalancer":
        return "<unknown>"
    points = sorted({item.ip or item.hostname for item in service.status.loadBalancer.ingress} - {""})
    return ",".join([*points, *spec.externalIPs]) or "<pending>"


def _service(service: Service, now: Now) -> tuple[str, ...]:
    spec = service.spec
    ports = (
        f"{item.port}:{item.nodePort}/{item.protocol}" if item.nodePort else f"{item.port}/{item.protocol}"
        for item in spec.ports
    )
    return (
        service.metadata.name,
        spec.type,
        spec.clusterIP or "<none>",
        external_ip(service),
        ",".join(ports) or "<none>",
        now.since(service.metadata.creationTimestamp),
        label_text(spec.selector),
    )


def endpoints_text(endpoints: Endpoints) -> str:
    """Every ready address with every port: `10.1.0.1:80,10.1.0.2:80`; empty if none is ready."""
    if not endpoints.subsets:
        return "<none>"
    return shortened(
        host_port(address.ip, port.port) if port else address.ip
        for subset in endpoints.subsets
        for port in (subset.ports or (None,))
        for address in subset.addresses
    )


def _endpoints(endpoints: Endpoints, now: Now) -> tuple[str, ...]:
    return endpoints.metadata.name, endpoints_text(endpoints), now.since(endpoints.metadata.creationTimestamp)


def _slice(value: EndpointSlice, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        value.addressType,
        shortened("*" if item.port is None and not item.name else str(item.port or item.name) for item in value.ports)
        or "<unset>",
        shortened(address for endpoint in value.endpoints for address in endpoint.addresses) or "<unset>",
        now.since(value.metadata.creationTimestamp),
    )


SERVICE = Printer((NAME, *texts("Type", "Cluster-IP", "External-IP", "Port(s)"), AGE, *wide("Selector")), _service)
ENDPOINTS = Printer((NAME, *texts("Endpoints"), AGE), _endpoints)
ENDPOINT_SLICE = Printer((NAME, *texts("AddressType", "Ports", "Endpoints"), AGE), _slice)
