"""What every screen has: the top line, its content, the folder's problems, a prompt and the keys.

Screens with something to filter say how; this one asks for it. Invariant: one prompt is open at most,
and what it cannot understand is said beside it while the screen stays as it was.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from cluster.api.kinds import NAMESPACES
from ktui.commands import Command, Scope, in_scope
from ktui.model import command_line, listings
from ktui.model.command_line import OpenKind, UnknownCommand
from ktui.model.filters import FilterError
from ktui.screens.routes import ApproveDeletions, ShowFiles, ShowHelp, ShowListing, ShowPanes
from ktui.screens.session import Session
from ktui.widgets.bindings import ASKING, bindings
from ktui.widgets.key_bar import KeyBar
from ktui.widgets.problem_line import ProblemLine
from ktui.widgets.prompt import Prompt
from ktui.widgets.top_line import TopLine

FILTER, COMMAND = "/", ":"


class FrameScreen(Screen[None]):
    """A screen between the top line and the keys."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ANYWHERE)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._filter_before = ""

    def compose(self) -> ComposeResult:
        """The frame around the content."""
        yield TopLine()
        yield from self.compose_content()
        yield ProblemLine()
        yield Prompt()
        yield KeyBar()

    def compose_content(self) -> ComposeResult:
        """What stands between the top line and the keys."""
        raise NotImplementedError

    @property
    def is_composed(self) -> bool:
        """Whether its widgets are there to show something: a frame may be due before they are."""
        return self.is_mounted and bool(self.query(KeyBar))

    def update_view(self) -> None:
        """Show what the models hold now: called after they changed, while this screen is seen."""
        session = self.session
        self.query_one(TopLine).show(session.status())
        self.query_one(ProblemLine).show(session.folder.problems)
        self.query_one(KeyBar).show(self.keys_shown())

    def keys_shown(self) -> Sequence[Command]:
        """The commands of the key bar."""
        return [command for command in in_scope(Scope.ANYWHERE, Scope.TIME) if command.shown]

    def filter_text(self) -> str:
        """What the content is filtered by; empty if by nothing."""
        return ""

    def set_filter(self, text: str) -> None:
        """Filter the content; FilterError if the text means nothing."""
        raise NotImplementedError

    def focus_content(self) -> None:
        """Give the focus back to the content."""
        self.focus_next()

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one(Prompt).display = False
        self.focus_content()
        self.update_view()

    def on_screen_resume(self) -> None:
        """Seen again: show what changed meanwhile."""
        if self.is_composed:
            self.update_view()

    async def on_key_bar_chosen(self, message: KeyBar.Chosen) -> None:
        """A click on a key is the key."""
        command = message.command
        owner = self.app if command.scope is Scope.TIME else self
        await self.app.run_action(command.action(command.keys[0]), default_namespace=owner)

    def on_problem_line_chosen(self) -> None:
        """A click on a problem shows all of them."""
        self.action_files()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys that open the prompt are text while it is open."""
        if action in ASKING and any(prompt.display for prompt in self.query(Prompt)):
            return False
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Ask for a filter, starting from the present one."""
        self._filter_before = self.filter_text()
        hint = "words, /regex/ parts, !not, column:word, -l app=web"
        self.query_one(Prompt).ask(FILTER, self._filter_before, hint=hint)

    def action_command_line(self) -> None:
        """Ask for a kind to open."""
        self.query_one(Prompt).ask(
            COMMAND, complete=self._completions, hint="a kind by any of its names: deploy, svc, po, ns …"
        )

    def action_back(self) -> None:
        """Clear the filter; without one, go back to the screen before."""
        if self.filter_text():
            self.set_filter("")
            self.update_view()
        else:
            self.dismiss()

    def action_command_palette(self) -> None:
        """Find a command or a kind by a few letters."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show every key."""
        self.post_message(ShowHelp())

    def action_files(self) -> None:
        """Show the watched folder."""
        self.post_message(ShowFiles())

    def action_approve(self) -> None:
        """Do the folder's deletions that wait for a yes, after asking."""
        self.post_message(ApproveDeletions())

    def action_home(self) -> None:
        """Go to the panes."""
        self.post_message(ShowPanes())

    def action_quit(self) -> None:
        """Quit the app."""
        self.app.exit()

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Filter while typing; complain while typing."""
        if message.sign == FILTER:
            self._try_filter(message.text)
        else:
            self.query_one(Prompt).trouble("")

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Enter: keep the filter, or go where the line says."""
        if message.sign == FILTER:
            if self._try_filter(message.text):
                self._close_prompt()
        else:
            self._run_line(message.text)

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Escape: the filter is again what it was."""
        if message.sign == FILTER:
            self._try_filter(self._filter_before)
        self._close_prompt()

    def _try_filter(self, text: str) -> bool:
        try:
            self.set_filter(text)
        except FilterError as error:
            self.query_one(Prompt).trouble(str(error))
            return False
        self.query_one(Prompt).trouble("")
        self.update_view()
        return True

    def _run_line(self, line: str) -> None:
        try:
            meant = command_line.parse_or_complete(line, self._namespaces(), self.session.mirror.kinds)
        except UnknownCommand as error:
            self.query_one(Prompt).trouble(str(error))
            return
        self._close_prompt()
        if isinstance(meant, OpenKind):
            listing = listings.of_kind(self.session.mirror, meant.kind)
            self.post_message(ShowListing(listing, meant.filter))
        else:
            self.call_later(self.run_action, meant.command)

    def _close_prompt(self) -> None:
        self.query_one(Prompt).close()
        self.focus_content()

    def _completions(self, line: str) -> list[str]:
        return command_line.completions(line, self._namespaces(), self.session.mirror.kinds)

    def _namespaces(self) -> Iterable[str]:
        return self.session.mirror.list(NAMESPACES).objects
