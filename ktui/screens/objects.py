"""A screen with objects on it: everything that can be done with the one that is selected.

Screens with tables say which object is selected; this one looks at it, goes along its relations and
carries out the verbs. Invariant: a verb acts on the object that was selected when its key was pressed,
and what the API server answers, good or bad, is shown.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from cluster.api.core import Event
from cluster.api.errors import ApiError
from cluster.api.kinds import NAMESPACES, NODES, SERVICES
from ktui.commands import COMMANDS, Command, Scope, in_scope
from ktui.model import actions, listings, relations, selection
from ktui.model.selection import Selection
from ktui.model.text import clean
from ktui.screens.dialogs import AskScreen, ConfirmScreen
from ktui.screens.frame import FrameScreen
from ktui.screens.routes import ShowDescription, ShowListing, ShowYaml
from ktui.widgets.bindings import bindings
from ktui.widgets.table import VirtualTable

Doing = Callable[[], Awaitable[str]]


class ObjectScreen(FrameScreen):
    """A screen on which an object can be selected."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.OBJECT)]

    def selected(self) -> Selection | None:
        """The object under the cursor, if there is one."""
        raise NotImplementedError

    def keys_shown(self) -> Sequence[Command]:
        """What can be done with the selected object, then what can be done anywhere."""
        target = self.selected()
        plural = target.kind.plural if target is not None else ""
        fitting = [
            command
            for command in in_scope(Scope.OBJECT)
            if command.shown and (not command.kinds or plural in command.kinds)
        ]
        allowed = [
            command
            for command in fitting
            if target is not None and not (command.writes and self.session.client.read_only)
        ]
        return [*allowed, *super().keys_shown()]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command for certain kinds works only on those."""
        command = next((found for found in COMMANDS if found.scope is Scope.OBJECT and found.id == action), None)
        if command is None or not command.kinds:
            return super().check_action(action, parameters)
        target = self.selected()
        return target is not None and target.kind.plural in command.kinds

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """A double click is Enter."""
        message.stop()
        self.action_open()

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Another object: other keys."""
        message.stop()
        self.update_view()

    # Looking

    def action_open(self) -> None:
        """Go down from the selected object."""
        target = self.selected()
        if target is not None:
            self.open_object(target)

    def open_object(self, target: Selection) -> None:
        """Show what belongs to an object; if nothing does, describe it."""
        mirror = self.session.mirror
        listing = None
        if target.kind is NODES:
            listing = listings.pods_on(mirror, target.name)
        elif target.kind is SERVICES:
            listing = listings.pods_behind(mirror, self.session.panes, target)
        elif target.kind is NAMESPACES:
            listing = listings.inside(mirror, target.name)
        else:
            listing = listings.owned_by(mirror, target) or relations.leads_to(mirror, target)
        self.post_message(ShowListing(listing) if listing is not None else ShowDescription(target))

    def action_describe(self) -> None:
        """Describe the selected object."""
        self._with_selected(lambda target: self.post_message(ShowDescription(target)))

    def action_yaml(self) -> None:
        """Show the selected object's YAML."""
        self._with_selected(lambda target: self.post_message(ShowYaml(target)))

    def action_events(self) -> None:
        """Show the events about the selected object."""
        mirror = self.session.mirror
        self._with_selected(lambda target: self.post_message(ShowListing(listings.events_about(mirror, target))))

    def action_owner(self) -> None:
        """Go up: to the owner, or to what an event is about."""
        self._with_selected(self._go_up)

    def _go_up(self, target: Selection) -> None:
        mirror = self.session.mirror
        found = mirror.find(target.kind, target.key)
        up = selection.about(found, self.session.mirror.kinds) if isinstance(found, Event) else self._owner(found)
        if up is None or mirror.find(up.kind, up.key) is None:
            self.tell(
                f"{target} has no owner" if not isinstance(found, Event) else "what it is about is gone", "warning"
            )
        else:
            self.post_message(ShowListing(listings.one(mirror, up)))

    def _owner(self, found: Any) -> Selection | None:
        owner = self.session.mirror.owner(found) if found is not None else None
        return Selection(*owner) if owner is not None else None

    # Changing

    def action_delete(self) -> None:
        """Delete the selected object, after asking."""
        client = self.session.client

        async def delete(target: Selection) -> str:
            await client.delete(target.kind, target.key)
            return f"{target} deleted"

        def ask(target: Selection) -> None:
            where = f" in namespace {target.namespace}" if target.namespace else ""
            self._confirm(
                f"Delete {target}{where}?", "What it owns is deleted with it.", "Delete", lambda: delete(target)
            )

        self._with_selected(ask)

    def action_scale(self) -> None:
        """Set the number of replicas of the selected object."""
        client = self.session.client

        def ask(target: Selection) -> None:
            present = str(actions.current_replicas(client, target))
            self._ask(
                f"Scale {target} to how many replicas?", "", present, lambda text: actions.scale(client, target, text)
            )

        self._with_selected(ask)

    def action_restart(self) -> None:
        """Restart the selected object's rollout."""
        client = self.session.client
        self._with_selected(lambda target: self.do(lambda: actions.restart(client, target)))

    def action_roll_back(self) -> None:
        """Roll the selected object back, after asking."""
        client = self.session.client

        def ask(target: Selection) -> None:
            self._confirm(
                f"Roll {target} back to the revision before?",
                "",
                "Roll back",
                lambda: actions.roll_back(client, target),
            )

        self._with_selected(ask)

    def action_suspend(self) -> None:
        """Suspend the selected Job or CronJob, or let it go on."""
        client = self.session.client
        self._with_selected(lambda target: self.do(lambda: actions.suspend(client, target)))

    def action_cordon(self) -> None:
        """Cordon the selected node, or uncordon it."""
        client = self.session.client

        def toggle(target: Selection) -> None:
            off = client.get(NODES, target.key).spec.unschedulable
            self.do(lambda: actions.set_schedulable(client, target.name, schedulable=off))

        self._with_selected(toggle)

    def action_power(self) -> None:
        """Take the selected node down, after asking, or bring it up."""
        client = self.session.client

        async def switch(target: Selection, *, up: bool) -> str:
            await client.set_node_up(target.name, up=up)
            return f"{target} is {'up' if up else 'down'}"

        def ask(target: Selection) -> None:
            if not client.is_node_up(target.name):
                self.do(lambda: switch(target, up=True))
                return
            detail = "Its kubelet stops; after 40 s it is NotReady, after 5 min more its pods are evicted."
            self._confirm(f"Take {target} down?", detail, "Take down", lambda: switch(target, up=False))

        self._with_selected(ask)

    def action_label(self) -> None:
        """Set or remove labels of the selected object."""
        client = self.session.client

        def ask(target: Selection) -> None:
            self._ask(
                f"Label {target}",
                "key=value sets a label, key- removes it",
                "",
                lambda text: actions.label(client, target, text),
            )

        self._with_selected(ask)

    def do(self, doing: Doing) -> None:
        """Carry out a verb and tell how it went."""
        self.run_worker(self._do(doing), exit_on_error=True)

    def tell(self, text: str, severity: str = "information") -> None:
        """Show a notification; its text is data."""
        self.app.notify(clean(text), severity=severity, markup=False)  # type: ignore[arg-type]

    async def _do(self, doing: Doing) -> None:
        try:
            self.tell(await doing())
        except ApiError as error:
            self.tell(error.message, "error")

    def _with_selected(self, act: Callable[[Selection], object]) -> None:
        target = self.selected()
        if target is None:
            self.tell("nothing is selected", "warning")
            return
        try:
            act(target)
        except ApiError as error:
            self.tell(error.message, "error")

    def _confirm(self, question: str, detail: str, verb: str, doing: Doing) -> None:
        def answered(yes: bool | None) -> None:  # noqa: FBT001 - what a dialog answers
            if yes:
                self.do(doing)

        self.app.push_screen(ConfirmScreen(question, detail, verb), answered)

    def _ask(self, question: str, detail: str, text: str, doing: Callable[[str], Awaitable[str]]) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None:
                self.do(lambda: doing(answer))

        self.app.push_screen(AskScreen(question, detail, text), answered)
