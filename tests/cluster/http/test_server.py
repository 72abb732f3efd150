"""The socket: who is let in, how much may be sent, and who can read the token."""

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from multidict import CIMultiDict

from cluster.api.authentication import TokenRequest
from cluster.api.core import ServiceAccount
from cluster.api.kinds import SERVICE_ACCOUNTS
from cluster.api.meta import ObjectMeta
from cluster.apiserver import tokens
from cluster.engine import Engine
from cluster.http import kubeconfig
from cluster.http.rest import Rest
from cluster.http.server import LARGEST_BODY, HttpServer

TOKEN = {"Authorization": "Bearer secret"}


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    """A server on a free port of loopback."""
    made = HttpServer(Rest(Engine().api), "secret", before_request=lambda: None)
    await made.start()
    yield made
    await made.stop()


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


def test_only_the_owner_can_read_the_kubeconfig(tmp_path: Path) -> None:
    """The file is made with mode 0600, also over a readable one, and leaves no other file."""
    path = tmp_path / "config"
    path.write_text("old")
    path.chmod(0o644)
    kubeconfig.write(path, "https://127.0.0.1:1", "PEM", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "token: secret" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]
