"""Every command of the app, one row each: the one source of bindings, palette, help and the README's table.

A row's `id` is the method `action_<id>` of whoever has the scope: a screen, or the focused table.
Invariant: within what can be active together, a key means one thing; nothing destructive lies on a
key that moves in vi or in a shell's line editor.
"""

from enum import Enum
from textwrap import wrap
from typing import NamedTuple


class Scope(Enum):
    """Where a command works; the value is its heading in the help."""

    ANYWHERE = "Anywhere"
    TIME = "Cluster time"
    PANES = "Panes"
    TABLE = "Tables"
    OBJECT = "The selected object"
    TEXT = "Describe and YAML"


class Command(NamedTuple):
    """One command: keys as Textual names them, a short label for the key bar, and a sentence for the help."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    scope: Scope
    arguments: str = ""
    """What the action is called with, as written in `id(arguments)`; `{key}` stands for the key pressed."""
    kinds: tuple[str, ...] = ()
    """For an object's command: the plurals of the kinds it works on; empty is any."""
    shown: bool = False
    """It stands in the key bar."""
    writes: bool = False
    """It changes the cluster: refused in a read-only session."""

    def action(self, key: str) -> str:
        """The action string for one of its keys."""
        return f"{self.id}({self.arguments.format(key=key)})" if self.arguments else self.id


_HELP = 17
_SCALED = ("deployments", "statefulsets", "replicasets", "replicationcontrollers")
_ROLLED = ("deployments", "statefulsets", "daemonsets")

COMMANDS = (
    Command("help", ("question_mark", "f1"), "help", "Show every key", Scope.ANYWHERE, shown=True),
    Command("command_line", ("colon",), "go to", "Open any kind by any of its names: :deploy, :po kube-system, :svc /web", Scope.ANYWHERE, shown=True),
    Command("command_palette", ("ctrl+p",), "palette", "Find any command or kind by a few letters", Scope.ANYWHERE),
    Command("filter", ("slash",), "filter", "Filter: words and regular expressions, !not, column:word, -l app=web", Scope.ANYWHERE, shown=True),
    Command("back", ("escape",), "back", "Clear the filter, then the chosen label, then go back", Scope.ANYWHERE, shown=True),
    Command("files", ("f",), "files", "The watched folder: every file, every problem with its line and column", Scope.ANYWHERE, shown=True),
    Command("approve", ("a",), "approve", "Do the deletions of the folder that wait for a yes", Scope.ANYWHERE),
    Command("quit", ("q",), "quit", "Quit", Scope.ANYWHERE, shown=True),
    Command("pause", ("p",), "pause", "Stop the cluster's time, or let it go on", Scope.TIME, shown=True),
    Command("step", ("full_stop",), "step", "While paused: go to the next thing that happens", Scope.TIME),
    Command("faster", ("plus", "equals_sign"), "faster", "Let time pass faster, up to x1000", Scope.TIME),
    Command("slower", ("minus",), "slower", "Let time pass slower, down to x0.1", Scope.TIME),
    Command("next_pane", ("tab",), "next pane", "Go to the next pane", Scope.PANES),
    Command("previous_pane", ("shift+tab",), "previous pane", "Go to the pane before", Scope.PANES),
    Command("pane", ("1", "2", "3", "4", "5"), "pane", "Go to nodes, pods, labels, services or events", Scope.PANES, "{key}"),
    Command("zoom", ("z",), "zoom", "Give the pane the whole screen, or its place again", Scope.PANES, shown=True),
    Command("choose_label", ("space",), "choose", "Labels: show only what has to do with this label, in every pane", Scope.PANES),
    Command("move", ("down", "j"), "down", "One row down", Scope.TABLE, "1"),
    Command("move", ("up", "k"), "up", "One row up", Scope.TABLE, "-1"),
    Command("page", ("pagedown", "ctrl+f"), "page down", "One page down", Scope.TABLE, "2"),
    Command("page", ("pageup", "ctrl+b"), "page up", "One page up", Scope.TABLE, "-2"),
    Command("page", ("ctrl+d",), "half down", "Half a page down", Scope.TABLE, "1"),
    Command("page", ("ctrl+u",), "half up", "Half a page up", Scope.TABLE, "-1"),
    Command("first", ("home", "g"), "first", "The first row", Scope.TABLE),
    Command("last", ("end", "G"), "last", "The last row", Scope.TABLE),
    Command("sideways", ("right", "l"), "right", "See the columns further right, all at full width", Scope.TABLE, "1"),
    Command("sideways", ("left", "h"), "left", "Back to the left", Scope.TABLE, "-1"),
    Command("sort_next", ("shift+right", "greater_than_sign"), "sort right", "Sort by the next column (or click its title)", Scope.TABLE, "1"),
    Command("sort_next", ("shift+left", "less_than_sign"), "sort left", "Sort by the column before", Scope.TABLE, "-1"),
    Command("sort_reverse", ("I",), "invert", "Turn the order round", Scope.TABLE),
    Command("open", ("enter",), "open", "Go down: node, service or policy to its pods, owner to what it owns, claim to its volume, label to its objects", Scope.OBJECT, shown=True),
    Command("describe", ("d",), "describe", "Describe it, with its events; stays live", Scope.OBJECT, shown=True),
    Command("yaml", ("y",), "YAML", "Show its YAML; stays live", Scope.OBJECT, shown=True),
    Command("events", ("e",), "events", "Its events alone", Scope.OBJECT),
    Command("owner", ("o",), "owner", "Go up to its owner; for an event, to what it is about", Scope.OBJECT),
    Command("scale", ("s",), "scale", "Set the number of replicas", Scope.OBJECT, kinds=_SCALED, shown=True, writes=True),
    Command("restart", ("r",), "restart", "Restart the rollout", Scope.OBJECT, kinds=_ROLLED, shown=True, writes=True),
    Command("roll_back", ("u",), "undo", "Roll back to the revision before", Scope.OBJECT, kinds=_ROLLED, shown=True, writes=True),
    Command("suspend", ("S",), "suspend", "Suspend the Job or CronJob, or let it go on", Scope.OBJECT, kinds=("jobs", "cronjobs"), shown=True, writes=True),
    Command("cordon", ("c",), "cordon", "Keep new pods off the node, or let them on again", Scope.OBJECT, kinds=("nodes",), shown=True, writes=True),
    Command("power", ("x",), "down/up", "Take the node down (its kubelet stops), or bring it up", Scope.OBJECT, kinds=("nodes",), shown=True, writes=True),
    Command("label", ("L",), "label", "Set labels (key=value) or remove them (key-)", Scope.OBJECT, writes=True),
    Command("delete", ("D", "delete"), "delete", "Delete it, after asking", Scope.OBJECT, shown=True, writes=True),
    Command("find_next", ("n",), "next", "The next line that matches the filter", Scope.TEXT),
    Command("find_previous", ("N",), "previous", "The line before that matches the filter", Scope.TEXT),
)  # fmt: skip
"""Every command, in the order of the help."""

