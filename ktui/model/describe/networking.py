"""Ingresses, their classes, and the addresses Services get.

Invariant: where an Ingress leads is told by the Service's slices as they are now.
"""

from cluster.api.core import ServicePort
from cluster.api.discovery import EndpointSlice
from cluster.api.networking import Ingress, IngressBackend, IngressClass, IPAddress, ServiceBackendPort, ServiceCIDR
from cluster.printers.networking import addresses
from cluster.printers.services import shortened
from ktui.model.describe.related import Related
from ktui.model.describe.services import ready_addresses
from ktui.model.describe.sheet import Sheet, date


def write_ingress(sheet: Sheet, value: Ingress, related: Related) -> None:
    """Everything about an Ingress but its events."""
    meta, spec = value.metadata, value.spec
    sheet.field("Name", meta.name)
    sheet.labels(meta.labels)
    sheet.field("Namespace", meta.namespace)
    sheet.field("Address", addresses(value))
    sheet.field("Ingress Class", spec.ingressClassName or "<none>")
    default = _backend(spec.defaultBackend, related) if spec.defaultBackend else "<default>"
    sheet.field("Default backend", default)
    if spec.tls:
        sheet.line("TLS:")
    for entry in spec.tls:
        start = f"{entry.secretName} terminates" if entry.secretName else "SNI routes"
        sheet.line(f"{start} {','.join(entry.hosts)}", 1)
    sheet.line("Rules:")
    sheet.line("Host\tPath\tBackends", 1)
    sheet.line("----\t----\t--------", 1)
    rules = [(rule.host or "*", rule.http.paths) for rule in spec.rules if rule.http is not None]
    for host, paths in rules:
        sheet.line(f"{host}\t", 1)
        for path in paths:
            sheet.line(f"\t{path.path} \t{_backend(path.backend, related)}", 2)
    if not rules:
        sheet.line(f"*\t*\t{default}", 1)
    sheet.annotations(meta.annotations)


def _backend(backend: IngressBackend, related: Related) -> str:
    """A backend and what is behind it: `web:80 (10.1.0.5:8080)`."""
    if (wanted := backend.service) is not None:
        text = f"{wanted.name}:{wanted.port.number or wanted.port.name}"
        service = next((found for found in related.services if found.metadata.name == wanted.name), None)
        if service is None:
            return f'{text} (<error: services "{wanted.name}" not found>)'
        port = next((port.name for port in reversed(service.spec.ports) if _is_port(wanted.port, port)), "")
        slices = [found for found in related.endpoint_slices if _service_of(found) == wanted.name]
        return f"{text} ({shortened(ready_addresses(slices, port)) if slices else '<none>'})"
    if (resource := backend.resource) is not None:
        return f"APIGroup: {resource.apiGroup or '<none>'}, Kind: {resource.kind}, Name: {resource.name}"
    return ""


def _is_port(wanted: ServiceBackendPort, port: ServicePort) -> bool:
    return wanted.number == port.port if wanted.number else bool(wanted.name) and wanted.name == port.name


def _service_of(found: EndpointSlice) -> str:
    return found.metadata.labels.get("kubernetes.io/service-name", "")


def write_ingress_class(sheet: Sheet, value: IngressClass, _related: Related) -> None:
    """Everything about an IngressClass but its events."""
    meta, parameters = value.metadata, value.spec.parameters
    sheet.field("Name", meta.name)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Controller", value.spec.controller)
    if parameters is not None:
        sheet.line("Parameters:")
        if parameters.apiGroup:
            sheet.field("APIGroup", parameters.apiGroup, 1)
        sheet.field("Kind", parameters.kind, 1)
        sheet.field("Name", parameters.name, 1)


def write_service_cidr(sheet: Sheet, value: ServiceCIDR, _related: Related) -> None:
    """Everything about a ServiceCIDR but its events."""
    sheet.field("Name", value.metadata.name)
    sheet.labels(value.metadata.labels)
    sheet.annotations(value.metadata.annotations)
    sheet.field("CIDRs", ", ".join(value.spec.cidrs))
    if value.status.conditions:
        sheet.line("Status:")
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tLastTransitionTime\tReason\tMessage", 1)
        sheet.line("----\t------\t------------------\t------\t-------", 1)
    for item in value.status.conditions:
        sheet.line(f"{item.type}\t{item.status}\t{date(item.lastTransitionTime)}\t{item.reason}\t{item.message}", 1)


def write_ip_address(sheet: Sheet, value: IPAddress, _related: Related) -> None:
    """Everything about an IPAddress but its events."""
    parent = value.spec.parentRef
    sheet.field("Name", value.metadata.name)
    sheet.labels(value.metadata.labels)
    sheet.annotations(value.metadata.annotations)
    if parent is not None:
        sheet.line("Parent Reference:")
        sheet.field("Group", parent.group, 1)
        sheet.field("Resource", parent.resource, 1)
        sheet.field("Namespace", parent.namespace, 1)
        sheet.field("Name", parent.name, 1)
