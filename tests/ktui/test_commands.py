"""The table of commands: every key leads somewhere, to one thing, and nowhere dangerous."""

from typing import Any

import pytest

from ktui.app import KtuiApp
from ktui.commands import COMMANDS, Command, Scope, in_scope, key_name, key_table_markdown, key_table_text
from ktui.screens.frame import FrameScreen
from ktui.screens.listing import ListingScreen
from ktui.screens.main import MainScreen
from ktui.screens.objects import ObjectScreen
from ktui.screens.text import TextScreen
from ktui.widgets.lines import Lines
from ktui.widgets.table import VirtualTable

OWNERS: dict[Scope, tuple[type, ...]] = {
    Scope.ANYWHERE: (FrameScreen,), Scope.TIME: (KtuiApp,), Scope.PANES: (MainScreen,), Scope.TABLE: (VirtualTable, Lines),
    Scope.OBJECT: (ObjectScreen,), Scope.TEXT: (TextScreen,),
}  # fmt: skip
TOGETHER: dict[Any, tuple[Scope, ...]] = {
    MainScreen: (Scope.ANYWHERE, Scope.TIME, Scope.PANES, Scope.TABLE, Scope.OBJECT),
    ListingScreen: (Scope.ANYWHERE, Scope.TIME, Scope.TABLE, Scope.OBJECT),
    TextScreen: (Scope.ANYWHERE, Scope.TIME, Scope.TABLE, Scope.TEXT),
}
MOTIONS = {f"ctrl+{letter}" for letter in "abdefhkntpuwy"} | set("hjklgGwbe0nN")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.id} {command.keys[0]}")
def test_every_command_has_an_action(command: Command) -> None:
    """A row's id is a method of whoever has its scope (sorting is for tables only)."""
    owners = [owner for owner in OWNERS[command.scope] if owner is not Lines or not command.id.startswith("sort")]
    for owner in owners:
        assert callable(getattr(owner, f"action_{command.id}", None)), owner


@pytest.mark.parametrize("screen", TOGETHER, ids=lambda screen: screen.__name__)
def test_a_key_means_one_thing(screen: Any) -> None:
    """Of the commands that can be active together no two have the same key."""
    keys = [key for command in in_scope(*TOGETHER[screen]) for key in command.keys]
    assert len(keys) == len(set(keys))


def test_no_change_of_the_cluster_lies_on_a_motion() -> None:
    """Nothing that vi or a shell's line editor moves by changes anything."""
    assert not MOTIONS & {key for command in COMMANDS if command.writes for key in command.keys}


def test_key_tables_hold_every_command() -> None:
    """The help and the README's table have a row for each, and lines fit a small terminal."""
    text, markdown = key_table_text(), key_table_markdown()
    for command in COMMANDS:
        assert command.help in markdown.replace("\\|", "|")
        assert " ".join(command.help.split()[:3]) in text
    assert max(map(len, text.splitlines())) <= 78
    assert markdown.count("\n") == len(COMMANDS) + 2
    assert "`Shift+Tab`" in markdown


def test_keys_are_written_as_people_write_them() -> None:
    """Textual's names stay inside."""
    assert [key_name(key) for key in ("question_mark", "ctrl+f", "escape", "D", "pagedown")] == [
        "?",
        "Ctrl+F",
        "Esc",
        "D",
        "PgDn",
    ]
