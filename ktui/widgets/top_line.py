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
    api: str = ""


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
        """The line, drawn closer together where it would not fit."""
        room, plain = self.size.width, self.rich_style
        strip = Strip(self._segments("  ") if y == 0 else [])
        if strip.cell_length > room:
            strip = Strip(self._segments(" "))
        return strip.crop(0, room).extend_cell_length(room, plain)

    def _segments(self, gap: str) -> list[Segment]:
        told, label, style = self._status, self.get_component_rich_style("top--label"), self.get_component_rich_style
        moment = datetime.fromtimestamp(told.milliseconds // 1000, UTC)
        time = style("top--paused") if told.paused else self.rich_style
        segments = [
            Segment(" ktui ", style("top--brand")),
            Segment(f" {'‖ paused' if told.paused else '▶'} {moment:%H:%M:%S}", time),
        ]
        if told.speed != 1 or len(gap) > 1:
            segments.append(Segment(f" x{told.speed:g}", label))
        if told.read_only:
            segments += [Segment(gap, label), Segment("read-only", style("top--warn"))]
        for name, ratio in (("nodes", told.nodes), ("pods", told.pods)):
            tone = of_ratio(ratio)
            segments += [Segment(f"{gap}{name} ", label), Segment(f"{GLYPHS[tone]} {ratio}", self._tone(tone))]
        folder = Segment(f"{GLYPHS[told.folder_tone]} {clean(told.folder)}", self._tone(told.folder_tone))
        segments += [Segment(f"{gap}folder ", label), folder]
        return [*segments, Segment(f"{gap}api ", label), Segment(told.api, self.rich_style)] if told.api else segments

    def _tone(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"top--{tone.value}") if tone.value else self.rich_style
