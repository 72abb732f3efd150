"""Calling webhooks: those that answer on this machine, and what is said of those that do not."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from cluster.api import codec
from cluster.api.admissionregistration import ValidatingWebhook
from cluster.engine import Engine
from cluster.http import certificate
from cluster.http.webhooks import call
from cluster.http.webhooks.review import CallFailed
from tests.cluster.http.webhooks.hooks import allowed, hook

REVIEW: dict[str, Any] = {"request": {"uid": "1"}}


def webhook(**fields: Any) -> ValidatingWebhook:
    """A webhook, as it is stored."""
    return codec.from_plain(ValidatingWebhook, hook(timeoutSeconds=2, **fields))


@pytest.fixture
async def server() -> AsyncIterator[tuple[str, str]]:
    """A webhook that allows everything under /check and knows nothing else: its address, and whom to trust."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(allowed()(await request.json()))

    app = web.Application()
    app.router.add_post("/check", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    context, trusted = certificate.made("127.0.0.1")
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}", base64.b64encode(trusted.encode()).decode()
    await runner.cleanup()


async def refused(made: ValidatingWebhook) -> str:
    """Why a call fails."""
    with pytest.raises(CallFailed) as raised:
        await call(Engine().api, made, REVIEW)
    return str(raised.value)


async def test_a_webhook_on_this_machine_is_called_over_tls(server: tuple[str, str]) -> None:
    """It is trusted by its own bundle, and its answer is the document that it sends."""
    address, bundle = server
    made = webhook(clientConfig={"url": f"{address}/check", "caBundle": bundle})
    assert (await call(Engine().api, made, REVIEW))["response"] == {"uid": "1", "allowed": True}


async def test_one_that_is_not_trusted_or_not_there_fails(server: tuple[str, str]) -> None:
    """In the words of a real API server."""
    address, bundle = server
    head = f'failed to call webhook: Post "{address}/check?timeout=2s": '
    assert await refused(webhook(clientConfig={"url": f"{address}/check"})) == (
        f"{head}tls: failed to verify certificate: x509: certificate signed by unknown authority"
    )
    assert await refused(webhook(clientConfig={"url": f"{address}/other", "caBundle": bundle})) == (
        "failed to call webhook: the server could not find the requested resource"
    )
    assert await refused(webhook(clientConfig={"url": "https://127.0.0.1:1/check"})) == (
        'failed to call webhook: Post "https://127.0.0.1:1/check?timeout=2s": dial tcp 127.0.0.1:1: connect: connection refused'
    )


async def test_nothing_beyond_this_machine_is_called() -> None:
    """Other hosts and the cluster's Services do not answer."""
    assert await refused(webhook(clientConfig={"url": "https://example.com/check"})) == (
        'failed to call webhook: Post "https://example.com/check?timeout=2s": dial tcp: lookup example.com: no such host'
    )
    config = {"service": {"name": "check", "namespace": "default", "port": 443, "path": "/x"}}
    assert await refused(webhook(clientConfig=config)) == (
        'failed to call webhook: Post "https://check.default.svc:443/x?timeout=2s": service "check" not found'
    )
    config = {"service": {"name": "kubernetes", "namespace": "default", "port": 443}}
    assert (await refused(webhook(clientConfig=config))).endswith("connect: connection refused")
