"""A screen of text: a description, YAML, or the help. It stays live: it is made again when its object changes.

Owns what is looked for. Invariant: the text shown is of the object as it is now, or as it last was.
"""

import re
from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from ktui.commands import Scope
from ktui.model.filters import FilterError
from ktui.model.text import clean
from ktui.screens.frame import FrameScreen
from ktui.screens.session import Session
from ktui.widgets.bindings import bindings
from ktui.widgets.lines import Lines

_QUICK, _REST = 0.03, 10
"""A text that takes longer to make than this, in seconds, is left as it is for so many times as long."""
Source = Callable[[], str | None]
"""Makes the text; None if its object is gone."""


class TextScreen(FrameScreen):
    """Lines of text that can be searched."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TEXT)]

    def __init__(self, session: Session, title: str, source: Source) -> None:
        super().__init__(session)
        self._title, self._source = title, source
        self._pattern = ""
        self._gone = False
        self._next = 0.0

    def compose_content(self) -> ComposeResult:
        """The text in a titled frame."""
        with Vertical(classes="page"):
            yield Lines()

    def update_view(self) -> None:
        """Make the text again, unless making it takes so long that it would be made all the time."""
        if monotonic() >= self._next:
            started = monotonic()
            text = self._source()
            took = monotonic() - started
            self._next = monotonic() + (_REST * took if took > _QUICK else 0.0)
            if text is not None:
                self.query_one(Lines).show(text)
            self._gone = text is None
        page = self.query_one(".page", Vertical)
        gone = (" is gone; this is how it last was", "$warning") if self._gone else ""
        looked = (f" /{clean(self._pattern)}", "$warning") if self._pattern else ""
        page.border_title = Content.assemble(" ", (clean(self._title), "bold"), gone, looked, " ")
        super().update_view()

    def focus_content(self) -> None:
        """Give the focus to the text."""
        self.query_one(Lines).focus()

    def filter_text(self) -> str:
        """What is looked for."""
        return self._pattern

    def set_filter(self, text: str) -> None:
        """Look for a regular expression; FilterError if it is none, or nowhere."""
        try:
            pattern = re.compile(text, re.IGNORECASE) if text else None
        except re.error as error:
            raise FilterError(f"{text}: {error.msg}") from None
        self._pattern = text
        if not self.query_one(Lines).look_for(pattern) and pattern is not None:
            raise FilterError("not found")

    def action_find_next(self) -> None:
        """Go to the next line that matches."""
        self.query_one(Lines).find(1)

    def action_find_previous(self) -> None:
        """Go to the line before that matches."""
        self.query_one(Lines).find(-1)
