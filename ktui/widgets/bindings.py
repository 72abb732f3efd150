"""Commands as Textual's bindings: the one place where the command table meets the toolkit."""

from textual.binding import Binding

from ktui.commands import Scope, in_scope

ASKING = frozenset({"command_line", "filter"})
"""Commands that open the prompt. They go before all else, so that what is typed right after is the prompt's."""


def bindings(*scopes: Scope, namespace: str = "") -> list[Binding]:
    """A binding for every key of every command of some scopes."""
    return [
        Binding(key, f"{namespace}{command.action(key)}", command.label, show=False, priority=command.id in ASKING)
        for command in in_scope(*scopes)
        for key in command.keys
    ]
