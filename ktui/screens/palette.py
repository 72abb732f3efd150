"""The command palette: every command and every kind, found by a few letters.

Invariant: it offers what the command table and the registry of kinds hold, if it can be done now.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from cluster.api.kinds import Kind
from ktui.commands import COMMANDS, Scope, keys_text
from ktui.model import listings
from ktui.screens.frame import FrameScreen
from ktui.screens.routes import ShowListing

_OFFERED = (Scope.ANYWHERE, Scope.TIME, Scope.OBJECT, Scope.PANES)
Offer = tuple[str, str, Callable[[], Any]]


class CommandsProvider(Provider):
    """What can be done on this screen, and which kinds can be opened."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for text, help_text, act in self._offers():
            yield DiscoveryHit(text, act, help=help_text)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for text, help_text, act in self._offers():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), act, help=help_text)

    def _offers(self) -> Iterator[Offer]:
        screen = self.screen
        if not isinstance(screen, FrameScreen):
            return
        for command in COMMANDS:
            if command.scope in _OFFERED and not command.arguments and screen.check_action(command.id, ()):
                action = f"app.{command.id}" if command.scope is Scope.TIME else command.id
                yield f"{command.label}  ({keys_text(command)})", command.help, partial(screen.run_action, action)
        for kind in screen.session.mirror.kinds.kinds:
            yield f"go to {kind.plural}", f":{kind.plural}", partial(_open, screen, kind)


def _open(screen: FrameScreen, kind: Kind[Any]) -> None:
    screen.post_message(ShowListing(listings.of_kind(screen.session.mirror, kind)))
