"""What the app tells about the watched folders: one line in short, and every file and problem at length.

Made from the folder's state by whoever holds it; shown by the top line, the problem line and the files
screen. Invariant: it is complete by itself; nothing here reads a file.
"""

import re
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len

from ktui.model.text import clean
from ktui.model.tone import GLYPHS, Tone

_WIDTH = 76
"""How wide sentences are made: what fits between the borders of the narrowest screen."""
_SOURCE = re.compile(r" *\d* \|")
"""A line of the file, or the caret under it: never broken."""


class Problem(NamedTuple):
    """Something wrong, and where: `file:line:column` as editors understand it, one line, and more lines of detail."""

    place: str
    message: str
    detail: str = ""


class FileLine(NamedTuple):
    """One file: its path, its state in a word or two with its tone, and what to know about it."""

    path: str
    state: str
    tone: Tone
    detail: str = ""


class FolderReport(NamedTuple):
    """The state of everything watched."""

    folders: tuple[str, ...] = ()
    summary: str = "none"
    tone: Tone = Tone.DIM
    files: tuple[FileLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def as_text(report: FolderReport) -> str:
    """Everything, for the files screen: problems first, then the files."""
    if not report.folders:
        return "No folder is watched.\n\nStart with one to keep it applied:\n\n    ktui sample_manifests/guestbook\n"
    parts = [f"Folder:  {', '.join(report.folders)}", f"State:   {GLYPHS[report.tone]} {report.summary}", ""]
    parts += _listed("Problems", GLYPHS[Tone.BAD], report.problems) + _listed(
        "Warnings", GLYPHS[Tone.WARN], report.warnings
    )
    parts.append(f"Files: {len(report.files)}")
    paths = [clean(line.path) for line in report.files]
    width = max(map(cell_len, paths), default=0)
    parts += [
        f"  {path}{' ' * (width - cell_len(path))}  {GLYPHS[line.tone]} {line.state}  {line.detail}".rstrip()
        for path, line in zip(paths, report.files, strict=True)
    ]
    return "\n".join(parts) + "\n"


def _listed(title: str, glyph: str, problems: tuple[Problem, ...]) -> list[str]:
    lines = [f"{title}: {len(problems)}"] if problems else []
    for problem in problems:
        lines += _wrapped(f"  {glyph} {problem.place}  {problem.message}")
        for line in problem.detail.splitlines():
            lines += [f"      {line}"] if _SOURCE.match(line) else _wrapped(f"      {line}")
        lines.append("")
    return lines


def _wrapped(text: str) -> list[str]:
    return wrap(text, _WIDTH, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False)
