"""Sessions on a WebSocket: command output, attached logs and forwarded ports as messages of channels.

Beside `server`, which hands a connection over. Mirrors the API server's channel.k8s.io protocols and its tunnel
for SPDY. Invariant: a session ends with its Status, and none outlives its connection.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from aiohttp import WSMsgType, web

from cluster.api import codec
from cluster.api.errors import BadRequest
from cluster.clock import Clock
from cluster.http.forwarding import ChannelForwarding, SpdyForwarding
from cluster.http.sessions import SUCCESS, Attachment, Command, Following, Forwarding, Session, Shell, exited
from cluster.http.spdy import BadFrame
from cluster.kubelet.runtime.contents import Output
from cluster.kubelet.runtime.terminal import INTERRUPT, Shown, Terminal

COMMANDS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
TUNNEL = "SPDY/3.1+portforward.k8s.io"
FORWARDS = (TUNNEL, "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
LARGEST_MESSAGE = 4 * 1024 * 1024
LOOK = 0.02
"""How often, in real seconds, a session looks whether virtual time has brought something."""


def wanted(incoming: web.BaseRequest) -> bool:
    """Whether the client asks for a WebSocket."""
    return incoming.headers.get("Upgrade", "").lower() == "websocket"


async def serve(incoming: web.BaseRequest, session: Session, clock: Clock) -> web.WebSocketResponse:
    """Take the connection over until the session or the client ends. BadRequest if they share no protocol."""
    offered = [name.strip() for name in incoming.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    spoken = FORWARDS if isinstance(session, Forwarding) else COMMANDS
    chosen = next((name for name in offered if name in spoken), "")
    if not chosen:
        raise BadRequest(f"unable to upgrade: the protocols are {', '.join(spoken)}; the client offers {offered}")
    socket = web.WebSocketResponse(protocols=(chosen,), max_msg_size=LARGEST_MESSAGE)
    await socket.prepare(incoming)
    if isinstance(session, Forwarding):
        await _forward(socket, session, tunnelled=chosen == TUNNEL)
        return socket
    if isinstance(session, Shell):
        await _speak(socket, session, clock)
        await socket.close()
        return socket
    if isinstance(session, Command):
        speaking = _command(socket, session, clock)
    else:
        speaking = _attach(socket, session) if isinstance(session, Attachment) else _follow(socket, session, clock)
    tasks = [asyncio.create_task(speaking), asyncio.create_task(_listen(socket))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, ConnectionError):
            raise result
    await socket.close()
    return socket


async def _listen(socket: web.WebSocketResponse) -> None:
    """Read until the client is gone; nobody in a container reads what it sends."""
    async for _ in socket:
        pass


async def _command(socket: web.WebSocketResponse, command: Command, clock: Clock) -> None:
    for output in command.outcome.outputs:
        await _until(clock, command.started + output.after)
        await _write(socket, command, output)
    await _until(clock, command.started + command.outcome.took)
    await socket.send_bytes(bytes([ERROR]) + codec.encode(command.ending))


async def _follow(socket: web.WebSocketResponse, following: Following, clock: Clock) -> None:
    live = following.live
    try:
        while live.code is None:
            for output in live.advance(clock.now - following.started):
                await _write(socket, following, output)
            if live.code is None:
                await asyncio.sleep(LOOK)
    finally:
        following.keep()
    await socket.send_bytes(bytes([ERROR]) + codec.encode(exited(live.code)))


async def _write(socket: web.WebSocketResponse, command: Command | Following, output: Output) -> None:
    """Send what a command wrote, if the client wants it; a terminal has one stream."""
    stream = STDOUT if command.terminal else output.stream
    if command.stdout if stream == STDOUT else command.stderr:
        data = output.data.replace(b"\n", b"\r\n") if command.terminal else output.data
        await socket.send_bytes(bytes([stream]) + data)


class Typed:
    """What the client sends to a shell, in its order."""

    END = b""
    """Stands for the end of all input."""

    def __init__(self) -> None:
        self._waiting: deque[bytes | None] = deque()
        self._came = asyncio.Event()

    async def read(self, socket: web.WebSocketResponse) -> None:
        """Take what comes until the client is gone."""
        async for message in socket:
            if message.type is WSMsgType.BINARY and message.data:
                if message.data[0] == STDIN and len(message.data) > 1:
                    self._waiting.append(message.data[1:])
                elif message.data == bytes([CLOSE, STDIN]):
                    self._waiting.append(self.END)
            self._came.set()
        self._waiting.append(None)
        self._came.set()

    async def next(self) -> bytes | None:
        """The next input; None once the client is gone."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        return self._waiting.popleft()

    def interrupted(self) -> bool:
        """Whether Ctrl-C has come, or the client has gone; what was typed before it is forgotten."""
        for position, data in enumerate(self._waiting):
            if data is None:
                return True
            if INTERRUPT in data:
                for _ in range(position):
                    self._waiting.popleft()
                self._waiting[0] = data.partition(INTERRUPT)[2]
                if not self._waiting[0]:
                    self._waiting.popleft()
                return True
        return False


