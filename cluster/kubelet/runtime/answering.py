"""What a simulated server answers: HTTP, and in it which pod it was.

Asked when somebody connects to a port of a pod. A port answers if a container that runs declares it, if its image is
known to listen there, or, where neither is known, always. Invariant: an answer is a function of the pod, the port,
the time and the request.
"""

from collections.abc import Mapping

from cluster.api.core import Container, ContainerStatus, Pod
from cluster.kubelet.runtime import entry_points

END = b"\r\n\r\n"
PORTS: Mapping[str, tuple[int, ...]] = {
    "caddy": (80, 443), "echoserver": (8080,), "hello-app": (8080,), "http-echo": (5678,), "httpd": (80,),
    "kuard": (8080,), "mariadb": (3306,), "memcached": (11211,), "mongo": (27017,), "mysql": (3306,), "nginx": (80,),
    "podinfo": (9898,), "postgres": (5432,), "rabbitmq": (5672,), "redis": (6379,), "serve_hostname": (9376,),
    "whoami": (80,),
}  # fmt: skip
"""Images that are known, and where their servers listen."""
SILENT = frozenset(["mariadb", "memcached", "mongo", "mysql", "postgres", "rabbitmq", "redis"])
"""Images whose servers do not speak HTTP."""


def server_at(pod: Pod, port: int, date: str = "", *, near: bool = False) -> Container | None:
    """The container that listens on a port at a time (RFC 3339, else now), or None: a connection there is refused.

    `near` is whether the caller is in the pod: what only such a caller reaches need not be declared.
    """
    statuses = {each.name: each for each in pod.status.containerStatuses}
    for container in pod.spec.containers:
        status = statuses.get(container.name)
        if status is not None and runs_at(status, date) and listens(container, port, near=near):
            return container
    return None


def runs_at(status: ContainerStatus, date: str) -> bool:
    """Whether the container ran at a time, as far as its status tells; what was before its last runs is taken for one."""
    running, last = status.state.running, status.lastState.terminated
    if running is not None and (not date or running.startedAt <= date):
        return True
    if not date:
        return False
    ended = [each for each in (status.state.terminated, last) if each is not None]
    if any(each.startedAt <= date < each.finishedAt for each in ended):
        return True
    return bool(ended) and status.restartCount > 1 and date < min(each.startedAt for each in ended)


def listens(container: Container, port: int, *, near: bool = False) -> bool:
    """Whether the container's process, while it runs, listens on a TCP port."""
    declared = [each.containerPort for each in container.ports if each.protocol in ("", "TCP")]
    if port in declared or entry_points.simulated(container):
        return port in declared
    known = PORTS.get(entry_points.image_name(container))
    return port in known if known is not None else near or not declared


def respond(pod: Pod, container: Container, port: int, request: bytes) -> bytes:
    """The answer to one request whose head is complete; nothing from a server that speaks something else."""
    if entry_points.image_name(container) in SILENT:
        return b""
    line = request.partition(b"\r\n")[0].decode("latin-1").split()
    if len(line) != 3 or not line[2].startswith("HTTP/"):
        return _message("400 Bad Request", "this is no HTTP request\n", head=False)
    head = line[0] == "HEAD"
    return _message("200 OK", _body(pod, container, port, "GET" if head else line[0], line[1]), head=head)


def _body(pod: Pod, container: Container, port: int, method: str, path: str) -> str:
    """What the server says: its own text if it was given one, else who it is."""
    meta = pod.metadata
    if entry_points.image_name(container) == "http-echo":
        told = [text.partition("=")[2] for text in container.args if text.lstrip("-").startswith("text=")]
        if told:
            return f"{told[0]}\n"
    where = f"pod {meta.name} in namespace {meta.namespace}, container {container.name}, port {port}"
    return f"{method} {path} reached {where}\n"


def _message(status: str, text: str, *, head: bool) -> bytes:
    body = text.encode()
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + END + (b"" if head else body)
