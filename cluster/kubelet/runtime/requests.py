"""HTTP as a client in a container sees it: a URL, the connection that it needs, and what comes back.

Between wget and curl and the simulated servers. Invariant: a request takes a little time, and one that nobody answers
takes as long as the client, or else the kernel, waits.
"""

from collections.abc import Mapping

from msgspec import Struct

from cluster.kubelet.runtime import answering
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.sockets import Server, Sockets
from cluster.network import Failure

ANSWER = 2
"""How long a request takes (ms)."""
KERNEL_WAITS = 131_000
"""After how long connect(2) gives up where nobody answers at all (ms)."""
UNREACHABLE_AFTER = 3_000
PORTS = {"http": 80, "https": 443}
ENCRYPTED = (443, 6443, 8443, 9443)
"""Ports on which servers are taken to speak TLS."""


class Url(Struct, frozen=True):
    """A URL in parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown_host(self) -> str:
        """The host, with its port if that is not the usual one."""
        return self.host if self.port == PORTS.get(self.scheme) else f"{self.host}:{self.port}"


class Reply(Struct, frozen=True):
    """What a server sent: the status line, the header lines, the body."""

    status: str
    headers: tuple[str, ...]
    body: bytes

    @property
    def code(self) -> int:
        """The status code."""
        return int(self.status.split()[1])


def url_of(text: str) -> Url | None:
    """A URL as it is typed, http where it does not say; None if it has no host or no such port."""
    scheme, colon, rest = text.partition("://")
    if not colon:
        scheme, rest = "http", text
    authority, slash, path = rest.partition("/")
    authority, mark, query = authority.partition("?")
    host, _, port = authority.rpartition("@")[2].partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
        return None
    shown = f"/?{query}" if mark else slash + path.partition("#")[0] or "/"
    return Url(scheme.lower(), host, int(port) if port else PORTS.get(scheme.lower(), 80), shown)


def connect(run: Run, sockets: Sockets, address: str, port: int, patience: int | None) -> Server | Failure:
    """Open a connection; a client without patience (ms) waits as long as the kernel does."""
    found = sockets.dial(run, address, port)
    if found is Failure.DROPPED:
        run.elapsed += KERNEL_WAITS if patience is None else min(patience, KERNEL_WAITS)
    elif found is Failure.UNREACHABLE:
        run.elapsed += UNREACHABLE_AFTER if patience is None else min(patience, UNREACHABLE_AFTER)
        if patience is not None and patience < UNREACHABLE_AFTER:
            return Failure.DROPPED
    return found


def exchange(
    run: Run, server: Server, url: Url, method: str, headers: Mapping[str, str], body: bytes = b""
) -> Reply | None:
    """Send a request over a connection; None if the server closes it without an answer."""
    run.elapsed += ANSWER
    lines = [f"{method} {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if server.pod is None or server.container is None:
        return _of_api_server(url)
    request = "\r\n".join(lines).encode() + answering.END + body
    answered = answering.respond(server.pod, server.container, server.port, request)
    if not answered:
        return None
    head, _, content = answered.partition(answering.END)
    status, *fields = head.decode("latin-1").split("\r\n")
    return Reply(status, tuple(fields), content)


def _of_api_server(url: Url) -> Reply:
    """The API server's answer to somebody who does not say who it is."""
    message = f'forbidden: User \\"system:anonymous\\" cannot get path \\"{url.path}\\"'
    lines = [
        "{", '  "kind": "Status",', '  "apiVersion": "v1",', '  "metadata": {},', '  "status": "Failure",',
        f'  "message": "{message}",', '  "reason": "Forbidden",', '  "details": {},', '  "code": 403', "}",
    ]  # fmt: skip
    body = "\n".join(lines).encode() + b"\n"
    return Reply("HTTP/1.1 403 Forbidden", ("Content-Type: application/json", f"Content-Length: {len(body)}"), body)
