"""The main screen: nodes, pods, labels, services and events, all live at once.

Owns which pane is zoomed and which label is chosen. Invariant: every pane shows the same moment of the
cluster, and each has its own cursor and filter.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from ktui.commands import COMMANDS, Command, Scope, in_scope
from ktui.model import listings, selection
from ktui.model.labels import LabelRow
from ktui.model.selection import Selection
from ktui.screens.objects import ObjectScreen
from ktui.screens.routes import ShowListing
from ktui.widgets.bindings import bindings
from ktui.widgets.pane import Pane

NAMES = ("nodes", "pods", "labels", "services", "events")
_FEWEST_COLUMNS, _FEWEST_LINES = 64, 16
"""A smaller terminal shows one pane at a time."""


class MainScreen(ObjectScreen):
    """The five panes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PANES)]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]  # noqa: RUF012 - Textual's declaration

    def compose_content(self) -> ComposeResult:
        """Two columns of two, and the events below them."""
        models = dict(zip(NAMES, self.session.panes.all(), strict=True))
        panes = {name: Pane(name, models[name], number, id=name) for number, name in enumerate(NAMES, 1)}
        with Vertical(id="panes"):
            with Horizontal(id="columns"):
                yield Vertical(panes["nodes"], panes["labels"], id="left")
                yield Vertical(panes["pods"], panes["services"], id="right")
            yield panes["events"]

    @property
    def pane(self) -> Pane:
        """The pane that has the focus, or had it last."""
        focused = next((pane for pane in self.query(Pane) if pane.has_focus_within), None)
        if focused is not None:
            self._last = NAMES.index(focused.id or "")
        return self._panes[self._last]

    @property
    def _panes(self) -> list[Pane]:
        return [self.query_one(f"#{name}", Pane) for name in NAMES]

    _last = 1
    _fits = True

    def update_view(self) -> None:
        """Show what the tables hold now."""
        scope = self.session.panes.scope
        for pane in self.query(Pane):
            pane.sync(scope.text if scope is not None else "")
        super().update_view()

    def on_resize(self, event: events.Resize) -> None:
        """Show one pane at a time where five have no room, and five again where they have."""
        fits = event.size.width >= _FEWEST_COLUMNS and event.size.height >= _FEWEST_LINES
        if fits != self._fits:
            self._fits = fits
            self._zoom(None)

    def focus_content(self) -> None:
        """Give the focus to the pane that had it."""
        self.pane.table.focus()

    def filter_text(self) -> str:
        """The focused pane's filter."""
        return self.pane.table.model.filter.text

    def set_filter(self, text: str) -> None:
        """Filter the focused pane."""
        self.pane.table.model.set_filter(text)

    def selected(self) -> Selection | None:
        """The object under the focused pane's cursor."""
        table = self.pane.table
        item = table.model.items.get(table.cursor) if table.cursor is not None else None
        return selection.of_item(item, self.session.mirror.kinds)

    def keys_shown(self) -> Sequence[Command]:
        """On a label: what can be done with it; then what can be done with the panes."""
        own = ("open", "choose_label") if self._label() is not None else ()
        panes = [command for command in in_scope(Scope.PANES) if command.shown]
        return [*(command for command in COMMANDS if command.id in own), *super().keys_shown(), *panes]

    def action_pane(self, number: int) -> None:
        """Go to a pane by its number."""
        if "-zoomed" in self.classes:
            self._zoom(self._panes[number - 1])
        self._panes[number - 1].table.focus()
        self.update_view()

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.action_pane((NAMES.index(self.pane.id or "") + 1) % len(NAMES) + 1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.action_pane((NAMES.index(self.pane.id or "") - 1) % len(NAMES) + 1)

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or its place again if there is room."""
        self._zoom(None if "-zoomed" in self.classes else self.pane)

    def action_back(self) -> None:
        """Clear the filter, else the chosen label, else the zoom."""
        if self.filter_text():
            self.set_filter("")
        elif self.session.panes.scope is not None:
            self.session.panes.set_scope("")
        else:
            self._zoom(None)
        self.update_view()

    def action_open(self) -> None:
        """Go down from the selected object, or to the objects of the selected label."""
        row = self._label()
        if row is not None:
            self.post_message(ShowListing(listings.carrying(self.session.mirror, row.selector)))
        else:
            super().action_open()

    def action_choose_label(self) -> None:
        """Show only what has to do with the selected label, or everything again."""
        row, scope = self._label(), self.session.panes.scope
        if row is not None:
            again = scope is not None and scope.text == row.selector
            self.session.panes.set_scope("" if again else row.selector)
            self.update_view()

    def _label(self) -> LabelRow | None:
        table = self.pane.table
        item = table.model.items.get(table.cursor) if table.cursor is not None else None
        return item if isinstance(item, LabelRow) else None

    def _zoom(self, pane: Pane | None) -> None:
        if pane is None and not self._fits:
            pane = self.pane
        self.set_class(pane is not None, "-zoomed")
        for found in self.query(Pane):
            found.set_class(found is pane, "-zoom")
        for column in self.query("#left, #right"):
            column.set_class(pane is not None and pane in column.children, "-zoom")
        self.query_one("#columns").set_class(pane is not None and pane.id != "events", "-zoom")
