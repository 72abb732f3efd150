"""The line where filters, commands and lines to find are typed. It says at once what is wrong with them.

Invariant: whoever asked gets each change while typing, and exactly one end: submitted or cancelled.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from ktui.model.text import clean

Completions = Callable[[str], Sequence[str]]


class _Completing(Suggester):
    """The first completion, shown greyed behind what is typed."""

    def __init__(self, complete: Completions) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The likeliest whole line, if there is one."""
        return next(iter(self._complete(value)), None)


class Prompt(Vertical):
    """One line of input with a sign before it, and a line for an error above it; hidden until asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("tab", "complete", "complete", show=False, priority=True),
    ]

    class Changed(Message):
        """The text changed."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign, self.text = sign, text

    class Submitted(Message):
        """Enter: this is the text."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign, self.text = sign, text

    class Cancelled(Message):
        """Escape, or the prompt lost the focus: as if nothing had been typed."""

        def __init__(self, sign: str) -> None:
            super().__init__()
            self.sign = sign

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._sign = ""
        self._complete: Completions = _none

    def compose(self) -> ComposeResult:
        """Room for an error; a sign and the input."""
        yield Static(id="trouble")
        with Horizontal():
            yield Static(id="sign")
            yield Input(compact=True, select_on_focus=False)

    def ask(self, sign: str, text: str = "", complete: Completions | None = None, hint: str = "") -> None:
        """Show the prompt, and have the focus."""
        self._sign, self._complete = sign, complete or _none
        self.query_one("#sign", Static).update(Content(sign))
        line = self.query_one(Input)
        line.suggester = _Completing(self._complete) if complete is not None else None
        line.placeholder = hint
        with line.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.trouble("")
        self.display = True
        self.screen.set_focus(line)  # at once, where `line.focus()` waits: the next key may be here already

    def trouble(self, text: str) -> None:
        """Say what is wrong with the text; an empty one says that nothing is."""
        self.query_one("#trouble", Static).update(Content(f"✖ {clean(text)}"))
        self.set_class(bool(text), "-trouble")

    def close(self) -> None:
        """Hide again."""
        self.display = False

    def action_cancel(self) -> None:
        """Leave everything as it was."""
        self.close()
        self.post_message(self.Cancelled(self._sign))

    def action_complete(self) -> None:
        """Take the likeliest completion, or the next one."""
        line = self.query_one(Input)
        found = list(self._complete(line.value))
        if found:
            line.value = found[0]
            line.cursor_position = len(line.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the change up."""
        event.stop()
        self.post_message(self.Changed(self._sign, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass the end up; whoever asked closes the prompt if the text is right."""
        event.stop()
        self.post_message(self.Submitted(self._sign, event.value))

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """A click elsewhere ends it."""
        if self.display:
            self.close()


def _none(_: str) -> Sequence[str]:
    return ()
