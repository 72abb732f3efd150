"""The line at the top: the cluster's time and how much of it is ready, and how the folder stands.

Invariant: it is drawn only when what it says has changed.
"""

from datetime import UTC, datetime
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ktui.model.text import clean
from ktui.model.tone import GLYPHS, Tone, of_ratio


class Status(NamedTuple):
    """What the line says."""

    milliseconds: int = 0
    speed: float = 1.0
    paused: bool = False
    nodes: str = "0/0"
    pods: str = "0/0"
    folder: str = ""
    folder_tone: Tone = Tone.DIM
    read_only: bool = False


class TopLine(Widget):
    """One line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "top--brand",
        "top--label",
        "top--paused",
        *(f"top--{tone.value}" for tone in Tone if tone.value),
    }

    def __init__(self) -> None:
        super().__init__()
        self._status = Status()

    def show(self, status: Status) -> None:
        """Say this from now on."""
        if status != self._status:
            self._status = status
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        room, plain = self.size.width, self.rich_style
        strip = Strip(list(self._segments()) if y == 0 else [])
        return strip.crop(0, room).extend_cell_length(room, plain)

    def _segments(self) -> list[Segment]:
        told, label = self._status, self.get_component_rich_style("top--label")
        brand, time = self.get_component_rich_style("top--brand"), self.rich_style
        moment = datetime.fromtimestamp(told.milliseconds // 1000, UTC)
        speed = f"{told.speed:g}"
        if told.paused:
            time = self.get_component_rich_style("top--paused")
        segments = [
            Segment(" ktui ", brand),
            Segment(f" {'‖ paused' if told.paused else '▶'} {moment:%H:%M:%S} ", time),
            Segment(f"x{speed} ", label),
        ]
        if told.read_only:
            segments.append(Segment(" read-only ", self.get_component_rich_style("top--warn")))
        segments += self._count("nodes", told.nodes, label) + self._count("pods", told.pods, label)
        folder = self._tone(told.folder_tone)
        return [
            *segments,
            Segment("  folder ", label),
            Segment(f"{GLYPHS[told.folder_tone]} {clean(told.folder)}", folder),
        ]

    def _count(self, name: str, ratio: str, label: Style) -> list[Segment]:
        tone = of_ratio(ratio)
        return [Segment(f"  {name} ", label), Segment(f"{GLYPHS[tone]} {ratio}", self._tone(tone))]

    def _tone(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"top--{tone.value}") if tone.value else self.rich_style
