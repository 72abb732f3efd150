"""Where to go next, as messages: a screen says what is to be shown, the app shows it.

So no screen knows another. Invariant: a route names objects by kind and key, never by a row.
"""

from textual.message import Message

from ktui.model.listings import Listing
from ktui.model.selection import Selection


class ShowListing(Message):
    """Show a table of objects on a screen of its own, filtered."""

    def __init__(self, listing: Listing, filter_text: str = "") -> None:
        super().__init__()
        self.listing, self.filter_text = listing, filter_text


class ShowDescription(Message):
    """Describe an object."""

    def __init__(self, target: Selection) -> None:
        super().__init__()
        self.target = target


class ShowYaml(Message):
    """Show an object's YAML."""

    def __init__(self, target: Selection) -> None:
        super().__init__()
        self.target = target


class ShowHelp(Message):
    """Show every key."""


class ShowFiles(Message):
    """Show the watched folder."""


class ApproveDeletions(Message):
    """Do the folder's deletions that wait for a yes."""


class ShowPanes(Message):
    """Close everything above the panes."""
