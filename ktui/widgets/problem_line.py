"""The folder's problems, in the way of nobody: the first of them with its place, and how many more there are.

Invariant: it takes no room while there is no problem.
"""

from collections.abc import Sequence
from textwrap import wrap

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ktui.model.folder_report import Problem
from ktui.model.text import clean
from ktui.model.tone import GLYPHS, Tone

_SHOWN = 2
_LINES = 2


class ProblemLine(Static):
    """Up to two problems, each in two lines at most, and the key for all of them."""

    class Chosen(Message):
        """A click: show all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._problems: tuple[Problem, ...] | None = None

    def show(self, problems: Sequence[Problem]) -> None:
        """Tell of these problems from now on."""
        if tuple(problems) != self._problems:
            self._problems = tuple(problems)
            self.display = bool(problems)
            self.update(self._content())

    def on_resize(self) -> None:
        """Break the lines where they end now."""
        self.update(self._content())

    def on_click(self, event: events.Click) -> None:
        """Ask for the whole list."""
        event.stop()
        self.post_message(self.Chosen())

    def _content(self) -> Content:
        problems = self._problems or ()
        more = f"  (+{len(problems) - _SHOWN} more: f)" if len(problems) > _SHOWN else ""
        told = [self._told(problem, len(more)) for problem in problems[:_SHOWN]]
        return Content.assemble(Content("\n").join(told), (more, "bold"))

    def _told(self, problem: Problem, kept: int) -> Content:
        place = f"{GLYPHS[Tone.BAD]} {clean(problem.place)}".rstrip()
        room = max(20, (self.content_size.width or self.app.size.width) - 2 - kept)
        lines = wrap(f"{place} {clean(problem.message)}", room, max_lines=_LINES, placeholder=" … (f)")
        text = "\n".join(lines)
        bold = len(place) if text.startswith(place) else 0
        return Content.assemble((text[:bold], "bold $text-error"), text[bold:])
