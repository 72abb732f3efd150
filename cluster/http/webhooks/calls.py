"""Calling a webhook: HTTPS to a program on this machine, and what is said where there is none.

The far end of `webhooks`. Mirrors k8s.io/apiserver/pkg/util/webhook's client and its errors. Invariant: no
connection leaves this machine.
"""

import asyncio
import base64
import ipaddress
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from cluster.admission.validating_policies.matching import Webhook
from cluster.api import kinds
from cluster.apiserver import ApiServer
from cluster.http.webhooks.review import CallFailed

LARGEST_ANSWER = 3 * 1024 * 1024


async def call(api: ApiServer, hook: Webhook, review: dict[str, Any]) -> Any:
    """What a webhook answers to a review. CallFailed in the words of a real API server."""
    config = hook.clientConfig
    if config.service is not None:
        service = config.service
        url = f"https://{service.name}.{service.namespace}.svc:{service.port}{service.path or '/'}"
        raise _failed(url, hook, _unreachable(api, service.namespace, service.name, service.port or 443))
    parts = urlsplit(config.url)
    if not _is_local(parts.hostname or ""):
        raise _failed(config.url, hook, f"dial tcp: lookup {parts.hostname}: no such host")
    try:
        return await _sent(config.url, hook, review, _trusting(config.caBundle))
    except TimeoutError as error:
        raise _failed(config.url, hook, "context deadline exceeded") from error
    except aiohttp.ClientConnectorCertificateError as error:
        why = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
        raise _failed(config.url, hook, why) from error
    except aiohttp.ClientConnectorError as error:
        why = f"dial tcp {parts.hostname}:{parts.port or 443}: connect: connection refused"
        raise _failed(config.url, hook, why) from error
    except (aiohttp.ClientError, ssl.SSLError) as error:
        raise _failed(config.url, hook, str(error) or "EOF") from error


def _failed(url: str, hook: Webhook, why: str) -> CallFailed:
    return CallFailed(f'failed to call webhook: Post "{url}?timeout={hook.timeoutSeconds}s": {why}')


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unreachable(api: ApiServer, namespace: str, name: str, port: int) -> str:
    """Why a Service of the cluster does not answer: what its pods run is simulated."""
    service = api.find(kinds.SERVICES, kinds.key_of(namespace, name))
    if service is None:
        return f'service "{name}" not found'
    endpoints = api.find(kinds.ENDPOINTS, kinds.key_of(namespace, name))
    if endpoints is None or not any(subset.addresses for subset in endpoints.subsets):
        return f'no endpoints available for service "{name}"'
    return f"dial tcp {service.spec.clusterIP}:{port}: connect: connection refused"


def _trusting(bundle: str) -> ssl.SSLContext:
    """TLS that trusts the webhook's own bundle of certificates, or this machine's. CallFailed if it is none."""
    if not bundle:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cadata=base64.b64decode(bundle).decode())
    except (ValueError, ssl.SSLError) as error:
        raise CallFailed("unable to load root certificates: unable to parse bytes as PEM block") from error


async def _sent(url: str, hook: Webhook, review: dict[str, Any], context: ssl.SSLContext) -> Any:
    limit = aiohttp.ClientTimeout(total=float(hook.timeoutSeconds))
    query = {"timeout": f"{hook.timeoutSeconds}s"}
    async with (
        asyncio.timeout(hook.timeoutSeconds),
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url, json=review, params=query, ssl=context, allow_redirects=False) as response,
    ):
        body = await response.content.read(LARGEST_ANSWER)
    if response.status == 404:
        raise CallFailed("failed to call webhook: the server could not find the requested resource")
    if response.status >= 300:
        text = body.decode(errors="replace").strip()
        raise CallFailed(
            f'failed to call webhook: an error on the server ("{text}") has prevented the request from succeeding'
        )
    try:
        return json.loads(body)
    except ValueError as error:
        raise CallFailed(f"received invalid webhook response: {error}") from error
