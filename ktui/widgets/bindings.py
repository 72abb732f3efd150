"""Commands as Textual's bindings: the one place where the command table meets the toolkit."""

from textual.binding import Binding

from ktui.commands import Scope, in_scope


def bindings(*scopes: Scope, namespace: str = "") -> list[Binding]:
    """A binding for every key of every command of some scopes."""
    return [
        Binding(key, f"{namespace}{command.action(key)}", command.label, show=False)
        for command in in_scope(*scopes)
        for key in command.keys
    ]
