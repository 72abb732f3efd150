"""The facade's socket: aiohttp around the pure `Rest`, on loopback, with the owner's token.

The outermost step of the facade. Mirrors the API server's filters: authentication first, then limits.
Invariant: no request with a foreign Host or Origin, or with credentials that are none, reaches the cluster,
and a slow watcher is dropped, never waited for.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from functools import partial, reduce

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from cluster.api.errors import ApiError, BadRequest, Expired, Forbidden, TooManyRequests
from cluster.authorization import User
from cluster.http import authentication, certificate, channels, forms, impersonation, logs
from cluster.http.logs import LogStream
from cluster.http.messages import Request, Response, failure, warned
from cluster.http.rest import Rest
from cluster.http.sessions import Attachment, Command, Following, Forwarding, Session, Shell
from cluster.http.watching import WatchStream, line
from cluster.http.webhooks import Admission, call

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 3 * 1024 * 1024
LARGEST_HEADERS = 64 * 1024
MOST_WATCHERS = 1_000
TOO_MANY = f"there are {MOST_WATCHERS} watches already; end one and try again"
MOST_BEHIND = 20_000
SEND_TIMEOUT = 15.0
BOOKMARK_INTERVAL = 30.0
LONGEST_WATCH = 3600
LOG_INTERVAL = 0.1


class ApiTooLarge(ApiError):
    """The body is larger than the server takes."""

    code, reason = 413, "RequestEntityTooLarge"


class HeadersTooLarge(ApiError):
    """A header, or the URL, is longer than the server takes."""

    code, reason = 431, "RequestHeaderFieldsTooLarge"


class _Protocol(web.RequestHandler):
    """A connection on which what is no HTTP is answered with a Status too."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status != BadRequest.code:
            return super().handle_error(request, status, exc, message)
        error = HeadersTooLarge("the request's headers are too large") if isinstance(exc, LineTooLong) else None
        answered = _sent(failure(error or BadRequest("this is no HTTP request that can be read")))
        answered.force_close()
        return answered


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class HttpServer:
    """The API of one cluster on one port."""

    def __init__(
        self, rest: Rest, token: str, *, host: str = LOOPBACK, port: int = 0, before_request: Callable[[], None]
    ) -> None:
        """Serve `rest`, to who has the token as the owner; `before_request` brings the cluster to the present."""
        self._rest, self._token, self._host, self._port = rest, token, host, port
        self._before_request = before_request
        self._runner: web.ServerRunner | None = None
        self._webhooks = Admission(rest, partial(call, rest.api))
        self._watchers = 0
        self.certificate = ""
        """The certificate to trust, as PEM text, once started."""

    @property
    def address(self) -> str:
        """The URL of the API, once started."""
        return f"https://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; OSError if the port is taken."""
        server = _Server(
            self._handle, handler_cancellation=True, access_log=None,
            max_line_size=LARGEST_HEADERS, max_field_size=LARGEST_HEADERS,
        )  # fmt: skip
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        context, self.certificate = certificate.made(self._host)
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=context)
        await site.start()
        if not self._port:
            self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        try:
            self._admit(incoming.headers)
            user = authentication.user(self._rest.api, self._token, _text(incoming.headers.get("Authorization", "")))
            request = await _read(incoming, user)
        except ApiError as error:
            return _sent(failure(error))
        self._before_request()
        told: tuple[str, ...] = ()
        if self._webhooks.configured:
            admitted = await self._webhooks.admit(request)
            if admitted.refused is not None:
                return _sent(admitted.refused)
            request, told = admitted.request, admitted.warnings
        answered = self._rest.handle(request)
        if isinstance(answered, Response):
            encodings = request.headers.get("accept-encoding", "")
            return _sent(forms.compressed(encodings, reduce(warned, told, answered)))
        if isinstance(answered, Command | Following | Shell | Attachment | Forwarding):
            return await self._session(incoming, answered)
        if self._watchers >= MOST_WATCHERS:
            return _sent(failure(TooManyRequests(TOO_MANY)))
        self._watchers += 1
        try:
            if isinstance(answered, LogStream):
                return await self._log(incoming, answered)
            return await self._stream(incoming, answered)
        finally:
            self._watchers -= 1

    async def _session(self, incoming: web.BaseRequest, session: Session) -> web.StreamResponse:
        if not channels.wanted(incoming):
            return _sent(failure(BadRequest("Upgrade request required")))
        if self._watchers >= MOST_WATCHERS:
            return _sent(failure(TooManyRequests(TOO_MANY)))
        self._watchers += 1
        try:
            return await channels.serve(incoming, session, self._rest.api.clock)
        except ApiError as error:
            return _sent(failure(error))
        finally:
            self._watchers -= 1

    async def _log(self, incoming: web.BaseRequest, stream: LogStream) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": logs.TEXT, "Transfer-Encoding": "chunked"})
        response.enable_chunked_encoding()
        await response.prepare(incoming)
        while True:
            data = stream.poll()
            if data and not await _write(incoming, response, data):
                return response
            if stream.ended:
                break
            await asyncio.sleep(LOG_INTERVAL)
        await response.write_eof()
        return response

    def _admit(self, headers: Mapping[str, str]) -> None:
        hosts = {f"{name}:{self._port}" for name in (self._host, "localhost", LOOPBACK, "[::1]")}
        if headers.get("Host", "") not in hosts:
            raise Forbidden(f"the Host header is {headers.get('Host', '')!r}; this server answers to {self._host} only")
        origin = headers.get("Origin", "")
        if origin and origin.partition("://")[2] not in hosts:
            raise Forbidden("requests from web pages are not answered")

    async def _stream(self, incoming: web.BaseRequest, stream: WatchStream) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
        response.enable_chunked_encoding()
        await response.prepare(incoming)
        loop = asyncio.get_running_loop()
        end = loop.time() + min(stream.timeout or LONGEST_WATCH, LONGEST_WATCH)
        marked = loop.time()
        while not stream.ended and loop.time() < end:
            lines = stream.poll()
            if loop.time() - marked >= BOOKMARK_INTERVAL:
                marked = loop.time()
                bookmark = stream.bookmark()
                lines += [bookmark] if bookmark else []
            if lines and not await _write(incoming, response, b"".join(lines)):
                return response
            if stream.behind > MOST_BEHIND:
                late = Expired("too old resource version: the watch is too slow").status()
                await _write(incoming, response, line("ERROR", late))
                return response
            if not stream.behind:
                await stream.changed(min(BOOKMARK_INTERVAL, max(end - loop.time(), 0.0)))
        await response.write_eof()
        return response


