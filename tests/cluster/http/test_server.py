"""The socket: who is let in, how much may be sent, and who can read the token."""

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientPayloadError, ClientSession, TCPConnector
from multidict import CIMultiDict

from cluster import manifests
from cluster.api.authentication import TokenRequest
from cluster.api.core import ConfigMap, ServiceAccount
from cluster.api.kinds import CONFIG_MAPS, SERVICE_ACCOUNTS
from cluster.api.meta import ObjectMeta
from cluster.apiserver import tokens
from cluster.engine import Engine
from cluster.http import kubeconfig
from cluster.http import server as served
from cluster.http.rest import Rest
from cluster.http.server import LARGEST_BODY, LARGEST_HEADERS, HttpServer

TOKEN = {"Authorization": "Bearer secret"}
WATCH = "/api/v1/configmaps?watch=true"


@pytest.fixture
def engine() -> Engine:
    """The cluster that is served."""
    return Engine()


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[HttpServer]:
    """A server on a free port of loopback."""
    made = HttpServer(Rest(engine.api), "secret", before_request=lambda: None)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def session(server: HttpServer) -> AsyncIterator[ClientSession]:
    """A client of it, as its owner."""
    context = ssl.create_default_context(cadata=server.certificate)
    async with ClientSession(server.address, connector=TCPConnector(ssl=context), headers=TOKEN) as made:
        yield made


def write(engine: Engine, numbers: range, size: int) -> None:
    """Make ConfigMaps of these numbers, each of so many bytes."""
    for number in numbers:
        meta = ObjectMeta(namespace="default", name=f"m{number}")
        engine.api.create(CONFIG_MAPS, ConfigMap(metadata=meta, data={"x": "y" * size}), actor="user")


async def code(
    server: HttpServer,
    method: str,
    headers: Mapping[str, str],
    data: BytesIO | None = None,
    path: str = "/api/v1/namespaces",
) -> int:
    """The status that a request is answered with."""
    context = ssl.create_default_context(cadata=server.certificate)
    url = f"{server.address}{path}"
    async with (
        ClientSession(connector=TCPConnector(ssl=context)) as session,
        session.request(method, url, headers=headers, data=data) as response,
    ):
        return response.status


async def test_a_token_that_is_nobodys_is_refused(server: HttpServer) -> None:
    """The owner's token opens everything and another one is a 401; without one the roles of anybody hold."""
    assert await code(server, "GET", TOKEN) == 200
    assert await code(server, "GET", {"Authorization": "Bearer other"}) == 401
    assert await code(server, "GET", {}) == 403
    assert await code(server, "GET", {"Authorization": "Basic secret"}) == 403
    assert await code(server, "GET", {}, path="/version") == 200
    assert await code(server, "GET", {}, path="/api") == 403


async def test_web_pages_and_rebound_names_are_kept_out(server: HttpServer) -> None:
    """A page from elsewhere and a name that was made to mean loopback are a 403, even with the token."""
    assert await code(server, "GET", {**TOKEN, "Host": "evil.example"}) == 403
    assert await code(server, "GET", {**TOKEN, "Origin": "https://evil.example"}) == 403


async def test_a_token_of_an_account_opens_what_its_roles_give(server: HttpServer) -> None:
    """A service account is let in by its token, and may see what there is, but no namespaces."""
    engine = server._rest.api
    engine.create(SERVICE_ACCOUNTS, ServiceAccount(metadata=ObjectMeta(name="bot", namespace="default")), actor="t")
    token = tokens.requested(engine, "default/bot", TokenRequest()).status.token
    headers = {"Authorization": f"Bearer {token}"}
    assert await code(server, "GET", headers, path="/api") == 200
    assert await code(server, "GET", headers) == 403
    engine.delete(SERVICE_ACCOUNTS, "default/bot", actor="t")
    assert await code(server, "GET", headers, path="/api") == 401


