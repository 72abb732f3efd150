"""pods/proxy and services/proxy: an HTTP request passed on to the simulated server behind a pod or a Service.

A corner of the facade beside `forwarding`. Mirrors the proxy handlers of the pod and service registries. Invariant:
a Service's request reaches a ready endpoint of the port it names, whatever its traffic policies say.
"""

from cluster import ids
from cluster.api import kinds
from cluster.api.core import Pod, Service
from cluster.api.errors import BadRequest, ServiceUnavailable
from cluster.apiserver import ApiServer
from cluster.http import node_proxy
from cluster.http.messages import Request, Response
from cluster.http.paths import Target
from cluster.kubelet.runtime import answering
from cluster.network import network_of

DEFAULT_PORT = 80
TEXT = "text/plain; charset=utf-8"


def handle(api: ApiServer, request: Request, named: Target) -> Response:
    """Any method on .../proxy/PATH. BadRequest, NotFound or ServiceUnavailable if nobody answers."""
    name, port = _split(named.name)
    if named.kind is kinds.NODES:
        return node_proxy.handle(api, request, name, port, named)
    key = kinds.key_of(named.namespace, name)
    if named.kind is kinds.SERVICES:
        pod, number = _behind(api, api.get(kinds.SERVICES, key), port)
    else:
        pod = api.get(kinds.PODS, key)
        number = _number(port) if port else _first_port(pod)
    server = answering.server_at(pod, number)
    if server is None:
        where = f"{pod.status.podIP}:{number}"
        raise ServiceUnavailable(f"error trying to reach service: dial tcp {where}: connect: connection refused")
    head = f"{request.method} /{named.path} HTTP/1.1".encode()
    answered = answering.respond(pod, server, number, head)
    return Response(200, answered.partition(answering.END)[2], TEXT)


def _split(text: str) -> tuple[str, str]:
    """The name and the port of `[SCHEME:]NAME[:PORT]`."""
    parts = text.split(":")
    if len(parts) > 3 or (len(parts) == 3 and parts[0] not in ("http", "https", "")):
        raise BadRequest(f'invalid service request "{text}"')
    if len(parts) == 3 or parts[0] in ("http", "https"):
        parts = parts[1:]
    return parts[0], parts[1] if len(parts) > 1 else ""


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise BadRequest(f'invalid port "{text}"')
    return int(text)


def _first_port(pod: Pod) -> int:
    ports = (port.containerPort for container in pod.spec.containers for port in container.ports)
    return next(ports, DEFAULT_PORT)


def _behind(api: ApiServer, service: Service, wanted: str) -> tuple[Pod, int]:
    """A pod behind a Service's port (by name or number, or the only one), and the pod's port."""
    meta, ports = service.metadata, service.spec.ports
    port = next((port for port in ports if wanted in (port.name, str(port.port))), None)
    if port is None and not wanted and len(ports) == 1:
        port = ports[0]
    if port is None:
        raise ServiceUnavailable(f'no service port "{wanted}" found for service "{meta.name}"')
    network = network_of(api.store)
    found = [] if network is None else network.endpoints(kinds.key(service), port.name)
    if network is None or not found:
        raise ServiceUnavailable(f'no endpoints available for service "{meta.name}"')
    chosen = found[ids.number(api.seed, "proxy", kinds.key(service), api.clock.now) % len(found)]
    pods = network.pods_at(chosen.address, api.clock.now)
    if not pods:
        where = f"{chosen.address}:{chosen.port}"
        raise ServiceUnavailable(f"error trying to reach service: dial tcp {where}: i/o timeout")
    return pods[-1], chosen.port
