"""When ktui itself is wrong: the error on the screen, and the whole of it in a log file.

Invariant: nothing that fails does so silently; the text says where the rest is.
"""

import os
import traceback
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ktui.model.text import clean, lines


def log_path() -> Path:
    """Where errors of ktui are kept: `ktui/ktui.log` in the user's state folder."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ktui" / "ktui.log"


def log_error(error: BaseException) -> str:
    """Add an error with its traceback to the log; returns where, or why that failed."""
    path = log_path()
    text = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as problem:
        return f"(no log: {problem})"
    return str(path)


class TroubleScreen(ModalScreen[None]):
    """A part of ktui has stopped."""

    CSS_PATH = ["../styles/dialogs.tcss"]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "look on"),
        Binding("q", "app.quit", "quit"),
    ]

    def __init__(self, part: str, error: BaseException, log: str) -> None:
        super().__init__()
        self._part, self._error, self._log = part, error, log

    def compose(self) -> ComposeResult:
        """What stopped, why, and where to read more."""
        last = traceback.format_exception(self._error)[-4:]
        with Vertical(id="dialog"):
            yield Static(Content(f"✖ {clean(self._part)} has stopped: a bug in ktui"), id="question")
            yield Static(Content("\n".join(lines("".join(last)))), id="detail")
            yield Static(Content(f"The whole error: {clean(self._log)}\nEsc: look on at what there is   q: quit"))
