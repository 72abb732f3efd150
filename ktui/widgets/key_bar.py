"""The line of keys at the bottom: what can be pressed now. A click on one is the same as the key.

Invariant: every key shown works on what is selected, and as many are shown as fit.
"""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ktui.commands import Command, keys_text


class KeyBar(Widget):
    """One line of `key label` pairs."""

    COMPONENT_CLASSES = {"keys--key", "keys--label"}  # noqa: RUF012 - Textual's declaration

    class Chosen(Message):
        """A click on a command."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(self) -> None:
        super().__init__()
        self._commands: tuple[Command, ...] = ()

    def show(self, commands: Sequence[Command]) -> None:
        """Show these commands from now on."""
        if tuple(commands) != self._commands:
            self._commands = tuple(commands)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The keys that fit."""
        key, label = self.get_component_rich_style("keys--key"), self.get_component_rich_style("keys--label")
        room = self.size.width
        segments, used = [], 0
        for command, width in self._placed() if y == 0 else ():
            segments += [Segment(f" {_key(command)}", key), Segment(f" {command.label} ", label)]
            used += width
        return Strip(segments, used).extend_cell_length(room, label).crop(0, room)

    def on_click(self, event: events.Click) -> None:
        """Do what the command under the mouse does."""
        edge = 0
        for command, width in self._placed():
            if edge <= event.x < edge + width:
                self.post_message(self.Chosen(command))
            edge += width

    def _placed(self) -> list[tuple[Command, int]]:
        """The commands that fit, each with the cells it takes."""
        placed, left = [], self.size.width
        for command in self._commands:
            width = len(_key(command)) + len(command.label) + 3
            if width <= left:
                placed.append((command, width))
                left -= width
        return placed


def _key(command: Command) -> str:
    return keys_text(command).split()[0]
