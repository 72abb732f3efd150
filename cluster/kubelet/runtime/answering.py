"""What a simulated server answers: HTTP, and in it which pod it was.

Asked when somebody connects to a port of a pod. A port answers if a container that runs declares it.
Invariant: an answer is a function of the pod, the port and the request.
"""

from cluster.api.core import Container, Pod

END = b"\r\n\r\n"


def server_at(pod: Pod, port: int) -> Container | None:
    """The running container that declares the port, or None: a connection there is refused."""
    running = {status.name for status in pod.status.containerStatuses if status.state.running is not None}
    for container in pod.spec.containers:
        declared = (each.containerPort for each in container.ports if each.protocol in ("", "TCP"))
        if container.name in running and port in declared:
            return container
    return None


def respond(pod: Pod, container: Container, port: int, request: bytes) -> bytes:
    """The answer to one request whose head is complete."""
    line = request.partition(b"\r\n")[0].decode("latin-1").split()
    if len(line) != 3 or not line[2].startswith("HTTP/"):
        return _message("400 Bad Request", "this is no HTTP request\n", head=False)
    method, path = line[0], line[1]
    meta = pod.metadata
    text = f"{method} {path} reached pod {meta.name} in namespace {meta.namespace}, container {container.name}, port {port}\n"
    return _message("200 OK", text, head=method == "HEAD")


def _message(status: str, text: str, *, head: bool) -> bytes:
    body = text.encode()
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + END + (b"" if head else body)
