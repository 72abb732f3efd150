"""The loop that keeps a folder applied."""

import asyncio
from pathlib import Path

from ktui.client import Client
from ktui.folder import Applier, Folder, run
from tests.ktui.folder.world import FakeCluster, config_map


def test_a_client_is_an_applier() -> None:
    """The app's client is all that the folder needs (checked by the type checker)."""

    def needed(client: Client) -> Applier:
        return client

    assert callable(needed)


async def test_a_save_is_applied(tmp_path: Path) -> None:
    """The loop applies what is there and what is saved, and ends when cancelled."""
    cluster = FakeCluster()
    (tmp_path / "a.yaml").write_text(config_map("x"))
    task = asyncio.create_task(run(Folder([tmp_path], cluster, asyncio.get_running_loop().time)))
    try:
        async with asyncio.timeout(10):
            for name in ("x", "y"):
                await cluster.written.wait()
                assert f"configmaps default/{name}" in cluster.names()
                cluster.written.clear()
                (tmp_path / "b.yaml").write_text(config_map("y"))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
