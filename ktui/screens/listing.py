"""A screen with one table: the objects of a kind, or those related to one that was opened.

Owns its listing and closes it with itself. Invariant: Escape leads back to where it was opened.
"""

from textual.app import ComposeResult

from ktui.model import selection
from ktui.model.listings import Listing
from ktui.model.selection import Selection
from ktui.screens.objects import ObjectScreen
from ktui.screens.session import Session
from ktui.widgets.pane import Pane


class ListingScreen(ObjectScreen):
    """One listing on the whole screen."""

    def __init__(self, session: Session, listing: Listing, filter_text: str = "") -> None:
        super().__init__(session)
        self._listing = listing
        listing.table.now = session.mirror.now()
        if filter_text:
            listing.table.set_filter(filter_text)

    def compose_content(self) -> ComposeResult:
        """The table."""
        yield Pane(
            self._listing.title, self._listing.table, part=self._listing.table.member is not None, classes="-whole"
        )

    def on_unmount(self) -> None:
        """Follow nothing any more."""
        self._listing.close()

    def update_view(self) -> None:
        """Show what the table holds now."""
        self._listing.table.now = self.session.mirror.now()
        self.query_one(Pane).sync()
        super().update_view()

    def focus_content(self) -> None:
        """Give the focus to the table."""
        self.query_one(Pane).table.focus()

    def filter_text(self) -> str:
        """The table's filter."""
        return self._listing.table.filter.text

    def set_filter(self, text: str) -> None:
        """Filter the table."""
        self._listing.table.set_filter(text)

    def selected(self) -> Selection | None:
        """The object under the cursor."""
        table = self.query_one(Pane).table
        item = table.model.items.get(table.cursor) if table.cursor is not None else None
        return selection.of_item(item, self.session.mirror.kinds)
