"""The app: it starts the cluster's time and the folder's watch, paces the frames, and shows screens.

The end of the data's way. Invariant: the first frame waits for nothing but its widgets, a frame costs what
changed, and a bug becomes an error that is seen and logged, never a silent stop.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.content import Content
from textual.events import Key
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from cluster.engine import Engine
from cluster.realtime import Pacer
from ktui.client.simulated import SimulatedClient
from ktui.commands import Scope
from ktui.model.folder_report import FolderReport
from ktui.model.mirror import Mirror
from ktui.model.panes import Panes
from ktui.screens import documents, routes
from ktui.screens.dialogs import ConfirmScreen
from ktui.screens.frame import FrameScreen
from ktui.screens.listing import ListingScreen
from ktui.screens.main import MainScreen
from ktui.screens.palette import CommandsProvider
from ktui.screens.session import Api, Served, Session
from ktui.screens.text import TextScreen
from ktui.screens.trouble import TroubleScreen, log_error
from ktui.styles.themes import DARK, LIGHT
from ktui.widgets.bindings import bindings

if TYPE_CHECKING:
    from ktui.screens.folder import FolderWatch

FRAME = 1 / 20
"""The shortest time between two frames that follow from changes, in seconds."""
GATHER = 0.01
"""How long a frame waits after a rest, in seconds, so that what follows from a change at once is in it."""
_NAMED = 10
"""So many objects are named in a question; the folder's screen names all."""
SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 100.0, 300.0, 1000.0)


CANNOT_SERVE = 2
_SYSTEM_COMMANDS = frozenset({"Theme", "Screenshot"})


