"""Which of the endpoints that may answer does: spread by the seed, or the one a client was sent to before.

Pure but for the caller's `Sessions`: the last step of a connection. Mirrors kube-proxy's statistic and recent rules,
with a hash in place of chance. Invariant: with session affinity a client stays with its endpoint while that may
answer and the client does not keep away for longer than the timeout.
"""

from collections.abc import Sequence

from cluster import ids
from cluster.api.core import Service
from cluster.network import Call, Reached, Sessions
from cluster.proxy.policy import Backend

CLIENT_IP = "ClientIP"
TIMEOUT = 10_800
"""How long (s) a client is remembered where the Service does not say."""


def pick(
    service: Service, port: str, backends: Sequence[Backend], call: Call, sessions: Sessions, seed: int
) -> Reached:
    """One of the backends, of which there are some."""
    name = f"{service.metadata.namespace}/{service.metadata.name}"
    if service.spec.sessionAffinity == CLIENT_IP:
        return _the_same(service, (name, port, call.client.address), backends, call, sessions, seed)
    parts = (name, port, call.client.address, call.time, call.number)
    return _reached(backends[ids.number(seed, "connection", *parts) % len(backends)])


def _the_same(
    service: Service, key: tuple[str, str, str], backends: Sequence[Backend], call: Call, sessions: Sessions, seed: int
) -> Reached:  # fmt: skip
    """The backend that this client had before, if it may be; else one that depends on who the client is."""
    config = service.spec.sessionAffinityConfig
    timeout = (config.clientIP.timeoutSeconds if config is not None and config.clientIP is not None else 0) or TIMEOUT
    before, since = sessions.get(key, (None, call.time))
    found = [_reached(each) for each in backends]
    expired = call.time - since > timeout * 1000
    if before is None or expired or before not in found:
        # Who was away for too long may get another one; who was never seen gets the same in every session of its own.
        again = (call.time,) if expired else ()
        before = max(found, key=lambda each: ids.number(seed, "affinity", *key, each.address, each.port, *again))
    sessions[key] = (before, call.time)
    return before


def _reached(backend: Backend) -> Reached:
    return Reached(backend.endpoint.addresses[0], backend.port)