async def _read(incoming: web.BaseRequest, user: User) -> Request:
    query: dict[str, tuple[str, ...]] = {}
    for name, value in incoming.query.items():
        query[name] = (*query.get(name, ()), value)
    content = bytearray()
    async for chunk in incoming.content.iter_any():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise ApiTooLarge(f"the request is too large: limit is {LARGEST_BODY} bytes")
    given = [(name.lower(), _text(value)) for name, value in incoming.headers.items()]
    impersonated = impersonation.headers(given)
    return Request(incoming.method, incoming.path, query, dict(given), bytes(content), user, impersonated)


def _text(value: str) -> str:
    """A header's value as text that can be stored and sent: bytes that are no UTF-8 are replaced."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _sent(answered: Response) -> web.Response:
    response = web.Response(status=answered.status, body=answered.body)
    response.headers["Content-Type"] = answered.content_type
    response.headers["Audit-Id"] = str(uuid.uuid4())
    if all(name != "Cache-Control" for name, _ in answered.headers):
        response.headers["Cache-Control"] = "no-cache, private"
    for name, value in answered.headers:
        response.headers.add(name, value)
    return response


async def _write(incoming: web.BaseRequest, response: web.StreamResponse, data: bytes) -> bool:
    """Send, and say whether the client took it in time: one that does not is let go with all that waits for it."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await response.write(data)
    except TimeoutError:
        if incoming.transport is not None:
            incoming.transport.abort()
        return False
    except ConnectionError:
        return False
    return True