async def test_bytes_that_are_no_text_are_answered(server: HttpServer) -> None:
    """Headers may hold any bytes: as a token they are a 401, as a name they are somebody without rights."""
    for headers, status in ((b"Authorization: Bearer \xff\xfe", b"401"),
                            (b"Authorization: Bearer secret\r\nImpersonate-User: \xff", b"403")):  # fmt: skip
        context = ssl.create_default_context(cadata=server.certificate)
        host, _, port = server.address.removeprefix("https://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
        head = f"GET /api/v1/namespaces HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n".encode()
        writer.write(head + headers + b"\r\n\r\n")
        answered = await reader.read()
        writer.close()
        assert answered.split()[1] == status


async def test_every_impersonation_header_counts(server: HttpServer) -> None:
    """Repeated headers are all read: of two groups the second is the one with the rights."""
    headers = CIMultiDict(TOKEN)
    headers.add("Impersonate-User", "jane")
    assert await code(server, "GET", headers) == 403
    headers.add("Impersonate-Group", "staff")
    headers.add("Impersonate-Group", "system:masters")
    assert await code(server, "GET", headers) == 200


async def test_too_large_a_body_is_refused(server: HttpServer) -> None:
    """A body above the limit is a 413, and is not read to its end."""
    assert await code(server, "POST", TOKEN, BytesIO(b" " * (LARGEST_BODY + 1))) == 413


async def until_watched(session: ClientSession) -> None:
    """Ask for a watch until there is room for it: the server learns of an ended one by its own reading."""
    status = 429
    while status == 429:
        async with session.get(WATCH) as watching:
            status = watching.status
    assert status == 200


async def test_watches_beyond_the_limit_are_refused(session: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """One watch too many is a 429 with a Status; when another has ended there is room again."""
    monkeypatch.setattr(served, "MOST_WATCHERS", 1)
    async with session.get(WATCH) as first:
        async with session.get(WATCH) as second:
            told = await second.json()
            assert (first.status, second.status, told["kind"], told["reason"]) == (
                200,
                429,
                "Status",
                "TooManyRequests",
            )
        async with session.get("/api/v1/configmaps") as listed:
            assert listed.status == 200
    await until_watched(session)


async def test_a_watch_that_falls_behind_is_ended(
    engine: Engine, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is too far behind is sent a 410 and no more, so that it lists anew."""
    monkeypatch.setattr(served, "MOST_BEHIND", 10)
    async with session.get(WATCH) as watching:
        write(engine, range(600), 1)
        told = [msgspec.json.decode(line) async for line in watching.content]
    assert {event["type"] for event in told[:-1]} == {"ADDED"}
    assert len(told) < 600
    assert told[-1]["type"] == "ERROR"
    assert {name: told[-1]["object"][name] for name in ("kind", "code", "reason")} == {
        "kind": "Status", "code": 410, "reason": "Expired",
    }  # fmt: skip


async def test_a_watch_that_is_not_read_is_not_waited_for(
    engine: Engine, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that takes nothing is let go, while others are answered."""
    monkeypatch.setattr(served, "SEND_TIMEOUT", 0.05)
    monkeypatch.setattr(served, "MOST_WATCHERS", 1)
    async with session.get(WATCH) as watching:
        for start in range(0, 300, 100):
            write(engine, range(start, start + 100), 100_000)
            async with session.get("/livez") as alive:
                assert alive.status == 200
        await until_watched(session)
        with pytest.raises(ClientPayloadError):
            await watching.read()


def test_only_the_owner_can_read_the_kubeconfig(tmp_path: Path) -> None:
    """The file is made with mode 0600, also over a readable one, and leaves no other file."""
    path = tmp_path / "config"
    path.write_text("old")
    path.chmod(0o644)
    kubeconfig.write(path, "https://127.0.0.1:1", "PEM", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "token: secret" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


async def raw(server: HttpServer, request: bytes) -> bytes:
    """What is answered to bytes sent as they are."""
    context = ssl.create_default_context(cadata=server.certificate)
    host, port = server.address.removeprefix("https://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    writer.write(request)
    answered = await reader.read()
    writer.close()
    return answered


async def test_too_large_headers_and_rubbish_are_answered(server: HttpServer) -> None:
    """A header beyond the limit is a 431 and what is no HTTP a 400, each with a Status."""
    long = b"GET /version HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * (LARGEST_HEADERS + 1) + b"\r\n\r\n"
    for request, line, reason in (
        (long, b"HTTP/1.0 431", b"RequestHeaderFieldsTooLarge"), (b"rubbish\r\n\r\n", b"HTTP/1.0 400", b"BadRequest"),
    ):  # fmt: skip
        answered = await raw(server, request)
        assert answered.startswith(line), answered[:200]
        assert b'"reason":"' + reason in answered


async def test_large_lists_are_compressed(server: HttpServer) -> None:
    """An answer over 128 KiB comes compressed to a client that says it can read it."""
    context = ssl.create_default_context(cadata=server.certificate)
    async with ClientSession(connector=TCPConnector(ssl=context), auto_decompress=False, headers=TOKEN) as session:
        for encoding, expected in (("gzip", "gzip"), ("identity", None)):
            headers = {"Accept-Encoding": encoding}
            async with session.get(f"{server.address}/openapi/v3/api/v1", headers=headers) as response:
                assert response.headers.get("Content-Encoding") == expected
                body = await response.read()
                assert (body[:2] == b"\x1f\x8b") is (expected == "gzip")


async def test_sessions_need_a_websocket_and_a_protocol() -> None:
    """Without an upgrade, or with protocols that nobody speaks, a session is a 400."""
    engine = Engine()
    engine.run_for(2_000)
    manifest = (
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"m","image":"x"}]}}'
    )
    document = manifests.read(manifest).documents[0]
    meta = msgspec.structs.replace(document.object.metadata, namespace="default")
    engine.api.create(document.kind, msgspec.structs.replace(document.object, metadata=meta), actor="test")
    engine.run_for(10_000)
    made = HttpServer(Rest(engine.api), "secret", before_request=lambda: None)
    await made.start()
    path = "/api/v1/namespaces/default/pods/a/exec?command=hostname&stdout=true"
    assert await code(made, "POST", TOKEN, path=path) == 400
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    assert await code(made, "GET", {**TOKEN, **upgrade, "Sec-WebSocket-Protocol": "other"}, path=path) == 400
    context = ssl.create_default_context(cadata=made.certificate)
    async with (
        ClientSession(connector=TCPConnector(ssl=context), headers=TOKEN) as session,
        session.ws_connect(made.address + path, protocols=("v5.channel.k8s.io",)) as socket,
    ):
        told = [message.data async for message in socket]
    assert told[0] == b"\x01a\n"
    assert told[1][:1] == b"\x03"
    await made.stop()


async def test_answers_carry_the_headers_of_an_api_server(server: HttpServer) -> None:
    """Each answer has an id of its own and may not be kept, but for an OpenAPI document asked for by its hash."""
    context = ssl.create_default_context(cadata=server.certificate)
    async with ClientSession(connector=TCPConnector(ssl=context), headers=TOKEN) as session:
        ids = []
        for _ in range(2):
            async with session.get(f"{server.address}/version") as response:
                assert response.headers["Cache-Control"] == "no-cache, private"
                ids.append(response.headers["Audit-Id"])
        assert ids[0] != ids[1]
        async with session.get(f"{server.address}/openapi/v3") as response:
            index = await response.json()
        async with session.get(server.address + index["paths"]["apis/apps/v1"]["serverRelativeURL"]) as response:
            assert response.headers["Cache-Control"] == "public, immutable"
