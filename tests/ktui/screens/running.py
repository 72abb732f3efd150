"""The app on a cluster that the test drives: time stands still unless the test lets it go on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from cluster.engine import Engine
from ktui.app import KtuiApp
from tests.ktui import engines

SMALL, LARGE = (80, 24), (200, 60)


class Running:
    """A running app, and its keys."""

    def __init__(self, app: KtuiApp, pilot: Pilot[None], engine: Engine) -> None:
        self.app, self.pilot, self.engine = app, pilot, engine

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when the one before has had its effect."""
        for key in keys:
            self._send(key)
            await self.settle()
        await self.sync()

    async def burst(self, keys: str) -> None:
        """Send keys at once, as a terminal does with what it got from the network in one piece."""
        for key in keys:
            self._send(key)
        await self.sync()

    def _send(self, key: str) -> None:
        name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        event = Key(name, key if len(key) == 1 else None)
        event.set_sender(self.app)
        self.app.post_message(event)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    async def settle(self) -> None:
        """Wait until every message that is on its way has been dealt with, and every layout made."""
        for _ in range(3):
            await self.pilot._wait_for_screen()
            self.app.screen._on_timer_update()

    async def sync(self) -> None:
        """Hear everything the cluster has to tell, and show it."""
        await self.settle()
        engines.drain(self.app.session.mirror)
        for table in self.app.session.panes.all():
            table.now = self.app.session.mirror.now()
        self.app.update_views()
        await self.settle()

    async def run(self, milliseconds: int) -> None:
        """Let the cluster's time go on."""
        self.engine.run_for(milliseconds)
        await self.sync()

    def lines(self) -> list[str]:
        """What the screen says, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        """What the screen says."""
        return "\n".join(self.lines())


@asynccontextmanager
async def running(
    *documents: dict[str, Any], size: tuple[int, int] = SMALL, folders: Sequence[Path] = (), read_only: bool = False
) -> AsyncIterator[Running]:
    """The app on a settled cluster with these manifests, its time paused."""
    engine = engines.started()
    engines.apply(engine, *documents)
    app = KtuiApp(engine, folders, read_only=read_only)
    app.session.pacer.pause()
    async with app.run_test(size=size) as pilot:
        shown = Running(app, pilot, engine)
        await shown.sync()
        yield shown