async def _speak(socket: web.WebSocketResponse, shell: Shell, clock: Clock) -> None:
    """Pass on what is typed and what is shown, until the shell or the client ends."""
    terminal, leave = shell.terminal, shell.leave
    try:
        await _converse(socket, terminal, clock)
    finally:
        if terminal.code is None and shell.once:
            terminal.hang_up()
        if leave is not None and terminal.code is not None:
            leave(terminal.code)
    if terminal.code is not None:
        ending = exited(terminal.code) if leave is None else SUCCESS
        await socket.send_bytes(bytes([ERROR]) + codec.encode(ending))


async def _converse(socket: web.WebSocketResponse, terminal: Terminal, clock: Clock) -> None:
    await socket.send_bytes(bytes([STDOUT]) + terminal.start())
    typed = Typed()
    reading = asyncio.create_task(typed.read(socket))
    try:
        while (data := await typed.next()) is not None:
            told = terminal.end() if data == Typed.END else terminal.feed(data)
            await _show(socket, terminal, told, typed, clock)
            if terminal.code is not None:
                return
    finally:
        reading.cancel()


async def _show(
    socket: web.WebSocketResponse, terminal: Terminal, told: Iterator[Shown], typed: Typed, clock: Clock
) -> None:
    """Show each thing when its time has come, until there is no more or somebody interrupts."""
    began = clock.now
    for after, shown in told:
        while clock.now < began + after:
            if typed.interrupted():
                await socket.send_bytes(bytes([STDOUT]) + terminal.interrupt())
                return
            await asyncio.sleep(LOOK)
        if shown:
            await socket.send_bytes(bytes([STDOUT]) + shown)


async def _attach(socket: web.WebSocketResponse, attachment: Attachment) -> None:
    while True:
        data = attachment.log.poll()
        if data:
            await socket.send_bytes(bytes([STDOUT]) + data)
        if attachment.log.ended:
            break
        await asyncio.sleep(LOOK)
    await socket.send_bytes(bytes([ERROR]) + codec.encode(SUCCESS))


async def _until(clock: Clock, time: int) -> None:
    """Wait for a virtual time."""
    while clock.now < time:  # noqa: ASYNC110 - virtual time tells nobody that it passes
        await asyncio.sleep(LOOK)


async def _forward(socket: web.WebSocketResponse, session: Forwarding, *, tunnelled: bool) -> None:
    answer: Callable[[bytes], bytes]
    if tunnelled:
        answer = SpdyForwarding(session.pod).feed
    else:
        channels = ChannelForwarding(session.pod, session.ports)
        for greeting in channels.greeting():
            await socket.send_bytes(greeting)
        answer = channels.feed
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                answered = answer(message.data)
                if answered:
                    await socket.send_bytes(answered)
    except (BadFrame, ConnectionError):
        await socket.close()
