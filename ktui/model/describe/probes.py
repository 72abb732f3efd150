"""A probe in one line: what it asks, and how often.

Invariant: every figure that decides the outcome is in the line.
"""

from urllib.parse import quote

from cluster.api.core import HTTPGetAction, Probe
from cluster.printers.services import host_port


def probe_text(probe: Probe) -> str:
    """`http-get http://:8080/healthz delay=0s timeout=1s …`."""
    times = (
        f"delay={probe.initialDelaySeconds}s timeout={probe.timeoutSeconds}s period={probe.periodSeconds}s "
        f"#success={probe.successThreshold} #failure={probe.failureThreshold}"
    )
    if probe.exec is not None:
        return f"exec [{' '.join(probe.exec.command)}] {times}"
    if probe.httpGet is not None:
        return f"http-get {_url(probe.httpGet)} {times}"
    if probe.tcpSocket is not None:
        return f"tcp-socket {probe.tcpSocket.host}:{probe.tcpSocket.port} {times}"
    if probe.grpc is not None:
        return f"grpc <pod>:{probe.grpc.port} {probe.grpc.service} {times}"
    return f"unknown {times}"


def _url(action: HTTPGetAction) -> str:
    path = quote(action.path, safe="/$&+,:;=@")
    scheme = f"{action.scheme.lower()}:" if action.scheme else ""
    return f"{scheme}//{host_port(action.host, action.port)}{'' if path.startswith('/') or not path else '/'}{path}"
