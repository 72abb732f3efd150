"""The REST facade's scenarios: how much a server answers; its clients run in another process.

requests: create and get Pods one after the other on 8 connections.
lists: all of 10,000 pods as JSON and as a Table.
watches: 300 watches of a kind that is written 1,000 times a second.
"""

import asyncio
import multiprocessing
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import ClientSession, TCPConnector
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import ConfigMap
from cluster.api.meta import ObjectMeta
from cluster.engine import Engine
from cluster.http.rest import Rest
from cluster.http.server import HttpServer
from tests.benchmarks.engine import deploy, engine, ready

TOKEN = "secret"
PODS = "/api/v1/namespaces/default/pods"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io", "Accept-Encoding": "identity"}
PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}
REQUESTS, CONNECTIONS, WATCHERS, RATE, SECONDS, LISTS = 2_000, 8, 300, 1_000, 5, 5
Work = Callable[[ClientSession, str], Awaitable[Any]]
Meanwhile = Callable[[HttpServer], Coroutine[Any, Any, None]]
_CLIENTS = multiprocessing.get_context("spawn")


def _session(certificate: str) -> ClientSession:
    context = ssl.create_default_context(cadata=certificate)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return ClientSession(connector=TCPConnector(ssl=context, limit=0), headers=headers)


def _client(work: Work, address: str, certificate: str, answers: Any) -> None:
    """A client's process: do the work on a session of its own and send what came of it."""

    async def run() -> Any:
        async with _session(certificate) as session:
            return await work(session, address)

    answers.send(asyncio.run(run()))


async def _asked(made: Engine, work: Work, meanwhile: Meanwhile | None = None) -> Any:
    """Serve an engine while a client works; what the client has to say."""
    server = HttpServer(Rest(made.api), TOKEN, before_request=lambda: None)
    await server.start()
    mine, theirs = _CLIENTS.Pipe()
    process = _CLIENTS.Process(target=_client, args=(work, server.address, server.certificate, theirs))
    process.start()
    writing = None if meanwhile is None else asyncio.create_task(meanwhile(server))
    while not mine.poll():  # noqa: ASYNC110 - the other process tells it through a pipe
        await asyncio.sleep(0.01)
    told = mine.recv()
    if writing is not None:
        writing.cancel()
    process.join()
    await server.stop()
    return told


async def _many(session: ClientSession, address: str) -> tuple[float, float]:
    """Seconds for all creates, and for all gets."""
    containers = [{"name": "main", "image": "nginx"}]

    async def create(first: int) -> None:
        for number in range(first, REQUESTS, CONNECTIONS):
            body = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"p-{number}"},
                "spec": {"containers": containers},
            }
            async with session.post(address + PODS, json=body) as response:
                assert response.status == 201
                await response.read()

    async def get(first: int) -> None:
        for number in range(first, REQUESTS, CONNECTIONS):
            async with session.get(f"{address}{PODS}/p-{number}") as response:
                assert response.status == 200
                await response.read()

    taken = []
    for work in (create, get):
        started = time.perf_counter()
        await asyncio.gather(*(work(first) for first in range(CONNECTIONS)))
        taken.append(time.perf_counter() - started)
    return taken[0], taken[1]


def requests() -> str:
    """Requests a second."""
    made = Engine()
    made.run_for(2_000)
    creates, gets = asyncio.run(_asked(made, _many))
    return f"{REQUESTS / creates:,.0f} creates/s, {REQUESTS / gets:,.0f} gets/s"


async def _listed(session: ClientSession, address: str) -> list[tuple[float, int]]:
    """The median of seconds and the size of a list in each form."""
    figures = []
    for headers in (PLAIN, TABLE):
        taken, size = [], 0
        for _ in range(LISTS):
            started = time.perf_counter()
            async with session.get(address + PODS, headers=headers) as response:
                size = len(await response.read())
            taken.append(time.perf_counter() - started)
        figures.append((statistics.median(taken), size))
    return figures


def lists() -> str:
    """Milliseconds and megabytes."""
    made = engine(200)
    deploy(made, "web", 10_000)
    made.run_for(600_000, stop=lambda: ready(made, 10_000))
    plain, table = asyncio.run(_asked(made, _listed))
    shown = (
        f"{name} {seconds * 1000:,.0f} ms, {size / 1e6:.1f} MB"
        for name, (seconds, size) in (("JSON", plain), ("Table", table))
    )
    return "; ".join(shown)


async def _watched(session: ClientSession, address: str) -> tuple[int, float]:
    """How many events all watches got, and how long (s) from the first to the last."""
    got, times = 0, list[float]()

    async def follow() -> None:
        nonlocal got
        mine, url = 0, f"{address}/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=60"
        async with session.get(url) as response:
            async for chunk in response.content.iter_any():
                mine += chunk.count(b"\n")
                if mine > 1:  # after the object as it was found
                    times.append(time.perf_counter())
                if mine > RATE * SECONDS:
                    break
        got += mine

    await asyncio.gather(*(follow() for _ in range(WATCHERS)))
    return got, max(times) - min(times)


def watches() -> str:
    """Events a second that arrive at those who watch, until all have got all."""
    made = Engine()
    made.run_for(2_000)
    value = made.api.create(
        kinds.CONFIG_MAPS, ConfigMap(metadata=ObjectMeta(name="a", namespace="default")), actor="bench"
    )

    async def write(server: HttpServer) -> None:
        nonlocal value
        while server._watchers < WATCHERS:  # noqa: ASYNC110 - nobody tells when the last watch has come
            await asyncio.sleep(0.01)
        started, written = time.perf_counter(), 0
        while written < RATE * SECONDS:
            due = min(int((time.perf_counter() - started) * RATE), RATE * SECONDS)
            while written < due:
                written += 1
                value = made.api.update(kinds.CONFIG_MAPS, replace(value, data={"n": str(written)}), actor="bench")
            await asyncio.sleep(0.005)

    got, lasted = asyncio.run(_asked(made, _watched, write))
    return f"{got / lasted:,.0f} events/s to {WATCHERS} watches; {RATE * SECONDS:,} updates in {lasted:.1f} s"


SCENARIOS = {
    "requests": ("-", requests),
    "lists": ("-", lists),
    "watches": (">= 200,000 events/s", watches),
}
