"""Two small questions: yes or no, and a line of text. Each answers once and is gone.

Invariant: Escape always means no, and nothing happens on the way to an answer.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from ktui.model.text import clean


class ConfirmScreen(ModalScreen[bool]):
    """Asks before something that cannot be taken back."""

    CSS_PATH = ["../styles/dialogs.tcss"]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,q", "answer(False)", "no"),
        Binding("left,right,tab,h,l", "app.focus_next", "other"),
    ]

    def __init__(self, question: str, detail: str = "", verb: str = "Yes") -> None:
        super().__init__()
        self._question, self._detail, self._verb = question, detail, verb

    def compose(self) -> ComposeResult:
        """The question and two buttons; `no` has the focus."""
        with Vertical(id="dialog"):
            yield Static(Content(clean(self._question)), id="question")
            yield Static(Content(clean(self._detail)), id="detail")
            with Horizontal(id="answers"):
                yield Button(Content(f"{self._verb} (y)"), id="yes", variant="error", compact=True)
                yield Button(Content("No (n)"), id="no", compact=True)

    def on_mount(self) -> None:
        """The harmless answer is the one that Enter gives."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button is an answer."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - an action's argument comes from its string
        """Answer and close."""
        self.dismiss(answer)


class AskScreen(ModalScreen[str | None]):
    """Asks for a line of text; None is no answer."""

    CSS_PATH = ["../styles/dialogs.tcss"]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel")]

    def __init__(self, question: str, detail: str = "", text: str = "") -> None:
        super().__init__()
        self._question, self._detail = question, detail
        self._line = Input(clean(text), compact=True, select_on_focus=True)

    def compose(self) -> ComposeResult:
        """The question over a line."""
        with Vertical(id="dialog"):
            yield Static(Content(clean(self._question)), id="question")
            yield self._line
            yield Static(Content(clean(self._detail)), id="detail")

    def on_mount(self) -> None:
        """What is typed from now on is the answer."""
        self.set_focus(self._line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers."""
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Escape does not."""
        self.dismiss(None)
