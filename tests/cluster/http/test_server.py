"""The socket: who is let in, how much may be sent, and who can read the token."""

import ssl
import stat
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

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


async def code(server: HttpServer, method: str, headers: dict[str, str], data: BytesIO | None = None) -> int:
    """The status that a request to /api/v1/namespaces is answered with."""
    context = ssl.create_default_context(cadata=server.certificate)
    url = f"{server.address}/api/v1/namespaces"
    async with (
        ClientSession(connector=TCPConnector(ssl=context)) as session,
        session.request(method, url, headers=headers, data=data) as response,
    ):
        return response.status


async def test_only_who_has_the_token_gets_in(server: HttpServer) -> None:
    """No token, or another one, is a 401; a page from elsewhere and a rebound name are a 403."""
    assert await code(server, "GET", TOKEN) == 200
    assert await code(server, "GET", {}) == 401
    assert await code(server, "GET", {"Authorization": "Bearer other"}) == 401
    assert await code(server, "GET", {"Authorization": "Basic secret"}) == 401
    assert await code(server, "GET", {**TOKEN, "Host": "evil.example"}) == 403
    assert await code(server, "GET", {**TOKEN, "Origin": "https://evil.example"}) == 403


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
