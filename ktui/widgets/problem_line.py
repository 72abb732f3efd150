"""The folder's problems, in the way of nobody: the first of them with its place, and how many more there are.

Invariant: it takes no room while there is no problem.
"""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ktui.model.folder_report import Problem
from ktui.model.text import clean
from ktui.model.tone import GLYPHS, Tone

_SHOWN = 2


class ProblemLine(Static):
    """Up to two problems and the key for all of them."""

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

    def on_click(self, event: events.Click) -> None:
        """Ask for the whole list."""
        event.stop()
        self.post_message(self.Chosen())

    def _content(self) -> Content:
        problems = self._problems or ()
        lines = [
            Content.assemble(
                (f"{GLYPHS[Tone.BAD]} ", "bold $text-error"),
                (clean(problem.place), "bold $text-error"),
                " ",
                clean(problem.message),
            )
            for problem in problems[:_SHOWN]
        ]
        more = len(problems) - _SHOWN
        if more > 0:
            lines[-1] = Content.assemble(lines[-1], (f"  (+{more} more: f)", "bold"))
        return Content("\n").join(lines)
