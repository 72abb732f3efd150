"""What one pod is in a Service's slices: its endpoint, and the ports that decide which slices may hold it.

Pure functions, used by the controller for the pods that changed. Mirrors podToEndpoint and
getEndpointPorts (k8s.io/endpointslice). Invariant: the answer depends on the pod, its node's
labels and the Service only.
"""

from functools import lru_cache

from cluster.api.core import Node, ObjectReference, Pod, Service
from cluster.api.discovery import Endpoint, EndpointConditions, EndpointHints, EndpointPort, ForNode, ForZone
from cluster.controllers.service_pods import address_of, has_host_name, is_ready, is_terminal, target_port

ZONE = "topology.kubernetes.io/zone"
SAME_ZONE = {"PreferClose", "PreferSameZone", "PreferSameNode"}
_FNV_START, _FNV_PRIME = 0x6C62272E07BB014262B821756295C58D, 0x1000000000000000000013B

Ports = tuple[EndpointPort, ...]


@lru_cache(maxsize=16)
def _conditions(ready: bool, serving: bool, terminating: bool) -> EndpointConditions:  # noqa: FBT001 - a memo's key
    return EndpointConditions(ready=ready, serving=serving, terminating=terminating)


def endpoint(pod: Pod, service: Service, node: Node | None) -> Endpoint | None:
    """The pod as an endpoint of the service, None while it has no address or after it ended."""
    family = service.spec.ipFamilies[0] if service.spec.ipFamilies else "IPv4"
    address = address_of(pod, family)
    if not address or is_terminal(pod) or node is None:
        return None
    serving, terminating = is_ready(pod), bool(pod.metadata.deletionTimestamp)
    ready = service.spec.publishNotReadyAddresses or (serving and not terminating)
    meta, zone = pod.metadata, node.metadata.labels.get(ZONE, "")
    return Endpoint(
        addresses=(address,),
        conditions=_conditions(ready, serving, terminating),
        hostname=pod.spec.hostname if has_host_name(pod, service) else "",
        nodeName=pod.spec.nodeName,
        zone=zone,
        hints=_hints(service.spec.trafficDistribution, zone, pod.spec.nodeName) if ready else None,
        targetRef=ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid),
    )


@lru_cache(maxsize=65_536)
def _hints(distribution: str, zone: str, node: str) -> EndpointHints | None:
    """Whom the endpoint is best for, if the Service prefers near endpoints."""
    if distribution not in SAME_ZONE:
        return None
    zones = (ForZone(name=zone),) if zone else ()
    nodes = (ForNode(name=node),) if distribution == "PreferSameNode" else ()
    return EndpointHints(forZones=zones, forNodes=nodes) if zones or nodes else None


def ports(pod: Pod, service: Service) -> Ports:
    """The numbers the service's ports have in the pod, in the order Kubernetes puts them in slices.

    A named port that the pod does not have is left out.
    """
    found = []
    for port in service.spec.ports:
        number = target_port(port, pod)
        if number:
            found.append((port.name, port.protocol, number, port.appProtocol))
    return _ports(tuple(found))


@lru_cache(maxsize=4096)
def _ports(found: tuple[tuple[str, str, int, str], ...]) -> Ports:
    return tuple(
        EndpointPort(name=name, protocol=protocol, port=number, appProtocol=app)
        for name, protocol, number, app in sorted(found, key=_port_hash)
    )


def _port_hash(port: tuple[str, str, int, str]) -> int:
    """The order of a slice's ports: by 128-bit FNV-1a of the port as Go prints the struct."""
    name, protocol, number, app = port
    app = app or "<nil>"
    text = (
        f"(v1.EndpointPort){{Name:(*string){name} Protocol:(*v1.Protocol){protocol} "
        f"Port:(*int32){number} AppProtocol:(*string){app}}}"
    )
    value = _FNV_START
    for byte in text.encode():
        value = ((value ^ byte) * _FNV_PRIME) & ((1 << 128) - 1)
    return value
