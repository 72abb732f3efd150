"""Which endpoints of a Service's port may answer a client: readiness, traffic policies and hints.

Pure: the second step of a connection, after the Service was found and before one endpoint is picked. Mirrors
kube-proxy's CategorizeEndpoints and the rules it writes. Invariant: an endpoint that is not ready answers only where
none is and it still serves while it terminates.
"""

from collections.abc import Sequence

from msgspec import Struct

from cluster.api.core import Service
from cluster.api.discovery import Endpoint
from cluster.network import Failure

LOCAL = "Local"


class Backend(Struct, frozen=True, gc=False):
    """An endpoint and the number that the Service's port has there."""

    endpoint: Endpoint
    port: int


class Place(Struct, frozen=True, gc=False):
    """The node on which a Service's rules are met, and its zone."""

    node: str
    zone: str = ""


def is_ready(endpoint: Endpoint) -> bool:
    """Whether new connections are welcome; unknown counts as yes."""
    return endpoint.conditions.ready is not False


def serves_to_the_last(endpoint: Endpoint) -> bool:
    """Whether it terminates but still serves."""
    conditions = endpoint.conditions
    serving = is_ready(endpoint) if conditions.serving is None else conditions.serving
    return serving and conditions.terminating is True


def usable(
    service: Service, backends: Sequence[Backend], place: Place, *, external: bool, inside: bool
) -> Sequence[Backend] | Failure:
    """The backends that may answer, or what becomes of the connection.

    `external` is whether an address for clients outside was called, `inside` whether the client is in the cluster:
    to such a client externalTrafficPolicy does not apply.
    """
    spec, found = service.spec, list[Backend]()
    policy = spec.externalTrafficPolicy if external else spec.internalTrafficPolicy
    if policy == LOCAL and not (external and inside):
        near = [each for each in backends if each.endpoint.nodeName == place.node]
        found = _ready(near) or _last(near)
        if not found and (_ready(backends) or _last(backends)):
            return Failure.DROPPED
    else:
        found = hinted(_ready(backends), place) or _last(backends)
    return found or Failure.REFUSED


def hinted(ready: list[Backend], place: Place) -> list[Backend]:
    """The ready backends meant for a node, else those for its zone, if every one has such a hint; else all of them."""
    nodes = [[node.name for node in hints.forNodes] if (hints := each.endpoint.hints) else [] for each in ready]
    zones = [[zone.name for zone in hints.forZones] if (hints := each.endpoint.hints) else [] for each in ready]
    for meant, wanted in ((nodes, place.node), (zones, place.zone)):
        if all(meant):
            near = [each for each, names in zip(ready, meant, strict=True) if wanted in names]
            if near:
                return near
    return ready


def _ready(backends: Sequence[Backend]) -> list[Backend]:
    return [each for each in backends if is_ready(each.endpoint)]


def _last(backends: Sequence[Backend]) -> list[Backend]:
    return [each for each in backends if serves_to_the_last(each.endpoint)]
