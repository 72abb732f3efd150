"""The watched folder: files of manifests kept applied to a cluster, with everything that is wrong told.

`Folder.step` is one look and what follows from it; `run` repeats it. No Textual in here.
"""

from ktui.folder.applying import Applier
from ktui.folder.plan import Identity
from ktui.folder.report import FileReport, FolderState, Held, Status, Summary
from ktui.folder.sync import Folder
from ktui.folder.watch import run

__all__ = ["Applier", "FileReport", "Folder", "FolderState", "Held", "Identity", "Status", "Summary", "run"]
