"""The folder's state in the words of the app: what the top line, the problem line and the files screen show.

Between `ktui.folder` and the report that widgets draw. Invariant: every problem keeps its file, line and column.
"""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from cluster import manifests
from ktui.client import Client
from ktui.folder import FileReport, Folder, FolderState, Status, run
from ktui.model.folder_report import FileLine, FolderReport, Problem
from ktui.model.tone import Tone

_TONES = {
    Status.APPLIED: Tone.GOOD, Status.WAITING: Tone.WORKING, Status.ERROR: Tone.BAD, Status.READING: Tone.WORKING,
    Status.PRUNED: Tone.DIM, Status.EMPTY: Tone.DIM, Status.IGNORED: Tone.DIM,
}  # fmt: skip


class FolderWatch:
    """The watched folders while the app runs, and whether their state has changed since it was last shown."""

    def __init__(self, roots: Sequence[Path], client: Client) -> None:
        self._folder = Folder(roots, client, monotonic)
        self._shown = -1

    @property
    def number(self) -> int:
        """Rises with every change of the state."""
        return self._folder.state.number

    async def run(self) -> None:
        """Keep the folders applied until cancelled."""
        await run(self._folder)

    def news(self) -> FolderReport | None:
        """The state as it is told, if it has changed since the last call."""
        if self._shown == self.number:
            return None
        self._shown = self.number
        return report(self._folder.state)

    def held(self) -> tuple[str, tuple[str, ...]] | None:
        """Deletions that wait for a yes: why, and of what."""
        held = self._folder.state.held
        return (held.why, tuple(map(str, held.delete))) if held is not None else None

    async def approve(self) -> None:
        """Do the deletions that wait."""
        await self._folder.approve()


def report(state: FolderState) -> FolderReport:
    """The state as it is told."""
    summary, tone = _summary(state)
    problems = [_problem(found, state.roots) for found in state.problems]
    problems += [
        Problem(file.path, file.detail)
        for file in state.files
        if file.status is Status.ERROR and file.detail and not file.problems
    ]
    if state.held is not None:
        names = "\n".join(map(str, state.held.delete))
        wait = "deletion waits" if len(state.held.delete) == 1 else "deletions wait"
        problems.append(Problem("", f"{len(state.held.delete)} {wait} for a yes (key a): {state.held.why}", names))
    warnings = tuple(_problem(found, state.roots) for found in state.warnings)
    files = tuple(_file(found, state.roots) for found in state.files)
    return FolderReport(state.roots, summary, tone, files, tuple(problems), warnings)


def _summary(state: FolderState) -> tuple[str, Tone]:
    counts = state.counts
    if state.problems or counts[Status.ERROR]:
        number = len(state.problems) + sum(file.status is Status.ERROR and not file.problems for file in state.files)
        return f"{number} problem{'s' if number > 1 else ''}", Tone.BAD
    if state.held is not None:
        return f"{len(state.held.delete)} deletion{'s' if len(state.held.delete) > 1 else ''} held", Tone.WARN
    if counts[Status.WAITING]:
        return f"{counts[Status.WAITING]} waiting", Tone.WORKING
    if state.synced is None:
        return "reading", Tone.WORKING
    return f"{counts[Status.APPLIED]} applied", Tone.GOOD


def _file(found: FileReport, roots: tuple[str, ...]) -> FileLine:
    objects = ", ".join(map(str, found.objects))
    return FileLine(_short(found.path, roots), found.status.value, _TONES[found.status], found.detail or objects)


def _problem(found: manifests.Problem, roots: tuple[str, ...]) -> Problem:
    place = _short(found.source, roots)
    if found.line:
        place = f"{place}:{found.line}:{found.column}"
    said = f"{found.path}: {found.message}" if found.path else found.message
    return Problem(place, f"{said}; {found.suggestion}" if found.suggestion else said, found.excerpt())


def _short(path: str, roots: tuple[str, ...]) -> str:
    """A path without the folder that everything is in; with several folders, with its name."""
    for root in roots:
        if Path(path).is_relative_to(root):
            return str(Path(path).relative_to(root if len(roots) == 1 else Path(root).parent))
    return path
