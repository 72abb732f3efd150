"""Draws the README's picture: the app on the guestbook sample, some seconds after it started.

Run `python -m tests.picture`; it writes `.assets/ktui.svg`. The folder is a real one,
kept applied by the running app.
"""

import asyncio
import sys
from pathlib import Path

from ktui.app import KtuiApp
from tests.ktui import engines
from tests.ktui.screens.running import Running

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / ".assets" / "ktui.svg"
SIZE = (132, 40)
STORY = 9_000


async def drawn() -> str:
    """The screen as SVG, once the folder is applied and the cluster has come to rest."""
    engine = engines.started()
    app = KtuiApp(engine, (ROOT / "sample_manifests" / "guestbook",))
    async with app.run_test(size=SIZE) as pilot:
        shown = Running(app, pilot, engine)
        while "applied" not in shown.text():
            await shown.sync()
        await shown.run(STORY)
        await shown.press("2")
        return app.export_screenshot(title="ktui sample_manifests/guestbook")


def main() -> int:
    """Write the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(asyncio.run(drawn()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