class KtuiApp(App[None]):
    """ktui on a simulated cluster.

    `engine` is run in real time, `speed` virtual seconds a second; `folders` are kept applied to it.
    With `read_only` the app changes nothing (the folders are applied all the same). `serve` makes an
    API to open beside the app, which ends with code 2 if it cannot be opened.
    """

    TITLE = "ktui"
    CSS_PATH = ["styles/app.tcss", "styles/frame.tcss", "styles/main.tcss"]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TIME)]
    COMMANDS: ClassVar[set[type[Provider]]] = App.COMMANDS | {CommandsProvider}  # type: ignore[assignment]

    def __init__(
        self, engine: Engine, folders: Sequence[Path], *, speed: float = 1.0, read_only: bool = False,
        serve: Callable[[Engine, Pacer], Served] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self._folders = tuple(folders)
        self._engine = engine
        pacer = Pacer(engine.clock, speed)
        client = SimulatedClient(engine, read_only=read_only, wake=pacer.touch)
        mirror = Mirror(client)
        self.session = Session(client, mirror, Panes(mirror), pacer, FolderReport())
        self._served = serve(engine, pacer) if serve is not None else None
        self._watch: FolderWatch | None = None
        self._seen = (-1, -1, -1)
        self._tasks: list[asyncio.Task[None]] = []
        self._due, self._last_frame = False, 0.0
        self._second = -1

    def get_default_screen(self) -> MainScreen:
        """The panes are what all other screens lie on."""
        return MainScreen(self.session)

    def on_mount(self) -> None:
        """Start at once: what a small folder holds is there before the first frame is painted."""
        self._keep(self.session.pacer.run(self._after_slice), "the cluster's time")
        if self._folders:
            self._watch_folders()
        if self._served is not None:
            self._keep(self._open(self._served), "the Kubernetes API")

    async def on_unmount(self) -> None:
        """Stop everything that was started."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._served is not None:
            await self._served.stop()

    async def _open(self, served: Served) -> None:
        """Open the API and say where; from here on a signal to end ends the app, so that the API is closed."""
        try:
            told = await served.start()
        except OSError as error:
            why = Content(f"ktui: cannot serve the API: {error}")
            self.call_after_refresh(self.exit, return_code=CANNOT_SERVE, message=why)
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self.session.api = Api(served.address, told)
        self.notify(told, markup=False)
        self.update_views()

    def _watch_folders(self) -> None:
        from ktui.screens.folder import FolderWatch  # noqa: PLC0415 - many modules, not needed for the first frame

        self._watch = FolderWatch(self._folders, SimulatedClient(self._engine, wake=self.session.pacer.touch))
        self._keep(self._watch.run(), "the folder's watch")

    def _keep(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run something for as long as the app runs; if it fails, say so."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.push_screen(TroubleScreen(task.get_name(), error, log_error(error)))

    # Frames

    def _after_slice(self) -> None:
        """Look whether anything can look different: a write, a new state of the folder, another second."""
        state = (self._engine.store.revision, self._watch.number if self._watch else 0, self._engine.clock.now // 1000)
        if state != self._seen:
            self._seen = state
            self.mark()

    def mark(self) -> None:
        """Something may have changed: draw a frame soon. Cheap, so that anybody may call it often."""
        if not self._due:
            self._due = True
            self.set_timer(max(GATHER, self._last_frame + FRAME - monotonic()), self._frame)

    def _frame(self) -> None:
        self._due = False
        if self._frame_screen() is not None:  # until then nothing is drawn, and the next look need not wait
            self._last_frame = monotonic()
        mirror = self.session.mirror
        changed = mirror.poll() | self._folder_changed()
        now = mirror.now()
        if changed or now.milliseconds != self._second:
            self._second = now.milliseconds
            for table in self.session.panes.all():
                table.now = now
            self.update_views()
        if mirror.behind:
            self.mark()

    def _folder_changed(self) -> bool:
        report = self._watch.news() if self._watch is not None else None
        if report is not None:
            self.session.folder = report
        return report is not None

    def update_views(self) -> None:
        """Let the screen that is seen show what the models hold now."""
        seen = self._frame_screen()
        if seen is not None:
            seen.update_view()

    def _frame_screen(self) -> FrameScreen | None:
        """The screen that is seen, maybe behind a dialog; None while its widgets are not there."""
        seen = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, FrameScreen)), None)
        return seen if seen is not None and seen.is_composed else None

    def on_key(self, event: Key) -> None:
        """A character that was sent to what had the focus before still belongs to the line that has it now.

        Over a network keys come in bursts: in `/web` the letters are here before the line is open.
        """
        line = self.focused
        if isinstance(line, Input) and event.character is not None and event.is_printable:
            event.prevent_default()
            line.replace(event.character, *sorted(line.selection))

    # Where to go

    def on_show_listing(self, message: routes.ShowListing) -> None:
        """Show a table."""
        self.push_screen(ListingScreen(self.session, message.listing, message.filter_text))

    def on_show_description(self, message: routes.ShowDescription) -> None:
        """Describe an object."""
        target = message.target
        self.push_screen(
            TextScreen(self.session, f"describe {target}", lambda: documents.description(self.session, target))
        )

    def on_show_yaml(self, message: routes.ShowYaml) -> None:
        """Show an object's YAML."""
        target = message.target
        self.push_screen(TextScreen(self.session, f"yaml {target}", lambda: documents.yaml(self.session, target)))

    def on_show_help(self, _: routes.ShowHelp) -> None:
        """Show every key."""
        self.push_screen(TextScreen(self.session, "keys", lambda: documents.help_text(self.session)))

    def on_show_files(self, _: routes.ShowFiles) -> None:
        """Show the watched folder."""
        self.push_screen(TextScreen(self.session, "folder", lambda: documents.files(self.session)))

    def on_approve_deletions(self, _: routes.ApproveDeletions) -> None:
        """Ask, then do the folder's deletions that wait."""
        held = self._watch.held() if self._watch is not None else None
        if held is None or self._watch is None:
            self.notify("no deletion of the folder waits for a yes", markup=False)
            return
        why, names = held
        some = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        approve = self._watch.approve

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - what a dialog answers
            if yes:
                self.run_worker(approve())

        self.push_screen(
            ConfirmScreen(f"Delete {len(names)} object{'s' if len(names) > 1 else ''}?", f"{why}: {some}", "Delete"),
            answered,
        )

    def on_show_panes(self, _: routes.ShowPanes) -> None:
        """Close everything above the panes."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Of Textual's own commands in the palette those that no command of ours does."""
        return (found for found in super().get_system_commands(screen) if found.title in _SYSTEM_COMMANDS)

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information",
        timeout: float | None = None, markup: bool = True,
    ) -> None:  # fmt: skip
        """Tell one thing at a time: a key pressed five times piles up nothing over the panes."""
        self.clear_notifications()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    # Cluster time

    def action_pause(self) -> None:
        """Stop the cluster's time, or let it go on."""
        pacer = self.session.pacer
        if pacer.paused:
            pacer.resume()
        else:
            pacer.pause()
        self.update_views()

    def action_step(self) -> None:
        """While paused, go to the next thing that happens."""
        pacer = self.session.pacer
        if not pacer.paused:
            self.notify("time goes on: pause it first (p)", markup=False)
        elif pacer.step():
            self.mark()
        else:
            self.notify("nothing is due: the cluster is at rest", markup=False)

    def action_faster(self) -> None:
        """The next speed up."""
        self._set_speed(next((speed for speed in SPEEDS if speed > self.session.pacer.speed), SPEEDS[-1]))

    def action_slower(self) -> None:
        """The next speed down."""
        self._set_speed(next((speed for speed in reversed(SPEEDS) if speed < self.session.pacer.speed), SPEEDS[0]))

    def _set_speed(self, speed: float) -> None:
        self.session.pacer.set_speed(speed)
        self.update_views()

    def _handle_exception(self, error: Exception) -> None:
        """A bug in a handler: keep its traceback in the log before Textual shows it and ends the app."""
        log_error(error)
        super()._handle_exception(error)
