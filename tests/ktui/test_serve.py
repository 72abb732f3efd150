"""The API beside the app, and without it: what is opened is closed, and nothing else is taken away."""

import stat
from pathlib import Path

import pytest

from cluster.realtime import Pacer
from ktui.serve import ServedApi
from tests.ktui import engines


def _api(port: int, config: Path) -> ServedApi:
    engine = engines.started()
    return ServedApi(engine, Pacer(engine.clock), port=port, config_path=config)


async def test_the_kubeconfig_is_there_while_the_api_is(tmp_path: Path) -> None:
    """It is the owner's alone, says where the API is, and goes when the API does."""
    config = tmp_path / "kc"
    api = _api(0, config)
    told = await api.start()
    assert api.address in told
    assert f"--kubeconfig {config}" in told
    assert api.address in config.read_text()
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    await api.stop()
    assert not config.exists()


async def test_a_port_that_is_taken_takes_nothing_away(tmp_path: Path) -> None:
    """Who cannot listen leaves the kubeconfig of who does."""
    config = tmp_path / "kc"
    first = _api(0, config)
    await first.start()
    second = _api(int(first.address.rpartition(":")[2]), config)
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()
    assert first.address in config.read_text()
    await first.stop()
