"""The app's scenarios: how long its users wait.

start: from exec to a screen with the guestbook's pods on it, beside a bare Textual app, in turns; byte
    code is kept between runs, as it is for what pip has installed.
keys: from a key to the frame that shows the cursor moved, with 10,000 pods and 500 updates a second.
files: from a saved file to the frame that shows what it changed.
"""

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key

from cluster.api import kinds
from cluster.engine import Engine
from ktui.app import KtuiApp
from ktui.widgets.table import VirtualTable
from tests.benchmarks.engine import deploy, engine, ready
from tests.terminal.terminal import ROOT, Terminal

BARE = "from textual.app import App\nfrom textual.widgets import Static\nclass Bare(App):\n    def compose(self):\n        yield Static('painted')\nBare().run()"
RUNS, PRESSES, EDITS = 7, 300, 30
UPDATES, PERIOD = 10, 20


class Painting(HeadlessDriver):
    """A driver that notes when something was written."""

    painted = 0.0

    @property
    def is_headless(self) -> bool:
        """False, so that frames are really made."""
        return False

    def write(self, data: str) -> None:
        """Note the time."""
        Painting.painted = time.perf_counter()
        del data


def shown_after(byte_code: str, arguments: list[str], *texts: str) -> float:
    """Seconds from exec until the screen shows the texts."""
    started = time.perf_counter()
    terminal = Terminal(arguments, 120, 40, PYTHONPYCACHEPREFIX=byte_code, PYTHONDONTWRITEBYTECODE="")
    terminal.wait_for(*texts)
    taken = time.perf_counter() - started
    terminal.close()
    return taken


def start() -> str:
    """Median of runs in turns after one to warm up, and their ratio."""
    guestbook = str(ROOT / "sample_manifests" / "guestbook")
    bare, full = [], []
    with tempfile.TemporaryDirectory() as kept:
        for _ in range(RUNS + 1):
            bare.append(shown_after(kept, ["-c", BARE], "painted"))
            full.append(shown_after(kept, ["-m", "ktui", guestbook], "redis-master-", "redis-slave-"))
    del bare[0], full[0]
    mine, theirs = statistics.median(full), statistics.median(bare)
    return f"{mine:.2f} s to a populated screen, bare Textual {theirs:.2f} s: {mine / theirs:.1f}x"


async def until_painted(true: Any) -> None:
    """Wait until something is true and a frame was written after that."""
    while not true():  # noqa: ASYNC110 - every turn of the loop counts
        await asyncio.sleep(0)
    seen = time.perf_counter()
    while Painting.painted < seen:  # noqa: ASYNC110 - every turn of the loop counts
        await asyncio.sleep(0)


def churn(made: Engine) -> None:
    """500 status updates a second, for ever."""
    pods = [kinds.key(pod) for pod in made.api.list(kinds.PODS)]

    def update(number: int) -> None:
        for offset in range(UPDATES):
            old = made.api.get(kinds.PODS, pods[(number * 7919 + offset) % len(pods)])
            status = replace(old.status, message=f"update {number}")
            made.api.update_status(kinds.PODS, replace(old, status=status), actor="benchmark", previous=old)
        made.clock.after(PERIOD, update, number + 1)

    made.clock.after(PERIOD, update, 0)


async def _keys() -> list[float]:
    made = engine(300)
    deploy(made, "web", 10_000)
    while not ready(made, 10_000):
        made.run_for(1_000)
    app = KtuiApp(made, ())
    app.driver_class = Painting
    running = asyncio.create_task(app.run_async(size=(120, 40)))
    await asyncio.sleep(4)
    app.post_message(Key("2", "2"))
    await asyncio.sleep(1)
    churn(made)
    table = next(found for found in app.screen.query(VirtualTable) if found.has_focus)
    taken = []
    for number in range(PRESSES):
        await asyncio.sleep(0.02 + number * 7 % 13 / 1000)
        before, pressed = table.cursor, time.perf_counter()
        app.post_message(Key("j", "j") if number % 40 < 20 else Key("k", "k"))
        await until_painted(lambda before=before: table.cursor != before)
        taken.append(Painting.painted - pressed)
    app.exit()
    await running
    return taken


def keys() -> str:
    """Percentiles over the presses."""
    taken = sorted(asyncio.run(_keys()))
    return f"p50 {taken[len(taken) // 2] * 1000:.1f} ms, p99 {taken[int(len(taken) * 0.99)] * 1000:.1f} ms over {len(taken)} keys"


async def _files(folder: Path) -> list[float]:
    made = Engine()
    made.run_for(2_000)
    app = KtuiApp(made, (folder,))
    app.driver_class = Painting
    running = asyncio.create_task(app.run_async(size=(120, 40)))
    path, taken = folder / "frontend.yaml", []
    text = path.read_text()
    await asyncio.sleep(5)
    for number in range(EDITS):
        replicas = 4 + number
        saved = time.perf_counter()
        path.write_text(text.replace("replicas: 3", f"replicas: {replicas}"))

        def grown(replicas: int = replicas) -> bool:
            shown = app.session.panes.pods
            return sum(key.startswith("default/frontend-") for key, _ in shown.shown()) >= replicas

        await until_painted(grown)
        taken.append(Painting.painted - saved)
        await asyncio.sleep(0.7)
    app.exit()
    await running
    return taken


def files() -> str:
    """Percentiles over the edits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "guestbook"
        shutil.copytree(ROOT / "sample_manifests" / "guestbook", folder)
        taken = sorted(asyncio.run(_files(folder)))
    return f"p50 {taken[len(taken) // 2] * 1000:.0f} ms, p95 {taken[int(len(taken) * 0.95)] * 1000:.0f} ms over {len(taken)} edits"


SCENARIOS = {
    "start": ("<= 2.5x a bare Textual app", start),
    "keys": ("p99 <= 30 ms", keys),
    "files": ("p95 <= 200 ms", files),
}
