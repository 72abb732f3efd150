"""The far end of a port forward: connections to a pod's ports, and the simulated servers that answer there.

Pure: `tunnel` moves the bytes. Mirrors the kubelet's port forwarding, which pairs a stream for data with one
for errors. Invariant: what arrives at a port is answered by the container that declares the port, or refused.
"""

from collections.abc import Iterator, Mapping

from cluster.api.core import Pod
from cluster.http import spdy
from cluster.http.spdy import Framer, Opened, Pinged, Received, Reset, data_frame, pong
from cluster.kubelet.runtime import answering

LARGEST_HEAD = 64 * 1024


class Connection:
    """One connection to a port of a pod: requests in, answers out."""

    def __init__(self, pod: Pod, port: int) -> None:
        self._pod, self._port = pod, port
        self._server = answering.server_at(pod, port, near=True)
        self._buffer = bytearray()

    @property
    def refusal(self) -> bytes:
        """Why there is no connection, as the kubelet words it; nothing if there is one."""
        if self._server is not None:
            return b""
        pod, port = self._pod, self._port
        why = f"failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused"
        return f"error forwarding port {port} to pod {pod.metadata.uid}, uid : {why}".encode()

    def feed(self, data: bytes) -> bytes:
        """What the server answers to what it has got so far."""
        if self._server is None:
            return b""
        self._buffer += data
        answers = b""
        while answering.END in self._buffer:
            head, _, rest = bytes(self._buffer).partition(answering.END)
            length = _length(head)
            if len(rest) < length:
                return answers
            self._buffer = bytearray(rest[length:])
            answers += answering.respond(self._pod, self._server, self._port, head)
        if len(self._buffer) > LARGEST_HEAD:
            self._buffer.clear()
        return answers


def _length(head: bytes) -> int:
    """The length of the body that a request's head announces."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return min(int(value), LARGEST_HEAD)
    return 0


class SpdyForwarding:
    """A port forward over SPDY, as kubectl tunnels it: each connection is a stream for errors and one for data."""

    def __init__(self, pod: Pod) -> None:
        self._pod, self._framer = pod, Framer()
        self._connections: dict[int, Connection] = {}
        self._errors: dict[str, int] = {}
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """The frames to send for the frames received. spdy.BadFrame if they are none."""
        return b"".join(frame for event in self._framer.feed(data) for frame in self._answers(event))

    def _answers(self, event: spdy.Event) -> Iterator[bytes]:
        match event:
            case Opened():
                yield self._framer.accepted(event.stream)
                yield from self._open(event.stream, event.headers)
            case Received():
                connection = self._connections.get(event.stream)
                if connection is not None:
                    answer = connection.feed(event.data)
                    if answer or event.last:
                        yield data_frame(event.stream, answer, last=event.last)
            case Reset():
                self._connections.pop(event.stream, None)
            case Pinged():
                yield pong(event.number)
            case _:
                self.ended = True

    def _open(self, stream: int, headers: Mapping[str, str]) -> Iterator[bytes]:
        request, port = headers.get("requestid", ""), headers.get("port", "")
        if headers.get("streamtype") == "error":
            self._errors[request] = stream
            return
        error = self._errors.pop(request, 0)
        connection = Connection(self._pod, int(port) if port.isascii() and port.isdecimal() else 0)
        if error:
            yield data_frame(error, connection.refusal, last=True)
        if connection.refusal:
            yield data_frame(stream, b"", last=True)
        else:
            self._connections[stream] = connection


class ChannelForwarding:
    """A port forward over WebSocket channels, as client libraries do it: two channels for each port asked for."""

    def __init__(self, pod: Pod, ports: tuple[int, ...]) -> None:
        self._connections = [Connection(pod, port) for port in ports]
        self._ports = ports

    def greeting(self) -> Iterator[bytes]:
        """The first messages: each channel's port; then what is refused."""
        for index, port in enumerate(self._ports):
            yield bytes([2 * index]) + port.to_bytes(2, "little")
            yield bytes([2 * index + 1]) + port.to_bytes(2, "little")
        for index, connection in enumerate(self._connections):
            if connection.refusal:
                yield bytes([2 * index + 1]) + connection.refusal

    def feed(self, message: bytes) -> bytes:
        """The message to send for a message received, or nothing."""
        index, odd = divmod(message[0], 2) if message else (0, 1)
        if odd or index >= len(self._connections):
            return b""
        answer = self._connections[index].feed(message[1:])
        return message[:1] + answer if answer else b""