_NAMES = {
    "question_mark": "?", "colon": ":", "slash": "/", "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab",
    "shift+tab": "Shift+Tab", "full_stop": ".", "plus": "+", "equals_sign": "=", "minus": "-", "down": "↓", "up": "↑", "left": "←",
    "right": "→", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "shift+right": "Shift+→", "shift+left": "Shift+←",
    "greater_than_sign": ">", "less_than_sign": "<", "delete": "Del", "f1": "F1",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as people write it: `Ctrl+F`, `Esc`, `?`."""
    return _NAMES.get(key) or (key.title() if key.startswith("ctrl+") else key)


def keys_text(command: Command) -> str:
    """All keys of a command: `j ↓`, or `1-5` for a run of digits."""
    if command.arguments == "{key}":
        return f"{command.keys[0]}-{command.keys[-1]}"
    return " ".join(key_name(key) for key in command.keys)


def in_scope(*scopes: Scope) -> list[Command]:
    """The commands of some scopes, in order."""
    return [command for command in COMMANDS if command.scope in scopes]


def key_table_text(width: int = 78) -> str:
    """Every key, in lines of at most `width` characters, for the help and `ktui --help keys`."""
    lines = []
    for scope in Scope:
        lines += ["", scope.value]
        for command in in_scope(scope):
            first, *rest = wrap(command.help, width - _HELP)
            lines += [f"  {keys_text(command):<{_HELP - 2}}{first}", *(f"{'':{_HELP}}{line}" for line in rest)]
    return "\n".join(lines[1:]) + "\n"


def key_table_markdown() -> str:
    """Every key, as the README's table."""
    rows = ["| Where | Key | What it does |", "| --- | --- | --- |"]
    rows += [
        f"| {command.scope.value} | {' '.join(f'`{key}`' for key in keys_text(command).split())} | {_cell(command.help)} |"
        for command in COMMANDS
    ]
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
