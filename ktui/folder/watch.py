"""Hints that a look at the folders is worth while, and the loop that takes them.

Beside a file's way: without hints everything still happens, a second and a half later. Invariant: an
event is never data; it only ends a wait.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from ktui.folder.sync import Folder

START = 0.3
"""Seconds that the first look and the first frames have for themselves."""
RETRY_WATCH = 5.0
"""Seconds until a watch that could not be set up, or ended, is tried again."""


async def run(folder: Folder) -> None:
    """Keep the folders applied until cancelled."""
    hint = asyncio.Event()
    watcher = asyncio.create_task(_watch(folder.roots, hint))
    try:
        while True:
            hint.clear()
            wait = await folder.step()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(hint.wait(), wait)
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


async def _watch(roots: Sequence[Path], hint: asyncio.Event) -> None:
    """Set `hint` whenever the file system says that something changed; watch again if a root is made anew."""
    await asyncio.sleep(START)
    from watchfiles import awatch  # noqa: PLC0415 - takes a while to load

    hint.set()
    while True:
        present = [root for root in roots if root.is_dir()]
        known = _inodes(present)
        if present:
            with contextlib.suppress(OSError, RuntimeError):
                async for changes in awatch(*present, debounce=100, step=20, rust_timeout=2000, yield_on_timeout=True):
                    if _inodes(roots) != known:
                        break
                    if changes:
                        hint.set()
                hint.set()
                if _inodes(roots) != known:
                    continue
        await asyncio.sleep(RETRY_WATCH)


def _inodes(roots: Sequence[Path]) -> dict[Path, int]:
    found = {}
    for root in roots:
        with contextlib.suppress(OSError):
            found[root] = root.stat().st_ino
    return found
