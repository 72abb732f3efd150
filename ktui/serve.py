"""The cluster's API on loopback for kubectl and other clients: beside the app, or without it (`ktui serve`).

Beside the app at the top of the data's way. Invariant: it stops cleanly on SIGINT and SIGTERM, and
leaves no kubeconfig behind that points nowhere.
"""

import asyncio
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from cluster.engine import Engine
from cluster.http import kubeconfig
from cluster.http.rest import Rest
from cluster.http.server import HttpServer
from cluster.realtime import Pacer
from ktui.client.simulated import SimulatedClient
from ktui.folder import Folder
from ktui.folder import run as run_folder
from ktui.model.text import clean

TELL_INTERVAL = 0.5


class ServedApi:
    """An engine's API on a port, with a token of its own and, if asked for, a kubeconfig."""

    def __init__(self, engine: Engine, pacer: Pacer, *, port: int, config_path: Path | None) -> None:
        self._token = secrets.token_urlsafe(24)
        self._server = HttpServer(Rest(engine.api), self._token, port=port, before_request=pacer.touch)
        self._path, self._written = config_path, False

    @property
    def address(self) -> str:
        """The URL of the API, once started."""
        return self._server.address

    async def start(self) -> str:
        """Listen, write the kubeconfig, and say how to use it. OSError if either cannot be."""
        await self._server.start()
        address = self._server.address
        if self._path is None:
            return f"The Kubernetes API is at {address}; token: {self._token}"
        kubeconfig.write(self._path, address, self._server.certificate, self._token)
        self._written = True
        return f"The Kubernetes API is at {address}\n  kubectl --kubeconfig {self._path} get nodes"

    async def stop(self) -> None:
        """Stop listening and take the kubeconfig away."""
        await self._server.stop()
        if self._path is not None and self._written:
            self._path.unlink(missing_ok=True)


async def serve(engine: Engine, folders: Sequence[Path], *, port: int, config_path: Path | None, speed: float) -> int:
    """Run, with the folders kept applied, until SIGINT or SIGTERM; the exit code."""
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
        await api.stop()
        return 2
    work = [asyncio.create_task(pacer.run(lambda: None)), asyncio.create_task(stopped.wait())]
    if folders:
        work.append(asyncio.create_task(_keep_applied(engine, pacer, folders)))
    done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    await api.stop()
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    for task in done:
        task.result()
    return 0


async def _keep_applied(engine: Engine, pacer: Pacer, folders: Sequence[Path]) -> None:
    """Keep the folders applied, and print every change of their state."""
    folder = Folder(folders, SimulatedClient(engine, wake=pacer.touch), monotonic)
    watching = asyncio.create_task(run_folder(folder))
    told: tuple[str, ...] = ()
    try:
        while not watching.done():
            lines = (str(folder.state), *(str(problem) for problem in folder.state.problems))
            if lines != told:
                told = lines
                print("\n".join(map(clean, lines)), flush=True)
            await asyncio.wait((watching,), timeout=TELL_INTERVAL)
        watching.result()
    finally:
        watching.cancel()
