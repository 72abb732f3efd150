"""Services, Endpoints and EndpointSlices: addresses, ports and where they lead.

Invariant: a Service's endpoints are those of its EndpointSlices that are ready.
"""

from collections.abc import Iterable, Iterator

from cluster.api.core import EndpointAddress, Endpoints, Service, ServicePort
from cluster.api.discovery import Endpoint, EndpointSlice
from cluster.printers.selectors import label_text
from cluster.printers.services import host_port, shortened
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet


def write_service(sheet: Sheet, value: Service, related: Related) -> None:
    """Everything about a Service but its events."""
    spec = value.spec
    sheet.head(value.metadata)
    sheet.field("Selector", label_text(spec.selector))
    sheet.field("Type", spec.type)
    if spec.ipFamilyPolicy:
        sheet.field("IP Family Policy", spec.ipFamilyPolicy)
    sheet.field("IP Families", ",".join(spec.ipFamilies) or "<none>")
    sheet.field("IP", spec.clusterIP)
    sheet.field("IPs", ",".join(spec.clusterIPs) or "<none>")
    ingress = (f"{item.ip} ({item.ipMode})" if item.ip and item.ipMode else item.ip or item.hostname
               for item in value.status.loadBalancer.ingress)  # fmt: skip
    _write_present(
        sheet,
        ("External IPs", ",".join(spec.externalIPs)),
        ("Desired LoadBalancer IP", spec.loadBalancerIP),
        ("External Name", spec.externalName),
        ("LoadBalancer Ingress", ", ".join(ingress)),
    )
    for port in spec.ports:
        _write_port(sheet, port, related.endpoint_slices)
    sheet.field("Session Affinity", spec.sessionAffinity)
    _write_present(
        sheet,
        ("External Traffic Policy", spec.externalTrafficPolicy),
        ("Internal Traffic Policy", spec.internalTrafficPolicy),
        ("HealthCheck NodePort", str(spec.healthCheckNodePort or "")),
        ("LoadBalancer Source Ranges", ",".join(spec.loadBalancerSourceRanges)),
        ("Traffic Distribution", spec.trafficDistribution),
    )


def _write_present(sheet: Sheet, *fields: tuple[str, str]) -> None:
    for name, text in fields:
        if text:
            sheet.field(name, text)


def _write_port(sheet: Sheet, port: ServicePort, slices: Iterable[EndpointSlice]) -> None:
    name = port.name or "<unset>"
    sheet.line(f"Port:\t{name}\t{port.port}/{port.protocol}")
    sheet.field("TargetPort", f"{0 if port.targetPort is None else port.targetPort}/{port.protocol}")
    if port.appProtocol:
        sheet.field("AppProtocol", port.appProtocol)
    if port.nodePort:
        sheet.line(f"NodePort:\t{name}\t{port.nodePort}/{port.protocol}")
    listed = list(slices)
    sheet.field("Endpoints", shortened(ready_addresses(listed, port.name)) if listed else "<none>")


def ready_addresses(slices: Iterable[EndpointSlice], port_name: str) -> Iterator[str]:
    """The ready endpoints of slices, with the number of the port of that name."""
    for found in slices:
        ready = [endpoint.addresses[0] for endpoint in found.endpoints if _is_ready(endpoint) and endpoint.addresses]
        if not found.ports:
            yield from ready
        for port in found.ports:
            if (port.name or "") == port_name:
                yield from (host_port(address, port.port) for address in ready)


def _is_ready(endpoint: Endpoint) -> bool:
    return endpoint.conditions.ready is not False


def write_endpoints(sheet: Sheet, value: Endpoints, _related: Related) -> None:
    """Everything about Endpoints but their events."""
    sheet.head(value.metadata)
    sheet.line("Subsets:")
    for subset in value.subsets:
        sheet.field("Addresses", _ips(subset.addresses), 1)
        sheet.field("NotReadyAddresses", _ips(subset.notReadyAddresses), 1)
        if subset.ports:
            sheet.line("Ports:", 1)
            sheet.line("Name\tPort\tProtocol", 2)
            sheet.line("----\t----\t--------", 2)
        for port in subset.ports:
            sheet.line(f"{port.name or '<unset>'}\t{port.port}\t{port.protocol}", 2)
        sheet.line()


def _ips(addresses: Iterable[EndpointAddress]) -> str:
    return ",".join(address.ip for address in addresses) or "<none>"


def write_endpoint_slice(sheet: Sheet, value: EndpointSlice, _related: Related) -> None:
    """Everything about an EndpointSlice but its events."""
    sheet.head(value.metadata)
    sheet.field("AddressType", value.addressType)
    if value.ports:
        sheet.line("Ports:")
        sheet.line("Name\tPort\tProtocol", 1)
        sheet.line("----\t----\t--------", 1)
    else:
        sheet.line("Ports: <unset>")
    for port in value.ports:
        number = "<unset>" if port.port is None else port.port
        sheet.line(f"{port.name or '<unset>'}\t{number}\t{port.protocol}", 1)
    sheet.line("Endpoints:" if value.endpoints else "Endpoints: <none>")
    for endpoint in value.endpoints:
        _write_endpoint(sheet, endpoint)


def _write_endpoint(sheet: Sheet, endpoint: Endpoint) -> None:
    ready = endpoint.conditions.ready
    sheet.field("- Addresses", ", ".join(endpoint.addresses) or "<none>", 1)
    sheet.line("Conditions:", 2)
    sheet.field("Ready", "<unset>" if ready is None else str(ready).lower(), 3)
    sheet.field("Hostname", endpoint.hostname or "<unset>", 2)
    if endpoint.targetRef is not None:
        sheet.field("TargetRef", f"{endpoint.targetRef.kind}/{endpoint.targetRef.name}", 2)
    sheet.field("NodeName", endpoint.nodeName or "<unset>", 2)
    sheet.field("Zone", endpoint.zone or "<unset>", 2)
