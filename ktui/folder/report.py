"""How the folder is doing, as values for whoever shows it.

The end of a file's way, beside the cluster itself. Invariant: a `FolderState` is a snapshot; a new one is
made whenever something changed, and `number` rises with it.
"""

from enum import Enum

from msgspec import Struct

from cluster.manifests import Problem
from ktui.folder.plan import Identity


class Status(Enum):
    """How one file is doing; the value is the word to show."""

    APPLIED = "applied"
    WAITING = "waiting"
    ERROR = "error"
    READING = "reading"
    PRUNED = "pruned"
    EMPTY = "empty"
    IGNORED = "ignored"


class FileReport(Struct, frozen=True):
    """One file: its status, a word on why, its objects, and what is wrong or should be written otherwise."""

    path: str
    status: Status
    detail: str = ""
    objects: tuple[Identity, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Summary(Struct, frozen=True):
    """What the last sync did to which objects."""

    created: tuple[Identity, ...] = ()
    changed: tuple[Identity, ...] = ()
    unchanged: tuple[Identity, ...] = ()
    pruned: tuple[Identity, ...] = ()

    def __str__(self) -> str:
        parts = [(self.created, "created"), (self.changed, "changed"), (self.pruned, "deleted")]
        said = [f"{len(found)} {word}" for found, word in parts if found]
        return ", ".join(said) or (f"{len(self.unchanged)} unchanged" if self.unchanged else "nothing")


class Held(Struct, frozen=True):
    """Deletions that wait for a yes: why, and of what."""

    why: str
    delete: tuple[Identity, ...]


class FolderState(Struct, frozen=True):
    """The watched folders at one moment; `synced` is the time of the last sync, in seconds of the folder's clock."""

    roots: tuple[str, ...] = ()
    files: tuple[FileReport, ...] = ()
    summary: Summary = Summary()
    held: Held | None = None
    kept: tuple[tuple[Identity, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    synced: float | None = None
    number: int = 0

    @property
    def counts(self) -> dict[Status, int]:
        """How many files have each status."""
        return {status: sum(file.status is status for file in self.files) for status in Status}

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Every warning of every file."""
        return tuple(warning for file in self.files for warning in file.warnings)

    @property
    def objects(self) -> int:
        """How many objects the files hold."""
        return sum(len(file.objects) for file in self.files)

    def __str__(self) -> str:
        """One line: `4 files, 9 objects, 1 error`."""
        counts = self.counts
        kept = sum(counts[status] for status in Status if status not in {Status.IGNORED, Status.PRUNED})
        said = [_number(kept, "file"), _number(self.objects, "object")]
        said += [_number(len(self.problems), "problem")] if self.problems else []
        said += [f"{counts[Status.WAITING]} waiting"] if counts[Status.WAITING] else []
        said += [f"held: {self.held.why}"] if self.held else []
        return ", ".join(said)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
