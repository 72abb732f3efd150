"""What all screens of one run share: the client, its mirror, the panes' tables, time, and the folder.

Made by the app and passed down to every screen. Invariant: each part is changed by its
owner alone; `folder` is replaced by the app when the folder's state changed.
"""

from dataclasses import dataclass

from cluster.realtime import Pacer
from ktui.client import Client
from ktui.model.folder_report import FolderReport
from ktui.model.mirror import Mirror
from ktui.model.panes import Panes
from ktui.widgets.top_line import Status


@dataclass
class Session:
    """One run of the app on one cluster."""

    client: Client
    mirror: Mirror
    panes: Panes
    pacer: Pacer
    folder: FolderReport

    def status(self) -> Status:
        """What the top line says."""
        mirror, pacer, folder = self.mirror, self.pacer, self.folder
        return Status(
            mirror.now().milliseconds, pacer.speed, pacer.paused, str(mirror.nodes), str(mirror.pods), folder.summary,
            folder.tone, self.client.read_only,
        )  # fmt: skip
