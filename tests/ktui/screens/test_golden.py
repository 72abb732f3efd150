"""Whole screens, line by line, as they were last approved: tests/golden/screens.

`KTUI_GOLDEN=update pytest tests/ktui/screens/test_golden.py` writes them anew; read the diff before it is committed.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ktui import engines
from tests.ktui.screens.running import LARGE, SMALL, running

FOLDER = Path(__file__).parents[2] / "golden" / "screens"


def _pod(number: int, **annotations: str) -> dict[str, Any]:
    """A pod that can run on one node alone, so that nothing in it depends on chance."""
    container = {"name": "main", "image": "nginx:1", "resources": {"requests": {"cpu": f"{number}", "memory": "1Gi"}}}
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": f"web-{number}", "labels": {"app": "web", "tier": "front"}, "annotations": annotations},
        "spec": {"containers": [container], "nodeSelector": {"kubernetes.io/hostname": f"node-{number}"}},
    }  # fmt: skip


CLUSTER = (
    _pod(1), _pod(2), _pod(3, **{"sim.ktui.dev/pull-error": "no such image"}), _pod(4), engines.service(),
)  # fmt: skip
STORIES: dict[str, tuple[str, ...]] = {
    "panes": (),
    "zoomed-nodes": ("1", "z"),
    "filtered": ("slash", *"web-1", "enter"),
    "bad-filter": ("slash", *"web["),
    "label-chosen": ("3", "space"),
    "unknown-kind": ("colon", *"deplyo", "enter"),
    "all-kinds-of-a-label": ("3", "enter"),
    "help": ("question_mark",),
    "confirm": ("D",),
}


SCREENS = [(story, SMALL) for story in STORIES] + [(story, LARGE) for story in ("panes", "label-chosen", "help")]


@pytest.mark.parametrize(("story", "size"), SCREENS)
async def test_screens_look_as_approved(story: str, size: tuple[int, int]) -> None:
    """The text of a screen is what it was, cell by cell."""
    async with running(*CLUSTER, size=size) as shown:
        await shown.press(*STORIES[story])
        text = f"{shown.text()}\n"
    path = FOLDER / f"{story}-{size[0]}x{size[1]}.txt"
    if os.environ.get("KTUI_GOLDEN") == "update":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
