"""What all screens of one run share: the client, its mirror, the panes' tables, time, and the folder.

Made by the app and passed down to every screen. Invariant: each part is changed by its
owner alone; `folder` is replaced by the app when the folder's state changed.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cluster.realtime import Pacer
from ktui.client import Client
from ktui.model.folder_report import FolderReport
from ktui.model.mirror import Mirror
from ktui.model.panes import Panes
from ktui.widgets.top_line import Status


class Served(Protocol):
    """The cluster's API, open to others while the app runs."""

    @property
    def address(self) -> str:
        """Its URL, once started."""

    async def start(self) -> str:
        """Open it, and say how to use it. OSError if that cannot be."""

    async def stop(self) -> None:
        """Close it, and take away what was written for it."""


class Api(NamedTuple):
    """The API that is open beside the app: its URL, and how to use it. Empty if there is none."""

    address: str = ""
    told: str = ""


NO_API = Api()


@dataclass
class Session:
    """One run of the app on one cluster."""

    client: Client
    mirror: Mirror
    panes: Panes
    pacer: Pacer
    folder: FolderReport
    api: Api = NO_API

    def status(self) -> Status:
        """What the top line says."""
        mirror, pacer, folder = self.mirror, self.pacer, self.folder
        return Status(
            mirror.now().milliseconds, pacer.speed, pacer.paused, str(mirror.nodes), str(mirror.pods), folder.summary,
            folder.tone, self.client.read_only, self.api.address.removeprefix("https://"),
        )  # fmt: skip
