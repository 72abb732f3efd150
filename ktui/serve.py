"""`ktui serve`: the cluster without the app, its API on loopback for kubectl and other clients.

Beside the app at the top of the data's way. Invariant: it stops cleanly on SIGINT and SIGTERM, and
leaves no kubeconfig behind that points nowhere.
"""

import asyncio
import secrets
import signal
import sys
from pathlib import Path

from cluster.engine import Engine
from cluster.http import kubeconfig
from cluster.http.rest import Rest
from cluster.http.server import HttpServer
from cluster.realtime import Pacer


class ServedApi:
    """An engine's API on a port, with a token of its own and, if asked for, a kubeconfig."""

    def __init__(self, engine: Engine, pacer: Pacer, *, port: int, config_path: Path | None) -> None:
        self._token = secrets.token_urlsafe(24)
        self._server = HttpServer(Rest(engine.api), self._token, port=port, before_request=pacer.touch)
        self._path = config_path

    async def start(self) -> str:
        """Listen, write the kubeconfig, and say how to use it. OSError if either cannot be."""
        await self._server.start()
        address = self._server.address
        if self._path is None:
            return f"The Kubernetes API is at {address}; token: {self._token}"
        kubeconfig.write(self._path, address, self._server.certificate, self._token)
        return f"The Kubernetes API is at {address}\n  kubectl --kubeconfig {self._path} get nodes"

    async def stop(self) -> None:
        """Stop listening and take the kubeconfig away."""
        await self._server.stop()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


async def serve(engine: Engine, *, port: int, config_path: Path | None, speed: float) -> int:
    """Run until told to stop; the exit code."""
    pacer = Pacer(engine.clock, speed)
    api = ServedApi(engine, pacer, port=port, config_path=config_path)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        print(await api.start(), flush=True)
    except OSError as error:
        print(f"ktui: cannot serve the API: {error}", file=sys.stderr)
        return 2
    pacing = asyncio.create_task(pacer.run(lambda: None))
    ended = asyncio.create_task(stopped.wait())
    await asyncio.wait({pacing, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    await api.stop()
    if pacing.done():
        pacing.result()
    pacing.cancel()
    return 0
